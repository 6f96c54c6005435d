// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, importText, numberOf, siaran, startStation, until, words } = require('../support/station');
const path = require('node:path');

const second = 1000000n;
const due = (slug, keys) => `== article\nlang: en\nsection: news\nslug: ${slug}\nheadline: About ${slug}\n${keys}\n\nOne paragraph.\n`;
const lists = (html, slug) => articleLinks(html).some((a) => a.endsWith(slug));

test('an article is public exactly at its second, also after the program was killed', async (t) => {
  const s = await startStation(t, { demo: false });
  importText(s.dir, path.dirname(s.clock), due('due', 'published: 2031-05-03 13:39'));
  const at = BigInt(Date.parse('2031-05-03T13:39:00+07:00')) * 1000n;
  s.setNow(at - 60n * second);
  assert.ok(!lists((await s.get('/en/')).body, 'due'));
  assert.ok(!lists((await s.get('/en/news')).body, 'due'));
  const site = s.siteProcess();
  process.kill(site, 'SIGKILL');
  await until(() => s.siteProcess() && s.siteProcess() !== site, 2000, 'a new site process');
  await until(() => s.get('/en/').then((r) => r.status === 200, () => false), 3000, 'an answer');
  s.setNow(at + second);
  assert.ok(lists((await s.get('/en/')).body, 'due'));
  assert.ok(lists((await s.get('/en/news')).body, 'due'));
  assert.match((await s.get('/feeds/en/all.rss')).body, /About due/);
});

test('an article past its last second is gone from everywhere', async (t) => {
  const s = await startStation(t, { demo: false });
  importText(s.dir, path.dirname(s.clock), due('fleeting', 'published: -1h\nexpires: +1h'));
  const address = articleLinks((await s.get('/en/')).body).find((a) => a.endsWith('fleeting'));
  assert.strictEqual((await s.get(address)).status, 200);
  s.setClock(3601n * second);
  assert.strictEqual((await s.get(address)).status, 404);
  assert.ok(!lists((await s.get('/en/')).body, 'fleeting'));
  assert.ok(!(await s.get('/feeds/en/all.atom')).body.includes('fleeting'));
});

test('a withdrawn article is never served again, and says why', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const number = String(numberOf(address));
  assert.strictEqual((await s.get(address)).status, 200);
  const done = siaran('article', s.dir, 'withdraw', number, '--text', 'The interview never took place.');
  assert.strictEqual(done.code, 0, done.err);
  const gone = await s.get(address);
  assert.strictEqual(gone.status, 410);
  assert.ok(words(gone.body).includes('The interview never took place.'));
  assert.ok(!lists((await s.get('/en/')).body, address));
  assert.ok(!(await s.get('/feeds/en/all.json')).body.includes(address));
});

test('a corrected article shows the correction to the next reader', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  await s.get(address);
  assert.strictEqual(siaran('article', s.dir, 'correct', String(numberOf(address)), '--text', 'There were 313 people.').code, 0);
  assert.ok(words((await s.get(address)).body).includes('There were 313 people.'));
});
