// SPDX-License-Identifier: AGPL-3.0-or-later
// The radio as its engineers and listeners meet it: every way in, every way out, who may do what, and what happens when an
// encoder goes away.
'use strict';
const { test, before, after, afterEach } = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { childrenOf, makeStation, mustRun, siaran, until } = require('../support/station.js');
const { Feed } = require('../support/feed.js');
const { ask, at, begin, end, feed, file, now, onAir, run, stopFeeds, stream } = require('../support/one_radio.js');
const { Wire, adts, basic, complaints, listen, mp3, sound, takeApart, tune, tuned } = require('../support/tune.js');

let s, main, admin;
before(async () => {
  ({ s, main, admin } = await begin());
});
after(end);
afterEach(stopFeeds);

test('a listener gets the encoder’s own bytes, from the beginning of a frame on', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const l = listen(s.radioPort, '/voice.mp3');
  const got = Buffer.from(await l.bytes(60000));
  const found = Buffer.concat([file, file]).indexOf(got.subarray(0, 4000));
  assert.ok(found >= 0, 'the first bytes are of the file');
  assert.ok(Buffer.concat([file, file, file]).subarray(found, found + got.length).equals(got), 'and so are all that follow');
  assert.strictEqual(got[0], 0xff, 'a frame begins');
  assert.match(await l.head(), /^HTTP\/1\.0 200 OK\r\n/);
  assert.doesNotMatch(await l.head(), /content-length|transfer-encoding/i, 'a stream has no length and no chunks');
  assert.match(await l.head(), /icy-name: voice\r\n/);
  assert.strictEqual(complaints(got.subarray(0, got.length - got.length % 417)).includes('Invalid data'), false);
  await l.end();
  await source.stop();
});

test('a listener who asks for titles hears the same sound with whole titles in UTF-8 between', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const said = await ask('GET', `/admin/metadata?mode=updinfo&mount=/voice.mp3&song=${encodeURIComponent('Ünï – 歌 \'x\';')}`, { Authorization: basic(main.main) });
  assert.match(said.body, /<return>1<\/return>/);
  const l = listen(s.radioPort, '/voice.mp3', { 'Icy-MetaData': '1' });
  assert.match(await l.head(), /icy-metaint: 16000\r\n/);
  const body = await until(() => { const t = takeApart(l.body, 16000); return t.titles.includes('Ünï – 歌 \'x’;') && t; }, 15000, 'the title');
  const filler = body.sound.subarray(0, 3).toString() === 'ID3' ? 10 + body.sound.readUInt32BE(6) % 0x80 + ((body.sound[8] & 0x7f) << 7) : 0;
  const frames = body.sound.subarray(filler, filler + 12000);
  assert.strictEqual(frames[0], 0xff, 'behind the filler a frame begins');
  assert.ok(Buffer.concat([file, file]).includes(frames), 'and the sound between the titles is the encoder’s');
  assert.strictEqual((await stream('voice')).title, 'Ünï – 歌 \'x\';');
  await l.end();
  const plain = listen(s.radioPort, '/voice.mp3');
  assert.doesNotMatch(await plain.head(), /icy-metaint:/i);
  await plain.end();
  await source.stop();
});

test('an old encoder that sends Latin-1 is read right, and one that names its charset too', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const say = (query) => ask('GET', `/admin/metadata?mode=updinfo&mount=/voice.mp3&${query}`, { Authorization: basic(main.main) });
  await say('song=caf%E9');
  assert.strictEqual((await stream('voice')).title, 'café');
  await say('song=%CF%F0%E8%E2%E5%F2&charset=windows-1251');
  assert.strictEqual((await stream('voice')).title, 'Привет');
  await ask('GET', `/admin.cgi?mode=updinfo&pass=${main.main}&song=Shoutcast`);
  assert.strictEqual((await stream('voice')).title, 'Shoutcast');
  assert.strictEqual((await say('artist=A&title=B')).status, 200);
  assert.strictEqual((await stream('voice')).title, 'A - B');
  await source.stop();
});

test('libshout’s probing is answered as it expects: OPTIONS, a 401 that keeps the connection, then the sound', async () => {
  const w = new Wire(s.radioPort, 'OPTIONS * HTTP/1.1\r\nHost: x\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n');
  assert.match(await w.head(), /^HTTP\/1\.1 204 /);
  w.got = Buffer.alloc(0);
  w.send('PUT /voice.mp3 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\nContent-Type: audio/mpeg\r\n\r\n');
  const refused = await w.head();
  assert.match(refused, /^HTTP\/1\.1 401 /);
  assert.match(refused, /WWW-Authenticate: Basic/i);
  assert.match(refused, /Allow: GET, PUT, OPTIONS, SOURCE/);
  assert.match(refused, /Connection: keep-alive/i);
  const length = Number(/Content-Length: (\d+)/.exec(refused)[1]);
  await until(() => w.body.length >= length, 5000, 'its sentence');
  w.got = Buffer.alloc(0);
  w.send(`PUT /voice.mp3 HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(main.main)}\r\nExpect: 100-continue\r\nContent-Type: audio/mpeg\r\n\r\n`);
  assert.match(await w.head(), /^HTTP\/1\.1 100 Continue\r\n/);
  w.send(file.subarray(0, 4170));
  await onAir('voice', 'main');
  const poke = await ask('GET', '/admin/!POKE');
  assert.strictEqual(poke.status, 401);
  await w.end();
});

