// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { mustRun, readsOf, root, siaran, startStation, words } = require('../support/station');

const seedDir = path.join(root, '../shared/seed');
const seeds = fs.existsSync(seedDir) ? fs.readdirSync(seedDir).filter((f) => f.endsWith('.txt')).map((f) => path.join(seedDir, f)) : [];

test('a page of the old site keeps everything it had', { skip: seeds.length === 0 && 'the saved page does not lie beside' }, async (t) => {
  const s = await startStation(t, { demo: false });
  mustRun('import', s.dir, 'page', ...seeds, '--lang', 'en', '--old-id', '22183');
  const old = await s.get('/index.php/component/k2/item/22183-anything');
  assert.strictEqual(old.status, 301);
  const page = await s.visit('/index.php/component/k2/item/22183-anything');
  assert.strictEqual(page.status, 200);
  const text = words(page.body.slice(page.body.indexOf('<main')));
  let at = 0;
  for (const part of ['Monday, 05 September 2022 13:39', 'Myanmar junta chief makes another visit to Russia', '(0 votes)',
    "Myanmar's junta leader was on a visit", 'Senior General', 'He first visited', 'Russia, a main source', 'Myanmar state media',
    'Russia has been providing', "Myanmar's junta has been hit", 'The United Nations', "Myanmar's military says", '(Reuters)', 'Read 213 times']) {
    const found = text.indexOf(part, at);
    assert.ok(found >= 0, `"${part}" is missing or out of order`);
    at = found;
  }
  assert.strictEqual(readsOf((await s.get(page.target)).body), 214);
  mustRun('import', s.dir, 'page', ...seeds, '--lang', 'en', '--old-id', '22183');
  assert.strictEqual(readsOf((await s.get(page.target)).body), 215);
});

// The same lines as a saved page of the old site, of our own words: the way in and what becomes of each old address.
const own = path.join(root, 'tests/data/pages/scrape.txt');
const rich = path.join(root, 'tests/data/pages/full.html');

test('a saved text shows its lines in their order, once, however often it is imported', async (t) => {
  const s = await startStation(t, { demo: false });
  for (let i = 0; i < 2; i++) mustRun('import', s.dir, 'page', own, '--lang', 'en', '--old-id', '4711');
  const page = await s.visit('/index.php/component/k2/item/4711-anything');
  assert.strictEqual(page.status, 200);
  const text = words(page.body.slice(page.body.indexOf('<main')));
  let at = 0;
  for (const part of ['Monday, 05 September 2022 13:39', 'Rain comes early to the islands', 'Budi Hartono', '(0 votes)', // a text says how many voted, not how
    'The first rain fell on Sunday.', 'Farmers had waited for it.', '(ANTARA)', 'Read 213 times']) {
    const found = text.indexOf(part, at);
    assert.ok(found >= 0, `"${part}" is missing or out of order`);
    at = found;
  }
  assert.strictEqual(readsOf((await s.get(page.target)).body), 214);
  assert.strictEqual(JSON.parse((await s.get('/feeds/en/all.json')).body).items.length, 1);
});

test('every form of an old address leads in one step to where the thing is now', async (t) => {
  const s = await startStation(t, { demo: false });
  mustRun('import', s.dir, 'page', own, '--lang', 'en', '--old-id', '4711');
  mustRun('import', s.dir, 'page', rich, '--lang', 'en', '--old-id', '4712');
  mustRun('import', s.dir, 'page', own, '--lang', 'de', '--old-id', '4711', '--site', 'german');
  const leads = async (from, to) => {
    const answer = await s.get(from);
    assert.strictEqual(answer.status, 301, from);
    const target = new URL(answer.headers.location, s.origin);
    assert.match(target.pathname + target.search, to, from);
    assert.strictEqual((await s.get(target.pathname + target.search)).status, 200, `${from} to ${target.pathname}`);
  };
  for (const from of ['/index.php?option=com_k2&view=item&id=4711', '/?option=com_k2&view=item&id=4711:rain',
    '/component/k2/item/4711', '/index.php/component/k2/item/4711-rain.html', '/index.php/news/world/item/4711-rain',
    '/en/index.php/component/k2/item/4711-rain', '/index.php/en/component/k2/item/4711-rain',
    '/component/k2/item/4711-rain?tmpl=component&print=1', '/news/4711-rain', '/index.php/news/4711-rain', '/news/4711/rain'])
    await leads(from, /^\/en\/news\/\d+-rain-comes-early/);
  for (const from of ['/german/index.php?option=com_k2&view=item&id=4711', '/german/index.php/component/k2/item/4711-regen',
    '/german/nachrichten/item/4711-regen', '/german/nachrichten/4711-regen'])
    await leads(from, /^\/de\/nachrichten\/\d+-rain-comes-early/);
  for (const from of ['/index.php?option=com_k2&view=itemlist&task=category&id=14:world', '/component/k2/itemlist/category/14-world?start=14'])
    await leads(from, /^\/en\/[a-z-]+$/);
  await leads('/component/k2/itemlist/category/14-world?format=feed&type=rss', /^\/feeds\/en\/section\/[a-z-]+\.rss$/);
  for (const from of ['/component/k2/itemlist/user/62-ani', '/news/author/62-ani'])
    await leads(from, /^\/en\/author\/ani-sari$/);
  for (const from of ['/component/k2/itemlist/date/2022/9/5', '/news/date/2022/9/5']) await leads(from, /^\/en\/archive\/2022\/09\/05$/);
  await leads('/index.php/component/k2/itemlist/search?searchword=rain', /^\/en\/search\?q=rain$/);
  await leads('/index.php', /^\/en\/$/);
  await leads('/german/', /^\/de\/$/);
  await leads('/index.php?format=feed&type=atom', /^\/feeds\/en\/all\.atom$/);
  for (const unknown of ['/component/k2/item/9999-rain', '/news/9999-rain', '/?option=com_k2&view=item&id=9999', '/lite/en/news/4711-rain'])
    assert.notStrictEqual((await s.get(unknown)).status, 301, unknown);
});

