// SPDX-License-Identifier: AGPL-3.0-or-later
// The station in Debian's Firefox, by way of puppeteer-core over WebDriver BiDi: a reader who votes, and a reporter who
// writes in the rich-text editor.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const puppeteer = require('puppeteer-core');
const { articleLinks, freshDir, makeStation, startStation, until } = require('../support/station');
const { firstAdministrator } = require('../support/desk');
const { Radio } = require('../support/radio');
const { articleOf, area, bodyOf, text } = require('../support/editor');

async function startFirefox(t) {
  const profile = freshDir();
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr', headless: true,
    userDataDir: profile, extraPrefsFirefox: { 'app.update.auto': false, 'network.dns.disableIPv6': true, 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false } });
  t.after(async () => {
    await browser.close();
    fs.rmSync(profile, { recursive: true, force: true });
  });
  return browser;
}

// What a page complains about, and whom it asks besides the station.
function faultsOf(page, s) {
  const faults = [];
  page.on('console', (m) => ['error', 'warn'].includes(m.type()) && faults.push(m.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (r) => /^https?:/.test(r.url()) && !r.url().startsWith(s.origin) && faults.push(`foreign ${r.url()}`));
  return faults;
}

test('a reader with Firefox reads an article and rates it, in English and in Arabic', async (t) => {
  const s = await startStation(t);
  const browser = await startFirefox(t);
  for (const [lang, dir] of [['en', 'ltr'], ['ar', 'rtl']]) {
    const page = await browser.newPage();
    const faults = faultsOf(page, s);
    await page.setViewport({ width: 360, height: 740 });
    const article = articleLinks((await s.get(`/${lang}/`)).body)[0];
    await page.goto(s.origin + article);
    assert.deepStrictEqual(await page.evaluate(() => [document.documentElement.dir, document.documentElement.scrollWidth <= 360]), [dir, true]);
    const votes = () => page.$eval('.votes', (e) => e.textContent);
    const before = await votes();
    await page.focus('.stars input[value="4"]');
    await page.keyboard.press(' ');
    await page.focus('.rating button');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.notStrictEqual(await votes(), before);
    assert.deepStrictEqual(faults, [], lang);
    await page.close();
  }
});

test('a reporter with Firefox writes, makes a word strong and a list, and what is saved is what stood there', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const at = await articleOf(admin, '<p>First words.</p>\n');
  const browser = await startFirefox(t);
  const page = await browser.newPage();
  const faults = faultsOf(page, s);
  await page.setViewport({ width: 1280, height: 900 });
  for (const [name, value] of Object.entries(admin.cookies)) await browser.setCookie({ name, value, domain: 'localhost', path: '/', httpOnly: true });
  await page.goto(s.origin + at);
  await page.waitForSelector(text);
  await page.focus(text);
  const chord = async (key) => {
    await page.keyboard.down('Control');
    await page.keyboard.press(key);
    await page.keyboard.up('Control');
  };
  await chord('End');
  await page.keyboard.press('Enter');
  await chord('b');
  await page.keyboard.type('Strong');
  await chord('b');
  await page.keyboard.type(' & plain');
  await page.keyboard.press('Enter');
  await page.keyboard.type('- one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two');
  const written = await page.$eval(area, (e) => e.value);
  assert.strictEqual(written, '<p>First words.</p>\n<p><strong>Strong</strong> &amp; plain</p>\n<ul><li>one</li><li>two</li></ul>\n');
  await Promise.all([page.waitForNavigation(), page.click(`form:has(${area}) .form-end button[type="submit"]`)]);
  assert.strictEqual(await bodyOf(admin, at), written);
  assert.deepStrictEqual(faults, []);
});

test('a listener with Firefox plays the station and reads on while it plays', async (t) => {
  const s = makeStation(), radio = new Radio(t, s);
  t.after(() => s.remove());
  await s.serve();
  await radio.begin();
  await until(async () => (await s.get('/en/')).body.includes('Letters Across the Water'), 15000, 'what is on');
  const browser = await startFirefox(t);
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.evaluateOnNewDocument(() => { // where there is no sound card, Firefox plays only what is captured
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function captured() {
      this.mozCaptureStream();
      return play.call(this);
    };
  });
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(`${s.origin}/en/`);
  await page.waitForSelector('main button[data-listen="voice"]:not([hidden])');
  await page.click('main button[data-listen="voice"]');
  const second = () => page.evaluate(() => document.querySelector('audio.player-sound')?.currentTime ?? 0);
  await until(async () => (await second()) > 0.3, 20000, 'the sound goes on');
  const article = articleLinks((await s.get('/en/')).body)[0], before = await second();
  await page.evaluate((address) => document.querySelector(`main a[href="${address}"]`).click(), article);
  await until(() => page.evaluate((address) => location.pathname === address && document.activeElement.tagName === 'H1', article), 10000, 'the article');
  await until(async () => (await second()) > before + 0.3, 10000, 'it still goes on');
  await page.evaluate(() => document.querySelector('.player [data-do="toggle"]').click());
  assert.strictEqual(await page.evaluate(() => document.querySelector('audio.player-sound').getAttribute('src')), null);
  await page.evaluate(() => history.back());
  await until(() => page.evaluate(() => location.pathname === '/en/' && document.querySelector('.front') !== null), 10000, 'back');
  assert.deepStrictEqual(faults, []);
});
