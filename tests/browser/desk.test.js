// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk in a real browser: passkeys with a virtual authenticator, keyboard only, no script, small and dark.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { isLong, freshDir, mustRun, root, startStation, until } = require('../support/station');
const { startBrowser } = require('../support/browser');
const { png, sendForm, wav } = require('../support/upload');
const { Visitor, colleague, firstAdministrator, password, totp } = require('../support/desk');

const languages = ['en', 'id', 'ar', 'zh', 'ja', 'fr', 'de', 'es', 'nl'];
const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const pages = ['/desk/', '/desk/account', '/desk/accounts', '/desk/accounts/new', '/desk/audit', '/desk/system', '/desk/statistics', '/desk/audience', '/desk/kept', '/desk/prove',
  '/desk/no-such-page', '/desk/pages', '/desk/pages/new', '/desk/menus/en',
  '/desk/front/en', '/desk/published', '/desk/station', '/desk/parameters', '/desk/parameters/mail', '/desk/parameters/address', '/desk/parameters/readers',
  '/desk/parameters/backup', '/desk/backups', '/desk/import', '/desk/media', '/desk/media/new', '/desk/sections', '/desk/sections/new', '/desk/tags', '/desk/people',
  '/desk/redirects', '/desk/redirects/import', '/desk/import/comments', '/desk/fields', '/desk/fields/new', '/desk/messages'];

// What was sent after the session had ended, and waits since.
async function keptForm(admin) {
  await admin.get('/desk/account');
  admin.station.later(2 * 3600);
  await admin.send('/desk/account', { token: admin.token, name: 'Ada Lovelace', lang: 'en' });
  return /\/desk\/kept\/\d+/.exec((await admin.signIn('ada@station.test')).body)[0];
}

// A service that fell back on a file, with a mask and an alarm: its pages, and those of its stream and sources.
async function ofTheRadio(admin) {
  const s = admin.station, at = '/desk/streams/voice-mp3', frame = Buffer.alloc(417, 0x55);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  await admin.get('/desk/services');
  await admin.post('/desk/services', { name: 'voice', title: 'Voice of Merantara' });
  await admin.get(at);
  await sendForm(admin, `${at}/sounds`, {}, ['loop.mp3', 'another-file-with-a-very-long-name-that-goes-on.mp3'].map((name, i) => ({ name, bytes: Buffer.concat(Array(900 + i).fill(frame)) })));
  await admin.get(at);
  await admin.post(`${at}/sources`, { name: 'far', kind: 'relay', address: 'http://127.0.0.1:1/a/very/long/mount/that/is/not/there/whatever/one/does.mp3', sound: '' });
  await admin.get(at);
  await admin.post(`${at}/sources`, { name: 'loop', kind: 'file', address: '', sound: 'loop.mp3' });
  await until(() => fs.existsSync(path.join(s.dir, 'radio', 'voice-mp3')), 15000, 'its log');
  await admin.get(at);
  await admin.post(`${at}/spans`, { span: 'mask', from: '2026-11-23T13:00:05', to: '2026-11-23T13:10:00' });
  await until(async () => /fallen back/.test((await admin.get('/desk/services')).body), 20000, 'the alarm');
  return ['/desk/services', '/desk/services/voice', at, ...['main', 'far', 'loop'].map((source) => `${at}/sources/${source}`)];
}