for (const [who, line] of [['SOURCE HTTP/1.0', 'SOURCE /voice.mp3 HTTP/1.0'], ['SOURCE ICE/1.0', 'SOURCE /voice.mp3 ICE/1.0'], ['ffmpeg’s SOURCE HTTP/1.1', 'SOURCE /voice.mp3 HTTP/1.1']])
  test(`an encoder that says ${who} gets exactly the answer it waits for`, async () => {
    const w = new Wire(s.radioPort, `${line}\r\nAuthorization: ${basic(main.main)}\r\nContent-Type: audio/mpeg\r\nice-name: Old\r\n\r\n`);
    assert.strictEqual(await w.head(), 'HTTP/1.0 200 OK\r\n\r\n');
    w.send(file.subarray(0, 4170));
    await onAir('voice', 'main');
    await w.end();
  });

test('an upload in chunks, as curl -T sends it, is heard, and its end is answered', async () => {
  const w = new Wire(s.radioPort, `PUT /voice.mp3 HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(main.main)}\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n`);
  assert.match(await w.head(), /^HTTP\/1\.1 100 Continue/);
  w.got = Buffer.alloc(0);
  for (let i = 0; i < 5; i++) {
    const part = file.subarray(i * 1000, i * 1000 + 1000);
    w.send(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
  }
  await onAir('voice', 'main');
  w.send('0\r\n\r\n');
  assert.match(await w.head(), /^HTTP\/1\.1 200 OK/);
});

test('a wrong password is refused, and the right one at the wrong mount or with another type is told what is right', async () => {
  const put = (mount, password) => ask('PUT', mount, { Authorization: basic(password), 'Content-Length': 0 });
  assert.strictEqual((await put('/voice.mp3', 'wrong')).status, 401);
  const elsewhere = await put('/other.mp3', main.main);
  assert.strictEqual(elsewhere.status, 403);
  assert.match(elsewhere.body, /belongs to the mount \/voice\.mp3/);
  const type = await ask('PUT', '/voice.mp3', { Authorization: basic(main.main), 'Content-Type': 'audio/ogg', 'Content-Length': 0 });
  assert.strictEqual(type.status, 415);
  assert.match(type.body, /This mount plays audio\/mpeg/);
});

test('when a source catches up, who reads hears all of it, with titles too, and who does not read is given up and counted', async () => {
  const bytes = require('node:crypto').randomBytes(1 << 20), burst = require('node:crypto').randomBytes(1200000);
  const { main: password } = await tuned(s, 'fast', 'fast', { mount: '/fast.raw', type: 'audio/x-raw' }, { main: 'encoder' });
  const source = await feed('/fast.raw', password, { bytes, type: 'audio/x-raw' });
  await onAir('fast', 'main');
  const plain = listen(s.radioPort, '/fast.raw'), titled = listen(s.radioPort, '/fast.raw', { 'Icy-MetaData': '1' }), stuck = listen(s.radioPort, '/fast.raw');
  for (const l of [plain, titled, stuck]) await l.bytes(1000);
  assert.match(await titled.head(), /icy-metaint: 16000/);
  stuck.socket.pause();
  source.cut();
  source.socket.write(burst);
  const tail = burst.subarray(-64);
  await until(() => plain.body.includes(tail), 20000, 'all of it is heard');
  await until(() => titled.body.includes(burst.subarray(-8000).subarray(0, 32)) || titled.body.includes(tail), 20000, 'with titles too');
  const slow = async () => Number(/siaran_radio_slow_total\{[^}]*fast[^}]*\} (\d+)/.exec((await ask('GET', '/metrics')).body)?.[1]);
  await until(async () => await slow() === 1, 20000, 'the one that does not read is given up');
  assert.strictEqual((await stream('fast')).listeners, 2);
  for (const l of [plain, titled, stuck]) await l.end();
});

test('who tries a password with an empty body throws nobody out, and who goes from mount to mount is slowed down', async (t) => {
  const source = await new Feed({ port: s.radioPort, mount: '/voice.mp3', password: main.main, bytes: file }).start();
  t.after(() => source.stop());
  const l = listen(s.radioPort, '/voice.mp3');
  await l.bytes(20000);
  const empty = await ask('PUT', '/voice.mp3', { Authorization: basic(main.main), 'Content-Type': 'audio/mpeg', 'Content-Length': 0 });
  assert.strictEqual(empty.status, 200);
  await l.bytes(l.body.length + 40000);
  await l.end();
  assert.ok(!source.socket.destroyed, 'the encoder is still connected');
  const from = (i) => new Promise((resolve, reject) => {
    http.request({ port: s.radioPort, host: '127.0.0.1', localAddress: '127.9.9.9', method: 'PUT', path: `/guess-${i}`, agent: false,
      headers: { Authorization: basic('wrong'), 'Content-Length': 0 } }, (r) => resolve(r.resume().statusCode)).on('error', reject).end();
  });
  const seen = [];
  for (let i = 0; i < 250 && seen.at(-1) !== 429; i++) seen.push(await from(i));
  assert.strictEqual(seen.at(-1), 429, `${seen.length} tries`);
});

