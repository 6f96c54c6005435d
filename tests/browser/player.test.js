// SPDX-License-Identifier: AGPL-3.0-or-later
// A listener on the site: without script, with it, and while reading on.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, makeStation, readsOf, until, votesOf } = require('../support/station');
const { startBrowser } = require('../support/browser');
const { Radio, apart, voice } = require('../support/radio');

const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const isShown = (s, lang, text) => until(async () => (await s.get(`/${lang}/live`)).body.includes(text), 15000, `${text} on the live page`);

const HOURS_MS = 2 * 3600 * 1000;
const music = () => ({ name: 'music', title: 'Merantara Musik 24', off: true, streams: [{ name: 'music-mp3', mount: '/music.mp3' }] });

// One station and one browser for all. It has been on the air two hours ago for a moment, and now is again.
let s, radio, browser;
const ends = [];
test.before(async () => {
  const t = { after: (end) => ends.unshift(end) };
  s = makeStation();
  t.after(() => s.remove());
  radio = new Radio(t, s, [voice(), music()]);
  await radio.openFront();
  await s.serve();
  await radio.begin();
  await until(async () => /"rewind_from":"/.test((await radio.ask('/api/now.json')).body), 20000, 'something is kept');
  await radio.off('voice');
  s.setClock(BigInt(HOURS_MS) * 1000n);
  await radio.on('voice');
  await isShown(s, 'en', 'Letters Across the Water');
  browser = await startBrowser(t);
});
test.after(async () => {
  for (const end of ends) await end();
});
test.beforeEach(async () => {
  radio.asked.length = radio.begun.length = 0;
  await radio.title('voice', 'Letters Across the Water');
});
let ahead = HOURS_MS;
const now = () => Date.now() + ahead; // of the station

// A reader: what calls itself a headless browser is not counted.
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
async function open(t, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, userAgent, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (m) => m.type() === 'error' && page.faults.push(m.text()));
  return page;
}

const second = (page) => page.evaluate(() => document.querySelector('audio.player-sound')?.currentTime ?? 0);
// The sound goes on: its time grows.
async function plays(page, beyond = 0) {
  return until(async () => (await second(page)) > beyond + 0.3, 15000, `the sound goes on beyond ${beyond} s`);
}
const what = (page, name) => page.locator(`.player [data-do="${name}"]`);
const said = (page, name) => page.locator(`.player [data-show="${name}"]`).textContent();
const listen = (page) => page.locator('main button[data-listen="voice"]').click();

test('a listener without script presses the browser\'s own control and hears the station', async (t) => {
  const page = await open(t, { javaScriptEnabled: false });
  await page.goto(`${s.origin}/en/live`);
  const control = page.locator('#service-voice audio').first();
  assert.strictEqual(await control.getAttribute('preload'), 'none');
  assert.ok(await control.isVisible());
  assert.strictEqual(await page.locator('button[data-listen]:visible, button[data-copy]:visible').count(), 0, 'nothing that does nothing');
  assert.deepStrictEqual(radio.asked, [], 'nothing is fetched before it is asked for');
  const box = await control.boundingBox();
  await page.mouse.click(box.x + 28, box.y + box.height / 2);
  await until(() => radio.asked.some((one) => one.mount === '/voice.mp3'), 10000, 'the stream is asked for');
  await until(() => control.evaluate((e) => e.currentTime > 0.3), 10000, 'the sound goes on');
  await page.locator('.service-low summary').first().click();
  assert.match(await page.locator('.service-low audio').first().getAttribute('src'), /\/voice-low\.mp3$/);
  assert.deepStrictEqual(page.faults, []);
});

test('a phone that reads the code on the Live page is led to that page', async (t) => {
  for (const [lang, colorScheme] of [['en', 'light'], ['ar', 'dark']]) {
    const page = await open(t, { colorScheme });
    await page.goto(`${s.origin}/${lang}/live`);
    const picture = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'siaran-code-')), 'code.png');
    t.after(() => fs.rmSync(path.dirname(picture), { recursive: true }));
    await page.locator('#service-voice svg.qr').screenshot({ path: picture });
    const read = spawnSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', picture], { encoding: 'utf8' });
    assert.deepStrictEqual([read.status, read.stdout.trim()], [0, `${s.origin}/${lang}/live#service-voice`], read.stderr);
  }
});

