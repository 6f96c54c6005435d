// SPDX-License-Identifier: AGPL-3.0-or-later
// Somebody at the desk: keeps cookies, sends forms as a browser of our own page does, computes codes of the app.
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const password = 'corridor lantern pebble august';
const unescapeHtml = (s) => s.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'")
  .replaceAll('&amp;', '&');

// RFC 6238, SHA-1, six digits, at a moment in milliseconds.
function totp(base32, ms) {
  const bits = [...base32.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(ms / 30000)));
  const mac = crypto.createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

class Visitor {
  constructor(station, headers = {}) {
    this.station = station;
    this.cookies = {};
    this.headers = { 'Accept-Language': 'en', ...headers };
  }

  async request(method, target, { headers = {}, body = '' } = {}) {
    const cookie = Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join('; ');
    const answer = await this.station.request(method, target, { headers: { ...this.headers, ...(cookie && { Cookie: cookie }), ...headers }, body });
    for (const line of answer.headers['set-cookie'] || []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/Max-Age=0/.test(line)) delete this.cookies[name];
      else this.cookies[name] = value;
    }
    const token = /name="token" value="([^"]+)"/.exec(answer.body)?.[1];
    if (token) this.token = token;
    return { ...answer, target };
  }

  // Follows redirects, as a browser does.
  async follow(answer) {
    for (let i = 0; i < 6 && answer.status === 303; i++) answer = await this.request('GET', answer.headers.location);
    return answer;
  }

  async get(target) {
    return this.follow(await this.request('GET', target));
  }

  send(target, fields, headers = {}) {
    const body = new URLSearchParams(fields).toString();
    return this.request('POST', target, { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: this.station.origin,
      'Sec-Fetch-Site': 'same-origin', ...headers }, body });
  }

  // With the token of the page seen last.
  async post(target, fields = {}) {
    return this.follow(await this.send(target, { ...(this.token && { token: this.token }), ...fields }));
  }

  // The station's own time, which a test may have moved.
  now() {
    return Date.now() + Number(fs.readFileSync(this.station.clock).readBigInt64LE()) / 1000;
  }

  // Later than any code that was used before: each counts once.
  nextCode() {
    this.station.later(31);
    return totp(this.secret, this.now());
  }

  async addApp() {
    const page = await this.post('/desk/totp');
    this.secret = /<code dir="ltr">([A-Z2-7]+)<\/code>/.exec(page.body)?.[1];
    assert.ok(this.secret, page.body);
    const done = await this.post('/desk/totp/confirm', { code: totp(this.secret, this.now()), secret: this.secret });
    this.codes = [...done.body.matchAll(/<code dir="ltr">([a-z0-9-]+)<\/code>/g)].map((m) => m[1]);
    assert.strictEqual(this.codes.length, 10, done.body);
    return this.get('/desk/');
  }

  async join(link, fields = {}) {
    await this.get(link);
    delete this.token;
    const setup = await this.post(link, { password, ...fields });
    assert.match(setup.target, /^\/desk\/setup/, setup.body);
    return this.addApp();
  }

  async signIn(login, { code = true } = {}) {
    delete this.token;
    const second = await this.post('/desk/login', { login, password });
    return code ? this.post('/desk/second', { code: this.nextCode() }) : second;
  }
}

// The station's time goes on by some seconds.
function teachTime(station) {
  station.offset = 0;
  station.later = (seconds) => {
    station.offset += seconds * 1e6;
    station.setClock(station.offset);
  };
}

// The first administrator of a fresh station, signed in.
async function firstAdministrator(station, { name = 'Ada Admin', login = 'ada@station.test' } = {}) {
  teachTime(station);
  const file = path.join(station.dir, 'run/first-administrator');
  const link = fs.readFileSync(file, 'utf8').trim().replace(station.origin, '');
  const admin = new Visitor(station);
  await admin.join(link, { name, login });
  return admin;
}

// One more account with roles, by the administrator; signed in as its owner.
async function colleague(admin, login, fields) {
  await admin.get('/desk/accounts/new');
  const made = await admin.post('/desk/accounts/new', { name: login.split('@')[0], login, lang: 'en', version: '0', ...fields });
  const link = /(\/desk\/link\/[A-Za-z0-9_-]+)/.exec(made.body)?.[1];
  assert.ok(link, made.body);
  const visitor = new Visitor(admin.station);
  await visitor.join(link);
  return visitor;
}

// A moment in milliseconds as the desk's forms write it, in the demo station's zone.
function localMinute(ms) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Jakarta', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
    .formatToParts(new Date(ms)).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

module.exports = { Visitor, colleague, firstAdministrator, localMinute, password, totp, unescapeHtml };