// A connection with the main encoder's password, taken as a source; what it sends is up to the test.
async function newcomer() {
  const w = new Wire(s.radioPort, `PUT /voice.mp3 HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(main.main)}\r\nContent-Type: audio/mpeg\r\nExpect: 100-continue\r\n\r\n`);
  assert.match(await w.head(), /^HTTP\/1\.1 100 Continue\r\n/);
  return w;
}
// What was heard from the encoder's first frame on.
const since = (heard, bytes) => heard.subarray(heard.indexOf(bytes.subarray(0, 2000)));
const isOf = (bytes, heard) => heard.length > 2000 && Buffer.concat([bytes, bytes]).subarray(0, heard.length).equals(heard);

test('the same encoder connecting anew takes over with its first frame, where one ends, and nobody who listens is dropped', async () => {
  const [one, other] = [mp3({ seconds: 20, tone: 620 }), mp3({ seconds: 20, tone: 880 })];
  const first = await feed('/voice.mp3', main.main, { bytes: one });
  await onAir('voice', 'main');
  await ask('GET', '/admin/metadata?mode=updinfo&mount=/voice.mp3&song=Goes%20on', { Authorization: basic(main.main) });
  const l = listen(s.radioPort, '/voice.mp3');
  await until(() => l.body.includes(one.subarray(0, 20000)), 10000, 'it is heard');
  const second = await feed('/voice.mp3', main.main, { bytes: other });
  await first.ended;
  const before = l.body.length;
  await l.bytes(before + 40000);
  assert.strictEqual(l.isOver, false);
  const heard = since(Buffer.from(l.body), one), ofNew = since(heard, other), ofOld = heard.subarray(0, heard.length - ofNew.length);
  assert.ok(isOf(other, ofNew), 'its sound is heard from its first frame on');
  assert.ok(isOf(one, ofOld), 'the old one’s was whole');
  assert.strictEqual(one.readUInt16BE(ofOld.length % one.length), 0xfffb, 'and ended where a frame does');
  assert.strictEqual((await stream('voice')).source, 'main');
  assert.strictEqual((await stream('voice')).title, 'Goes on');
  await l.end();
  await second.stop();
});

test('a second connection that gives no sound, noise, or sound of another rate silences nobody, and is closed', async () => {
  // Made before: while it is made the encoder says nothing, and who is late loses its place.
  const other = sound(['-c:a', 'libmp3lame', '-ar', '22050', '-b:a', '64k', '-f', 'mp3'], { seconds: 2 });
  const bytes = mp3({ seconds: 20, tone: 740 });
  const source = await feed('/voice.mp3', main.main, { bytes });
  await onAir('voice', 'main');
  const l = listen(s.radioPort, '/voice.mp3');
  await until(() => l.body.includes(bytes.subarray(0, 20000)), 10000, 'it is heard');
  const [early, late] = [await newcomer(), await newcomer()];
  await early.over; // one waits
  await late.over; // not for ever
  const noise = await newcomer();
  noise.send(Buffer.alloc(1 << 19, 'noise '));
  noise.send(Buffer.alloc(4096, 'and more '));
  await noise.over;
  const slow = await newcomer();
  slow.send(other);
  await slow.over;
  await until(async () => (await stream('voice')).alarms.includes('refused'), 5000, 'it is said');
  await l.bytes(l.body.length + 20000);
  assert.ok(isOf(bytes, since(Buffer.from(l.body), bytes)), 'who listens heard one sound, and all of it');
  assert.strictEqual(source.socket.destroyed, false, 'the encoder did not notice');
  await l.end();
  await source.stop();
});

test('a source that gives no sound any more, or whose connection ends, is followed at once by who comes with its password', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const waits = await newcomer();
  await source.stop();
  waits.send(file.subarray(0, 20000));
  await onAir('voice', 'main');
  await until(async () => !(await stream('voice')).on_air, 10000, 'it stalls');
  const next = await newcomer();
  await waits.over;
  next.send(file.subarray(0, 20000));
  await onAir('voice', 'main');
  await next.end();
});

// Those of now; a source was refused by a test before.
const alarms = async () => (await stream('voice')).alarms.filter((alarm) => alarm !== 'refused');

test('an encoder at half the pace is replaced, said to be stalled, and comes back only when it has kept pace for a while', async () => {
  const plays = () => s.log.split('voice plays its source main').length - 1;
  const backup = await feed('/voice.mp3', main.backup);
  await onAir('voice', 'backup');
  const before = plays();
  const slow = await feed('/voice.mp3', main.main, { rate: 8000 });
  await onAir('voice', 'main');
  const l = listen(s.radioPort, '/voice.mp3');
  await onAir('voice', 'backup');
  assert.deepStrictEqual(await alarms(), ['fell_back', 'stalled']);
  assert.match((await ask('GET', '/metrics')).body, /^siaran_radio_stalled\{service="voice",stream="voice"\} 1$/m);
  await l.bytes(l.body.length + 6 * 16000); // more than its first trial lasts
  assert.strictEqual((await stream('voice')).source, 'backup');
  assert.deepStrictEqual(await alarms(), ['fell_back', 'stalled'], 'it is said all the time');
  assert.strictEqual(plays(), before + 1, 'nobody was taken back and forth');
  slow.keepPace(16000);
  await onAir('voice', 'main');
  assert.deepStrictEqual(await alarms(), []);
  assert.match(s.log, /source main gives less sound than it should[^]*source main keeps pace again/);
  assert.strictEqual(l.isOver, false);
  await l.end();
  await slow.stop();
  await backup.stop();
});