test('a listener pauses and goes on at the same instant, goes back, and comes back to live', async (t) => {
  const page = await open(t);
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  assert.strictEqual(await what(page, 'live').getAttribute('aria-pressed'), 'true');
  assert.strictEqual(await said(page, 'title'), 'Letters Across the Water');
  assert.deepStrictEqual(radio.asked, [{ mount: '/voice.mp3', at: null }]);

  const before = now();
  await what(page, 'toggle').click();
  assert.strictEqual(await page.locator('audio.player-sound').getAttribute('src'), null, 'a pause lets the stream go');
  await until(() => radio.listeners.size === 0, 10000, 'and the connection');
  await what(page, 'toggle').click();
  await plays(page);
  // Within the seconds of a pause it is live again; what was paused longer ago goes on where it was.
  await what(page, 'back').click();
  await plays(page);
  const asked = radio.asked.at(-1);
  assert.ok(Math.abs(Date.parse(asked.at) - (before - 30000)) < 20000, `thirty seconds ago: ${asked.at}`);
  assert.match(await said(page, 'behind'), /^0:\d\d behind live$/);
  assert.strictEqual(await what(page, 'live').getAttribute('aria-pressed'), 'false');
  const seek = what(page, 'seek');
  const range = await seek.evaluate((e) => [Number(e.min), Number(e.max)]);
  assert.ok(range[1] - range[0] > 7200 - 60, 'as far back as the radio keeps it');
  await seek.evaluate((e) => {
    e.value = Number(e.max) - 3600;
    for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, { bubbles: true }));
  });
  await plays(page);
  assert.match(await seek.getAttribute('aria-valuetext'), /^(1:00|59):\d\d behind live · /);
  assert.ok(Math.abs(Date.parse(radio.asked.at(-1).at) - (now() - 3600000)) < 30000);
  await what(page, 'toggle').click();
  const paused = await page.evaluate(() => JSON.parse(sessionStorage.getItem('siaran-heard')) ?? null);
  await what(page, 'toggle').click();
  await plays(page);
  assert.ok(Math.abs(Date.parse(radio.asked.at(-1).at) - (now() - 3600000)) < 30000, `at the paused instant, not live: ${JSON.stringify(paused)}`);
  await what(page, 'live').click();
  await plays(page);
  assert.strictEqual(radio.asked.at(-1).at, null);
  assert.strictEqual(await what(page, 'live').getAttribute('aria-pressed'), 'true');
  assert.deepStrictEqual(page.faults, []);
});

// The station's clock jumps: its sound has a gap there, and goes on.
async function passes(page, ms) {
  const last = () => what(page, 'seek').evaluate((e) => Number(e.max)), before = await last();
  ahead += ms;
  s.setClock(BigInt(ahead) * 1000n);
  await until(async () => (await last()) - before > ms / 1000 - 1, 10000, 'the page knows how late it is');
}
// Which second of the encoder's sound is heard while a button is pressed.
const heardAt = async (page, name) => radio.begun.at(-1) + await page.evaluate((button) => {
  const { currentTime } = document.querySelector('audio.player-sound');
  document.querySelector(`.player [data-do="${button}"]`).click();
  return currentTime;
}, name);

test('what was paused goes on with the sound that was to come, not with what the station sent at that time', async (t) => {
  const page = await open(t);
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page, 2);
  const paused = await heardAt(page, 'toggle');
  await passes(page, 20000);
  await what(page, 'toggle').click();
  await plays(page);
  assert.ok(radio.asked.at(-1).at, 'it is not live');
  const off = apart(radio.begun.at(-1), paused);
  assert.ok(Math.abs(off) < 1, `${off} s from where it was`);
  assert.deepStrictEqual(page.faults, []);
});

