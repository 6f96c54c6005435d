// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { mustRun, siaran, startStation, until } = require('../support/station');

const stat = (s) =>
  Object.fromEntries(mustRun('stat', s.dir).out.trim().split('\n').map((line) => line.split(' ')).map(([k, v]) => [k, Number(v)]));

// Every page of a language that its front page leads to, and the front page.
async function readAll(s, lang) {
  const front = (await s.get(`/${lang}/`)).body;
  const links = [...front.matchAll(/href="(\/[^"?#]*)"/g)].map((m) => m[1]);
  const pages = [...new Set(links)].filter((l) => l.startsWith(`/${lang}/`) && !l.includes('/search'));
  for (const page of pages) assert.strictEqual((await s.get(page)).status, 200, page);
  return pages;
}

// Asks for each page once more; what of it had to be rendered.
async function renderedAgain(s, pages) {
  const again = [];
  for (const page of pages) {
    const before = stat(s).renders;
    assert.strictEqual((await s.get(page)).status, 200, page);
    if (stat(s).renders > before) again.push(page);
  }
  return again;
}

test('a correction renders again only what shows the article', async (t) => {
  const s = await startStation(t);
  // Once after a start pages learn where the radio is.
  await until(async () => (await s.get('/en/')).headers['content-security-policy'].includes(`:${s.radioPort}`), 10000, 'pages know the radio');
  const pages = await readAll(s, 'en');
  const articles = pages.filter((p) => /\/\d+-/.test(p));
  assert.ok(articles.length >= 8);
  assert.deepStrictEqual(await renderedAgain(s, pages), []);
  const address = articles[0];
  const showing = [];
  for (const page of pages)
    if (page !== address && (await s.get(page)).body.includes(`"${address}"`)) showing.push(page);
  mustRun('article', s.dir, 'correct', /\/(\d+)-/.exec(address)[1], '--text', 'The harbour has two cranes.');
  const again = await renderedAgain(s, pages);
  assert.ok(again.includes(address));
  assert.ok((await s.get(address)).body.includes('The harbour has two cranes.'));
  for (const page of again)
    assert.ok(page === address || showing.includes(page), `${page} does not show ${address} and was rendered again`);
  assert.ok(again.length < pages.length / 2);
  // A card tells nothing of a correction: lists stay as they are.
  for (const list of ['/en/', ...pages.filter((p) => /^\/en\/[a-z-]+$/.test(p))]) assert.ok(!again.includes(list), list);
});

test('a station that is not served has no numbers', async (t) => {
  const s = await startStation(t);
  assert.ok(stat(s).pages > 0);
  await s.stop();
  const r = siaran('stat', s.dir);
  assert.strictEqual(r.code, 3);
  assert.match(r.err, /not served/);
});
