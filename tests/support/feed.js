// SPDX-License-Identifier: AGPL-3.0-or-later
// An encoder of a few lines: sends a file's bytes round and round over PUT, exactly as fast as they sound.
'use strict';
const net = require('node:net');

const TICK_MS = 50;

class Feed {
  // `rate` in bytes a second; `bytes` begins and ends on a frame.
  constructor({ port, mount, password, user = 'source', type = 'audio/mpeg', bytes, rate = 16000, headers = {} }) {
    Object.assign(this, { port, mount, password, user, type, bytes, rate, headers, sent: 0, isCut: false });
  }

  // Resolves when the server has taken the source.
  start() {
    return new Promise((resolve, reject) => {
      const basic = Buffer.from(`${this.user}:${this.password}`).toString('base64');
      const all = { Host: `127.0.0.1:${this.port}`, Authorization: `Basic ${basic}`, 'User-Agent': 'feed/1.0', 'Content-Type': this.type,
        'Ice-Public': '0', Expect: '100-continue', ...this.headers };
      let answer = '';
      this.socket = net.connect(this.port, '127.0.0.1');
      this.ended = new Promise((done) => this.socket.once('close', () => {
        clearInterval(this.timer);
        done();
      }));
      this.socket.on('error', reject);
      this.socket.once('close', () => reject(new Error(`${this.mount}: the source was not taken: ${answer}`)));
      this.socket.on('data', (d) => {
        answer += d.toString('latin1');
        if (this.timer || !/\r\n\r\n/.test(answer)) return;
        if (!/^HTTP\/1\.[01] (100|200)/.test(answer)) return void this.socket.destroy();
        this.began = performance.now();
        this.timer = setInterval(() => this.tick(), TICK_MS);
        resolve(this);
      });
      this.socket.write(`PUT ${this.mount} HTTP/1.1\r\n${Object.entries(all).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`);
    });
  }

  // What is due by now, in one write, whatever the timer did.
  tick() {
    if (this.isCut || this.socket.destroyed) return;
    let due = Math.floor((performance.now() - this.began) / 1000 * this.rate) - this.sent;
    while (due > 0) {
      const at = this.sent % this.bytes.length;
      const part = this.bytes.subarray(at, at + due);
      this.socket.write(part);
      this.sent += part.length;
      due -= part.length;
    }
  }

  // From now on so many bytes a second; what it owed before stays owed.
  keepPace(rate) {
    this.tick();
    Object.assign(this, { rate, began: performance.now() - (this.sent / rate) * 1000 });
  }

  // So many bytes of what follows at once, as when a line that stood still is free again.
  hurry(bytes) {
    this.began -= (bytes / this.rate) * 1000;
    this.tick();
  }

  // The cable: the connection stands, and nothing comes any more.
  cut() {
    this.isCut = true;
  }

  stop() {
    clearInterval(this.timer);
    this.socket.destroy();
    return this.ended;
  }
}

async function startFeed(t, options) {
  const feed = new Feed(options);
  t?.after(() => feed.stop());
  return feed.start();
}

module.exports = { Feed, startFeed };
