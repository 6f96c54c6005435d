// SPDX-License-Identifier: AGPL-3.0-or-later
// The rich-text editor of the desk in a real browser: what is written is what the server keeps, byte by byte.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const { area, articleOf, atDesk, bodyOf, open, saveBody, send, text } = require('../support/editor');
const { articleLinks } = require('../support/station');

const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const languages = ['en', 'id', 'ar', 'zh', 'ja', 'fr', 'de', 'es', 'nl'];

// All that html_clean keeps, in the form in which it writes it.
const everything = [
  '<p>Plain, <strong>strong</strong>, <b>bold</b>, <em>stressed</em>, <i>italic</i>, <u>u</u>, <s>s</s>, H<sub>2</sub>O, m<sup>2</sup>, <code>code</code>, <q>quoted</q>, <cite>cited</cite>.</p>',
  '<p>An <abbr title="World Radio &amp; &quot;more&quot;">WR</abbr> at <time datetime="2026-11-24">noon</time>; <a href="https://station.test/a?b=1&amp;c=2" rel="noopener">a link with <strong>strong <em>words</em></strong></a>; <span lang="ar" dir="rtl">كلمات</span>.</p>',
  '<p lang="ar" dir="rtl">فقرة بالعربية<br>وسطر ثان</p>',
  '<h2>Heading</h2>', '<h3 lang="fr">Intertitre</h3>', '<h4>Small</h4>',
  '<ul><li>One<br>line</li><li dir="rtl">Two<ol><li>deep</li></ol></li></ul>',
  '<ol><li>First</li><li>Second<blockquote><p>said</p>\n</blockquote></li></ol>',
  '<blockquote><p>Somebody said.</p>\n<ul><li>listed</li></ul>\n<hr>\n<p>And more.</p>\n</blockquote>',
  '<hr>', '<pre>  keeps\n   its &lt;spaces&gt;</pre>',
  '<figure><img src="/media/a.jpg" alt="A &quot;port&quot;" width="640" height="480"><figcaption>The <em>port</em></figcaption></figure>',
  '<p><img src="/media/b.jpg" alt="">Words behind a picture</p>',
  '<table><caption>Ships &amp; <em>days</em></caption><thead><tr><th>Ship</th><th>Day</th></tr></thead><tbody><tr><th>Rina</th><td>Mon<br>Tue</td></tr><tr><td></td><td><ul><li>in a cell</li></ul></td></tr></tbody></table>',
].map((block) => `${block}\n`);

test('opening an article changes nothing; a word more is the only thing that changes, in all nine languages', async (t) => {
  const { s, admin, page, faults } = await atDesk(t, { demo: true });
  for (const lang of languages) {
    const number = /\/(\d+)-/.exec(articleLinks((await s.get(`/${lang}/`)).body)[0])[1];
    await admin.get(`/desk/published?lang=${lang}`);
    const at = (await admin.post('/desk/articles/open', { number })).target.replace(/\?.*/, '');
    const before = await bodyOf(admin, at);
    assert.ok(before.length > 200, `${lang} ${at}`);
    await open(page, s, at);
    assert.strictEqual(await page.inputValue(area), before, lang);
    await page.locator(`${text} p`).first().click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('Zebra ');
    await page.keyboard.press('Control+z');
    assert.strictEqual(await page.inputValue(area), before, `${lang}: undone`);
    await page.keyboard.type('Zebra ');
    await send(page);
    const after = await bodyOf(admin, at);
    assert.strictEqual(after.replace('Zebra ', ''), before, lang);
    assert.notStrictEqual(after, before);
  }
  assert.deepStrictEqual(faults, []);
});

