// SPDX-License-Identifier: AGPL-3.0-or-later
// The statistics page: its numbers are those of the readers and voters that came, drawn, in tables and as CSV, and
// nobody sees another desk's.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, importText, makeStation, numberOf, until, words } = require('../support/station');
const { colleague, firstAdministrator } = require('../support/desk');

const WAIT = 20000;
const formula = `== article
lang: en
section: news
slug: sum
published: 2026-11-20 10:00
headline: =SUM(A1:A9) "quoted", and more

A text whose headline a spreadsheet would take for a formula.
`;

async function station(t) {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\ncounter_flush_seconds = 1\n');
  await s.serve();
  return { s, admin: await firstAdministrator(s) };
}

// Lines of a CSV file of ours: every text is quoted, so a row is a line.
const csv = (body) => body.trimEnd().split('\r\n').map((line) => line.match(/"(?:[^"]|"")*"|[^,]+/g).map((c) => c.replace(/^"|"$/g, '').replaceAll('""', '"')));
const rowOf = (body, name) => body.split('<tr>').map((row) => [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map((m) => words(m[1]))).find((row) => row[0] === name);

test('the numbers are those of the readers and voters that came', async (t) => {
  const { s, admin } = await station(t);
  const before = await admin.get('/desk/statistics');
  assert.match(words(before.body), /Nothing was read in these days/);
  const [first, second] = articleLinks((await s.get('/en/')).body);
  for (let i = 0; i < 5; i++) await s.get(first);
  await s.get(second);
  await s.get(first, { 'User-Agent': 'Examplebot/1.0' });
  await s.vote(numberOf(first), 4, {});
  await s.vote(numberOf(first), 5, {});
  const page = await until(async () => {
    const answer = await admin.get('/desk/statistics');
    return rowOf(answer.body, 'In all')?.slice(1).join() === '6,7,2,4.5' && answer;
  }, WAIT, 'the numbers');
  assert.match(page.body, /<svg[^>]* aria-label="Readers by day, from /);
  assert.match(page.body, /<rect class="plot-bar"/);
  const language = rowOf(page.body, 'English');
  assert.deepStrictEqual(language.slice(1), ['6', '7', '2', '4.5']);

  const address = /href="(\/desk\/statistics\/articles\.csv[^"]*)"/.exec(page.body)[1].replaceAll('&amp;', '&');
  const file = await admin.get(address);
  assert.match(file.headers['content-type'], /^text\/csv; charset=utf-8/);
  assert.strictEqual(file.headers['content-disposition'], 'attachment; filename="articles.csv"');
  const [head, ...rows] = csv(file.body);
  assert.deepStrictEqual(head, ['article', 'language', 'name', 'readers', 'answers', 'votes', 'stars']);
  const one = rows.find((row) => Number(row[0]) === numberOf(first));
  assert.deepStrictEqual([one[1], ...one.slice(3)], ['en', '5', '6', '2', '9']);
  const days = csv((await admin.get(address.replace('articles', 'days'))).body);
  assert.strictEqual(days.length, 31);
  assert.deepStrictEqual(days[30].slice(1), ['6', '7', '2', '9']);
  assert.strictEqual((await admin.get(address.replace('articles', 'secrets'))).status, 404);

  // Other days, another language: nothing of this.
  assert.match(words((await admin.get('/desk/statistics?from=2025-01-01&to=2025-12-31')).body), /Nothing was read/);
  assert.match(words((await admin.get('/desk/statistics?lang=de')).body), /Nothing was read/);
  assert.strictEqual(rowOf((await admin.get('/desk/statistics?lang=en')).body, 'In all')[1], '6');
});