test('an encoder at half the pace that connects anew does not take listeners back with it', async () => {
  const plays = () => s.log.split('voice plays its source main').length - 1;
  const backup = await feed('/voice.mp3', main.backup);
  await onAir('voice', 'backup');
  let slow = await feed('/voice.mp3', main.main, { rate: 8000 });
  await until(async () => (await alarms()).includes('stalled') && (await stream('voice')).source === 'backup', 15000, 'it fell behind');
  const before = plays(), l = listen(s.radioPort, '/voice.mp3');
  await slow.stop();
  await until(async () => (await alarms()).join() === 'fell_back', 5000, 'who is gone is not stalled');
  slow = await feed('/voice.mp3', main.main, { rate: 8000 });
  await l.bytes(5 * 16000);
  assert.strictEqual(plays(), before);
  assert.strictEqual((await stream('voice')).source, 'backup');
  await l.end();
  await slow.stop();
  await backup.stop();
  mustRun('service', s.dir, 'stream', 'voice', 'voice', 'stall_ms=1001'); // sources set anew: what was is forgotten
  mustRun('service', s.dir, 'stream', 'voice', 'voice', 'stall_ms=1000');
});

test('an encoder at half the pace is heard where there is no other, and it is said', async () => {
  const slow = await feed('/voice.mp3', main.main, { rate: 8000 });
  await onAir('voice', 'main');
  const offs = () => s.log.split('voice is off the air').length - 1, before = offs();
  const l = listen(s.radioPort, '/voice.mp3');
  await until(async () => (await stream('voice')).alarms.includes('stalled'), 10000, 'it is said');
  await l.bytes(l.body.length + 4 * 8000);
  assert.deepStrictEqual([await alarms(), offs()], [['stalled'], before]);
  slow.cut();
  await until(async () => (await stream('voice')).alarms.includes('off_air'), 10000, 'it gives nothing any more');
  await l.end();
  await slow.stop();
});

test('when the main encoder’s cable is cut the backup plays on the same socket, and the main one when it is back', async () => {
  const backup = await feed('/voice.mp3', main.backup);
  await onAir('voice', 'backup');
  let source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const l = listen(s.radioPort, '/voice.mp3');
  await l.bytes(20000);
  source.cut();
  await onAir('voice', 'backup');
  assert.ok((await stream('voice')).alarms.includes('fell_back'));
  const heard = l.body.length;
  await l.bytes(heard + 20000);
  await source.stop();
  source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  await l.bytes(l.body.length + 20000);
  assert.strictEqual(l.isOver, false);
  const log = /plays its source/.exec(s.log);
  assert.ok(log);
  await l.end();
  await source.stop();
  await backup.stop();
  await until(async () => (await stream('voice')).alarms.includes('off_air'), 10000, 'off the air');
});

test('of two encoders who gives sound first plays, also beside a better one that is connected and gives none yet', async () => {
  await until(async () => !(await stream('voice')).on_air, 15000, 'nobody plays');
  const better = await newcomer(), first = mp3({ seconds: 20, tone: 560 });
  const backup = await feed('/voice.mp3', main.backup, { bytes: first });
  await onAir('voice', 'backup');
  const l = listen(s.radioPort, '/voice.mp3');
  await until(() => l.body.includes(first.subarray(0, 2000)), 10000, 'it is heard');
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  await better.over;
  await until(() => Buffer.concat([file, file]).includes(l.body.subarray(-20000)), 20000, 'and then the better one');
  await l.end();
  await source.stop();
  await backup.stop();
});

test('when the administrator disconnects a source, who waits beside it has its place', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const waits = await newcomer();
  const said = await ask('GET', '/admin/killsource?mount=/voice.mp3', { Authorization: basic(admin, 'admin') });
  assert.match(said.body, /Source Removed/);
  await source.ended;
  const other = mp3({ seconds: 5, tone: 620 });
  waits.send(other.subarray(0, 40000));
  const l = await until(async () => {
    const heard = listen(s.radioPort, '/voice.mp3');
    if (/ 200 /.test(await heard.head())) return heard;
    return heard.end().then(() => null);
  }, 10000, 'somebody plays');
  await until(() => l.body.includes(other.subarray(10000, 30000)), 10000, 'who waited is heard');
  await l.end();
  await waits.end();
});

test('headers that are longer than a run of the log are kept with their sound', async (t) => {
  const { main: password } = await tuned(s, 'picture', 'picture', { mount: '/picture.ogg', type: 'audio/ogg' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'picture'));
  const covers = [1, 2, 3, 4].flatMap((n) => ['-metadata', `cover${n}=${String(n).repeat(100000)}`]);
  const vorbis = sound(['-c:a', 'libvorbis', ...covers, '-f', 'ogg'], { seconds: 20 });
  await feed('/picture.ogg', password, { type: 'application/ogg', bytes: vorbis, rate: 200000 });
  await onAir('picture', 'main');
  await until(async () => Date.parse((await stream('picture')).rewind_from) > 0, 20000, 'something is kept');
  const l = listen(s.radioPort, '/picture.ogg?at=-3');
  const got = await l.bytes(420000);
  for (const n of [1, 2, 3, 4]) assert.ok(got.includes(String(n).repeat(1000)), `cover ${n} stands in front`);
  await l.end();
});

