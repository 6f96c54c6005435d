// SPDX-License-Identifier: AGPL-3.0-or-later
// Every form of the desk, found by following its links: what is refused comes back as it was typed, all of it.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, startStation } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return found ? unescapeHtml(found[1]) : undefined;
};
const kindOf = (address) => address.replace(/\?.*/, '').replace(/\d+/g, '{}').replace(/\/(en|id|ar|zh|ja|fr|de|es|nl)(?=\/|$)/g, '/{lang}');

// What a page's forms would send if nobody touched them, and what of it people type.
function formsOf(html) {
  return [...html.matchAll(/<form [^>]*>[\s\S]*?<\/form>/g)].map(([form]) => {
    const head = /^<form [^>]*>/.exec(form)[0], fields = [], typed = [];
    for (const [tag, words] of form.matchAll(/<(?:input|textarea|select|button) [^>]*>(?:([^<]*)<\/textarea>)?/g)) {
      const name = attribute(tag, 'name'), type = attribute(tag, 'type') ?? tag.slice(1, 9).trim();
      if (!name || /^<button/.test(tag) || /\sdisabled/.test(tag)) continue;
      if (tag.startsWith('<select')) {
        const options = form.slice(form.indexOf(tag)).split('</select>')[0].match(/<option [^>]*>/g) || [];
        fields.push([name, attribute(options.find((o) => /\sselected/.test(o)) ?? options[0] ?? '', 'value') ?? '']);
      } else if (['checkbox', 'radio'].includes(type)) {
        if (/\schecked/.test(tag)) fields.push([name, attribute(tag, 'value') ?? 'on']);
      } else if (type !== 'file') {
        if (/^(text|search|url|email|textarea)/.test(type)) typed.push({ at: fields.length, name, type, most: Number(attribute(tag, 'maxlength') || 0) });
        fields.push([name, tag.startsWith('<textarea') ? unescapeHtml(words.replace(/^\n/, '')) : attribute(tag, 'value') ?? '']);
      }
    }
    return { method: attribute(head, 'method'), action: attribute(head, 'action'), files: /multipart/.test(head), fields, typed };
  });
}

// One page of each kind that links lead to, with what exists on a demo station and one text that was opened.
async function pagesOf(admin, from) {
  const seen = new Map(), queue = [...from];
  while (queue.length > 0) {
    const address = queue.shift(), kind = kindOf(address);
    if (seen.has(kind) || /\/(out|download|csv)/.test(kind)) continue;
    const page = await admin.request('GET', address);
    seen.set(kind, page);
    if (page.status !== 200) continue;
    for (const [, href] of page.body.matchAll(/href="(\/desk\/[^"#]*)"/g)) queue.push(unescapeHtml(href));
  }
  return [...seen.values()].filter((page) => page.status === 200);
}

const wordOf = (type, n) => (/^email/.test(type) ? `typed${n}@station.test` : /^url/.test(type) ? `https://typed.test/${n}` : `typed ${n}`);

test('what a form of the desk refuses stands in it again, whichever form it is', async (t) => {
  const s = await startStation(t, { demo: true });
  const admin = await firstAdministrator(s);
  await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  const number = /\/(\d+)-/.exec(articleLinks((await s.get('/en/')).body)[0])[1];
  const text = (await admin.post('/desk/articles/open', { number })).target.replace(/\?.*/, '');
  const pages = await pagesOf(admin, ['/desk/', text]);
  assert.ok(pages.length > 50, `${pages.length} pages`);
  const tried = new Set(), wrong = [];
  for (const page of pages) {
    for (const form of formsOf(page.body)) {
      const kind = kindOf(form.action), longest = form.typed.find((f) => f.most > 0);
      if (form.method !== 'post' || form.files || !longest || tried.has(kind)) continue;
      tried.add(kind);
      const fields = form.fields.map(([name, value]) => [name, value]), words = [];
      for (const [n, f] of form.typed.entries()) words.push(fields[f.at][1] = f === longest ? 'z'.repeat(f.most + 1) : wordOf(f.type, n));
      const answer = await admin.request('POST', form.action, { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: s.origin, 'Sec-Fetch-Site': 'same-origin' },
        body: new URLSearchParams(fields).toString() });
      const back = unescapeHtml(answer.body);
      const lost = words.filter((word) => !back.includes(word));
      if (answer.status !== 422 || lost.length > 0) wrong.push(`${form.action} (${longest.name}): ${answer.status} ${answer.headers.location ?? ''} lost ${lost.map((w) => w.slice(0, 20))}`);
    }
  }
  assert.deepStrictEqual(wrong, []);
  assert.ok(tried.size > 25, [...tried].join(' '));
});