test('thirty seconds back are counted from what is heard, also behind a gap, and where events do not come through', async (t) => {
  for (const isWithoutEvents of [false, true]) {
    radio.isWithoutEvents = isWithoutEvents;
    t.after(() => (radio.isWithoutEvents = false));
    const page = await open(t);
    await page.goto(`${s.origin}/en/live`);
    await listen(page);
    await plays(page, 1);
    if (!isWithoutEvents) {
      await passes(page, 20000);
      await plays(page, 12); // beyond the gap
    }
    const heard = await heardAt(page, 'back');
    await until(() => radio.asked.at(-1).at, 10000, 'it goes back');
    const off = apart(await radio.secondAt('/voice.mp3', Date.parse(radio.asked.at(-1).at) + 30000), heard);
    assert.ok(Math.abs(off) < 1.5, `${off} s from where it was`);
  }
});

test('a title is shown when it is heard, on the page, in the bar and on the lock screen, and going back the one of then', async (t) => {
  const page = await open(t), first = 'Letters Across the Water', next = 'Kabar Siang';
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  const shown = async () => [await said(page, 'title'), await page.evaluate(() => navigator.mediaSession.metadata.title)];
  const shows = (text) => until(async () => (await shown()).every((one) => one === text), 25000, `${text} is shown`);
  await shows(first);
  await page.evaluate((text) => {
    const look = () => {
      const titles = [...document.querySelectorAll('.player [data-show="title"], #service-voice [data-title]')];
      if (globalThis.changed === undefined && titles.some((one) => one.textContent === text)) globalThis.changed = document.querySelector('audio.player-sound').currentTime;
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, next);
  await radio.title('voice', next);
  await shows(next);
  assert.strictEqual(await page.locator('#service-voice [data-title]').textContent(), next);
  const since = Date.parse(JSON.parse((await radio.ask('/api/now.json')).body).services.find((one) => one.name === 'voice').streams[0].title_since);
  const early = apart(await radio.secondAt('/voice.mp3', since), radio.begun.at(-1) + await page.evaluate(() => globalThis.changed));
  assert.ok(early < 1, `${early} s before it is heard`);

  const seek = (instant) => what(page, 'seek').evaluate((e, value) => {
    e.value = value;
    for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, { bubbles: true }));
  }, instant / 1000);
  await seek(since - 4000);
  await until(() => radio.asked.at(-1).at, 10000, 'it goes back');
  await shows(first);
  await shows(next);
  await seek(since - 3600000);
  await until(async () => (await said(page, 'title')) === '', 10000, 'nothing is said of what nobody told');
  assert.deepStrictEqual(page.faults, []);
});

test('a listener starts the programme from its beginning where the page knows when that was', async (t) => {
  const page = await open(t);
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  await what(page, 'options').click();
  assert.ok(await what(page, 'start').isHidden());
  const start = new Date(Math.floor(now() / 1000) * 1000 - 1500000).toISOString().replace('.000', '');
  await page.evaluate((at) => (document.querySelector('[data-service="voice"]').dataset.start = at), start);
  await what(page, 'start').click();
  await plays(page);
  assert.strictEqual(radio.asked.at(-1).at, start);
});

test('somebody who falls asleep is left in silence, and the volume is as it was on the next day', async (t) => {
  const page = await open(t);
  await page.clock.install();
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  await what(page, 'options').click();
  await what(page, 'volume').fill('40');
  await what(page, 'sleep').selectOption('15');
  await page.clock.runFor(2000);
  assert.match(await said(page, 'sleep'), /^Stops in 14:5\d$/);
  await page.clock.fastForward('15:01');
  await until(() => radio.listeners.size === 0, 10000, 'the stream is let go');
  assert.strictEqual(await said(page, 'state'), 'The sleep timer has stopped the sound.');
  assert.strictEqual(await what(page, 'sleep').inputValue(), '0');
  const next = await page.context().newPage();
  await next.goto(`${s.origin}/en/live`);
  await listen(next);
  await plays(next);
  assert.strictEqual(await next.evaluate(() => document.querySelector('audio.player-sound').volume), 0.4);
});

