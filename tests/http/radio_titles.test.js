// SPDX-License-Identifier: AGPL-3.0-or-later
// Titles that an encoder, or a program beside it, sends by itself: of every format, in every charset.
'use strict';
const { test, before, after, afterEach } = require('node:test');
const assert = require('node:assert');
const { mustRun, siaran, until } = require('../support/station.js');
const { ask, begin, end, feed, onAir, stopFeeds, stream } = require('../support/one_radio.js');
const { Wire, adts, basic, listen, mp3, sound, takeApart, tuned } = require('../support/tune.js');

let s;
before(async () => {
  ({ s } = await begin());
});
after(end);
afterEach(stopFeeds);

// ---- every format ----

const tags = ['-metadata', 'artist=Küstenfunk', '-metadata', 'title=Nachtfähre'], SECONDS = 30;
const formats = {
  MP3: { type: 'audio/mpeg', bytes: () => mp3({ seconds: SECONDS }) },
  'AAC in ADTS': { type: 'audio/aac', bytes: () => adts({ seconds: SECONDS }) },
  'Ogg Vorbis': { type: 'application/ogg', coded: ['-c:a', 'libvorbis', ...tags, '-f', 'ogg'], title: 'Küstenfunk - Nachtfähre' },
  Opus: { type: 'audio/ogg; codecs=opus', coded: ['-c:a', 'libopus', '-b:a', '96k', ...tags, '-f', 'ogg'], title: 'Küstenfunk - Nachtfähre' },
  'FLAC in Ogg': { type: 'audio/ogg; codecs=flac', coded: ['-c:a', 'flac', ...tags, '-f', 'ogg'], title: 'Küstenfunk - Nachtfähre' },
  FLAC: { type: 'audio/flac', coded: ['-c:a', 'flac', ...tags, '-f', 'flac'], title: 'Küstenfunk - Nachtfähre' },
  WebM: { type: 'audio/webm', coded: ['-c:a', 'libopus', '-b:a', '96k', ...tags, '-live', '1', '-cluster_time_limit', '500', '-f', 'webm'] },
};
for (const [format, f] of Object.entries(formats))
  test(`a title said beside ${format} is read by who listens and asks for titles, by players and by Icecast’s panels`, async (t) => {
    const name = format.toLowerCase().replaceAll(' ', '-'), mount = `/of-${name}`;
    const bytes = f.bytes ? f.bytes() : sound(f.coded, { input: `anoisesrc=r=48000:a=0.3:d=${SECONDS}` });
    const { main: password } = await tuned(s, name, name, { mount, type: f.type }, { main: 'encoder' });
    t.after(() => mustRun('service', s.dir, 'remove', name));
    await feed(mount, password, { type: f.type, bytes, rate: Math.ceil(bytes.length / SECONDS) });
    await onAir(name, 'main');
    assert.strictEqual((await stream(name)).title, f.title ?? '', 'what its own comments say');

    const say = async (fields) => {
      const said = await ask('GET', `/admin/metadata?${new URLSearchParams({ mode: 'updinfo', mount, ...fields })}`, { Authorization: basic(password) });
      assert.match(said.body, /<return>1<\/return>/);
      const panel = JSON.parse((await ask('GET', `/status-json.xsl?mount=${mount}`)).body).icestats.source;
      return [(await stream(name)).title, panel.artist, panel.title];
    };
    assert.deepStrictEqual(await say({ song: 'Ünï – 歌' }), ['Ünï – 歌', undefined, 'Ünï – 歌']);
    await until(async () => (await ask('HEAD', mount)).status === 200, 10000, 'there is sound');
    const titled = listen(s.radioPort, mount, { 'Icy-MetaData': '1' }), plain = listen(s.radioPort, mount);
    const heard = () => takeApart(titled.body, 16000);
    assert.match(await titled.head(), /\r\nicy-metaint: 16000\r\n/);
    await until(() => heard().titles.length > 0, 30000, 'a title');
    assert.deepStrictEqual(await say({ artist: 'Perahu', title: 'Kertas' }), ['Perahu - Kertas', undefined, 'Perahu - Kertas']);
    await until(() => heard().titles.at(-1) === 'Perahu - Kertas', 30000, 'the next title');
    assert.deepStrictEqual([...new Set(heard().titles)], ['Ünï – 歌', 'Perahu - Kertas']);

    // Between the titles the sound is what everybody hears, and nobody else gets a title.
    await until(() => plain.body.length > 20000, 20000, 'it is heard without titles');
    assert.doesNotMatch(await plain.head(), /icy-metaint:/i);
    assert.ok(!plain.body.includes('StreamTitle') && !heard().sound.includes('StreamTitle'));
    const tail = heard().sound.subarray(-20000); // longer than from one title to the next
    await until(() => plain.body.includes(tail), 20000, 'the same sound');
    await Promise.all([titled.end(), plain.end()]);
  });