test('the rate of a main source holds for what falls back, until another one takes its place', async (t) => {
  const { main: first, backup: second } = await tuned(s, 'held', 'held', { mount: '/held.mp3', type: 'audio/mpeg' }, { main: 'encoder', backup: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'held'));
  const slow = sound(['-c:a', 'libmp3lame', '-ar', '22050', '-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'], { seconds: 10 });
  const source = await feed('/held.mp3', first);
  await onAir('held', 'main');
  await source.stop();
  const refused = await feed('/held.mp3', second, { bytes: slow, rate: 8000 });
  await refused.ended;
  assert.ok((await stream('held')).alarms.includes('refused'));
  mustRun('service', s.dir, 'source', 'held', 'held', 'studio', 'encoder');
  mustRun('service', s.dir, 'order', 'held', 'held', 'studio', '1');
  mustRun('service', s.dir, 'remove', 'held', 'held', 'main');
  mustRun('service', s.dir, 'set', 'held', 'description=another main source');
  await until(async () => (await now()).services.find((x) => x.name === 'held').description === 'another main source', 10000, 'it is known');
  await feed('/held.mp3', second, { bytes: slow, rate: 8000 });
  await onAir('held', 'backup');
});

test('a listener goes back in time by seconds and by moment, and what is kept is the sound that was sent', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const since = new Date().toISOString();
  await until(async () => Date.parse((await stream('voice')).rewind_from) > 0 && source.sent > 16000 * 5, 20000, 'five seconds are kept');
  for (const query of ['?at=-4', `?at=${since}`]) {
    const l = listen(s.radioPort, `/voice.mp3${query}`);
    const got = Buffer.from(await l.bytes(30000));
    assert.strictEqual(got[0], 0xff, 'a frame begins');
    assert.ok(Buffer.concat([file, file]).includes(got.subarray(0, 25000)), `${query} gives the encoder’s bytes`);
    await l.end();
  }
  assert.strictEqual((await ask('GET', '/voice.mp3?at=yesterday')).status, 400);
  await source.stop();
});

test('Icecast’s panels find nothing, an object or a list, and always JSON', async () => {
  const json = async () => JSON.parse((await ask('GET', '/status-json.xsl')).body).icestats;
  await until(async () => !(await stream('voice')).on_air && !(await stream('aac')).on_air && !(await stream('ogg')).on_air, 15000, 'all are off');
  assert.strictEqual((await json()).source, undefined);
  const one = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  await ask('GET', '/admin/metadata?mode=updinfo&mount=/voice.mp3&song=-', { Authorization: basic(main.main) });
  const alone = (await json()).source;
  assert.strictEqual(alone.title, '-');
  assert.strictEqual(alone.server_type, 'audio/mpeg');
  assert.match(alone.listenurl, /\/voice\.mp3$/);
  const two = await feed('/voice.aac', main.aac, { type: 'audio/aac', bytes: adts({ seconds: 5 }), rate: 8000 });
  await onAir('aac', 'main');
  assert.strictEqual((await json()).source.length, 2);
  await one.stop();
  await two.stop();
});

test('who listens is told to the administrator with masked addresses, and can be disconnected', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const l = listen(s.radioPort, '/voice.mp3', { 'User-Agent': 'Old <Radio> & Son' });
  await l.bytes(1000);
  const as = { Authorization: basic(admin, 'admin') };
  const list = () => ask('GET', '/admin/listclients?mount=/voice.mp3', as);
  const clients = await until(async () => { const r = await list(); return /<Listeners>1</.test(r.body) && r; }, 5000, 'one listener');
  assert.match(clients.body, /<IP>127\.0\.0\.0<\/IP><UserAgent>Old &lt;Radio&gt; &amp; Son<\/UserAgent>/);
  const id = /<ID>(\d+)<\/ID>/.exec(clients.body)[1];
  await until(async () => /<source mount="\/voice\.mp3">.*<listeners>1<\/listeners>/.test((await ask('GET', '/admin/stats', as)).body), 5000, 'one listener');
  assert.match((await ask('GET', `/admin/killclient?mount=/voice.mp3&id=${id}`, as)).body, /<return>1<\/return>/);
  await l.over;
  mustRun('service', s.dir, 'addresses', 'on');
  const again = listen(s.radioPort, '/voice.mp3');
  await again.bytes(1000);
  await until(async () => /<IP>127\.0\.0\.1<\/IP>/.test((await list()).body), 10000, 'addresses are shown');
  mustRun('service', s.dir, 'addresses', 'off');
  assert.match((await ask('GET', '/admin/killsource?mount=/voice.mp3', as)).body, /<return>1<\/return>/);
  await source.ended;
  await again.end();
});

