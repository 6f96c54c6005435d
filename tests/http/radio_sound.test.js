// SPDX-License-Identifier: AGPL-3.0-or-later
// What is heard in each format, by HLS, of looped files, and where rates differ.
'use strict';
const { test, before, after, afterEach } = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { mustRun, siaran, until } = require('../support/station.js');
const { ask, at, begin, end, feed, file, onAir, run, stopFeeds, stream } = require('../support/one_radio.js');
const { adts, basic, complaints, listen, mp3, sound, takeApart, tune, tuned } = require('../support/tune.js');

let s, main, admin;
before(async () => {
  ({ s, main, admin } = await begin());
});
after(end);
afterEach(stopFeeds);

test('ADTS and Ogg play from their headers and pages, titles of the stream are read', async () => {
  const aac = adts({ seconds: 10 });
  const source = await feed('/voice.aac', main.aac, { type: 'audio/aac', bytes: aac, rate: 8000 });
  await onAir('aac', 'main');
  const l = listen(s.radioPort, '/voice.aac');
  const got = Buffer.from(await l.bytes(20000));
  assert.ok(Buffer.concat([aac, aac]).includes(got.subarray(0, 20000)));
  await l.end();
  await source.stop();
  const vorbis = sound(['-c:a', 'libvorbis', '-metadata', 'title=Ünï – 歌', '-f', 'ogg'], { seconds: 20 });
  const page = await feed('/voice.ogg', main.ogg, { type: 'application/ogg', bytes: vorbis, rate: Math.ceil(vorbis.length / 20) });
  await onAir('ogg', 'main');
  assert.strictEqual((await stream('ogg')).title, 'Ünï – 歌');
  const o = listen(s.radioPort, '/voice.ogg');
  const bytes = Buffer.from(await o.bytes(8000));
  assert.strictEqual(bytes.subarray(0, 4).toString(), 'OggS');
  assert.ok(bytes.includes('vorbis'), 'the headers come first');
  await o.end();
  await page.stop();
});

test('FLAC without a container is heard by who comes late: its header stands in front, and it goes on where a frame begins', async (t) => {
  const flac = sound(['-c:a', 'flac', '-metadata', 'title=Nachtfähre', '-metadata', 'artist=Küstenfunk', '-f', 'flac'], { seconds: 20 });
  const { main: password } = await tuned(s, 'plain', 'plain', { mount: '/plain.flac', type: 'audio/flac' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'plain'));
  const source = await feed('/plain.flac', password, { type: 'audio/x-flac', bytes: flac, rate: Math.ceil(flac.length / 20) });
  await onAir('plain', 'main');
  assert.strictEqual((await stream('plain')).title, 'Küstenfunk - Nachtfähre');
  const first = listen(s.radioPort, '/plain.flac');
  await first.bytes(120000);
  const late = listen(s.radioPort, '/plain.flac');
  const bytes = Buffer.from(await late.bytes(100000));
  assert.strictEqual(bytes.subarray(0, 8).toString('latin1'), 'fLaC\0\0\0\x22');
  const begin = bytes.indexOf(Buffer.from([0xff, 0xf8]));
  assert.ok(begin > 42 && begin < 1000, 'padding is left out');
  assert.ok(flac.indexOf(bytes.subarray(begin, begin + 2000)) > 20000, 'from the middle on');
  assert.strictEqual(complaints(bytes.subarray(0, bytes.lastIndexOf(bytes.subarray(begin, begin + 3)))), '');
  await first.end();
  await late.end();
  await source.stop();
});

// ---- the seam of a fallback ----

