// SPDX-License-Identifier: AGPL-3.0-or-later
// Who listens while something goes wrong: a station with one mount of MP3, its encoder, one listener whose every byte is
// kept, and a crowd that compares what it hears with what was sent.
'use strict';
const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Feed } = require('./feed');
const { startRadio } = require('./on_air');
const { freshDir, root, until } = require('./station');

const MOUNT = '/voice-mp3', RATE = 16000; // bytes a second
const listenTool = [path.join(root, 'build/bench/listen'), path.join(path.dirname(process.env.SIARAN || ''), 'bench/listen')].find((f) => fs.existsSync(f));

// A minute of noise, whole frames and nothing else; made once for each file of tests.
const dir = freshDir(), soundFile = path.join(dir, 'sound.mp3');
process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'anoisesrc=r=44100:a=0.3:c=pink:d=60:seed=3', '-ac', '2', '-c:a', 'libmp3lame', '-b:a', '128k', '-write_xing', '0', '-id3v2_version', '0', soundFile]);
const sound = fs.readFileSync(soundFile);

const calm = (ask, what) => until(async () => (await ask()) || new Promise((resolve) => setTimeout(() => resolve(false), 20)), 20000, what);

const onAir = async (t, options = {}) => startRadio(t, { services: { voice: [{ mount: MOUNT, format: 'mp3', settings: options.settings }] }, ...options });
async function feed(t, radio, mount = MOUNT) {
  const f = new Feed({ port: radio.port, mount, password: radio.password(mount), bytes: sound, rate: RATE });
  t.after(() => f.stop());
  await f.start();
  // It plays when it has given as much as makes sense to join; until then a listener is told to come again.
  await calm(() => plays(radio, mount), 'the source plays');
  return f;
}

// A listener is sent away until there is something to begin with.
const plays = (radio, mount) => new Promise((resolve) => {
  const socket = net.connect(radio.port, '127.0.0.1', () => socket.write(`GET ${mount} HTTP/1.0\r\n\r\n`));
  socket.once('data', (d) => { socket.destroy(); resolve(/^HTTP\/1\.\d 200/.test(d.toString('latin1'))); });
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
});

// The bench's listeners, with these arguments. `said(n)` is their nth line, `input` what they end with, if told to.
function listeners(t, radio, n, ...args) {
  const child = spawn(listenTool, ['--to', `127.0.0.1:${radio.port}`, '--path', MOUNT, '--listeners', n, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let text = '', faults = '';
  child.stderr.on('data', (d) => (faults += d));
  t.after(async () => { child.kill('SIGKILL'); await ended; });
  const lines = () => text.split('\n').slice(0, -1).map((l) => JSON.parse(l));
  const said = (count) => new Promise((resolve, reject) => {
    const look = () => lines().length >= count && (child.stdout.off('data', look), resolve(lines()[count - 1]));
    child.stdout.on('data', look);
    ended.then(() => (lines().length >= count ? resolve(lines()[count - 1]) : reject(new Error(`listen ended: ${text} ${faults}`))));
    look();
  });
  child.stdout.on('data', (d) => (text += d));
  return { said, input: child.stdin };
}

// Many who compare what they hear with what was sent. `end()` ends them; `hears()` too, and nobody may have missed anything.
async function crowd(t, radio, n, ...args) {
  const all = listeners(t, radio, n, '--seconds', '86400', '--check', soundFile, '--until-input-ends', ...args);
  const hearing = await all.said(1);
  assert.strictEqual(hearing.hearing, n, JSON.stringify(hearing));
  const hears = async () => {
    all.input.end();
    const heard = await all.said(2);
    assert.deepStrictEqual([heard.dropped, heard.refused, heard.failed, heard.broken, heard.listening], [0, 0, 0, 0, n], JSON.stringify(heard));
  };
  return { hears };
}

// One listener, whose bytes stand in `bytes`.
function listen(t, radio, target = MOUNT, { head = '', ...from } = {}) {
  const l = { bytes: Buffer.alloc(0), isClosed: false };
  l.socket = net.connect({ port: radio.port, host: '127.0.0.1', ...from }, () => l.socket.write(`GET ${target} HTTP/1.0\r\n${head}\r\n`));
  l.socket.on('data', (d) => { l.bytes = Buffer.concat([l.bytes, d]); });
  l.socket.on('error', () => {});
  l.socket.on('close', () => { l.isClosed = true; });
  l.more = (n) => { const goal = l.bytes.length + n; return wait(l.socket, () => l.bytes.length >= goal || l.isClosed); };
  t.after(() => l.socket.destroy());
  return l;
}

// Looks whenever something comes.
const wait = (socket, holds) => new Promise((resolve) => {
  const look = () => {
    if (!holds()) return;
    socket.off('data', look);
    socket.off('close', look);
    resolve();
  };
  socket.on('data', look);
  socket.on('close', look);
  look();
});

// How many unbroken runs of the sound the answer's body holds.
function runs(answer) {
  const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4), round = Buffer.concat([sound, sound]);
  let at = 0, n = 0;
  while (at < body.length) {
    let from = round.indexOf(body.subarray(at, at + 64));
    if (from < 0) return Infinity;
    while (at < body.length && body[at] === round[from]) {
      at++;
      from = from + 1 < round.length ? from + 1 : from + 1 - sound.length;
    }
    n++;
  }
  return n;
}

module.exports = { MOUNT, RATE, calm, crowd, feed, listen, listeners, onAir, plays, runs, sound, wait };