test('where readers came from is counted by site, and our own pages and programs are nobody', async (t) => {
  const { s, admin } = await station(t);
  const [first, second] = articleLinks((await s.get('/en/')).body);
  await s.get(first, { Referer: 'https://www.News.example/a?b' });
  await s.get(first, { Referer: 'https://news.example/' });
  await s.get(second, { Referer: 'https://=cmd.example/' });
  await s.get(second, { Referer: 'https://other.example:8443/x' });
  await s.get(second, { Referer: `http://localhost:${s.port}/en/` });
  await s.get(second, { Referer: 'https://news.example/', 'User-Agent': 'Examplebot/1.0' });
  await s.get('/en/', { Referer: 'https://news.example/' });
  const page = await until(async () => {
    const answer = await admin.get('/desk/statistics');
    return rowOf(answer.body, 'In all')?.[1] === '5' && rowOf(answer.body, 'news.example') && answer;
  }, WAIT, 'the numbers');
  assert.deepStrictEqual(rowOf(page.body, 'news.example'), ['news.example', '2']);
  assert.deepStrictEqual(rowOf(page.body, 'other.example'), ['other.example', '1']);
  assert.deepStrictEqual(rowOf(page.body, 'No other site named'), ['No other site named', '2']);
  const address = /href="(\/desk\/statistics\/hosts\.csv[^"]*)"/.exec(page.body)[1].replaceAll('&amp;', '&');
  assert.deepStrictEqual(csv((await admin.get(address)).body), [['host', 'readers'], ['news.example', '2'], ['other.example', '1']]);
  const reporter = await colleague(admin, 'rini@station.test', { roles: 'reporter', languages: 'de' });
  assert.strictEqual(rowOf((await reporter.get('/desk/statistics')).body, 'news.example'), undefined);
});

test('a stretch of days that cannot be is refused, and what was typed stays', async (t) => {
  const { admin } = await station(t);
  for (const query of ['from=2026-11-20&to=2026-11-19', 'from=2020-01-01&to=2026-01-01', 'from=yesterday']) {
    const page = await admin.get(`/desk/statistics?${query}`);
    assert.strictEqual(page.status, 422, query);
    assert.match(words(page.body), /at most 366 days together/);
    assert.ok(page.body.includes(`value="${/from=([^&]*)/.exec(query)[1]}"`), page.body);
  }
  assert.strictEqual((await admin.get('/desk/statistics/days.csv?from=2026-11-20&to=2026-11-19')).status, 422);
});

test('a headline is no formula in a spreadsheet', async (t) => {
  const { s, admin } = await station(t);
  importText(s.dir, path.dirname(s.clock), formula);
  await until(async () => (await s.get('/en/')).body.includes('=SUM(A1:A9)'), WAIT, 'the article');
  const link = articleLinks((await s.get('/en/')).body).find((a) => a.endsWith('-sum'));
  await s.get(link);
  const row = await until(async () => csv((await admin.get('/desk/statistics/articles.csv')).body)
    .find((r) => Number(r[0]) === numberOf(link)), WAIT, 'the read');
  assert.strictEqual(row[2], '\'=SUM(A1:A9) "quoted", and more');
});

test('a desk sees its own numbers, and who has none is refused', async (t) => {
  const { s, admin } = await station(t);
  const english = articleLinks((await s.get('/en/')).body)[0], german = articleLinks((await s.get('/de/')).body)[0];
  for (const a of [english, english, german]) await s.get(a);
  await until(async () => rowOf((await admin.get('/desk/statistics')).body, 'In all')?.[1] === '3', WAIT, 'the numbers');
  const reporter = await colleague(admin, 'rini@station.test', { roles: 'reporter', languages: 'de' });
  const page = await reporter.get('/desk/statistics');
  assert.strictEqual(rowOf(page.body, 'In all')[1], '1');
  assert.strictEqual(rowOf(page.body, 'English'), undefined);
  const file = csv((await reporter.get('/desk/statistics/languages.csv')).body);
  assert.deepStrictEqual(file.slice(1).map((row) => row[0]), ['de']);
  const officer = await colleague(admin, 'ivo@station.test', { roles: 'integrity' });
  assert.strictEqual((await officer.get('/desk/statistics')).status, 403);
});
