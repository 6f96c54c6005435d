// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, startStation } = require('../support/station');

test('a reader finds words in Arabic, Chinese and Japanese', async (t) => {
  const s = await startStation(t);
  const cases = [['en', 'ferry'], ['en', '"night ferry"'], ['ar', 'العبارة'], ['ar', 'المرجان'], ['ar', 'مرجان'], ['zh', '珊瑚'], ['zh', '火山'],
    ['ja', 'フェリー'], ['ja', '観測所'], ['de', 'Korallen'], ['fr', 'dispensaires'], ['es', 'montana'], ['nl', 'koraal']];
  for (const [lang, words] of cases) {
    const page = await s.get(`/${lang}/search?q=${encodeURIComponent(words)}`);
    assert.strictEqual(page.status, 200);
    const main = page.body.slice(page.body.indexOf('<main'), page.body.indexOf('</main'));
    assert.ok(articleLinks(main).length > 0, `${lang}: ${words}`);
  }
});

test('a reader who finds nothing is told so, and typed markup stays text', async (t) => {
  const s = await startStation(t);
  const page = await s.get(`/en/search?q=${encodeURIComponent('"><script>alert(1)</script>qqqq')}`);
  assert.strictEqual(page.status, 200);
  assert.ok(!page.body.includes('<script>alert'));
  assert.ok(!page.body.includes('"><script'));
});
