// SPDX-License-Identifier: AGPL-3.0-or-later
// What is put in order at the desk is put in order with the mouse as well as with the keyboard.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const { mustRun, startStation } = require('../support/station');
const { startBrowser } = require('../support/browser');
const { firstAdministrator } = require('../support/desk');

const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const labels = (page) => page.locator('.sort-what a').allTextContents();

async function signedIn(t, { lang = 'en', width = 1280 } = {}) {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/account');
  await admin.post('/desk/account', { name: 'Ada Admin', lang });
  const context = await (await startBrowser(t)).newContext({ bypassCSP: true, viewport: { width, height: 1400 } });
  await context.addCookies(Object.entries(admin.cookies).map(([name, value]) => ({ name, value, url: s.origin })));
  return { s, page: await context.newPage() };
}

// Takes an item by its name and lets it fall at a part of another's height.
async function drag(page, from, to, part) {
  const item = (name) => page.locator('.sort-item', { has: page.getByText(name, { exact: true }) });
  const box = await item(to).boundingBox();
  await Promise.all([page.waitForURL(/said=/), item(from).dragTo(item(to), { sourcePosition: { x: 300, y: 10 }, targetPosition: { x: 300, y: box.height * part } })]);
}

test('a page is dragged before another, and into another; an entry of the menu behind another', async (t) => {
  const { s, page } = await signedIn(t);
  await page.goto(`${s.origin}/desk/pages?lang=en`);
  await drag(page, 'Contact', 'History', 0.1);
  assert.deepStrictEqual((await labels(page)).slice(0, 3), ['Company Profile', 'Contact', 'History']);
  await page.goto(`${s.origin}/desk/pages?lang=en`);
  await drag(page, 'History', 'Contact', 0.5);
  assert.strictEqual(await page.locator('.depth-3 .sort-what a').textContent(), 'History');
  assert.strictEqual((await s.get('/en/company-profile/contact/history')).status, 200);
  await page.goto(`${s.origin}/desk/menus/en`);
  await drag(page, 'Live Streaming', 'Company Profile', 0.9);
  assert.deepStrictEqual(await labels(page), ['Program Highlight', 'Company Profile', 'Live Streaming', 'Zona Integritas']);
});

test('with the keyboard alone a page goes below another and an entry up', async (t) => {
  const { s, page } = await signedIn(t);
  await page.goto(`${s.origin}/desk/pages?lang=en`);
  const button = (name, way) => page.locator('.sort-item', { has: page.getByText(name, { exact: true }) }).locator(`button[value="${way}"]`);
  await button('Contact', 'in').focus();
  await Promise.all([page.waitForURL(/said=moved/), page.keyboard.press('Enter')]);
  assert.strictEqual(await page.locator('.depth-3 .sort-what a').textContent(), 'Contact');
  await page.goto(`${s.origin}/desk/menus/en`);
  await button('Zona Integritas', 'up').focus();
  await Promise.all([page.waitForURL(/said=saved/), page.keyboard.press('Space')]);
  assert.deepStrictEqual((await labels(page)).slice(2), ['Zona Integritas', 'Company Profile']);
});

test('one page, its version, a collision, an entry and a pinned article are no obstacle on a small phone', async (t) => {
  const { s, page } = await signedIn(t, { lang: 'ar', width: 360 });
  const look = async (what) => {
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepStrictEqual(violations.map((v) => `${v.id} ${v.nodes[0].html.slice(0, 120)}`), [], what);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, what);
  };
  const send = (action) => Promise.all([page.waitForEvent('load'), page.click(`form[action="${action}"] button[type="submit"]`)]);
  await page.goto(`${s.origin}/desk/pages?lang=en`);
  await page.locator('.sort-what a').first().click();
  await page.waitForURL(/\/desk\/pages\/\d+/);
  await look('one page');
  const at = new URL(page.url()).pathname;
  const late = await page.context().newPage();
  await late.goto(`${s.origin}${at}`);
  await page.fill('#f-headline', 'One title');
  await send(at);
  await late.fill('#f-headline', 'Another title');
  await Promise.all([late.waitForEvent('load'), late.click(`form[action="${at}"] button[type="submit"]`)]);
  assert.strictEqual(await late.inputValue('#f-headline'), 'Another title');
  await page.setContent(await late.content());
  await look('a collision');
  await page.goto(`${s.origin}${at}/versions/2`);
  await look('a version');
  await page.goto(`${s.origin}/desk/menus/en?entry=2`);
  await look('an entry');
  await page.goto(`${s.origin}/desk/published?lang=en`);
  await page.locator('a[href*="?pin="]').first().click();
  await page.waitForURL(/\/desk\/front\/en/);
  await send('/desk/front/en');
  assert.strictEqual((await labels(page)).length, 1);
  await look('a pinned article');
});

test('on a phone no line of the way to a page begins with what stands between two of its steps', async (t) => {
  for (const lang of ['en', 'ar']) {
    const { s, page } = await signedIn(t, { lang, width: 360 });
    mustRun('service', s.dir, 'set', 'voice', 'title=A voice whose name is longer than a line');
    mustRun('service', s.dir, 'stream', 'voice', 'a-stream-with-a-long-name', 'mount=/long.mp3');
    await page.goto(`${s.origin}/desk/streams/a-stream-with-a-long-name`);
    const steps = await page.evaluate(() => [...document.querySelectorAll('.crumbs li')].map((li) => ({ top: li.offsetTop,
      before: getComputedStyle(li, '::before').content, behind: getComputedStyle(li, '::after').content, row: getComputedStyle(li).display })));
    assert.ok(new Set(steps.map((step) => step.top)).size > 1, 'it has several lines');
    assert.deepStrictEqual(steps.map((step) => step.behind), [...Array(steps.length - 1).fill('"/"'), 'none']);
    assert.ok(steps.every((step) => step.before === 'none' && step.row === 'flex'));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360);
  }
});
