// SPDX-License-Identifier: AGPL-3.0-or-later
// A station that is on the air: services made on the command line, an encoder for each, and between the radio and its
// listeners a front, as a proxy is one, that sees who asks for what and can fail them.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { freshDir, mustRun } = require('./station');
const { startFeed } = require('./feed');

const KBPS = 64;

// A minute of noise, as MP3 at a constant rate: no two frames are alike, so each says which second of it it is.
const SECONDS = 60;
let made;
function noise() {
  if (made) return made;
  const dir = freshDir(), file = path.join(dir, 'noise.mp3');
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `anoisesrc=amplitude=0.2:seed=7:duration=${SECONDS}`, '-ac', '1', '-ar', '44100', '-b:a', `${KBPS}k`,
    '-write_xing', '0', '-id3v2_version', '0', file]);
  made = fs.readFileSync(file);
  fs.rmSync(dir, { recursive: true });
  return made;
}

// Which second of it begins with these bytes; and how far one is behind another, that the minute came round in between or not.
function secondOf(sound) {
  const at = noise().indexOf(sound.subarray(0, 100));
  if (at < 0) throw new Error('this is not what the encoder sent');
  return at / (KBPS * 125);
}
const apart = (a, b) => a - b - SECONDS * Math.round((a - b) / SECONDS);

const voice = () => ({ name: 'voice', title: 'Voice of Merantara', description: 'News and music from the islands, round the clock.', languages: 'en ar',
  nowOn: 'Letters Across the Water', streams: [{ name: 'voice-mp3', mount: '/voice.mp3' }, { name: 'voice-low', mount: '/voice-low.mp3', low: true }] });

class Radio {
  // services: [{ name, title, description, languages, nowOn, off, isSecret, streams: [{ name, mount, low }] }]; before the station is served.
  constructor(t, station, services = [voice()]) {
    Object.assign(this, { station, services, asked: [], begun: [], listeners: new Set(), refuses: false });
    const make = (...args) => mustRun('service', station.dir, ...args).out;
    for (const s of services) {
      make('set', s.name, `title=${s.title}`, `description=${s.description ?? ''}`, `languages=${s.languages ?? ''}`, `public=${s.isSecret ? 'off' : 'on'}`);
      for (const stream of s.streams) {
        make('stream', s.name, stream.name, `mount=${stream.mount}`, 'type=audio/mpeg', `kbps=${KBPS}`, `low_data=${stream.low ? 'on' : 'off'}`, 'hls=on');
        make('source', s.name, stream.name, 'main', 'encoder');
        stream.password = /password +(\w+)/.exec(make('password', s.name, stream.name, 'main'))[1];
      }
    }
    t.after(() => this.stop());
  }

  // Listens before the station is served, which says where in its siaran.conf.
  async openFront() {
    this.front = http.createServer((request, response) => this.pass(request, response));
    await new Promise((resolve) => this.front.listen(0, '127.0.0.1', resolve));
    this.origin = `http://localhost:${this.front.address().port}`;
    fs.appendFileSync(path.join(this.station.dir, 'siaran.conf'), `\nradio_origin = ${this.origin}\n`);
  }

  // Everything that is not off goes on the air.
  async begin() {
    this.origin ??= `http://localhost:${this.station.radioPort}`;
    for (const s of this.services) if (!s.off) await this.on(s.name);
    return this;
  }

  async on(name, nowOn) {
    const s = this.services.find((one) => one.name === name);
    s.off = false;
    for (const stream of s.streams)
      stream.feed = await startFeed(null, { port: this.station.radioPort, mount: stream.mount, password: stream.password, bytes: noise(), rate: KBPS * 125 });
    await this.title(name, nowOn ?? s.nowOn ?? '');
  }

  async off(name) {
    const s = this.services.find((one) => one.name === name);
    s.off = true;
    for (const stream of s.streams) await stream.feed?.stop();
  }

  async title(name, song) {
    for (const stream of this.services.find((one) => one.name === name).streams) {
      const answer = await this.ask(`/admin/metadata?mode=updinfo&charset=UTF-8&mount=${stream.mount}&song=${encodeURIComponent(song)}`, `source:${stream.password}`);
      if (answer.status !== 200) throw new Error(`the title was answered with ${answer.status}: ${answer.body}`);
    }
  }

  ask(target, auth) {
    return new Promise((resolve, reject) => http.get({ host: '127.0.0.1', port: this.station.radioPort, path: target, auth, agent: false }, (r) => {
      let body = '';
      r.on('data', (d) => (body += d));
      r.on('end', () => resolve({ status: r.statusCode, body }));
    }).on('error', reject));
  }

  // The second of the sound that is kept of a moment.
  secondAt(mount, ms) {
    const target = `${mount}?at=${new Date(ms).toISOString()}`;
    return new Promise((resolve, reject) => http.get({ host: '127.0.0.1', port: this.station.radioPort, path: target, agent: false }, (answer) => {
      answer.once('data', (sound) => {
        answer.destroy();
        resolve(secondOf(sound));
      });
    }).on('error', reject));
  }

  pass(request, response) {
    const url = new URL(request.url, this.origin), mount = this.services.flatMap((s) => s.streams).some((s) => s.mount === url.pathname);
    if (mount) this.asked.push({ mount: url.pathname, at: url.searchParams.get('at') });
    if ((mount && this.refuses) || (url.pathname === '/api/events' && this.isWithoutEvents)) return response.writeHead(404, { 'Access-Control-Allow-Origin': '*' }).end();
    const ask = http.request({ host: '127.0.0.1', port: this.station.radioPort, path: request.url, method: request.method, headers: request.headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      if (mount && answer.statusCode === 200) answer.once('data', (sound) => this.begun.push(secondOf(sound)));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    ask.on('error', () => response.destroy());
    if (mount) this.listeners.add(response);
    response.on('close', () => {
      this.listeners.delete(response);
      ask.destroy();
    });
    return ask.end();
  }

  // Every connection of a listener ends, as when the network fails.
  cut() {
    for (const response of this.listeners) response.destroy();
  }

  async stop() {
    for (const s of this.services) await this.off(s.name);
    this.front?.closeAllConnections();
    await new Promise((resolve) => (this.front ? this.front.close(resolve) : resolve()));
  }
}

module.exports = { Radio, apart, voice };