// Whole frames of sound, no two alike, and where each begins. How long one is says its header.
const noise = (seed) => ({ input: `anoisesrc=r=44100:a=0.3:c=pink:d=15:seed=${seed}` });
const lengthOf = {
  'audio/mpeg': (bytes, at) => Math.floor(144 * 128000 / 44100) + (bytes[at + 2] >> 1 & 1),
  'audio/aac': (bytes, at) => (bytes[at + 3] & 3) << 11 | bytes[at + 4] << 3 | bytes[at + 5] >> 5,
};
function framesOf(type, bytes) {
  const frames = [];
  for (let at = 0; at + 7 <= bytes.length; at += frames.at(-1).length) { // of what was heard the end may lie in a header
    assert.ok(bytes[at] === 0xff && bytes[at + 1] >= 0xf0, `a frame begins at ${at}`);
    frames.push(bytes.subarray(at, at + lengthOf[type](bytes, at)));
  }
  return frames;
}

// What was heard as runs of frames that follow one another, [whose, the first, how many]. Of the last frame not all may have come.
function runsOf(type, heard, sources) {
  const known = new Map();
  for (const [whose, bytes] of Object.entries(sources))
    framesOf(type, bytes).forEach((frame, number, { length }) => known.set(frame.toString('latin1'), { whose, number, length }));
  const runs = [], frames = framesOf(type, heard);
  for (const frame of frames.at(-1).length === lengthOf[type](frames.at(-1), 0) ? frames : frames.slice(0, -1)) {
    const { whose, number, length } = known.get(frame.toString('latin1')) ?? { whose: 'nobody', number: -1, length: 1 };
    const run = runs.at(-1);
    if (run?.whose === whose && (run.first + run.count) % length === number) run.count++;
    else runs.push({ whose, first: number, count: 1 });
  }
  return runs;
}

// In the middle of a frame, and the connection stands.
function cutWithin(source, type) {
  source.cut();
  const begins = new Set([0]);
  for (const frame of framesOf(type, source.bytes)) begins.add([...begins].at(-1) + frame.length);
  if (begins.has(source.sent % source.bytes.length)) source.socket.write(source.bytes.subarray(source.sent % source.bytes.length).subarray(0, 99));
}

for (const [type, coded, titled] of [['audio/mpeg', mp3, false], ['audio/mpeg', mp3, true], ['audio/aac', adts, false], ['audio/aac', adts, true]])
  test(`who listens to ${type}${titled ? ' with titles' : ''} when a cable is cut hears whole frames of one source, then of the other, then of the first again`, async (t) => {
    const name = `seam-${type.slice(6)}${titled ? '-titled' : ''}`, mount = `/${name}`;
    const sources = { main: coded(noise(1)), backup: coded(noise(2)) };
    const passwords = await tuned(s, name, name, { mount, type, stall_ms: 500 }, { main: 'encoder', backup: 'encoder' });
    t.after(() => mustRun('service', s.dir, 'remove', name));
    const rate = Math.ceil(sources.main.length / 15), enough = 1.5 * rate + 16000; // what a listener is behind at most, and a title's distance
    const connect = (whose) => feed(mount, passwords[whose], { type, bytes: sources[whose], rate });
    const say = (whose) => ask('GET', `/admin/metadata?mode=updinfo&mount=${mount}&song=${whose}`, { Authorization: basic(passwords[whose]) });
    const first = await connect('main');
    await onAir(name, 'main');
    await connect('backup');
    await Promise.all([say('main'), say('backup')]);
    await until(async () => (await ask('HEAD', mount)).status === 200, 10000, 'there is sound');
    const l = listen(s.radioPort, mount, titled ? { 'Icy-MetaData': '1' } : {});
    await l.bytes(enough);
    cutWithin(first, type);
    await onAir(name, 'backup');
    await l.bytes(l.body.length + enough);
    await connect('main');
    await say('main');
    await onAir(name, 'main');
    await l.bytes(l.body.length + enough);
    assert.strictEqual(l.isOver, false);
    await l.end();
    const heard = titled ? takeApart(l.body, 16000) : { sound: l.body };
    const filler = titled && heard.sound.toString('latin1', 0, 3) === 'ID3' ? 10 + (heard.sound[8] << 7) + heard.sound[9] : 0;
    const runs = runsOf(type, heard.sound.subarray(filler), sources);
    assert.deepStrictEqual(runs.map((run) => run.whose), ['main', 'backup', 'main'], JSON.stringify(runs));
    assert.ok(runs.every((run) => run.count > 20), JSON.stringify(runs));
    if (titled) assert.deepStrictEqual(heard.titles.filter((title, i) => title !== heard.titles[i - 1]), ['main', 'backup', 'main']);
  });