test('every address of the radio is asked by everybody, a source, another’s source and the administrator, and each gets what its row says', async () => {
  const rows = mustRun('routes', 'radio').out.trim().split('\n').map((line) => /^(.{15}) (\S+) +(\S+) +(.+)$/.exec(line).slice(1).map((x) => x.trim()));
  assert.ok(rows.length > 12);
  const keys = { nobody: undefined, source: basic(main.main), other: basic(main.aac), admin: basic(admin, 'admin') };
  for (const [methods, pattern, right, purpose] of rows) {
    assert.ok(purpose.length > 10 || purpose === 'The same.', pattern);
    const target = pattern.replace('{mount}', '/voice.mp3').replace('{name}', 'voice.m3u8');
    for (const [who, key] of Object.entries(keys)) {
      if (pattern === '/api/events' || !methods.split(' ').includes('GET')) continue;
      const r = await ask(right === 'everybody' ? 'HEAD' : 'GET', target, key ? { Authorization: key } : {});
      const allowed = right === 'everybody' || (right === 'everybody,admin' && who === 'nobody') || (right.includes('admin') && who === 'admin') || (right === 'source,admin' && who !== 'nobody');
      assert.strictEqual(r.status === 401 || r.status === 429, !allowed, `${who} asks ${target}: ${r.status}`);
    }
  }
  for (const [who, key] of Object.entries(keys)) {
    const r = await ask('PUT', '/voice.mp3', { 'Content-Length': 0, 'Content-Type': 'audio/ogg', ...(key ? { Authorization: key } : {}) });
    assert.strictEqual(r.status, { nobody: 401, source: 415, other: 403, admin: 401 }[who], who);
  }
});

