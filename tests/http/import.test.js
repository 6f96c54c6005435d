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
