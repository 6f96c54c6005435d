// SPDX-License-Identifier: AGPL-3.0-or-later
// A station with something to tune in to: services made by its own command, sound made by ffmpeg, and both ends of a
// connection to its radio, byte by byte.
'use strict';
const { spawnSync } = require('node:child_process');
const net = require('node:net');
const { mustRun, until } = require('./station.js');

// Sound made by ffmpeg: `args` say how it is coded and end with "-f FORMAT".
function sound(args, { seconds = 10, tone = 440, input = `sine=${tone}:duration=${seconds}` } = {}) {
  const r = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', input, ...args, '-'], { maxBuffer: 1 << 28 });
  if (r.status !== 0) throw new Error(`ffmpeg: ${r.stderr}`);
  return r.stdout;
}
// Whole frames and nothing else.
const mp3 = (options) => sound(['-c:a', 'libmp3lame', '-b:a', '128k', '-ar', '44100', '-ac', '2', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'], options);
const adts = (options) => sound(['-c:a', 'aac', '-b:a', '64k', '-ar', '44100', '-ac', '2', '-f', 'adts'], options);

// What ffmpeg says of these bytes when it decodes all of them; nothing is right.
function complaints(bytes) {
  return spawnSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 'null', '-'], { input: bytes, encoding: 'utf8' }).stderr;
}

// The service, the stream and its sources by the station's command; gives each source's password by its name.
//   tune(s, 'voice', 'voice', {mount, type, ...}, {main: 'encoder', loop: ['file', PATH]})
function tune(station, service, stream, keys, sources) {
  const run = (...args) => mustRun('service', station.dir, ...args).out;
  const secret = (out) => /password +(\S+)/.exec(out)?.[1];
  if (!run('list').split('\n').some((line) => line.startsWith(`${service} `))) {
    run('set', service, `title=${service}`);
    run('remove', service, run('show', service).match(/^stream (\S+)/m)[1]);
  }
  run('stream', service, stream, ...Object.entries(keys).map(([k, v]) => `${k}=${v}`));
  const passwords = {};
  for (const [name, kind] of Object.entries(sources)) passwords[name] = secret(run('source', service, stream, name, ...[kind].flat()));
  return passwords;
}

// The same, and the radio knows all of it. It reads the file whole, some time within a second: what was written last is there
// last.
async function tuned(station, service, stream, keys, sources) {
  const passwords = tune(station, service, stream, keys, sources);
  mustRun('service', station.dir, 'set', service, `description=with ${stream}`);
  const known = async () => (await (await fetch(`http://127.0.0.1:${station.radioPort}/api/now.json`)).json()).services.find((x) => x.name === service)?.description === `with ${stream}`;
  await until(known, 10000, `the radio knows ${stream}`);
  return passwords;
}

const basic = (password, user = 'source') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

// A connection to the radio: what was sent, what came, what its head said.
class Wire {
  constructor(port, text = '') {
    this.got = Buffer.alloc(0);
    this.isOver = false;
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.over = new Promise((resolve) => this.socket.once('close', () => { this.isOver = true; resolve(); }));
    this.socket.on('data', (d) => { this.got = Buffer.concat([this.got, d]); });
    if (text) this.socket.write(text);
  }

  // The first answer's head, when all of it is there.
  async head() {
    await until(() => this.got.includes('\r\n\r\n') || this.isOver, 10000, 'the head of an answer');
    return this.got.subarray(0, this.got.indexOf('\r\n\r\n') + 4).toString('latin1');
  }

  get body() {
    return this.got.subarray(this.got.indexOf('\r\n\r\n') + 4);
  }

  async bytes(n) {
    await until(() => this.got.includes('\r\n\r\n') && this.body.length >= n, 15000, `${n} bytes of sound`);
    return this.body;
  }

  send(bytes) {
    this.socket.write(bytes);
  }

  end() {
    this.socket.destroy();
    return this.over;
  }
}

function listen(port, target, headers = {}, version = '1.1') {
  const lines = Object.entries({ Host: `localhost:${port}`, 'User-Agent': 'Player/1.0', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`).join('');
  return new Wire(port, `GET ${target} HTTP/${version}\r\n${lines}\r\n`);
}

// Sound and titles of an answer with icy-metaint.
function takeApart(body, metaint) {
  const parts = [], titles = [];
  for (let at = 0; at < body.length;) {
    parts.push(body.subarray(at, at + metaint));
    at += metaint;
    if (at >= body.length) break;
    const n = body[at] * 16;
    if (n > 0 && at + 1 + n <= body.length) titles.push(/StreamTitle='(.*?)';/s.exec(body.subarray(at + 1, at + 1 + n).toString('utf8'))?.[1]);
    at += 1 + n;
  }
  return { sound: Buffer.concat(parts), titles };
}

module.exports = { Wire, adts, basic, complaints, listen, mp3, sound, takeApart, tune, tuned };
