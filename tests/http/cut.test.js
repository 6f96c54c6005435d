// SPDX-License-Identifier: AGPL-3.0-or-later
// What somebody cuts out of what was sent is a file like any other: it begins at nothing and is as long as what was said,
// in every format, however long the encoder was up, also where it came back, or something may not be replayed.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { freshDir, makeStation, mustRun, siaran, until } = require('../support/station.js');

const SECONDS = 12, DAYS = 200000; // of a clip; seconds that the encoder was up before it
const FRAME = 0.15; // the longest frame, page or block that these encoders make, and then some

// days: its time is that of an encoder that is up for so long. counts: its frames have numbers, so that bytes differ. waits: so
// many bytes at most are padding, or the last frame, of which nobody knows whether it is whole. isGuessed: ffprobe has only the
// first frames to tell how long it is.
const formats = {
  mp3: { mount: '/cut.mp3', type: 'audio/mpeg', encode: ['-c:a', 'libmp3lame', '-b:a', '128k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'] },
  aac: { mount: '/cut.aac', type: 'audio/aac', encode: ['-c:a', 'aac', '-b:a', '96k', '-f', 'adts'], isGuessed: true },
  vorbis: { mount: '/cut.ogg', type: 'application/ogg', days: true, encode: ['-c:a', 'libvorbis', '-b:a', '96k', '-page_duration', '100000', '-f', 'ogg'] },
  opus: { mount: '/cut.ogg', type: 'application/ogg', days: true, encode: ['-c:a', 'libopus', '-b:a', '96k', '-page_duration', '100000', '-f', 'ogg'] },
  oggflac: { mount: '/cut.ogg', type: 'application/ogg', days: true, encode: ['-c:a', 'flac', '-page_duration', '100000', '-f', 'ogg'] },
  flac: { mount: '/cut.flac', type: 'audio/flac', counts: true, waits: 16000, encode: ['-c:a', 'flac', '-f', 'flac'] },
  webm: { mount: '/cut.webm', type: 'audio/webm', days: true, encode: ['-c:a', 'libopus', '-b:a', '96k', '-live', '1', '-cluster_time_limit', '500', '-f', 'webm'] },
};

const clips = freshDir();
test.after(() => fs.rmSync(clips, { recursive: true }));

// A tone that swells, so that no second of it is like another.
function clip(name, which = '') {
  const f = formats[name], file = path.join(clips, name + which);
  if (!fs.existsSync(file))
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `sine=440:r=48000:d=${SECONDS},vibrato=0.3:0.9,tremolo=0.7:0.5`, '-ac', '2',
      ...(f.days ? ['-output_ts_offset', String(DAYS)] : []), ...f.encode, file], { stdio: ['ignore', 'ignore', 'inherit'] });
  return file;
}

// A service whose only stream has that format.
function onAir(t, name) {
  const station = makeStation({ demo: false }), f = formats[name];
  t.after(() => station.remove());
  const make = (...args) => mustRun('service', station.dir, ...args).out;
  make('set', 'voice');
  make('stream', 'voice', 'sound', `mount=${f.mount}`, `type=${f.type}`, 'rate=0', 'channels=0', 'keep_days=1');
  make('remove', 'voice', 'voice-mp3');
  make('source', 'voice', 'sound', 'studio', 'encoder');
  const password = /password +(\w+)/.exec(make('password', 'voice', 'sound', 'studio'))[1];
  return Object.assign(station, { send: (bytes) => send(station, f, password, bytes) });
}

const kept = (station) => {
  const dir = path.join(station.dir, 'radio/sound');
  return fs.existsSync(dir) ? fs.readdirSync(dir).filter((one) => one.startsWith('2')).reduce((n, one) => n + fs.statSync(path.join(dir, one)).size, 0) : 0;
};

// An encoder that sends all at once, and goes when it is kept.
async function send(station, f, password, bytes) {
  const before = kept(station), socket = net.connect(station.radioPort, '127.0.0.1');
  socket.write(`PUT ${f.mount} HTTP/1.1\r\nHost: radio\r\nAuthorization: Basic ${Buffer.from(`source:${password}`).toString('base64')}\r\n` +
    `Content-Type: ${f.type}\r\nExpect: 100-continue\r\n\r\n`);
  await new Promise((resolve, reject) => {
    socket.once('data', (answer) => (/^HTTP\/1\.1 100 /.test(answer) ? resolve() : reject(new Error(String(answer)))));
    socket.once('error', reject);
  });
  socket.write(bytes);
  await until(() => kept(station) - before > bytes.length - (f.waits ?? 1000), 20000, 'the sound is kept');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.destroy();
  await closed;
}