test('the lock screen says what is on and its buttons work', async (t) => {
  const page = await open(t);
  await page.addInitScript(() => {
    globalThis.lockScreen = {};
    const session = navigator.mediaSession, set = session.setActionHandler.bind(session);
    session.setActionHandler = (name, act) => {
      globalThis.lockScreen[name] = act;
      set(name, act);
    };
  });
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  const shown = () => page.evaluate(() => [navigator.mediaSession.playbackState, navigator.mediaSession.metadata.title, navigator.mediaSession.metadata.artist]);
  await until(async () => (await shown())[1] === 'Letters Across the Water', 25000, 'the title');
  assert.deepStrictEqual(await shown(), ['playing', 'Letters Across the Water', 'Voice of Merantara']);
  await radio.title('voice', 'Ensembel Teluk – 海の歌');
  await until(async () => (await shown())[1] === 'Ensembel Teluk – 海の歌', 25000, 'the next title, by an event');
  assert.strictEqual(await page.locator('#service-voice [data-title]').textContent(), 'Ensembel Teluk – 海の歌');
  const press = (name) => page.evaluate((action) => globalThis.lockScreen[action]({ action }), name);
  await press('seekbackward');
  await until(() => radio.asked.at(-1).at !== null, 10000, 'thirty seconds back');
  await press('pause');
  assert.strictEqual((await shown())[0], 'paused');
  await press('play');
  await plays(page);
  await press('stop');
  assert.strictEqual(await page.locator('.player').count(), 0);
  assert.deepStrictEqual(page.faults, []);
});

