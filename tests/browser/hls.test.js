// SPDX-License-Identifier: AGPL-3.0-or-later
// HLS as the radio makes it of a stream's log, played: by ffmpeg to the last sample, by Chromium as far as it can. Which
// kind of segment a stream gets follows from this (docs/decisions/0008-hls-segments.md). Firefox plays no HLS by itself.
'use strict';
const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { before, after, test } = require('node:test');
const { startBrowser } = require('../support/browser');

const root = path.join(__dirname, '..', '..');
const types = { '.m3u8': 'application/vnd.apple.mpegurl', '.ts': 'video/mp2t', '.mp3': 'audio/mpeg', '.aac': 'audio/aac' };
const streams = {
  mp3: ['audio/mpeg', '-ar', '44100', '-ac', '2', '-b:a', '128k'],
  low: ['audio/mpeg', '-ar', '22050', '-ac', '1', '-b:a', '32k'],
  aac: ['audio/aac', '-ar', '44100', '-ac', '2', '-b:a', '96k'],
};
const asked = []; // of the server
let dir, server, base;

// A stream each: half a minute, twenty seconds of nothing, another half minute from an encoder that came anew.
before(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'siaran-hls-'));
  let make = process.env.HLS_FILES;
  if (!make) {
    execFileSync(path.join(root, 'tools/release'), ['tests/unit/radio/hls_files'], { stdio: 'inherit' });
    make = path.join(root, 'build/tests/unit/radio/hls_files');
  }
  for (const [name, [type, ...args]] of Object.entries(streams)) {
    const file = path.join(dir, `${name}.${type === 'audio/aac' ? 'aac' : 'mp3'}`);
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=440:d=33', '-f', 'lavfi', '-i', 'anoisesrc=d=33:a=0.1',
      '-filter_complex', 'amix', ...args, file]);
    fs.mkdirSync(path.join(dir, name));
    execFileSync(make, [path.join(dir, name), type, file, 'gap:20', file]);
  }
  server = http.createServer((request, reply) => {
    const file = path.join(dir, path.normalize(request.url));
    asked.push(path.basename(request.url));
    if (request.url === '/') return reply.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Radio</title>');
    if (!fs.existsSync(file)) return reply.writeHead(404).end();
    return reply.writeHead(200, { 'Content-Type': types[path.extname(file)] }).end(fs.readFileSync(file));
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => {
    base = `http://127.0.0.1:${server.address().port}`;
    done();
  }));
});

after(() => {
  server.close();
  server.closeAllConnections();
  fs.rmSync(dir, { recursive: true, force: true });
});

function decode(...input) {
  const done = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', ...input, '-f', 's16le', '-'], { maxBuffer: 1 << 28 });
  assert.strictEqual(done.status, 0, done.stderr.toString());
  return { sound: done.stdout, said: done.stderr.toString().split('\n').filter((line) => line) };
}

for (const name of Object.keys(streams))
  for (const kind of ['ts', 'packed'])
    test(`a listener with ffmpeg hears every sample of ${name} in ${kind} segments, without a line of error`, () => {
      const sent = decode('-i', path.join(dir, name, 'sent'));
      const heard = decode('-allowed_extensions', 'ALL', '-i', path.join(dir, name, 'hls/voice', `all-${kind}.m3u8`));
      // Of packed MP3, ffmpeg gives the last frame of a segment the time of the next segment's first, and says so.
      const own = (line) => kind === 'packed' && name !== 'aac' && line.includes('non monotonically increasing dts');
      assert.deepStrictEqual(heard.said.filter((line) => !own(line)), []);
      assert.ok(sent.sound.length > 60 * 22050 * 2);
      assert.ok(heard.sound.equals(sent.sound), `${heard.sound.length} bytes of ${sent.sound.length}`);
    });

test('ffprobe sees what a segment holds, and the title of a packed one', () => {
  const list = fs.readFileSync(path.join(dir, 'mp3/hls/voice/all-ts.m3u8'), 'latin1');
  const number = /^(\d+)\.ts$/m.exec(list)[1];
  const probe = (file) => JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-show_format', '-of', 'json',
    path.join(dir, file)]));
  const ts = probe(`mp3/hls/voice/${number}.ts`);
  assert.strictEqual(ts.format.format_name, 'mpegts');
  assert.strictEqual(ts.streams[0].codec_name, 'mp3');
  // 2026-11-29T12:00:00Z at 90 kHz, of which 33 bits are kept.
  assert.strictEqual(ts.streams[0].start_pts, Number((1795953600n * 90000n) % (1n << 33n)));
  const aac = probe(`aac/hls/voice/${number}.aac`);
  assert.strictEqual(aac.streams[0].codec_name, 'aac');
  assert.strictEqual(aac.format.tags.title, 'Ismail Marzuki - Indonesia Pusaka');
});

