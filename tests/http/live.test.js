// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers see of the station's own sound: on the live page, on the front page, in the text edition, and behind https.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { links, makeStation, mustRun, startStation, until, words } = require('../support/station');
const { Radio, voice } = require('../support/radio');
const { firstAdministrator } = require('../support/desk');

// A served station with its radio.
async function startAll(t, services) {
  const s = makeStation();
  t.after(() => s.remove());
  const radio = new Radio(t, s, services);
  await s.serve();
  await radio.begin();
  return { s, radio };
}
const shows = (s, address, text) => until(async () => (await s.get(address)).body.includes(text), 15000, `${text} on ${address}`);

test('a listener finds what is on, a control that plays without script, and every address', async (t) => {
  const bare = await startStation(t), before = await bare.get('/en/live');
  assert.ok(!/<audio|<script|class="service/.test(before.body), 'a station without services is as it was');
  const { s, radio } = await startAll(t);
  await shows(s, '/en/live', 'Letters Across the Water');
  const page = await s.get('/en/live');
  assert.match(page.headers['content-security-policy'], new RegExp(`media-src 'self' ${radio.origin}; .*connect-src 'self' ${radio.origin}; script-src 'self'`));
  assert.ok(page.body.includes(`<audio controls preload="none" src="${radio.origin}/voice.mp3" aria-label="Voice of Merantara">`));
  assert.ok(page.body.includes(`<audio controls preload="none" src="${radio.origin}/voice-low.mp3"`));
  for (const address of ['/voice.mp3.m3u', '/voice.mp3.pls', '/hls/voice-mp3/live.m3u8', '/voice-low.mp3.m3u']) assert.ok(links(page.body).includes(radio.origin + address), address);
  assert.ok(page.body.includes(`data-copy="${radio.origin}/voice.mp3"`));
  assert.match(words(page.body), /On the air Voice of Merantara Now Letters Across the Water since \d\d:\d\d UTC\+7 .*MP3, 64 kbit\/s.*Ways to listen/);
  assert.match(page.body, /<svg class="qr" [^>]*role="img"/);
  assert.match(words((await s.get('/en/')).body), /On air now .*Voice of Merantara Letters Across the Water/);
  assert.ok(links((await s.get('/en/')).body).includes('/en/live#service-voice'));
  const lite = (await s.get('/lite/en/live')).body;
  assert.ok(lite.includes(`src="${radio.origin}/voice.mp3"`) && !lite.includes('<script'));
  assert.ok(links((await s.get('/lite/en/')).body).includes('/lite/en/live#service-voice'));
});

test('an address at which a player chooses between the streams of a service stands before theirs, where there is a choice', async (t) => {
  const one = { name: 'one', title: 'Alpha', languages: 'id', streams: [{ name: 'one-mp3', mount: '/one.mp3' }] };
  const { s, radio } = await startAll(t, [voice(), one]);
  await shows(s, '/en/live', 'Letters Across the Water');
  const master = `${radio.origin}/hls/voice.m3u8`;
  const hls = async (address) => links((await s.get(address)).body).filter((link) => link.includes('/hls/')).map((link) => link.slice(radio.origin.length));
  for (const address of ['/en/live', '/ar/live', '/lite/en/live'])
    assert.deepStrictEqual((await hls(address)).sort(), ['/hls/one-mp3/live.m3u8', '/hls/voice-low/live.m3u8', '/hls/voice-mp3/live.m3u8', '/hls/voice.m3u8'], address);
  const page = (await s.get('/en/live')).body;
  assert.ok(page.includes(`data-copy="${master}"`));
  assert.match(words(page), /Addresses for other players Adapts to your connection HLS \S+\/hls\/voice\.m3u8 Copy : HLS, Voice of Merantara MP3, 64 kbit\/s/);
  assert.match(words((await s.get('/lite/en/live')).body), /Adapts to your connection: HLS MP3, 64 kbit\/s/);
  const answer = await until(async () => { const r = await radio.ask('/hls/voice.m3u8'); return r.status === 200 && r; }, 30000, 'the playlist of both');
  assert.deepStrictEqual([...answer.body.matchAll(/^([\w-]+)\/live\.m3u8/gm)].map((m) => m[1]), ['voice-mp3', 'voice-low']);
  mustRun('service', s.dir, 'stream', 'voice', 'voice-low', 'hidden=on');
  await until(async () => !(await s.get('/en/live')).body.includes(master), 15000, 'no choice is left');
});

test('a new title is on the pages within seconds, and a station that went off the air says so', async (t) => {
  const { s, radio } = await startAll(t, [{ ...voice(), nowOn: '<b>A & B</b>' }]);
  await shows(s, '/ar/live', '&lt;b&gt;A &amp; B&lt;/b&gt;');
  await radio.title('voice', 'Kabar Siang');
  await shows(s, '/en/live', 'Kabar Siang');
  await shows(s, '/de/', 'Kabar Siang');
  await radio.off('voice');
  await shows(s, '/en/live', '>Off the air</p>');
  assert.ok(!(await s.get('/en/live')).body.includes('Kabar Siang'));
  await shows(s, '/en/', '>Off the air</bdi>');
});

test('a service is called as the page\'s language calls it, else as it is called everywhere', async (t) => {
  const { s } = await startAll(t);
  mustRun('service', s.dir, 'set', 'voice', 'title.de=Stimme von Merantara', 'description.de=Nachrichten von den Inseln', 'title.ar=صوت ميرانتارا');
  for (const address of ['/de/live', '/lite/de/live', '/de/']) await shows(s, address, 'Stimme von Merantara');
  await shows(s, '/de/live', 'Nachrichten von den Inseln');
  await shows(s, '/ar/live', 'صوت ميرانتارا');
  assert.ok((await s.get('/ar/live')).body.includes('News and music from the islands'));
  assert.ok((await s.get('/en/live')).body.includes('Voice of Merantara'));
  mustRun('service', s.dir, 'set', 'voice', 'title.de=');
  await shows(s, '/de/live', 'Voice of Merantara');
});

test('those who speak the page\'s language come first, and what is not public stands nowhere', async (t) => {
  const one = (name, title, languages, more) => ({ name, title, languages, streams: [{ name: `${name}-mp3`, mount: `/${name}.mp3` }], ...more });
  const { s } = await startAll(t, [one('a', 'Alpha', 'id'), one('b', 'Beta', 'en ar xx'), one('c', 'Gamma', 'en', { isSecret: true })]);
  await shows(s, '/en/live', 'Alpha');
  const order = async (lang) => [...(await s.get(`/${lang}/live`)).body.matchAll(/class="service-name"[^>]*><bdi>(\w+)/g)].map((m) => m[1]);
  assert.deepStrictEqual(await order('en'), ['Beta', 'Alpha']);
  assert.deepStrictEqual(await order('id'), ['Alpha', 'Beta']);
  const spoken = async (lang) => /class="service-spoken">([^<]*·[^<]*)</.exec((await s.get(`/${lang}/live`)).body)[1];
  assert.strictEqual(await spoken('en'), 'English\u00a0· العربية', 'no separator begins a line');
  assert.strictEqual(await spoken('ar'), '\u2068English\u2069\u00a0· \u2068العربية\u2069');
});

test('on a site read by https no page offers sound by http: the log and the system page say it instead', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  const configure = (text) => fs.writeFileSync(path.join(s.dir, 'siaran.conf'), text);
  configure('radio_origin = http://radio.example\nsite_origin = https://www.example.org\n');
  new Radio(t, s);
  await s.serve();
  const host = { Host: 'www.example.org' };
  const page = await s.get('/en/live', host);
  assert.ok(!/<audio|http:\/\/(radio\.example|localhost)|<script/.test(page.body));
  assert.ok(!page.headers['content-security-policy'].includes('http:'));
  assert.match(s.log, /radio_origin begins with http: browsers would refuse/);
  await s.stop();
  configure('radio_origin = https://www.example.org/radio\nsite_origin = https://www.example.org\n');
  await s.serve();
  const good = await s.get('/en/live', host);
  assert.ok(good.body.includes('src="https://www.example.org/radio/voice.mp3"'));
  assert.match(good.headers['content-security-policy'], /media-src 'self' https:\/\/www\.example\.org; /);
  await s.stop();
  fs.rmSync(path.join(s.dir, 'siaran.conf'));
  await s.serve();
  await shows(s, '/en/live', `http://localhost:${s.radioPort}/voice.mp3`);
});