test('a reader listens on from page to page: focus, title, language and counts are as if each had been loaded', async (t) => {
  const article = articleLinks((await s.get('/en/')).body)[0];
  const reads = readsOf((await s.get(article)).body) + 1; // that look was one
  const page = await open(t);
  await page.goto(`${s.origin}/en/`);
  await listen(page);
  await plays(page);
  await page.evaluate(() => {
    globalThis.stayed = document.querySelector('audio.player-sound');
    scrollTo(0, 300);
  });
  await until(() => page.evaluate(() => scrollY === 300), 5000, 'scrolled');
  let at = await second(page);
  await page.locator(`main a[href="${article}"]`).first().evaluate((link) => link.click()); // where the page stands, without scrolling
  await page.waitForURL(s.origin + article);
  await plays(page, at);
  const state = () => page.evaluate(() => ({ same: globalThis.stayed === document.querySelector('audio.player-sound'), focus: document.activeElement.tagName, title: document.title,
    heading: document.querySelector('main h1').textContent, y: scrollY, canonical: document.querySelector('link[rel=canonical]').href, lang: document.documentElement.lang, dir: document.documentElement.dir,
    said: document.querySelector('.player [data-show=page]').textContent, heads: document.head.querySelectorAll('title, link[rel=canonical], meta[name=description]').length }));
  let now = await state();
  assert.ok(now.same && now.title.startsWith(now.heading), JSON.stringify(now));
  assert.deepStrictEqual([now.focus, now.y, now.canonical, now.heads, now.said], ['H1', 0, s.origin + article, 3, now.title]);
  assert.strictEqual(readsOf((await s.get(article)).body), reads + 1, 'one read more, counted once');
  assert.deepStrictEqual(radio.asked, [{ mount: '/voice.mp3', at: null }], 'nobody connected anew');

  await page.goBack();
  await page.waitForURL(`${s.origin}/en/`);
  now = await state();
  await until(async () => (now = await state()).y === 300, 5000, 'the place on the page');
  assert.ok(now.same && now.focus === 'H1');
  await page.goForward();
  await page.waitForURL(s.origin + article);
  await until(async () => (await state()).canonical === s.origin + article, 5000, 'the article again');

  at = await second(page);
  await page.locator('header summary').click();
  await page.locator('header details a[hreflang="ar"]').click();
  await page.waitForURL(`${s.origin}/ar/`);
  await plays(page, at);
  now = await state();
  assert.deepStrictEqual([now.same, now.lang, now.dir, now.focus], [true, 'ar', 'rtl', 'H1']);
  await until(() => page.evaluate(() => document.querySelector('.player').lang === 'ar'), 5000, 'the bar in Arabic');
  assert.strictEqual(await what(page, 'live').textContent(), 'مباشر');

  await page.fill('#quick-search', 'العبّارة');
  await page.locator('#quick-search').press('Enter');
  await page.waitForURL(/\/ar\/search\?q=/);
  await plays(page, at);
  assert.ok((await state()).same, 'a search is a move too');
  await page.locator('.footer a[href^="/lite/"]').click();
  await page.waitForURL(/\/lite\/ar\//);
  assert.strictEqual(await page.locator('.player').count(), 0, 'the text edition is a page of its own');
  assert.deepStrictEqual(page.faults, []);
});

test('a reader who rates an article while listening hears on, and is thanked', async (t) => {
  const article = articleLinks((await s.get('/en/')).body)[0], page = await open(t);
  await page.goto(s.origin + article);
  const votes = votesOf(await page.content());
  const masthead = page.locator('header a[data-listen]'), shows = async () => [await masthead.textContent(), await masthead.locator('.sign-pause').isVisible()];
  assert.deepStrictEqual(await shows(), ['Listen', false]);
  await masthead.click();
  await plays(page);
  assert.deepStrictEqual(await shows(), ['Pause', true]);
  await masthead.click();
  assert.deepStrictEqual([await page.locator('audio.player-sound').getAttribute('src'), ...await shows()], [null, 'Listen', false]);
  await masthead.click();
  await plays(page);
  radio.asked.length = 1; // from here on
  await page.evaluate(() => (globalThis.stayed = document.querySelector('audio.player-sound')));
  const at = await second(page);
  await page.locator('.stars label').nth(3).click();
  await page.locator('.rating button[type=submit]').click();
  await page.waitForURL(`${s.origin}${article}#voted-4`);
  await page.locator('#voted-4').waitFor({ state: 'visible' });
  await plays(page, at);
  assert.ok(await page.evaluate(() => globalThis.stayed === document.querySelector('audio.player-sound') && document.activeElement.id === 'voted-4'));
  assert.strictEqual(votesOf(await page.content()), votes + 1);
  assert.strictEqual(await page.locator('.thanks:visible').count(), 1);
  assert.strictEqual(radio.asked.length, 1, 'nobody connected anew');
  assert.deepStrictEqual(page.faults, []);
});

test('a listener abroad reads in the own time since when a title plays', async (t) => {
  const page = await open(t, { timezoneId: 'America/St_Johns', locale: 'de-DE' });
  await page.goto(`${s.origin}/en/live`);
  const since = page.locator('#service-voice [data-since]');
  const shown = () => since.evaluate((e) => [e.dateTime, e.textContent]);
  await until(async () => (await shown())[0].endsWith('Z'), 10000, 'the radio said when');
  const clock = (instant) => new Intl.DateTimeFormat('en-GB', { timeZone: 'America/St_Johns', hour: '2-digit', minute: '2-digit' }).format(new Date(instant));
  const [first, text] = await shown();
  assert.strictEqual(text, `since ${clock(first)}`);
  await radio.title('voice', 'Kabar Siang');
  await until(async () => (await shown())[0] !== first, 10000, 'the next title');
  const [next, said] = await shown();
  assert.strictEqual(said, `since ${clock(next)}`);
});

test('a page that was loaded anew offers to go on, and nothing is fetched before', async (t) => {
  const page = await open(t);
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  await what(page, 'back').click();
  await plays(page);
  const asked = radio.asked.length;
  await page.reload();
  await what(page, 'go-on').waitFor();
  assert.strictEqual(radio.asked.length, asked);
  await what(page, 'go-on').focus();
  await page.keyboard.press('Enter');
  await plays(page);
  assert.ok(Math.abs(Date.parse(radio.asked.at(-1).at) - (now() - 30000)) < 25000);
  assert.ok(await page.evaluate(() => document.activeElement.dataset.do === 'toggle'), 'the focus is not lost');
  await what(page, 'close').click();
  assert.strictEqual(await page.locator('.player').count(), 0);
  assert.ok(await page.evaluate(() => document.activeElement.id === 'content'));
  await page.reload();
  await page.locator('main button[data-listen="voice"]').waitFor();
  assert.strictEqual(await page.locator('.player').count(), 0, 'who closed it is asked no more');
});

test('a connection that breaks is made again by itself, and a sentence says so', async (t) => {
  const page = await open(t);
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  radio.refuses = true;
  radio.cut();
  await until(async () => (await said(page, 'state')) === 'The connection was interrupted. Trying again…', 20000, 'the sentence');
  const tries = radio.asked.length;
  await until(() => radio.asked.length >= tries + 2, 20000, 'tries');
  radio.refuses = false;
  await until(() => radio.listeners.size === 1, 20000, 'a connection');
  await plays(page);
  assert.strictEqual(await said(page, 'state'), '');
  await radio.off('voice');
  radio.cut();
  await until(async () => (await said(page, 'state')).startsWith('Off the air'), 20000, 'the station went off the air');
  assert.match(await page.locator('#service-voice [data-state]').textContent(), /^Off the air$/);
  await radio.on('voice');
  await plays(page);
});

// Its address stays: the parent holds it. The encoder connects anew, as encoders do.
test('when the radio process is killed the sound goes on without a click', async (t) => {
  const page = await open(t);
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  const killed = s.processNamed('siaran-radio'), asked = radio.asked.length, heard = radio.begun.length;
  process.kill(killed, 'SIGKILL');
  await until(() => ![undefined, killed].includes(s.processNamed('siaran-radio')), 10000, 'the radio is back');
  await radio.off('voice');
  await until(() => radio.on('voice').then(() => true, () => false), 20000, 'the encoder is taken');
  await until(() => radio.asked.length > asked && radio.begun.length > heard, 30000, 'the player asked anew, and was given sound');
  await plays(page, await second(page));
  assert.strictEqual(await said(page, 'state'), '');
  assert.strictEqual(await what(page, 'live').getAttribute('aria-pressed'), 'true');
});

test('a listener whose browser saves data gets the small stream, and one who says so', async (t) => {
  const page = await open(t);
  await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
  await page.goto(`${s.origin}/en/live`);
  await listen(page);
  await plays(page);
  assert.deepStrictEqual(radio.asked.map((one) => one.mount), ['/voice-low.mp3']);
  await what(page, 'options').click();
  await what(page, 'saver').uncheck();
  await until(() => radio.asked.at(-1).mount === '/voice.mp3', 10000, 'the first stream');
  await plays(page);
});

test('where events do not come through, the page asks for what is on', async (t) => {
  radio.isWithoutEvents = true;
  t.after(() => (radio.isWithoutEvents = false));
  const page = await open(t);
  await page.clock.install();
  await page.goto(`${s.origin}/en/`);
  await page.locator('[data-service="voice"] [data-title]').waitFor();
  await radio.title('voice', 'Kabar Siang');
  await until(async () => {
    await page.clock.runFor(16000);
    return (await page.locator('[data-service="voice"] [data-title]').textContent()) === 'Kabar Siang';
  }, 10000, 'the next title');
});

test('a screen reader and a keyboard meet no obstacle in the player, in light and dark, and no phone is too narrow', async (t) => {
  await radio.title('voice', `${'A very long title of a programme that never ends and '.repeat(4)}ends`);
  const faults = [];
  for (const lang of ['en', 'ar', 'de'])
    for (const [colorScheme, width] of [['light', 1280], ['dark', 360]]) {
      const page = await open(t, { colorScheme, viewport: { width, height: 740 }, bypassCSP: true });
      const look = async (kind) => {
        await page.evaluate(axeSource);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        for (const v of violations) faults.push(`${lang} ${colorScheme} ${kind}: ${v.id} ${v.nodes[0].html.slice(0, 160)}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) faults.push(`${lang} ${kind}: ${wide} px`);
      };
      await page.goto(`${s.origin}/${lang}/live`);
      await page.locator('.elsewhere summary').first().click();
      await look('live');
      await listen(page);
      await plays(page);
      await what(page, 'options').click();
      await what(page, 'back').click();
      await look('playing');
      const covered = await page.evaluate(() => {
        scrollTo(0, document.body.scrollHeight);
        const end = document.querySelector('.footer-end').getBoundingClientRect(), bar = document.querySelector('.player').getBoundingClientRect();
        return end.bottom > bar.top;
      });
      if (covered) faults.push(`${lang} ${width}: the bar covers the page's end`);
      await page.locator('.player [data-do="options"]').focus();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Escape');
      if (await page.locator('.player-options').isVisible()) faults.push('Escape does not close the options');
      await page.context().close();
    }
  assert.deepStrictEqual(faults, []);
});