const moment = (text) => Date.parse(text) / 1000;
const text = (seconds) => new Date(seconds * 1000).toISOString();

function cut(station, from, to) {
  const file = path.join(clips, `cut-${Math.random().toString(36).slice(2)}`);
  const r = siaran('cut', station.dir, 'voice', from, to, file);
  assert.equal(r.code, 0, r.err);
  const [, seconds, begin, end, left] = /, (\d+\.\d{3}) seconds, from (\S+) to (\S+), .*: (\d+)$/m.exec(r.out);
  return { file, seconds: Number(seconds), from: moment(begin), to: moment(end), left: Number(left) };
}
const all = (station) => cut(station, '-3600', '2090-01-01T00:00:00Z');

const ffmpeg = (...args) => execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...args], { maxBuffer: 1 << 28 });
const probe = (file, ...args) => String(execFileSync('ffprobe', ['-v', 'error', '-of', 'csv=p=0', ...args, file])).trim();

// Seconds of sound that come out, without a word of complaint.
function heard(file) {
  const r = require('node:child_process').spawnSync('ffmpeg', ['-v', 'error', '-xerror', '-nostdin', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '8000', '-'], { maxBuffer: 1 << 28 });
  assert.equal(String(r.stderr), '');
  assert.equal(r.status, 0);
  return r.stdout.length / 16000;
}

function looksLike(cutting, name) {
  const [start, duration] = probe(cutting.file, '-show_entries', 'format=start_time,duration').split(',').map(Number);
  if (!formats[name].isGuessed) assert.ok(Math.abs(start) < 0.05, `${name} begins at ${start}`);
  if (!formats[name].isGuessed) assert.ok(Math.abs(duration - cutting.seconds) < FRAME, `${name}: ${duration} s, and ${cutting.seconds} were said`);
  const out = heard(cutting.file);
  assert.ok(Math.abs(out - cutting.seconds) < FRAME, `${name}: ${out} s are heard, and ${cutting.seconds} were said`);
}

const packets = (file) => probe(file, '-show_data_hash', 'md5', '-show_entries', 'packet=data_hash').match(/MD5:\w+/g);
const samples = (file) => ffmpeg('-i', file, '-f', 's16le', '-');

function isPartOf(file, whole, counts) {
  if (counts) return assert.ok(samples(whole).includes(samples(file)), 'the same samples');
  const sent = packets(whole), got = packets(file), at = sent.indexOf(got[0]);
  assert.ok(got.length > 10 && at >= 0);
  return assert.deepEqual(got, sent.slice(at, at + got.length));
}

// As many seconds as these, and a page at each end or a frame that waits for the next.
const isAbout = (cutting, seconds, within = 0.5) => assert.ok(Math.abs(cutting.seconds - seconds) < within, `${cutting.seconds} seconds, not ${seconds}`);

for (const [name, f] of Object.entries(formats))
  test(`a stretch cut out of ${name} begins at nothing and is as long as it says`, async (t) => {
    const station = onAir(t, name);
    await station.serve();
    await station.send(fs.readFileSync(clip(name)));
    const whole = all(station), part = cut(station, text(whole.from + 4), text(whole.from + 9));
    isAbout(whole, SECONDS);
    isAbout(part, 5, 1);
    for (const one of [whole, part]) {
      looksLike(one, name);
      isPartOf(one.file, clip(name), f.counts);
    }
    // The encoder comes back, with a time of its own.
    await station.send(fs.readFileSync(clip(name, 'again')));
    const both = all(station), over = cut(station, text(whole.from + 5), text(whole.from + 17));
    isAbout(both, 2 * SECONDS, 1);
    isAbout(over, 12, 1);
    mustRun('service', station.dir, 'mask', 'sound', text(whole.from + 3), text(whole.from + 6));
    const masked = all(station);
    assert.equal(masked.left, both.left + 1);
    assert.ok(masked.seconds < both.seconds - 2.5 && masked.seconds > both.seconds - 6, `${masked.seconds} seconds`);
    for (const one of [both, over, masked]) looksLike(one, name);
  });