// One text with a picture, a gallery, files and an embed, and a medium: their pages have numbers of their own.
async function numbered(admin) {
  const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
  const added = async (list, files) => {
    await admin.get(`${at}/list/${list}/add`);
    const page = await admin.get(`${at}/list/${list}/add`);
    return admin.follow(await sendForm(admin, `${at}/list/${list}/add`, { version: hidden(page.body, 'version'), credit: 'Ada' }, files));
  };
  await admin.get('/desk/fields/new');
  const field = (await admin.post('/desk/fields/new', { version: '0', kind: 'choice', label: 'Entry', choices: 'free = Free of charge', shown: '1', everywhere: '1' })).target.replace(/\?.*/, '');
  for (const kind of ['text', 'date', 'link']) await admin.post('/desk/fields/new', { version: '0', kind, label: `A ${kind}`, everywhere: '1' });
  await admin.get('/desk/articles/new');
  const at = (await admin.post('/desk/articles/new', { lang: 'ar', headline: 'عنوان' })).target.replace(/\?.*/, '');
  await added('gallery', [{ name: 'one.png', bytes: png(900, 600) }, { name: 'two_with_a_very_long_name_that_goes_on_and_on.png', bytes: png(300, 500) }]);
  await added('files', [{ name: 'talk.wav', bytes: wav(2) }, { name: 'words.txt', bytes: Buffer.from('Words.') }]);
  const medium = hidden((await admin.get(`${at}/list/gallery`)).body, 'item');
  await admin.get(`${at}/picture`);
  await admin.post(`${at}/picture`, { version: hidden((await admin.get(`${at}/picture`)).body, 'version'), media: medium });
  const embeds = await admin.get(`${at}/list/embeds`);
  await admin.post(`${at}/list/embeds`, { version: hidden(embeds.body, 'version'), item: 'https://youtu.be/aB3_-678901', title: 'عنوان', place: '1' });
  const sound = hidden((await admin.get(`${at}/list/files`)).body, 'item');
  const one = async (list, kind) => {
    const { body } = await admin.get(list), found = new RegExp(`/desk/${kind}/\\d+`).exec(body);
    assert.ok(found, `${list}: ${body}`);
    return found[0];
  };
  await admin.get('/desk/redirects');
  const led = await admin.post('/desk/redirects', { version: '0', from: '/old/place', into: '/en/' });
  assert.match(led.target, /said=/, led.body);
  await admin.station.request('POST', '/en/contact', { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: admin.station.origin },
    body: new URLSearchParams({ name: 'Ani', email: 'ani@reader.test', topic: 'reception', homepage: '', message: 'Which frequency at night?' }).toString() });
  await admin.get('/desk/backups');
  await admin.post('/desk/backups');
  const backup = async () => /\/desk\/backups\/[\w-]+\.tar/.exec((await admin.get('/desk/backups')).body)?.[0];
  await until(async () => (await backup()) !== undefined, 20000, 'the backup');
  const radio = await ofTheRadio(admin);
  const rows = [await one('/desk/redirects', 'redirects'), await one('/desk/messages', 'messages'), await backup(), await one('/desk/sections?lang=ar', 'sections'), await one('/desk/tags?lang=ar', 'tags'), await one('/desk/people', 'people'),
    await one('/desk/pages?lang=ar', 'pages'), await one('/desk/accounts', 'accounts'), await keptForm(admin)];
  return ['', '/picture', '/preview', '/comments', '/list/gallery', '/list/gallery/add', '/list/files', '/list/files/add', '/list/embeds', '/versions', '/versions/2']
    .map((rest) => at + rest).concat('/desk/articles', '/desk/articles/new', `/desk/media/${medium}`, `/desk/media/${sound}`, field, ...rows, ...radio);
}
const outside = ['/desk/login', '/desk/forgot']; // in the browser's language, whoever comes

async function withAuthenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal',
    hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  return { cdp, authenticatorId };
}

// A browser that is signed in with the cookies of a visitor.
async function asVisitor(browser, station, visitor, options = {}) {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  await context.addCookies(Object.entries(visitor.cookies).map(([name, value]) => ({ name, value, url: station.origin })));
  return context;
}

const firstLink = (s) => fs.readFileSync(path.join(s.dir, 'run/first-administrator'), 'utf8').trim();

