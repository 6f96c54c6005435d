// SPDX-License-Identifier: AGPL-3.0-or-later
// What other programs draw comes into a body clean: through the browser's clipboard, by Ctrl+C and Ctrl+V.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { area, articleOf, atDesk, bodyOf, open, send, text } = require('../support/editor');
const pasted = require('../support/pasted');

// Puts these bytes on the clipboard as another program does, by a real copy in another field.
async function copy(page, { html, text: words = '' }) {
  await page.evaluate(([html, words]) => {
    document.getElementById('f-headline').addEventListener('copy', (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (html) event.clipboardData.setData('text/html', html);
      event.clipboardData.setData('text/plain', words);
    }, { once: true });
  }, [html, words]);
  await page.locator('#f-headline').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
}

for (const lang of ['en', 'ar']) {
  test(`what is pasted into ${lang === 'en' ? 'an English' : 'an Arabic'} article keeps its meaning and loses its looks`, async (t) => {
    const { s, admin, page, faults } = await atDesk(t);
    const at = await articleOf(admin, '', lang);
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`)));
    await open(page, s, at);
    for (const one of pasted.filter((row) => (row.lang ?? 'en') === lang)) {
      await copy(page, one);
      await page.locator(text).focus();
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Control+v');
      const body = await page.inputValue(area);
      assert.deepStrictEqual(body.trimEnd().split('\n'), one.becomes, one.name);
      if (one.note) assert.match(await page.textContent('[data-part="note"]'), one.note);
      await page.keyboard.press('Control+z');
    }
    assert.deepStrictEqual(faults, []);
    for (const one of pasted.filter((row) => (row.lang ?? 'en') === lang && row.html)) {
      await copy(page, one);
      await page.locator(text).focus();
      await page.keyboard.press('Control+End');
      await page.keyboard.press('Control+v');
    }
    const written = await page.inputValue(area);
    await page.fill('#f-headline', 'All of it');
    await send(page);
    const kept = await bodyOf(admin, at);
    assert.strictEqual(kept.includes('<') ? kept : kept.split('\n\n').map((line) => `<p>${line}</p>\n`).join(''), written, 'the server has nothing to change');
  });
}
