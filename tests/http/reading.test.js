// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const zlib = require('node:zlib');
const { articleLinks, readsOf, startStation, words } = require('../support/station');

test('the next reader sees one read more', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const first = readsOf((await s.get(address)).body);
  assert.ok(first > 0);
  assert.strictEqual(readsOf((await s.get(address)).body), first + 1);
  const packed = await s.get(address, { 'Accept-Encoding': 'gzip' });
  assert.strictEqual(packed.headers['content-encoding'], 'gzip');
  assert.strictEqual(readsOf(packed.body), first + 2);
});

test('a look at the head, a robot and an unchanged page count for nothing', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const page = await s.get(address);
  const before = readsOf(page.body);
  await s.request('HEAD', address);
  await s.get(address, { 'User-Agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' });
  await s.get(address, { 'Sec-Purpose': 'prefetch' });
  assert.strictEqual((await s.get(address, { 'If-None-Match': page.headers.etag })).status, 304);
  assert.strictEqual(readsOf((await s.get(address)).body), before + 1);
});

test('a reader of the text edition is counted too', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const before = readsOf((await s.get(address)).body);
  await s.get(`/lite${address}`);
  assert.strictEqual(readsOf((await s.get(address)).body), before + 2);
});

test('a reader on a slow line gets a light page', async (t) => {
  const s = await startStation(t);
  for (const lang of ['en', 'ar', 'zh']) {
    const address = articleLinks((await s.get(`/${lang}/`)).body)[0];
    const page = await s.get(address, { 'Accept-Encoding': 'gzip' });
    const sheets = [...page.body.matchAll(/<link\b[^>]*rel="stylesheet"[^>]*>/g)].map((m) => /href="([^"]*)"/.exec(m[0])[1]);
    assert.ok(sheets.length > 0);
    let weight = page.raw.length;
    for (const sheet of sheets) weight += zlib.gzipSync((await s.get(sheet)).raw).length;
    assert.ok(weight < 25000, `${lang}: ${weight} bytes`);
    const [first, second] = [await s.get(sheets[0], { 'Accept-Encoding': 'gzip' }), await s.get(sheets[0], { 'Accept-Encoding': 'gzip' })];
    assert.deepStrictEqual(second.raw, first.raw);
    assert.strictEqual(second.body, (await s.get(sheets[0])).body, 'the kept answer is the sheet');
    const lite = await s.get(`/lite${address}`, { 'Accept-Encoding': 'gzip' });
    assert.strictEqual(lite.status, 200);
    assert.ok(lite.raw.length < 20000);
    assert.ok(!/<img\b/.test(lite.body));
    assert.ok(!/<script(?![^>]*ld\+json)/.test(page.body), 'no script');
  }
});

test('a reader gets to the language the browser asks for', async (t) => {
  const s = await startStation(t);
  const answer = await s.get('/', { 'Accept-Language': 'ja,en;q=0.5' });
  assert.ok([302, 303, 307].includes(answer.status));
  assert.match(answer.headers.location, /\/ja\/$/);
  const missing = await s.get('/de/gibt-es-nicht');
  assert.strictEqual(missing.status, 404);
  assert.match(missing.body, /<html[^>]*lang="de"/);
  assert.match(missing.body, /<form\b[^>]*action="\/de\/search"/);
  assert.ok(words(missing.body).length > 20);
});

test('somebody who asks for another host is told that this is not it', async (t) => {
  const s = await startStation(t);
  assert.strictEqual((await s.get('/en/', { Host: 'evil.example' })).status, 421);
});