test('the first administrator sets a passkey up, signs out, and comes in with the passkey alone', async (t) => {
  const s = await startStation(t);
  const page = await (await startBrowser(t)).newPage();
  const { cdp, authenticatorId } = await withAuthenticator(page);
  await page.goto(firstLink(s));
  await page.fill('#f-name', 'Ada Admin');
  await page.fill('#f-login', 'ada@station.test');
  await page.fill('#f-password', password);
  await page.click('main button[type="submit"]');
  await page.waitForURL('**/desk/setup');
  await page.click('form[data-passkey="create"] button');
  await page.waitForSelector('.codes');
  assert.strictEqual(await page.locator('.codes li').count(), 10);
  assert.strictEqual((await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length, 1);
  await page.click('.main-action');
  await page.waitForURL('**/desk/');
  await page.click('.bar button');
  await page.waitForURL('**/desk/login?said=signed_out');
  await page.click('form[data-passkey="get"] button');
  await page.waitForURL('**/desk/');
  assert.match(await page.textContent('h1'), /Welcome, Ada Admin/);
  await page.click('.bar button');
  await page.waitForURL('**/desk/login?said=signed_out');
  await page.fill('#f-login', 'ada@station.test');
  await page.fill('#f-password', password);
  await page.click('form[action="/desk/login"] button');
  await page.waitForURL('**/desk/second');
  await page.click('form[data-passkey="get"] button');
  await page.waitForURL('**/desk/');
  await page.goto(`${s.origin}/desk/account`);
  await page.waitForSelector('text=Your only second proof');
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.click('.bar button');
  await page.waitForURL('**/desk/login?said=signed_out');
  await page.click('form[data-passkey="get"] button');
  await page.waitForSelector('.passkey-problem:not([hidden])', { timeout: 15000 });
  assert.match(page.url(), /login/, 'without PIN or finger nobody is let in');
});

test('somebody with a keyboard and no script signs in and changes the name', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const browser = await startBrowser(t);
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(`${s.origin}/desk/login`);
  await page.keyboard.press('Tab');
  assert.strictEqual(await page.locator(':focus').getAttribute('href'), '#content');
  for (let i = 0; i < 10 && (await page.locator(':focus').getAttribute('name')) !== 'login'; i++) await page.keyboard.press('Tab');
  await page.keyboard.type('ada@station.test');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/desk/second');
  await page.locator('#f-code').focus();
  await page.keyboard.type(admin.nextCode());
  await page.keyboard.press('Enter');
  await page.waitForURL('**/desk/');
  await page.locator('.side a[href="/desk/account"]').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/desk/account');
  await page.locator('#f-name').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('Ada Byron');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/desk/account?said=saved');
  assert.match(await page.textContent('.bar-user'), /Ada Byron/);
  assert.ok(await page.locator('.no-script').first().isVisible());
});

test('no page of the desk is an obstacle, wider than a small phone, or asks anybody else', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await colleague(admin, 'rita.with.a.very.long.address@the.station.test', { roles: 'reporter' });
  const browser = await startBrowser(t);
  const faults = [];
  const more = await numbered(admin);
  // A short run looks at every page once, in the one or the other; --long at each in all.
  for (const [turn, [lang, usual]] of [['en', 'light'], ['ar', 'dark'], ...(isLong ? [['zh'], ['de']] : [])].entries()) {
    await admin.get('/desk/account');
    await admin.post('/desk/account', { name: 'Ada Admin', lang });
    for (const colorScheme of isLong ? ['light', 'dark'] : [usual]) {
      const context = await asVisitor(browser, s, admin, { colorScheme, viewport: { width: 360, height: 740 } });
      const page = await context.newPage();
      page.on('request', (r) => r.url().startsWith(s.origin) || r.url().startsWith('data:') || faults.push(`foreign ${r.url()}`));
      page.on('console', (m) => m.type() === 'error' && !/404/.test(m.text()) && faults.push(`${lang} console: ${m.text()}`));
      for (const target of [...pages, ...more, ...outside].filter((_, i) => isLong || i % 2 === turn)) {
        await page.goto(s.origin + target);
        const [wide, dir] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.dir]);
        if (wide > 360) faults.push(`${lang} ${target}: ${wide} px`);
        if (!outside.includes(target)) assert.strictEqual(dir, lang === 'ar' ? 'rtl' : 'ltr', target);
        await page.evaluate(axeSource);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        for (const v of violations) faults.push(`${lang} ${colorScheme} ${target}: ${v.id} ${v.nodes[0].html.slice(0, 120)}`);
      }
      await context.close();
    }
  }
  assert.deepStrictEqual(faults, []);
});