test('a browser’s pre-flight, a HEAD, playlists and an unknown mount are answered', async () => {
  const flight = await ask('OPTIONS', '/voice.mp3', { Origin: 'https://x.example', 'Access-Control-Request-Headers': 'icy-metadata' });
  assert.strictEqual(flight.status, 204);
  assert.strictEqual(flight.headers['access-control-allow-origin'], '*');
  for (const header of ['Icy-MetaData', 'Range']) assert.ok(flight.headers['access-control-allow-headers'].split(', ').includes(header), header);
  for (const [ending, pattern] of [['m3u', /^#EXTM3U\r\n/], ['pls', /File1=http:\/\/127\.0\.0\.1:\d+\/voice\.mp3/], ['xspf', /<location>http:\/\/127\.0\.0\.1:\d+\/voice\.mp3<\/location>/]])
    assert.match((await ask('GET', `/voice.mp3.${ending}`)).body, pattern);
  assert.strictEqual((await ask('GET', '/nowhere')).status, 404);
  assert.strictEqual((await ask('DELETE', '/voice.mp3')).status, 405);
  assert.match((await ask('GET', '/metrics')).body, /siaran_radio_listeners\{service="voice",stream="voice"\} \d+\n/);
});

test('who asks for a moment behind the last that is kept, of a stream that is off the air, is told so', async (t) => {
  const station = await makeStation({ demo: false }).serve();
  t.after(() => station.remove());
  const { main: password } = await tuned(station, 'voice', 'voice', { mount: '/voice.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  const status = async (target) => {
    const l = listen(station.radioPort, target);
    const code = Number((await l.head()).split(' ')[1]);
    await l.end();
    return code;
  };
  const source = new Feed({ port: station.radioPort, mount: '/voice.mp3', password, bytes: file });
  t.after(() => source.stop());
  const began = new Date().toISOString(); // before the first that is kept: from there on
  await source.start();
  await until(async () => (await status('/voice.mp3?at=-1')) === 200, 10000, 'some is kept');
  await source.stop();
  assert.strictEqual(await status('/voice.mp3?at=-1'), 200, 'an encoder that is gone for a moment comes back');
  station.setClock(60e6);
  await until(async () => (await status('/voice.mp3')) === 503, 10000, 'it is off the air');
  assert.strictEqual(await status('/voice.mp3?at=-5'), 503, 'nothing is there, and perhaps never');
  const l = listen(station.radioPort, `/voice.mp3?at=${began}`);
  assert.match(await l.head(), / 200 /);
  await l.bytes(400);
  await l.end();
});

test('a hidden stream is counted for the administrator only', async (t) => {
  await tuned(s, 'quiet', 'unlisted', { mount: '/unlisted.mp3', type: 'audio/mpeg', hidden: 'on' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'quiet'));
  const counters = async (headers) => ask('GET', '/metrics', headers);
  const everybody = (await counters()).body;
  assert.match(everybody, /stream="voice"/);
  assert.doesNotMatch(everybody, /unlisted/);
  assert.match((await counters({ Authorization: basic(admin, 'admin') })).body, /siaran_radio_on_air\{service="quiet",stream="unlisted"\} 0\n/);
  assert.strictEqual((await counters({ Authorization: basic('wrong', 'admin') })).status, 401, 'and not half of it');
});

test('a HEAD is answered as a GET would be: off the air, full, of earlier sound, of the administrator’s pages; it disconnects nobody', async (t) => {
  const { main: password } = await tuned(s, 'small', 'small', { mount: '/small.mp3', type: 'audio/mpeg', listeners_max: 1 }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'small'));
  const both = async (target, headers) => {
    const head = await ask('HEAD', target, headers);
    assert.strictEqual(head.body, '', target);
    return head.status;
  };
  assert.strictEqual(await both('/small.mp3'), 503);
  assert.strictEqual(await both('/small.mp3?at=-60'), 503);
  assert.strictEqual(await both('/small.mp3?at=noon'), 400);
  const source = await feed('/small.mp3', password);
  await onAir('small', 'main');
  await until(async () => (await both('/small.mp3')) === 200, 10000, 'there is sound');
  const head = await ask('HEAD', '/small.mp3', { 'Icy-MetaData': '1' });
  assert.strictEqual(head.headers['content-type'], 'audio/mpeg');
  assert.strictEqual(head.headers['icy-metaint'], '16000');
  await until(async () => (await both('/small.mp3?at=-1')) === 200, 10000, 'some is kept');
  const l = listen(s.radioPort, '/small.mp3');
  await l.bytes(1000);
  assert.strictEqual(await both('/small.mp3'), 503, 'it is full');
  assert.strictEqual((await ask('GET', '/small.mp3')).status, 503);
  const as = { Authorization: basic(admin, 'admin') };
  for (const page of ['stats', 'listmounts', 'listclients?mount=/small.mp3', 'streamlist.txt']) assert.strictEqual(await both(`/admin/${page}`, as), 200, page);
  assert.strictEqual(await both('/admin/stats'), 401);
  const kill = await ask('HEAD', '/admin/killsource?mount=/small.mp3', as);
  assert.strictEqual(kill.status, 405);
  assert.strictEqual(kill.headers.allow, 'OPTIONS, GET');
  assert.strictEqual((await ask('DELETE', '/small.mp3')).headers.allow, 'OPTIONS, GET, HEAD, PUT, SOURCE, POST');
  assert.strictEqual((await stream('small')).source, 'main');
  await l.end();
  await source.stop();
});

test('a page that waits for changes is told of a new title at once', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const w = listen(s.radioPort, '/api/events');
  await until(() => w.body.includes('event: now'), 5000, 'the first event');
  await ask('GET', `/admin/metadata?mode=updinfo&mount=/voice.mp3&song=${encodeURIComponent('Next – 次')}`, { Authorization: basic(main.main) });
  await until(() => w.body.toString().includes('Next – 次'), 5000, 'the title');
  await w.end();
  await source.stop();
});

test('many pages that know the station by other names are all told of a new title, each by the name it knows', async (t) => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const pages = Array.from({ length: 40 }, (_, i) => listen(s.radioPort, '/api/events', { Host: `name${i}.example` }));
  t.after(() => Promise.all(pages.map((w) => w.end())));
  await until(() => pages.every((w) => w.body.includes('event: now')), 10000, 'the first events');
  await ask('GET', `/admin/metadata?mode=updinfo&mount=/voice.mp3&song=${encodeURIComponent('For all – 次')}`, { Authorization: basic(main.main) });
  const isTold = (w, i) => new RegExp(`event: now\nid: \\d+\ndata: [^\n]*"url":"http://name${i}\\.example/voice\\.mp3"[^\n]*"title":"For all – 次"`).test(w.body.toString());
  await until(() => pages.every(isTold), 10000, 'the title, to all of them');
  await source.stop();
});

test('a HEAD of what tells changes says no length, and ends', async () => {
  const w = new Wire(s.radioPort, 'HEAD /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const head = await w.head();
  await w.over;
  assert.match(head, /^HTTP\/1\.1 200 [^]*\r\nContent-Type: text\/event-stream\r\n/);
  assert.doesNotMatch(head, /content-length/i);
  assert.strictEqual(w.body.length, 0);
});

test('services that cannot be read for a moment are read when they can', async () => {
  const radio = childrenOf(s.pid).find((pid) => fs.readFileSync(`/proc/${pid}/comm`, 'utf8') === 'siaran-radio\n');
  const limit = (files) => assert.strictEqual(spawnSync('prlimit', ['--pid', String(radio), `--nofile=${files}`]).status, 0);
  const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(fs.readFileSync(`/proc/${radio}/limits`, 'utf8'));
  const said = s.log.length;
  limit(`3:${hard}`);
  try {
    mustRun('service', s.dir, 'set', 'voice', 'genre=patience');
    await until(() => /Too many open files; the services stay what they were/.test(s.log.slice(said)), 10000, 'they cannot be read');
  } finally {
    limit(`${soft}:${hard}`);
  }
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  await until(async () => {
    const l = listen(s.radioPort, '/voice.mp3');
    const head = await l.head();
    await l.end();
    return /icy-genre: patience/.test(head);
  }, 10000, 'they are read');
  await source.stop();
});

test('a relay fetches another station’s mount, sound and titles, and its listeners hear on when that station’s radio was killed', async (t) => {
  const far = await makeStation().serve();
  t.after(() => far.remove());
  const { main: password } = await tuned(far, 'far', 'far', { mount: '/far.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  const encoder = async (bytes) => {
    const one = await new Feed({ port: far.radioPort, mount: '/far.mp3', password, bytes }).start();
    t.after(() => one.stop());
    return one;
  };
  const first = await encoder(file);
  t.after(() => mustRun('service', s.dir, 'remove', 'relayed'));
  await tuned(s, 'relayed', 'relayed', { mount: '/relayed.mp3', type: 'audio/mpeg' }, { far: ['relay', `http://127.0.0.1:${far.radioPort}/far.mp3`] });
  await onAir('relayed', 'far');
  await fetch(`http://127.0.0.1:${far.radioPort}/admin/metadata?mode=updinfo&mount=/far.mp3&song=${encodeURIComponent('Far – 遠')}`, { headers: { Authorization: basic(password) } });
  await until(async () => (await stream('relayed')).title === 'Far – 遠', 20000, 'the title has come');
  const l = listen(s.radioPort, '/relayed.mp3');
  const got = Buffer.from(await l.bytes(100000));
  assert.ok(Buffer.concat([file, file, file]).includes(got.subarray(80000, 100000)), 'the sound of now is the encoder’s');

  const radio = far.processNamed('siaran-radio');
  process.kill(radio, 'SIGKILL');
  await first.ended;
  const other = mp3({ seconds: 20, tone: 990 });
  await until(() => ![undefined, radio].includes(far.processNamed('siaran-radio')), 10000, 'it is there again');
  await encoder(other);
  await until(() => l.body.includes(other.subarray(4000, 24000)), 20000, 'the same listener hears what is sent now');
  assert.strictEqual(l.isOver, false);
  await l.end();
});

test('the site still hears from a radio whose disk takes no new file', async () => {
  const file = path.join(s.dir, 'run/radio.json'), state = () => { try { return JSON.parse(fs.readFileSync(file, 'utf8')); } catch { return null; } };
  const stands = await until(() => fs.existsSync(file) && fs.statSync(file).ino, 10000, 'the file is there');
  const blocks = () => { try { fs.mkdirSync(`${file}.new`); return true; } catch { return false; } };
  await until(blocks, 10000, 'nothing can be written beside it');
  const before = await until(state, 5000, 'it can be read'), inode = fs.statSync(file).ino;
  await until(() => state()?.at_us > before.at_us + 1e6, 10000, 'it goes on');
  assert.ok(stands && fs.statSync(file).ino === inode, 'it was written over where it stands');
  fs.rmdirSync(`${file}.new`);
  await until(() => fs.statSync(file).ino !== inode, 10000, 'a new file takes its place again');
});

test('a change of a service’s words reaches listeners’ heads without dropping the encoder', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  mustRun('service', s.dir, 'set', 'voice', 'title=Suara Baru');
  await until(async () => (await now()).services[0].title === 'Suara Baru', 10000, 'the new title');
  const l = listen(s.radioPort, '/voice.mp3');
  assert.match(await l.head(), /icy-name: Suara Baru/);
  assert.strictEqual((await stream('voice')).source, 'main');
  await l.end();
  await source.stop();
});

test('other programs are told what a service is called in each language that has words of its own', async () => {
  const words = async () => { const { title, titles, descriptions } = (await now()).services[0]; return { title, titles, descriptions }; };
  const before = await words(), w = listen(s.radioPort, '/api/events');
  assert.deepStrictEqual([before.titles, before.descriptions], [{}, {}]);
  mustRun('service', s.dir, 'set', 'voice', 'title.ar=صوت الجزر', 'title.zh=群岛之声', 'description.de=Nachrichten von den Inseln');
  await until(async () => 'ar' in (await words()).titles, 10000, 'the titles');
  assert.deepStrictEqual(await words(), { title: before.title, titles: { ar: 'صوت الجزر', zh: '群岛之声' }, descriptions: { de: 'Nachrichten von den Inseln' } });
  await until(() => w.body.toString().includes('"titles":{"ar":"صوت الجزر","zh":"群岛之声"}'), 5000, 'who waits for changes is told too');
  await w.end();
  mustRun('service', s.dir, 'set', 'voice', 'title.ar=', 'title.zh=', 'description.de=');
  await until(async () => !('ar' in (await words()).titles), 10000, 'they go when they are set empty');
  assert.deepStrictEqual(await words(), before);
});

test('a full house has no more listeners, but a place for the encoder that comes back and for the administrator', async (t) => {
  const full = makeStation();
  t.after(() => full.remove());
  fs.appendFileSync(path.join(full.dir, 'siaran.conf'), '\nradio_connections = 16\n');
  await full.serve();
  const word = /password +(\S+)/.exec(mustRun('service', full.dir, 'admin-password').out)[1];
  const { main: one, second: two } = await tuned(full, 'voice', 'voice', { mount: '/voice.mp3', type: 'audio/mpeg' }, { main: 'encoder', second: 'encoder' });
  const key = basic(word, 'admin');
  const status = async (target, headers = {}) => {
    const w = listen(full.radioPort, target, { Connection: 'close', ...headers });
    const head = await w.head();
    await w.end();
    return { code: Number(head.split(' ')[1]), text: w.got.toString() };
  };
  const first = new Feed({ port: full.radioPort, mount: '/voice.mp3', password: one, bytes: file });
  t.after(() => first.stop());
  await first.start();
  const house = [];
  t.after(() => Promise.all(house.map((l) => l.end())));
  await until(async () => (await status('/voice.mp3')).code === 200, 10000, 'the encoder is heard');
  let refused = null;
  while (!refused && house.length < 40) {
    const l = listen(full.radioPort, '/voice.mp3');
    if (/^HTTP\/1\.0 200/.test(await l.head())) house.push(l);
    else refused = l;
  }
  await refused.end();
  assert.match(refused.got.toString(), /^HTTP\/1\.1 503 [^]*as many listeners as it may have/);
  assert.ok(house.length <= 16 && house.length > 8, `encoders do not count, and questions that are just over do: ${house.length}`);
  assert.strictEqual((await status('/api/events')).code, 503, 'nobody stays');
  assert.strictEqual((await status('/admin/stats', { Authorization: key })).code, 200);
  const second = new Feed({ port: full.radioPort, mount: '/voice.mp3', password: two, bytes: file });
  t.after(() => second.stop());
  await second.start();
  await first.stop();
  await until(async () => /"source":"second"/.test((await status('/api/now.json')).text), 10000, 'the second encoder is heard');
  await house.pop().end();
  await until(async () => (await status('/voice.mp3')).code === 200, 10000, 'a place was free');
});