for (const [rate, names] of [[96000, ['flac', 'ogg']], [192000, ['flac']]])
  test(`FLAC of ${rate / 1000} kHz and 24 bits is decoded by who asks for titles and has room for no more than others`, async (t) => {
    const noise = (seed) => `anoisesrc=r=${rate}:a=0.01:d=14:seed=${seed}`;
    await Promise.all(names.map(async (ending) => {
      const name = `fine-${ending}-${rate}`, type = ending === 'ogg' ? 'application/ogg' : 'audio/flac';
      const flac = sound(['-c:a', 'flac', '-sample_fmt', 's32', '-f', ending], { input: `${noise(1)}[l];${noise(2)}[r];[l][r]amerge` });
      const { main: password } = await tuned(s, name, name, { mount: `/${name}`, type }, { main: 'encoder' });
      t.after(() => mustRun('service', s.dir, 'remove', name));
      await feed(`/${name}`, password, { type, bytes: flac, rate: Math.ceil(flac.length / 14) });
      await onAir(name, 'main');
      await until(async () => (await ask('HEAD', `/${name}`)).status === 200, 10000, 'there is sound');
      const { stderr, status } = await run('ffmpeg', ['-v', 'error', '-recv_buffer_size', '65536', '-i', at(`/${name}`), '-t', '7', '-f', 'null', '-']);
      assert.strictEqual(stderr, '', name);
      assert.strictEqual(status, 0);
    }));
  });

test('a listener of HLS goes from the service’s playlist to segments that decode, may be kept for ever, and counts', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const master = await until(async () => { const r = await ask('GET', '/hls/voice.m3u8'); return /CODECS="mp4a\.40\.34"/.test(r.body) && r; }, 30000, 'a master playlist');
  const media = /^voice\/live\.m3u8\?s=[0-9a-f]+$/m.exec(master.body)[0];
  const list = await ask('GET', `/hls/${media}`);
  assert.strictEqual(list.headers['content-type'], 'application/vnd.apple.mpegurl');
  assert.strictEqual(list.headers['cache-control'], 'max-age=2');
  assert.match(list.body, /#EXT-X-PROGRAM-DATE-TIME:/);
  const same = await ask('GET', `/hls/${media}`, { 'If-None-Match': list.headers.etag });
  assert.ok(same.status === 304 || same.headers.etag !== list.headers.etag, 'what did not change is not sent again');
  assert.ok((await stream('voice')).listeners >= 1, 'a listener of HLS is a listener');
  const as = { Authorization: basic(admin, 'admin') }; // who compares Icecast's pages finds one number on each
  const counts = () => Promise.all(['stats', 'listmounts', 'listclients?mount=/voice.mp3'].map(async (page) =>
    Number(/<source mount="\/voice\.mp3">.*?<[Ll]isteners>(\d+)</.exec((await ask('GET', `/admin/${page}`, as)).body)[1])));
  // One of the test before may go between two questions.
  await until(async () => { const all = await counts(); return all[0] >= 1 && all.every((n) => n === all[0]); }, 5000, 'they agree');
  const names = [...list.body.matchAll(/^(\d+\.ts)$/gm)].map((m) => m[1]);
  const segment = await new Promise((resolve) => http.get(at(`/hls/voice/${names.at(-1)}`), (r) => {
    const parts = [];
    r.on('data', (d) => parts.push(d)).on('end', () => resolve({ headers: r.headers, body: Buffer.concat(parts) }));
  }));
  assert.strictEqual(segment.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.strictEqual(segment.body[0], 0x47, 'a packet of MPEG-TS');
  assert.strictEqual(complaints(segment.body), '');
  const tag = segment.headers.etag;
  for (const [had, status] of [[tag, 304], [`"other", W/${tag}`, 304], [`W/"x,y",${tag}`, 304], ['*', 304], ['"other"', 200], [tag.slice(1, -1), 200]])
    assert.strictEqual((await ask('GET', `/hls/voice/${names.at(-1)}`, { 'If-None-Match': had })).status, status, had);
  const sent = async () => Number(/siaran_radio_out_bytes_total\{[^}]*stream="voice"\} (\d+)/.exec((await ask('GET', '/metrics')).body)[1]);
  const before = await sent();
  assert.strictEqual((await ask('HEAD', `/hls/voice/${names.at(-1)}`)).status, 200);
  assert.strictEqual((await ask('GET', `/hls/voice/${names.at(-1)}`, { 'If-None-Match': tag })).status, 304);
  assert.strictEqual((await ask('GET', '/hls/voice/1.ts')).status, 404);
  assert.strictEqual(await sent(), before, 'what is not sent is not counted');
  assert.strictEqual((await ask('GET', `/hls/voice/${names.at(-1)}`)).status, 200);
  assert.strictEqual(await sent(), before + segment.body.length);
  const moved = await ask('GET', '/voice.mp3.m3u8');
  assert.strictEqual(moved.status, 302);
  assert.match(moved.headers.location, /\/hls\/voice\/live\.m3u8$/);
  assert.strictEqual((await ask('GET', '/hls/voice/live.m3u8?from=yesterday')).status, 400);
  assert.strictEqual(master.headers['cache-control'], 'no-store', 'a cache would make one listener of many');
  await source.stop();
});