test('the way in is no obstacle: the invitation, the proofs, the codes, and the second step', async (t) => {
  const s = await startStation(t);
  const browser = await startBrowser(t);
  const faults = [];
  for (const [n, locale, colorScheme] of [[0, 'ar', 'dark'], [1, 'en-GB', 'light']]) {
    const page = await (await browser.newContext({ bypassCSP: true, locale, colorScheme, viewport: { width: 360, height: 740 } })).newPage();
    const look = async (what) => {
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      for (const v of violations) faults.push(`${locale} ${what}: ${v.id} ${v.nodes[0].html.slice(0, 120)}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > 360) faults.push(`${locale} ${what}: ${wide} px`);
    };
    const login = `ada${n}@station.test`;
    if (n === 0) {
      await page.goto(firstLink(s));
      await page.fill('#f-name', 'Ada Admin');
      await page.fill('#f-login', login);
    } else {
      const out = mustRun('user', s.dir, 'add', login, '--name', 'Ada Other', '--role', 'editor').out;
      await page.goto(s.origin + /\/desk\/link\/[A-Za-z0-9_-]+/.exec(out)[0]);
    }
    await look('link');
    await page.fill('#f-password', 'short');
    await page.evaluate(() => document.querySelector('main form').noValidate = true);
    await page.click('main button[type="submit"]');
    await look('link, refused');
    await page.fill('#f-password', password);
    await page.click('main button[type="submit"]');
    await page.waitForURL('**/desk/setup');
    await look('setup');
    await page.click('form[action="/desk/totp"] button');
    await page.waitForSelector('code');
    await look('the app');
    const secret = (await page.textContent('code')).trim();
    await page.fill('#f-code', totp(secret, Date.now()));
    await page.click('form[action="/desk/totp/confirm"] button');
    await page.waitForSelector('.codes');
    await look('recovery codes');
    await page.click('.main-action');
    await page.click('.bar button');
    await page.waitForURL('**/desk/login?said=signed_out');
    await page.fill('#f-login', login);
    await page.fill('#f-password', password);
    await page.click('form[action="/desk/login"] button');
    await page.waitForURL('**/desk/second');
    await look('second step');
  }
  assert.deepStrictEqual(faults, []);
});

test('the HTML checker finds nothing on any page of the desk', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const dir = freshDir();
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const files = [];
  const more = await numbered(admin);
  const keep = (name, html) => {
    const file = path.join(dir, `${name}.html`);
    fs.writeFileSync(file, html);
    files.push(file);
  };
  for (const lang of isLong ? languages : ['en', 'ar']) {
    await admin.get('/desk/account');
    await admin.post('/desk/account', { name: 'Ada Admin', lang });
    for (const target of [...pages, ...more]) keep(`${lang}${target.replaceAll('/', '-')}`, (await admin.get(target)).body);
    keep(`${lang}-login`, (await new Visitor(s, { 'Accept-Language': lang }).get('/desk/login')).body);
  }
  keep('article', (await admin.post('/desk/articles/new', { lang: 'ar', headline: 'A text' })).body);
  keep('totp', (await admin.post('/desk/totp')).body);
  keep('faults', (await admin.send('/desk/accounts/new', { token: admin.token, name: '', login: 'x' })).body);
  keep('old', (await admin.send('/desk/accounts/new', { token: 'old', name: 'typed', login: 'x' })).body);
  const jar = path.join(root, 'node_modules/vnu-jar/build/dist/vnu.jar');
  const r = spawnSync('java', ['-Xss2m', '-jar', jar, '--format', 'gnu', ...files], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const found = r.stderr.replaceAll(dir, '').split('\n').filter((l) => l && !l.includes('not supported in all browsers'));
  assert.deepStrictEqual(found, []);
});

test('somebody with an app scans the code the page draws', async (t) => {
  const s = await startStation(t);
  const browser = await startBrowser(t);
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(firstLink(s));
  await page.fill('#f-name', 'Ada Admin');
  await page.fill('#f-login', 'ada@station.test');
  await page.fill('#f-password', password);
  await page.click('main button[type="submit"]');
  await page.click('form[action="/desk/totp"] button');
  const box = await page.locator('svg.qr').boundingBox();
  assert.ok(box.width >= 150 && Math.abs(box.width - box.height) < 2, JSON.stringify(box));
  const secret = await page.textContent('.codes code');
  await page.fill('#f-code', '000000');
  await page.click('form[action="/desk/totp/confirm"] button');
  await page.waitForSelector('.problems');
  assert.strictEqual(await page.textContent('.codes code'), secret, 'a mistyped code asks for no new picture');
  await page.fill('#f-code', totp(secret, Date.now()));
  await page.click('form[action="/desk/totp/confirm"] button');
  await page.waitForSelector('.codes li:nth-child(10)');
});
