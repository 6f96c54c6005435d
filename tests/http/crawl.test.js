// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { links, startStation } = require('../support/station');

test('somebody who follows every link of the station never meets a dead end', async (t) => {
  const s = await startStation(t);
  const langs = ['en', 'id', 'ar', 'zh', 'ja', 'fr', 'de', 'es', 'nl'];
  const queue = langs.flatMap((l) => [`/${l}/`, `/lite/${l}/`]);
  const seen = new Set(queue);
  const alternates = new Map();
  const broken = [];
  while (queue.length > 0) {
    const from = queue.shift();
    const page = await s.visit(from);
    if (page.status !== 200) broken.push(`${from}: ${page.status}`);
    if (page.target !== from && !from.startsWith('/n/')) broken.push(`${from} is a detour to ${page.target}`);
    if (!/text\/html/.test(page.headers['content-type'] || '')) continue;
    const hreflang = [...page.body.matchAll(/<link\b[^>]*rel="alternate"[^>]*hreflang="(?!x-default)[^"]*"[^>]*>/g)];
    alternates.set(s.origin + page.target, hreflang.map((m) => /href="([^"]*)"/.exec(m[0])[1]));
    for (const link of links(page.body)) {
      const target = link.replace(s.origin, '').split('#')[0];
      if (!target.startsWith('/') || target.startsWith('//') || target.includes('/search') || seen.has(target)) continue;
      seen.add(target);
      queue.push(target);
    }
  }
  assert.deepStrictEqual(broken, []);
  assert.ok(seen.size > 300, `${seen.size} pages`);
  for (const [from, list] of alternates)
    for (const to of list)
      if (alternates.has(to) && list.includes(from)) assert.ok(alternates.get(to).includes(from), `${to} does not name ${from}`);
});