test('an old address without a number leads on too, because the saved page says that it had it', async (t) => {
  const s = await startStation(t, { demo: false });
  const file = path.join(path.dirname(s.clock), 'named.html');
  const html = fs.readFileSync(rich, 'utf8').replace(/<link rel="canonical"[^>]*>|<meta property="og:url"[^>]*>/g, '');
  fs.writeFileSync(file, html.replace('<head>', '<head><link rel="canonical" href="https://old.example/ferries/caf%C3%A9-harbour">'));
  for (let i = 0; i < 2; i++) mustRun('import', s.dir, 'page', file, '--lang', 'en', '--old-id', '77');
  for (const from of ['/ferries/caf%C3%A9-harbour', '/ferries/caf%c3%a9-harbour/', '/ferries/caf%C3%A9-harbour?utm_source=x']) {
    const answer = await s.get(from);
    assert.strictEqual(answer.status, 301, from);
    assert.strictEqual((await s.get(new URL(answer.headers.location, s.origin).pathname)).status, 200);
  }
  for (const other of ['/ferries', '/ferries/cafe-harbour', '/lite/ferries/caf%C3%A9-harbour'])
    assert.strictEqual((await s.get(other)).status, 404, other);
});

test('a file that is no page is refused with a reason', async (t) => {
  const s = await startStation(t, { demo: false });
  const before = (await s.get('/feeds/en/all.json')).body;
  const file = path.join(path.dirname(s.clock), 'shopping.txt');
  fs.writeFileSync(file, 'milk\nbread\n');
  const r = siaran('import', s.dir, 'page', file, '--lang', 'en');
  assert.strictEqual(r.code, 3);
  assert.match(r.err, /shopping\.txt/);
  assert.strictEqual((await s.get('/feeds/en/all.json')).body, before);
});

test('a section that is mistyped is not made, and the right names are said', async (t) => {
  const s = await startStation(t, { demo: false });
  const names = async () => JSON.stringify([...(await s.get('/en/')).body.matchAll(/href="\/en\/([a-z-]+)"/g)].map((m) => m[1]));
  const before = await names();
  const r = siaran('import', s.dir, 'page', own, '--lang', 'en', '--section', 'nesw');
  assert.strictEqual(r.code, 3);
  assert.match(r.err, /There is no section "nesw" in the language en\. There are: news[,.]/);
  assert.match(r.err, /--new-section/);
  assert.strictEqual(await names(), before);
  assert.strictEqual(JSON.parse((await s.get('/feeds/en/all.json')).body).items.length, 0, 'nothing was imported');
  const alone = siaran('import', s.dir, 'page', own, '--lang', 'en', '--new-section');
  assert.strictEqual(alone.code, 2);
  assert.match(alone.err, /goes with --section/);
  mustRun('import', s.dir, 'page', own, '--lang', 'en', '--section', 'Weather', '--new-section');
  assert.strictEqual((await s.get('/en/weather')).status, 200);
  mustRun('import', s.dir, 'page', rich, '--lang', 'en', '--section', 'weather');
  assert.strictEqual(JSON.parse((await s.get('/feeds/en/section/weather.json')).body).items.length, 2);
  mustRun('verify', s.dir);
});
