// SPDX-License-Identifier: AGPL-3.0-or-later
// Uploading in a real browser: many photos with script, the same form without, and what matters in a picture.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const { startStation } = require('../support/station');
const { startBrowser } = require('../support/browser');
const { firstAdministrator } = require('../support/desk');
const { png } = require('../support/upload');

const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const photos = (n) => Array.from({ length: n }, (_, i) => ({ name: `photo ${i + 1}.png`, mimeType: 'image/png', buffer: png(900, 600, [8 * i, 100, 150]) }));

async function desk(t, options = {}) {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const context = await (await startBrowser(t)).newContext(options);
  await context.addCookies(Object.entries(admin.cookies).map(([name, value]) => ({ name, value, url: s.origin })));
  return { s, admin, page: await context.newPage() };
}

test('thirty photos go up one after another; the one that is none says why; under our own rules for scripts', async (t) => {
  const { s, page } = await desk(t);
  const faults = [];
  page.on('console', (m) => m.type() === 'error' && !/422/.test(m.text()) && faults.push(m.text()));
  await page.goto(`${s.origin}/desk/media/new`);
  await page.fill('#f-credit', 'Ada');
  const files = photos(30);
  files.splice(7, 0, { name: 'noise.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167) & 0xff)) });
  await page.setInputFiles('#f-files', files);
  await page.locator('main button[type="submit"]').focus();
  await page.keyboard.press('Enter');
  await page.locator('.uploads [data-state="taken"], .uploads [data-state="refused"]').nth(30).waitFor({ timeout: 120000 });
  assert.strictEqual(await page.locator('.uploads [data-state="taken"]').count(), 30);
  assert.match(await page.textContent('.uploads [data-state="refused"]'), /neither a picture nor a sound/);
  assert.strictEqual(await page.inputValue('#f-credit'), 'Ada', 'what was typed stays');
  await page.goto(`${s.origin}/desk/media?q=photo`);
  assert.strictEqual(await page.locator('.media-grid li').count(), 24);
  await page.click('text=Older entries');
  assert.strictEqual(await page.locator('.media-grid li').count(), 6);
  assert.deepStrictEqual(faults, []);
});

test('an engineer who is making a source drops its file, chooses it at once, and has lost nothing that was typed', async (t) => {
  const { s, page, admin } = await desk(t), frame = Buffer.alloc(417, 0x55), faults = [];
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  await admin.get('/desk/services');
  await admin.post('/desk/services', { name: 'voice', title: 'Voice' });
  page.on('console', (m) => m.type() === 'error' && !/422/.test(m.text()) && faults.push(m.text()));
  await page.goto(`${s.origin}/desk/streams/voice-mp3`);
  const form = page.locator('form[action$="/sources"]'), uploads = page.locator('.uploads');
  await form.locator('[name="name"]').fill('pause');
  await form.locator('[name="kind"]').selectOption('file');
  const dropped = await page.evaluateHandle((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'Pausenzeichen Früh.mp3', { type: 'audio/mpeg' }));
    data.items.add(new File(['no sound'], 'words.mp3'));
    data.items.add(new File([new ArrayBuffer(64000001)], 'long.mp3'));
    return data;
  }, [...Buffer.concat(Array(60).fill(frame))]);
  await page.locator('form[data-files]').dispatchEvent('drop', { dataTransfer: dropped });
  await uploads.locator('[data-state="refused"]').nth(1).waitFor();
  assert.strictEqual(await uploads.locator('[data-state="taken"]').count(), 1);
  assert.match(await uploads.textContent(), /words\.mp3The file is of no known format, and the stream is MP3\..*long\.mp3A file has at most 64 MB\./);
  assert.strictEqual(await form.locator('[name="name"]').inputValue(), 'pause');
  await form.locator('[name="sound"]').selectOption('pausenzeichen-fruh.mp3');
  await form.locator('button[type="submit"]').click();
  await page.waitForURL(/said=settled/);
  assert.match(await page.locator('.sort').textContent(), /pause.*pausenzeichen-fruh\.mp3/s);
  assert.deepStrictEqual(faults, []);
});

test('the same form without script, and the focal point by mouse and by keyboard', async (t) => {
  const { s, page } = await desk(t, { javaScriptEnabled: false });
  await page.goto(`${s.origin}/desk/media/new`);
  await page.setInputFiles('#f-files', [...photos(2), { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }]);
  await page.click('main button[type="submit"]');
  assert.match(await page.textContent('main'), /Drawings \(SVG\)/);
  const one = await page.getByRole('link', { name: 'photo 1.png' }).getAttribute('href');

  const scripted = await page.context().browser().newContext({ bypassCSP: true, viewport: { width: 360, height: 740 } });
  await scripted.addCookies(await page.context().cookies());
  const small = await scripted.newPage();
  await small.goto(s.origin + one);
  const box = await small.locator('.focal img').boundingBox();
  await small.locator('.focal img').click({ position: { x: box.width / 4, y: box.height / 2 } });
  const x = Number(await small.inputValue('#f-focal_x'));
  assert.ok(Math.abs(x - 250) <= 10, `clicked at a quarter: ${x}`);
  await small.focus('#f-focal_y');
  await small.keyboard.press('Control+A');
  await small.keyboard.type('900');
  assert.strictEqual(await small.locator('.focal-dot').evaluate((dot) => dot.style.top), '90%');
  await small.keyboard.press('Enter');
  await small.waitForURL(/said=saved$/);
  assert.strictEqual(await small.inputValue('#f-focal_y'), '900');
  assert.ok(await small.evaluate(() => document.documentElement.scrollWidth) <= 360);
  await small.evaluate(axeSource);
  const { violations } = await small.evaluate(() => globalThis.axe.run());
  assert.deepStrictEqual(violations.map((v) => `${v.id} ${v.nodes[0].html.slice(0, 120)}`), []);
});
