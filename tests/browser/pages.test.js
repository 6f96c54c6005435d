// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, freshDir, isLong, root, startStation, votesOf, words } = require('../support/station');
const { pageKinds, startBrowser } = require('../support/browser');

const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

test('somebody who reads with a screen reader, light or dark, left or right, meets no obstacle', async (t) => {
  const s = await startStation(t);
  const browser = await startBrowser(t);
  const faults = [];
  for (const lang of ['en', 'ar'])
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ colorScheme, bypassCSP: true });
      const page = await context.newPage();
      await page.route((url) => url.origin !== s.origin && url.protocol !== 'data:', (r) => r.fulfill({ contentType: 'text/html', body: '<title>A frame</title>' }));
      const kinds = await pageKinds(s, lang);
      assert.ok(kinds.carrier && kinds.sound && kinds.embed, 'articles with everything on them');
      for (const [kind, address] of Object.entries(kinds)) {
        await page.goto(s.origin + address);
        await page.evaluate(axeSource);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        for (const v of violations) faults.push(`${lang} ${colorScheme} ${kind}: ${v.id} ${v.nodes[0].html.slice(0, 120)}`);
      }
      await context.close();
    }
  assert.deepStrictEqual(faults, []);
});

test('the HTML checker finds nothing on any kind of page', async (t) => {
  const s = await startStation(t);
  const dir = freshDir();
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const names = [];
  const languages = ['en', 'id', 'ar', 'zh', 'ja', 'fr', 'de', 'es', 'nl'];
  for (const lang of isLong ? languages : ['en', 'ar', 'ja'])
    for (const [kind, address] of Object.entries(await pageKinds(s, lang))) {
      const file = path.join(dir, `${lang}-${kind}.html`);
      fs.writeFileSync(file, (await s.get(address)).body);
      names.push(file);
    }
  assert.ok(names.length > (isLong ? 120 : 40), `${names.length} pages`);
  const jar = path.join(root, 'node_modules/vnu-jar/build/dist/vnu.jar');
  const r = spawnSync('java', ['-Xss2m', '-jar', jar, '--format', 'gnu', ...names], { encoding: 'utf8', maxBuffer: 1 << 26 });
  // Advice about browsers long gone is no fault; every error and every other warning is.
  const faults = r.stderr.replaceAll(dir, '').split('\n').filter((l) => l && !l.includes('not supported in all browsers'));
  assert.deepStrictEqual(faults, []);
});

test('no page asks anybody else for anything, or is wider than a small phone', async (t) => {
  const s = await startStation(t);
  const browser = await startBrowser(t);
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: true });
  const page = await context.newPage();
  const foreign = [];
  page.on('request', (r) => r.url().startsWith(s.origin) || r.url().startsWith('data:') || foreign.push(r.url()));
  for (const lang of isLong ? ['en', 'ar', 'de', 'zh'] : ['ar', 'de'])
    for (const [kind, address] of Object.entries(await pageKinds(s, lang))) {
      if (kind === 'embed') continue; // asked for below
      await page.goto(s.origin + address);
      const [wide, dir] = await page.evaluate(() => [document.documentElement.scrollWidth, getComputedStyle(document.body).direction]);
      assert.ok(wide <= 360, `${lang} ${kind}: ${wide} px`);
      assert.strictEqual(dir, lang === 'ar' ? 'rtl' : 'ltr');
    }
  assert.deepStrictEqual(foreign, []);
});

test('a thing of another site is asked for by a click alone, without script, and nobody but that site is', async (t) => {
  const s = await startStation(t);
  const browser = await startBrowser(t);
  for (const lang of ['en', 'ar']) {
    const kinds = await pageKinds(s, lang);
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
    const page = await context.newPage();
    const foreign = [], blocked = [];
    await page.route((url) => url.origin !== s.origin && url.protocol !== 'data:', (r) => {
      foreign.push(new URL(r.request().url()).origin);
      return r.fulfill({ contentType: 'text/html', body: '<title>A frame</title><p>here it would play' });
    });
    page.on('console', (m) => /Content Security/.test(m.text()) && blocked.push(m.text()));
    await page.goto(s.origin + kinds.carrier);
    await page.evaluate(() => globalThis.scrollTo(0, document.body.scrollHeight));
    await page.hover('.embed a');
    assert.deepStrictEqual(foreign, [], 'before the click');
    await page.focus('.embed a');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${kinds.embed}`);
    await page.frameLocator('.embed-frame').locator('p').waitFor();
    assert.deepStrictEqual([...new Set(foreign)], ['https://www.youtube-nocookie.com']);
    assert.deepStrictEqual(blocked, []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360);
    await page.click('.embed-page > p > a >> nth=0');
    await page.waitForURL(`**${kinds.carrier}`);
    await context.close();
  }
});

test('somebody with a keyboard and no script opens the menu, searches and rates', async (t) => {
  const s = await startStation(t);
  const browser = await startBrowser(t);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const address = articleLinks((await s.get('/en/')).body)[0];
  await page.goto(s.origin + address);
  await page.keyboard.press('Tab');
  assert.match(await page.locator(':focus').first().getAttribute('href'), /^#/, 'first comes the way past the menu');
  await page.locator('header summary').focus();
  await page.keyboard.press('Enter');
  const arabic = page.locator('header details a[hreflang="ar"]');
  assert.ok(await arabic.isVisible(), 'the languages open without a script');
  await arabic.press('Enter');
  await page.waitForURL(`${s.origin}/ar/`);
  await page.goto(s.origin + address);
  await page.locator('nav a[href="/en/live"]').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${s.origin}/en/live`);
  await page.goto(`${s.origin}/en/search`);
  await page.locator('main input[name="q"]').focus();
  await page.keyboard.type('ferry');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/en\/search\?.*q=ferry/);
  assert.ok(articleLinks(await page.content()).length > 0);
  await page.goto(s.origin + address);
  const before = votesOf(await page.content());
  await page.locator('form[action^="/vote/"] [name="value"][value="5"]').first().focus();
  await page.keyboard.press('Space');
  const send = page.locator('form[action^="/vote/"] [type="submit"]:not([name="value"])');
  if (await send.count()) await send.first().press('Enter');
  await page.waitForURL(/#voted-5/);
  assert.strictEqual(votesOf(await page.content()), before + 1);
  assert.ok(words(await page.content()).length > 0);
});

test('the article is as fast, open and findable as Lighthouse can measure', { skip: !isLong && 'in ./test --long' }, async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const r = spawnSync(process.execPath, [path.join(root, 'node_modules/lighthouse/cli/index.js'), s.origin + address,
    '--output=json', '--quiet', '--chrome-flags=--headless --no-sandbox --disable-gpu'],
  { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, CHROME_PATH: process.env.CHROMIUM || '/usr/bin/chromium' } });
  const scores = Object.fromEntries(Object.entries(JSON.parse(r.stdout).categories).map(([k, v]) => [k, v.score * 100]));
  t.diagnostic(`measured Lighthouse ${JSON.stringify(scores)}`);
  for (const [kind, score] of Object.entries(scores)) assert.ok(score >= 99.5, `${kind}: ${score}`);
});