test('everything the server keeps comes out of the editor in the bytes in which the server writes it', async (t) => {
  const { s, admin, page, faults } = await atDesk(t);
  const at = await articleOf(admin, everything.join(''));
  assert.strictEqual(await bodyOf(admin, at), everything.join(''), 'the list above is in the form of html_clean');
  await open(page, s, at);
  assert.strictEqual(await page.inputValue(area), everything.join(''));
  await page.locator(text).focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Control+a'); // cut and pasted, no block is one that came from the server
  await page.keyboard.press('Control+x');
  assert.strictEqual(await page.inputValue(area), '');
  await page.keyboard.press('Control+v');
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('x');
  assert.strictEqual(await page.inputValue(area), everything.join('').replace('Plain', 'xPlain'));
  await send(page);
  assert.strictEqual(await bodyOf(admin, at), everything.join('').replace('Plain', 'xPlain'));
  assert.deepStrictEqual(faults.filter((fault) => !/404/.test(fault)), []); // its pictures are not there
});

test('with the keyboard alone: headings, bold, a list, a quotation, a link, a table, undo', async (t) => {
  const { s, admin, page, faults } = await atDesk(t);
  const at = await articleOf(admin);
  await open(page, s, at);
  const focused = () => page.evaluate(() => document.activeElement.dataset.do ?? document.activeElement.id);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await page.locator('#f-headline').focus();
  for (let i = 0; i < 9 && (await focused()) !== 'heading'; i++) await press('Tab');
  assert.strictEqual(await focused(), 'heading', 'the bar is one stop');
  await press('Tab');
  assert.strictEqual(await focused(), 'f-body');
  await page.keyboard.type('The ferries');
  await press('Control+Shift+2', 'Enter');
  await page.keyboard.type('They are ');
  await press('Alt+F10', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  assert.strictEqual(await focused(), 'bold');
  await press('Space', 'Escape');
  await page.keyboard.type('back');
  assert.strictEqual(await page.getAttribute('[data-do="bold"]', 'aria-pressed'), 'true');
  await press('Control+b');
  await page.keyboard.type('. Read ');
  await press('Control+k');
  await page.keyboard.type('javascript:alert(1)');
  await press('Enter');
  assert.ok(await page.locator('dialog[open] .problem').isVisible());
  await page.locator('dialog[open] input').first().fill('station.test/ferries');
  await press('Tab');
  await page.keyboard.type('the plan');
  await press('Enter');
  assert.strictEqual(await focused(), 'f-body');
  await page.keyboard.type('.');
  await press('Enter');
  await page.keyboard.type('- gulls');
  await press('Enter');
  await page.keyboard.type('terns');
  await press('Control+]', 'Enter', 'Enter', 'Enter');
  await page.keyboard.type('Said somebody.');
  await press('Control+Shift+9', 'Enter', 'Enter', 'Alt+F10', 'End', 'Home');
  for (let i = 0; i < 20 && (await focused()) !== 'table'; i++) await press('ArrowRight');
  await press('Enter', 'Escape');
  for (const cell of ['Ship', 'Day', 'Hour', 'Rina']) {
    await page.keyboard.type(cell);
    await press('Tab');
  }
  const expected = ['<h2>The ferries</h2>', '<p>They are <strong>back</strong>. Read <a href="https://station.test/ferries" rel="noopener">the plan</a>.</p>',
    '<ul><li>gulls<ul><li>terns</li></ul></li></ul>', '<blockquote><p>Said somebody.</p>\n</blockquote>',
    '<table><thead><tr><th>Ship</th><th>Day</th><th>Hour</th></tr></thead><tbody><tr><td>Rina</td><td></td><td></td></tr><tr><td></td><td></td><td></td></tr></tbody></table>', ''].join('\n');
  assert.strictEqual(await page.inputValue(area), expected);
  await page.keyboard.type('late');
  await press('Control+z');
  assert.strictEqual(await page.inputValue(area), expected);
  await press('Control+y');
  assert.match(await page.inputValue(area), /late/);
  await press('Control+z');
  await send(page);
  assert.strictEqual(await bodyOf(admin, at), expected);
  assert.deepStrictEqual(faults, []);
});

test('a tool works on the caret where it is, also when the browser has not told yet that it moved', async (t) => {
  const { s, admin, page, faults } = await atDesk(t);
  const at = await articleOf(admin, '<p>One two</p><p>Three</p>');
  await open(page, s, at);
  await page.locator(text).focus();
  await page.keyboard.press('Control+End');
  // The caret moves and the tool is used in one turn: "selectionchange" comes after it.
  const atOnce = (paragraph, from, to, use) => page.evaluate(([paragraph, from, to, use]) => {
    const node = document.querySelectorAll('.rich-text p, .rich-text h2')[paragraph].firstChild;
    getSelection().setBaseAndExtent(node, from, node, to);
    if (use.keys) document.querySelector('.rich-text').dispatchEvent(new KeyboardEvent('keydown', { key: 'i', keyCode: 73, ctrlKey: true, bubbles: true, cancelable: true }));
    else document.querySelector(`[data-do="${use}"]`).click();
  }, [paragraph, from, to, use]);
  await atOnce(0, 0, 3, 'bold');
  assert.strictEqual(await page.inputValue(area), '<p><strong>One</strong> two</p>\n<p>Three</p>\n');
  await atOnce(1, 0, 5, { keys: true });
  assert.strictEqual(await page.inputValue(area), '<p><strong>One</strong> two</p>\n<p><em>Three</em></p>\n');
  await page.keyboard.press('Control+Home');
  await page.evaluate(() => {
    const node = document.querySelector('.rich-text em').firstChild;
    getSelection().collapse(node, 2);
    document.querySelector('[data-do="heading"]').click();
  });
  assert.strictEqual(await page.inputValue(area), '<p><strong>One</strong> two</p>\n<h2><em>Three</em></h2>\n');
  await page.keyboard.type('x'); // and goes on there
  assert.strictEqual(await page.inputValue(area), '<p><strong>One</strong> two</p>\n<h2><em>Thxree</em></h2>\n');
  assert.deepStrictEqual(faults, []);
});

test('the switch shows the same text as HTML and back; without script there is the text area', async (t) => {
  const { s, admin, page } = await atDesk(t);
  const at = await articleOf(admin, '<p>The ferries are <em>back</em>.</p>');
  await open(page, s, at);
  await page.click('[data-do="html"]');
  assert.ok(await page.locator(area).isVisible());
  assert.strictEqual(await page.locator(area).getAttribute('id'), 'f-body');
  assert.strictEqual(await page.evaluate(() => document.activeElement.name), 'body');
  await page.fill(area, '<p>The ferries are <strong>late</strong>.');
  await page.reload();
  assert.ok(await page.locator(area).isVisible(), 'who prefers it has it next time');
  await page.fill(area, '<p>The ferries are <strong>late</strong>.');
  await page.click('[data-do="html"]');
  assert.strictEqual(await page.locator(`${text} strong`).textContent(), 'late');
  assert.strictEqual(await page.inputValue(area), '<p>The ferries are <strong>late</strong>.', 'not written until it is changed');
  await page.locator('label[for="f-body"]').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' Again.');
  assert.strictEqual(await page.inputValue(area), '<p>The ferries are <strong>late</strong>. Again.</p>\n');
  const browser = page.context().browser(), storageState = await page.context().storageState();
  await page.close();
  const silent = await (await browser.newContext({ javaScriptEnabled: false, storageState })).newPage();
  await silent.goto(s.origin + at);
  assert.ok(await silent.locator('#f-body').isVisible());
  assert.strictEqual(await silent.locator('.rich').isVisible(), false);
  await silent.fill('#f-body', 'Words.\n\nMore words.');
  await send(silent);
  assert.strictEqual(await bodyOf(admin, at), 'Words.\n\nMore words.');
});