// Plays until so many seconds were heard, or until it says why not.
function play(page, address, from, seconds = 2) {
  return page.evaluate(([src, begin, lasts]) => new Promise((done) => {
    const audio = document.createElement('audio');
    audio.muted = true;
    audio.addEventListener('error', () => done({ error: audio.error.message }));
    audio.addEventListener('loadedmetadata', () => { if (begin) audio.currentTime = begin; }, { once: true });
    audio.addEventListener('timeupdate', () => {
      if (audio.currentTime < begin + lasts) return;
      done({ heard: audio.played.length });
      audio.removeAttribute('src');
      audio.load();
    });
    audio.src = src;
    audio.play().catch(() => {});
  }), [address, from, seconds]);
}

test('in Chromium a plain <audio> plays MPEG-TS of MP3 and packed AAC, not packed MP3', async (t) => {
  const browser = await startBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${base}/`);
  const matrix = {};
  for (const name of Object.keys(streams))
    for (const list of ['all-ts', 'all-packed', 'live-ts', 'live-packed'])
      matrix[`${name} ${list}`] = !(await play(page, `${base}/${name}/hls/voice/${list}.m3u8`, 0)).error;
  const expected = Object.fromEntries(Object.keys(matrix).map((key) => [key, !/^(mp3|low) .*packed$/.test(key)]));
  assert.deepStrictEqual(matrix, expected);
});

test('in Chromium a span of the past whose begin is masked is heard from behind it on', async (t) => {
  const browser = await startBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${base}/`);
  for (const [name, kind] of [['mp3', 'ts'], ['aac', 'packed']])
    assert.ok((await play(page, `${base}/${name}/hls/voice/masked-first-${kind}.m3u8`, 0)).heard, name);
});

test('in Chromium a listener hears what comes behind lost time', async (t) => {
  const browser = await startBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${base}/`);
  assert.ok((await play(page, `${base}/mp3/hls/voice/all-ts.m3u8`, 31)).heard);
  assert.ok((await play(page, `${base}/aac/hls/voice/all-packed.m3u8`, 31)).heard);
  for (const name of ['mp3', 'aac']) { // the master playlist names the live one
    const kind = name === 'mp3' ? 'ts' : 'packed';
    fs.copyFileSync(path.join(dir, name, `hls/voice/live-${kind}.m3u8`), path.join(dir, name, 'hls/voice/live.m3u8'));
    assert.ok((await play(page, `${base}/${name}/hls/master.m3u8`, 0)).heard);
  }
});

// The segments are all there, as in a cache that was asked before.
test('who listens over what is masked goes on behind it, with times that fit, and asks for nothing of it', async (t) => {
  const browser = await startBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${base}/`);
  for (const [name, kind] of [['mp3', 'ts'], ['aac', 'packed']]) {
    const list = `${name}/hls/voice/masked-${kind}.m3u8`;
    const [, lasts, number, ending] = /#EXT-X-GAP\n#EXTINF:(\S+),\n(\d+)-gap\.(\w+)/.exec(fs.readFileSync(path.join(dir, list), 'latin1'));
    assert.ok(fs.existsSync(path.join(dir, `${name}/hls/voice/${number}.${ending}`)));
    asked.length = 0;
    assert.ok((await play(page, `${base}/${list}`, 10, 10)).heard);
    assert.ok(asked.includes(`${Number(number) + 1}.${ending}`) && !asked.includes(`${number}.${ending}`), asked.join(' '));
    const packets = execFileSync('ffprobe', ['-v', 'error', '-allowed_extensions', 'ALL', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0',
      path.join(dir, list)], { encoding: 'utf8' });
    const times = packets.match(/^\d+\.\d+/gm).map(Number), step = times.slice(1).map((time, i) => time - times[i]).find((one) => one > 1);
    assert.ok(Math.abs(step - lasts) < 0.1, `${lasts} s are left out, and their time is: ${step}`);
  }
});
