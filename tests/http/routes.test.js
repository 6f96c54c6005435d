// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, mustRun, numberOf, startStation } = require('../support/station');

test('every address of the table answers, and no form is taken from a stranger', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const fill = { lang: 'en', number: numberOf(address), slug: 'coral', place: 'science', section: address.split('/')[2],
    item: address.split('/')[3], year: '2026', month: '01', day: '01', file: 'all.rss', name: 'none', more: 'x', 'path*': 'x/y/z' };
  const rows = mustRun('routes').out.trim().split('\n').map((l) => l.split(/\s+/).slice(0, 2));
  assert.ok(rows.length > 30);
  for (const [method, pattern] of rows) {
    const target = pattern.replace(/\{([^}]*)\}/g, (_, name) => fill[name] ?? 'x');
    if (method === 'GET') {
      const answer = await s.get(target);
      assert.ok(answer.status < 500, `${target}: ${answer.status}`);
      const head = await s.request('HEAD', target);
      assert.strictEqual(head.status, answer.status, `HEAD ${target}`);
      assert.strictEqual((await s.request('POST', target, { headers: { Origin: s.origin }, body: 'a=b' })).status >= 400, true, target);
    } else {
      const refused = await s.request(method, target, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'value=1' });
      assert.strictEqual(refused.status, 403, `${target} without its guard`);
    }
  }
});