test('the open editor is no obstacle on a small phone, light and dark, and breaks no rule of the policy', async (t) => {
  for (const [lang, colorScheme] of [['en', 'light'], ['ar', 'dark'], ['de', 'dark']]) {
    const { s, admin, page, faults } = await atDesk(t, { lang, colorScheme, viewport: { width: 360, height: 740 }, bypassCSP: false });
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.sample}`)));
    const at = await articleOf(admin, everything.join(''), lang);
    await open(page, s, at);
    for (const place of ['h2', 'ul li', 'td', 'blockquote p']) {
      await page.locator(`${text} ${place}`).first().click();
      await page.keyboard.type('x');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, `${lang} ${place}`);
      const session = await page.context().newCDPSession(page); // axe is not of our origin: the policy would refuse it
      const { result } = await session.send('Runtime.evaluate', { expression: `${axeSource}; axe.run().then((r) => JSON.stringify(r.violations.map((v) => v.id + ' ' + v.nodes[0].html)))`, awaitPromise: true, returnByValue: true });
      assert.strictEqual(result.value, '[]', `${lang} ${place}`);
    }
    await page.click('[data-do="keys"]');
    assert.ok(await page.locator('dialog[open] dd').count() > 10);
    await page.keyboard.press('Escape');
    assert.deepStrictEqual(faults.filter((fault) => !/404/.test(fault)), [], lang);
  }
});

test('what is written is saved while it is written, and a text saved by somebody else meanwhile stays beside it', async (t) => {
  const { s, admin, page, faults } = await atDesk(t);
  const at = await articleOf(admin, 'One.\n\nTwo.');
  await open(page, s, at);
  await page.locator(text).focus();
  await page.keyboard.press('Control+End');
  const [request] = await Promise.all([page.waitForRequest(/autosave/), page.keyboard.type(' And three.')]);
  assert.strictEqual(new URLSearchParams(request.postData()).get('body'), '<p>One.</p>\n<p>Two. And three.</p>\n');
  await page.waitForSelector('.autosave[data-state="saved"]');
  assert.strictEqual(await bodyOf(admin, at), 'One.\n\nTwo. And three.');
  await saveBody(admin, at, '<p>One.</p><p>Two, by <em>somebody</em> else.</p>');
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('Zebra ');
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' And four.');
  await Promise.all([page.waitForURL(/\/aside\//), page.click('form[data-autosave] .form-end button[type="submit"] >> nth=0')]);
  const both = await page.textContent('main');
  assert.match(both, /by somebody else/);
  assert.match(both, /And four/);
  assert.deepStrictEqual(faults, []);
});

test('words typed a moment before another button or a link is pressed are not lost', async (t) => {
  const { s, admin, page, faults } = await atDesk(t);
  const at = await articleOf(admin, 'One.');
  const type = async (words) => {
    await page.locator(text).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(words);
  };
  const note = async () => {
    await page.fill('#note-form textarea', 'Please look');
    await page.click('#note-form button[type="submit"]');
  };
  await open(page, s, at);
  await type(' Two.');
  await note();
  await page.waitForURL(/said=/);
  assert.match(await page.textContent('#notes'), /Please look/);
  assert.strictEqual(await bodyOf(admin, at), 'One. Two.');

  await open(page, s, at);
  await type(' Three.');
  await Promise.all([page.waitForURL(/\/versions/), page.click('.tiles a[href$="/versions"]')]);
  await page.goto(`${s.origin}${at}`);
  assert.strictEqual(await page.inputValue(area), 'One. Two. Three.');

  await page.route(/autosave/, (route) => route.abort());
  await type(' Four.');
  await note();
  await page.waitForSelector('.autosave[data-state="failed"]');
  assert.match(await page.textContent('.autosave'), /Not saved yet/);
  assert.strictEqual(new URL(page.url()).pathname, at, 'nobody is sent away from words that are not safe');
  const asked = page.waitForEvent('dialog');
  const left = page.goto(`${s.origin}/desk/`).catch(() => {});
  const dialog = await asked;
  assert.strictEqual(dialog.type(), 'beforeunload');
  await Promise.all([dialog.dismiss(), left]);
  await page.unroute(/autosave/);
  await note();
  await page.waitForURL(/said=/);
  assert.strictEqual(await bodyOf(admin, at), 'One. Two. Three. Four.');
  assert.deepStrictEqual(faults.filter((fault) => !/autosave|ERR_FAILED|Failed to fetch/.test(fault)), []);
});

test('a session that ends while somebody writes on keeps the words once, and they can be sent again', async (t) => {
  const { s, admin, page } = await atDesk(t);
  const at = await articleOf(admin, 'One.');
  await open(page, s, at);
  s.later(13 * 3600);
  await page.locator(text).focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' Two.');
  await page.waitForSelector('.autosave[data-state="over"]');
  assert.match(await page.textContent('.autosave'), /signed out/);
  await page.keyboard.type(' Three.');
  await admin.signIn('ada@station.test');
  const kept = await admin.get('/desk/kept');
  assert.deepStrictEqual([...kept.body.matchAll(/<a href="\/desk\/kept\/\d+">(?:<bdi>)?([^<]*)</g)].map((m) => m[1]), [at], 'under the text\'s own address');
  const one = await admin.get(/\/desk\/kept\/\d+/.exec(kept.body)[0]);
  assert.ok(one.body.includes(`action="${at}"`), 'it is sent to the text itself, whose answer is a page');
  assert.match(one.body, /Two\./);
});

test('an Arabic text runs from right to left, a paragraph in it the other way; arrows follow the desk', async (t) => {
  const { s, admin, page } = await atDesk(t, { lang: 'ar' });
  const at = await articleOf(admin, 'عادت العبّارات.\n\nThe ferries are back.', 'ar');
  await open(page, s, at);
  const box = page.locator(text);
  assert.deepStrictEqual(await box.evaluate((it) => [getComputedStyle(it).direction, it.lang, it.getAttribute('aria-multiline'), document.getElementById(it.getAttribute('aria-labelledby')).textContent.length > 2]), ['rtl', 'ar', 'true', true]);
  await box.focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Alt+F10');
  await page.keyboard.press('ArrowLeft');
  assert.strictEqual(await page.evaluate(() => document.activeElement.dataset.do), 'subheading');
  await page.click('[data-do="direction"]');
  assert.strictEqual(await page.inputValue(area), '<p>عادت العبّارات.</p>\n<p dir="ltr">The ferries are back.</p>\n');
  assert.strictEqual(await page.getAttribute('[data-do="direction"]', 'aria-pressed'), 'true');
  await page.waitForFunction(() => /٦/.test(document.querySelector('[data-part="count"]').textContent)); // six words
  await page.click('[data-do="direction"]');
  assert.strictEqual(await page.inputValue(area), 'عادت العبّارات.\n\nThe ferries are back.', 'as it was');
});

test('tables: a row, a column, a caption, no header; an address put upon words; a picture gets its words', async (t) => {
  const { s, admin, page } = await atDesk(t);
  const at = await articleOf(admin, '<p>Read the plan</p><table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table><p><img src="/media/a.jpg" alt=""></p>');
  await open(page, s, at);
  await page.locator(`${text} td`).first().click();
  for (const name of ['rowAdd', 'columnAdd', 'headerRow', 'caption']) await page.click(`[data-do="${name}"]`);
  await page.keyboard.type('Letters & digits');
  await page.keyboard.press('Enter');
  assert.match(await page.inputValue(area), /<table><caption>Letters &amp; digits<\/caption><tbody><tr><td>A<\/td><td><\/td><td>B<\/td><\/tr><tr><td>1<\/td><td><\/td><td>2<\/td><\/tr><tr><td><\/td><td><\/td><td><\/td><\/tr><\/tbody><\/table>\n/);
  for (const name of ['columnDelete', 'rowDelete']) await page.click(`[data-do="${name}"]`);
  assert.match(await page.inputValue(area), /<tr><td><\/td><td>B<\/td><\/tr><tr><td><\/td><td><\/td><\/tr>/);
  await page.locator(`${text} p`).first().dblclick({ position: { x: 12, y: 12 } });
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'https://station.test/plan');
    document.querySelector('.rich-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  assert.match(await page.inputValue(area), /<p><a href="https:\/\/station\.test\/plan" rel="noopener">Read<\/a> the plan<\/p>/);
  await page.keyboard.press('Control+k');
  await page.click('dialog[open] [data-answer="remove"]');
  assert.match(await page.inputValue(area), /<p>Read the plan<\/p>/);
  await page.locator(`${text} img[draggable]`).click();
  await page.click('[data-do="picture"]');
  await page.keyboard.type('A "port"');
  await page.keyboard.press('Enter');
  assert.match(await page.inputValue(area), /<p><img src="\/media\/a\.jpg" alt="A &quot;port&quot;"><\/p>/);
});