test('an administrator reads on the system page why nobody can listen', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'siaran.conf'), 'radio_origin = http://radio.example\n');
  new Radio(t, s);
  await s.serve();
  const admin = await firstAdministrator(s);
  assert.doesNotMatch(words((await admin.get('/desk/system')).body), /radio_origin/);
  await shows(s, '/en/live', 'http://radio.example/voice.mp3');
});

test('a demo station that was just made is on the air by itself', async (t) => {
  const s = await startStation(t, { isOnAir: true });
  await shows(s, '/en/live', '>On the air</p>');
  const page = (await s.get('/en/live')).body;
  const kinds = await Promise.all([...page.matchAll(/<audio [^>]*src="([^"]*)"/g)].map(async ([, src]) => {
    const answer = await fetch(src), reader = answer.body.getReader();
    let bytes = 0;
    while (bytes < 16000) bytes += (await reader.read()).value.length;
    await reader.cancel();
    return answer.headers.get('content-type');
  }));
  assert.deepStrictEqual(kinds, ['audio/mpeg', 'audio/mpeg']);
  assert.match(words(page), /MP3, 64 kbit\/s.*MP3, 24 kbit\/s/);
});

test('the demo\'s service is called on each language\'s page as the station is, and says in it what can be heard', async (t) => {
  const s = await startStation(t, { isOnAir: true });
  await shows(s, '/en/live', 'class="service-about"');
  const about = new Set();
  for (const lang of ['en', 'id', 'ar', 'zh', 'ja', 'fr', 'de', 'es', 'nl']) {
    const { body } = await s.get(`/${lang}/live`);
    const one = (pattern) => pattern.exec(body)?.[1];
    assert.strictEqual(one(/class="service-name"[^>]*><bdi>([^<]+)</), one(/property="og:site_name" content="([^"]+)"/), lang);
    about.add(one(/class="service-about"><bdi>([^<]+)</));
  }
  assert.strictEqual(about.size, 9, 'each says it in its own words');
});