test('what is masked is in no list of HLS under a name that a cache may hold, and that name is refused until it is unmasked', async () => {
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const list = async (span = '') => (await ask('GET', `/hls/voice/live.m3u8${span}`)).body;
  const four = () => list().then((body) => [...body.matchAll(/DATE-TIME:(\S+)\n#EXTINF:[56]\S+\n(\d+)\.ts\n(?!#EXT-X-DISC)/g)].slice(-4));
  await until(async () => (await four()).length === 4, 40000, 'four segments');
  const segments = await four(), [, begin, number] = segments[1];
  const moment = (text, more) => new Date(Date.parse(text) + more).toISOString();
  const span = `?from=${segments[0][1].slice(0, 19)}Z&to=${moment(segments[3][1], 1000).slice(0, 19)}Z`;
  const asked = () => ask('GET', `/hls/voice/${number}.ts`).then(({ status, body }) => ({ status, body }));
  const before = await list(span), kept = await asked();
  assert.strictEqual(kept.status, 200);
  const heard = async () => (await run('ffmpeg', ['-v', 'error', '-i', at(`/hls/voice/live.m3u8${span}`), '-f', 'null', '-'])).stderr;
  assert.strictEqual(await heard(), '');
  const words = ['voice', moment(begin, 2000), moment(begin, 4000)];
  mustRun('service', s.dir, 'mask', ...words);
  const gap = `#EXT-X-GAP\n$1${number}-gap.ts`;
  assert.strictEqual(await list(span), before.replace(new RegExp(`(#EXTINF:\\S+\n)${number}\\.ts`), gap).replace(/VERSION:\d/, 'VERSION:8'));
  assert.ok(!(await list()).includes(`\n${number}.ts`), 'nor in the list of what is on the air');
  assert.strictEqual((await asked()).status, 404);
  assert.strictEqual((await ask('GET', `/hls/voice/${number}-gap.ts`)).status, 404);
  assert.strictEqual(await heard(), '', 'a player goes on behind it');
  mustRun('service', s.dir, 'unmask', ...words);
  assert.deepStrictEqual([await list(span), await asked()], [before, kept]);
  await source.stop();
});

test('a fallback of another codec is refused, an encoder when it connects and a file when it is set', async (t) => {
  const coded = (codec, ...args) => sound(['-c:a', codec, '-ar', '48000', '-b:a', '96k', ...args, '-f', 'ogg'], { seconds: 5 });
  const vorbis = coded('libvorbis'), opus = coded('libopus'), dir = fs.mkdtempSync(path.join(os.tmpdir(), 'siaran-codecs-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const keys = await tuned(s, 'coded', 'coded', { mount: '/coded.ogg', type: 'audio/ogg' }, { main: 'encoder', backup: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'coded'));
  const send = (password, bytes) => feed('/coded.ogg', password, { bytes, type: 'application/ogg', rate: 12000 });
  const refusals = () => s.log.split('source backup: it sends Opus, the stream plays Vorbis').length - 1;
  const first = await send(keys.main, vorbis);
  await onAir('coded', 'main');
  const other = await send(keys.backup, opus);
  await other.ended;
  assert.strictEqual(refusals(), 1);
  assert.ok((await stream('coded')).alarms.includes('refused'));
  assert.strictEqual((await stream('coded')).source, 'main');

  const told = () => JSON.parse(fs.readFileSync(path.join(s.dir, 'run/radio.json'), 'utf8')).streams.find((x) => x.stream === 'coded');
  await until(() => told()?.main_codec === 'Vorbis', 10000, 'the station knows it');
  for (const [name, bytes, said] of [['opus', opus, /source loop: its file is Opus, and the stream is Vorbis$/m], ['vorbis', vorbis, /^$/]]) {
    fs.writeFileSync(path.join(dir, `${name}.ogg`), bytes);
    const set = siaran('service', s.dir, 'source', 'coded', 'coded', 'loop', 'file', path.join(dir, `${name}.ogg`));
    assert.deepStrictEqual([set.code, said.test(set.err)], [name === 'vorbis' ? 0 : 3, true], set.err);
  }
  await first.stop();
  await onAir('coded', 'loop');

  // The main encoder changes. The file is not played behind it, and no other change is refused for it.
  const later = await send(keys.main, opus);
  await onAir('coded', 'main');
  const l = listen(s.radioPort, '/coded.ogg');
  await until(() => l.body.includes('OpusHead'), 15000, 'what the main one sends now'); // behind a burst of what was before
  for (const words of [['set', 'coded', 'title=Coded'], ['check']]) {
    const r = siaran('service', s.dir, ...words);
    assert.strictEqual(r.code, 0, r.err);
  }
  await later.stop();
  await until(async () => (await stream('coded')).alarms.includes('off_air'), 10000, 'nothing plays that could');
  assert.ok(!l.body.subarray(l.body.lastIndexOf('OpusHead')).includes('\x01vorbis'), 'no header of the other codec was sent');
  await l.end();
});

test('who asks for HLS of a stream that has none is told so at once', async () => {
  for (const target of ['/voice.ogg.m3u8', '/hls/ogg/live.m3u8', '/hls/ogg/1.ts']) {
    const { status, body } = await ask('GET', target);
    assert.deepStrictEqual([status, body], [404, 'There is no HLS of this stream.\n'], target);
  }
  assert.strictEqual((await ask('GET', '/voice.mp3.m3u8')).status, 302);
});

test('an encoder that sends nine seconds at once loses nothing of them in HLS', async (t) => {
  const { main: password } = await tuned(s, 'ahead', 'ahead', { mount: '/ahead.mp3', type: 'audio/mpeg', hls: 'on' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'ahead'));
  const bytes = mp3({ seconds: 60, input: 'anoisesrc=d=60:r=44100' });
  const source = await feed('/ahead.mp3', password, { bytes });
  await onAir('ahead', 'main');
  source.began -= 9000;
  const names = async () => [...(await ask('GET', '/hls/ahead/live.m3u8?kind=packed')).body.matchAll(/^(\d+\.mp3)$/gm)].map((m) => m[1]);
  const list = await until(async () => { const all = await names(); return all.length >= 4 && all; }, 40000, 'four segments are over');
  const frames = await Promise.all(list.map(async (name) => {
    const segment = Buffer.from(await (await fetch(at(`/hls/ahead/${name}`))).arrayBuffer());
    const size = segment.subarray(6, 10).reduce((n, byte) => n << 7 | byte, 0);
    return segment.subarray(10 + size);
  }));
  assert.ok(bytes.includes(Buffer.concat(frames)), 'frame behind frame, as they were sent');
});

test('when no encoder is there a looped file plays, and it gives way as soon as one comes', async () => {
  const file = path.join(s.dir, 'loop.mp3');
  fs.writeFileSync(file, mp3({ seconds: 3, tone: 880 }));
  tune(s, 'voice', 'night', { mount: '/night.mp3', type: 'audio/mpeg', rate: 44100, channels: 2 }, { loop: ['file', file] });
  const wrong = path.join(s.dir, 'wrong.mp3');
  fs.writeFileSync(wrong, sound(['-c:a', 'libmp3lame', '-ar', '22050', '-ac', '1', '-f', 'mp3'], { seconds: 2 }));
  mustRun('service', s.dir, 'stream', 'voice', 'late', 'mount=/late.mp3', 'type=audio/mpeg', 'rate=44100');
  const refused = siaran('service', s.dir, 'source', 'voice', 'late', 'loop', 'file', wrong);
  assert.strictEqual(refused.code, 3);
  assert.match(refused.err, /22050/, 'a file of another sample rate is refused when it is configured');
  const source = await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  await until(() => /"stream":"voice"[^}]*"source":"main"[^}]*"rate":44100/.test(fs.readFileSync(path.join(s.dir, 'run/radio.json'), 'utf8')), 5000, 'the rate is known');
  mustRun('service', s.dir, 'stream', 'voice', 'voice', 'rate=0');
  assert.match(siaran('service', s.dir, 'source', 'voice', 'voice', 'loop', 'file', wrong).err, /22050/, 'also where only the encoder says the rate');
  await source.stop();
  await onAir('night', 'loop');
  const l = listen(s.radioPort, '/night.mp3');
  const got = Buffer.from(await l.bytes(100000));
  const loop = fs.readFileSync(file);
  assert.ok(got.includes(loop.subarray(2000, 40000)), 'the file’s own frames');
  await l.end();
});

for (const [ending, type] of [['flac', 'audio/flac'], ['ogg', 'application/ogg']])
  test(`a looped FLAC (${ending}) is decoded over its end and beginning, several times, and nothing of it is missing`, async (t) => {
    const name = `round-${ending}`, loop = path.join(s.dir, `loop.${ending}`);
    fs.writeFileSync(loop, sound(['-c:a', 'flac', '-f', ending], { input: 'anoisesrc=d=2:r=44100:a=0.1' }));
    await tuned(s, name, name, { mount: `/${name}`, type }, { loop: ['file', loop] });
    t.after(() => mustRun('service', s.dir, 'remove', name));
    await onAir(name, 'loop');
    const l = listen(s.radioPort, `/${name}`);
    await l.head();
    const bytes = Buffer.from(await l.bytes(fs.statSync(loop).size * 4));
    await l.end();
    // By its samples alone: what the file says of its time begins anew with each round.
    const decode = (input) => spawnSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-af', 'asetpts=N/SR/TB', '-f', 's16le', '-'], { input, maxBuffer: 1 << 26 });
    const heard = decode(bytes), round = decode(fs.readFileSync(loop)).stdout;
    assert.strictEqual(heard.stderr.toString(), '');
    assert.strictEqual(round.length, 2 * 44100 * 2);
    assert.ok(heard.stdout.length > 3.5 * round.length);
    assert.ok(Buffer.concat(Array(6).fill(round)).includes(heard.stdout), 'round after round');
  });

test('who says the rate that is heard anyway interrupts nobody; another one is another sound', async () => {
  const set = (...args) => mustRun('service', s.dir, 'stream', 'voice', 'voice', ...args);
  const said = (kbps) => until(async () => (await stream('voice')).kbps === kbps, 10000, `${kbps} kbit/s are said`);
  set('rate=0', 'kbps=96');
  await said(96);
  await feed('/voice.mp3', main.main);
  await onAir('voice', 'main');
  const l = listen(s.radioPort, '/voice.mp3');
  await l.bytes(20000);
  set('rate=44100', 'kbps=128');
  await said(128);
  await l.bytes(l.body.length + 40000);
  assert.strictEqual((await stream('voice')).source, 'main', 'the encoder was not sent away either');
  set('rate=22050');
  await l.over;
  set('rate=44100');
});

test('HE-AAC says half of the rate that is heard: who sets the whole one, or what the encoder says, interrupts nobody', async (t) => {
  const { main: password } = await tuned(s, 'half', 'half', { mount: '/half.aac', type: 'audio/aacp' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'half'));
  const core = sound(['-c:a', 'aac', '-b:a', '48k', '-ar', '24000', '-ac', '2', '-f', 'adts'], { seconds: 10 });
  await feed('/half.aac', password, { type: 'audio/aacp', bytes: core, rate: 6000 });
  await onAir('half', 'main');
  const l = listen(s.radioPort, '/half.aac');
  await l.bytes(10000);
  let kbps = 40;
  const set = async (rate) => {
    mustRun('service', s.dir, 'stream', 'half', 'half', `rate=${rate}`, `kbps=${++kbps}`);
    await until(async () => (await stream('half')).kbps === kbps, 10000, `${rate} is known`);
  };
  for (const rate of [48000, 24000, 0, 48000]) {
    await set(rate);
    await l.bytes(l.body.length + 12000);
    assert.strictEqual((await stream('half')).source, 'main', `${rate}: the encoder was not sent away either`);
  }
  await set(44100);
  await l.over;
});

test('who asks for HLS with a session that nobody gave out is one listener, and one address counts as a hundred at most', async () => {
  await feed('/voice.mp3', main.main);
  mustRun('service', s.dir, 'stream', 'voice', 'voice', 'hls=on');
  const list = (session) => ask('GET', `/hls/voice/live.m3u8${session}`);
  const given = async () => /live\.m3u8(\?s=\w{32})/.exec((await ask('GET', '/hls/voice.m3u8')).body)[1];
  await until(async () => (await list('')).status === 200, 20000, 'a segment is over');
  // Of now: what /api/now.json says may be a tenth of a second old.
  const count = async () => Number(/^siaran_radio_listeners\{[^}]*stream="voice"\} (\d+)$/m.exec((await ask('GET', '/metrics')).body)[1]);
  await until(async () => (await list('')).status === 200 && (await count()) === 1, 40000, 'those of before went');
  for (let i = 0; i < 150; i++) await list(`?s=made-up-${i}`);
  assert.equal(await count(), 1);
  const mine = await given();
  for (const session of [mine, mine, await given(), `${mine.slice(0, -4)}beef`]) await list(session);
  assert.equal(await count(), 3, 'those that were given out are listeners of their own');
  for (let i = 0; i < 110; i++) await list(await given());
  assert.equal(await count(), 100);
});

test('a file makes up for ten seconds that were lost; longer ones are a break, for HLS has handed out what was there', async (t) => {
  const loop = path.join(s.dir, 'round.mp3');
  fs.writeFileSync(loop, mp3({ seconds: 3, tone: 660 }));
  tune(s, 'round', 'round', { mount: '/round.mp3', type: 'audio/mpeg', hls: 'on' }, { loop: ['file', loop] });
  t.after(() => mustRun('service', s.dir, 'remove', 'round'));
  await until(async () => (await stream('round'))?.source === 'loop', 10000, 'the file plays');
  const seen = async (pattern) => ((await ask('GET', '/hls/round/live.m3u8')).body.match(pattern) ?? []).length;
  const breaks = () => seen(/DISCONTINUITY$/gm);
  s.setClock(10e6);
  await until(async () => await seen(/\.ts$/gm) > 1, 15000, 'segments are over');
  assert.strictEqual(await breaks(), 1, 'where it began');
  s.setClock(28e6);
  await until(async () => await breaks() === 2, 20000, 'the break');
});