// ---- every charset ----

const windows = { hello: '%CF%F0%E8%E2%E5%F2', voice: Buffer.from('c3eeebeef1', 'hex'), news: Buffer.from('cdeee2eef1f2e8', 'hex') };
const said = async (mount, password, query) => {
  await ask('GET', `/admin/metadata?mode=updinfo&mount=${mount}&${query}`, { Authorization: basic(password) });
  return (await stream(mount.slice(1))).title;
};
// An encoder with a name and a genre that are no UTF-8; it plays.
async function encoder(t, name, password) {
  const w = new Wire(s.radioPort);
  t.after(() => w.end());
  w.send(Buffer.concat([Buffer.from(`PUT /${name} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(password)}\r\nContent-Type: audio/mpeg\r\nExpect: 100-continue\r\nice-name: `),
    windows.voice, Buffer.from('\r\nice-genre: '), windows.news, Buffer.from('\r\n\r\n')]));
  assert.match(await w.head(), /^HTTP\/1\.1 100 /);
  w.send(mp3({ seconds: 3 }));
  await onAir(name, 'main');
  return w;
}
// What players and panels are told of it.
async function words(name) {
  const l = listen(s.radioPort, `/${name}`);
  const head = Buffer.from(await l.head(), 'latin1').toString();
  await l.end();
  const panel = JSON.parse((await ask('GET', `/status-json.xsl?mount=/${name}`)).body).icestats.source;
  assert.deepStrictEqual([/^icy-name: (.*)\r$/m.exec(head)[1], /^icy-genre: (.*)\r$/m.exec(head)[1]], [panel.server_name, panel.genre]);
  return [panel.server_name, panel.genre];
}

test('a mount’s charset is that of titles and names whose encoder does not say what they are in', async (t) => {
  const { main: password } = await tuned(s, 'cyrillic', 'cyrillic', { mount: '/cyrillic', type: 'audio/mpeg', charset: 'windows-1251' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'cyrillic'));
  const title = (query) => said('/cyrillic', password, query);
  const w = await encoder(t, 'cyrillic', password);
  assert.deepStrictEqual(await words('cyrillic'), ['Голос', 'Новости']);
  assert.strictEqual(await title(`song=${windows.hello}`), 'Привет');
  assert.strictEqual(await title(`artist=${windows.hello}&title=B`), 'Привет - B');
  await ask('GET', `/admin.cgi?mode=updinfo&pass=${password}&song=%C3%EE%EB%EE%F1`);
  assert.strictEqual((await stream('cyrillic')).title, 'Голос');

  // Who says it is believed.
  assert.strictEqual(await title(`song=${encodeURIComponent('Ünï – 歌')}&charset=UTF-8`), 'Ünï – 歌');
  assert.strictEqual(await title('song=%F0%D2%C9%D7%C5%D4&charset=koi8-r'), 'Привет');
  assert.strictEqual(await title('song=caf%E9&charset=ISO-8859-1'), 'café');
  const l = listen(s.radioPort, '/cyrillic', { 'Icy-MetaData': '1' });
  w.send(mp3({ seconds: 3 }));
  await until(() => takeApart(l.body, 16000).titles.includes('café'), 15000, 'who listens reads UTF-8');
  await l.end();
});

test('a mount without a charset reads what is no UTF-8 as Latin-1, and there is no charset that nobody knows', async (t) => {
  const { main: password } = await tuned(s, 'plain', 'plain', { mount: '/plain', type: 'audio/mpeg' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'plain'));
  await encoder(t, 'plain', password);
  assert.deepStrictEqual(await words('plain'), ['Ãîëîñ', 'Íîâîñòè']);
  assert.strictEqual(await said('/plain', password, `song=${windows.hello}`), 'Ïðèâåò');
  assert.strictEqual(await said('/plain', password, `song=${windows.hello}&charset=windows-1251`), 'Привет');
  const refused = siaran('service', s.dir, 'stream', 'plain', 'plain', 'charset=klingon-1');
  assert.notStrictEqual(refused.code, 0);
  assert.match(refused.err, /there is no such charset/);
});

test('what the sound itself says is UTF-8, whatever charset its mount has', async (t) => {
  const { main: password } = await tuned(s, 'tagged', 'tagged', { mount: '/tagged', type: 'application/ogg', charset: 'windows-1251' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'tagged'));
  const bytes = sound(['-c:a', 'libvorbis', ...tags, '-f', 'ogg'], { seconds: 20 });
  await feed('/tagged', password, { type: 'application/ogg', bytes, rate: Math.ceil(bytes.length / 20) });
  await onAir('tagged', 'main');
  assert.strictEqual((await stream('tagged')).title, 'Küstenfunk - Nachtfähre');
});
