// SPDX-License-Identifier: AGPL-3.0-or-later
// Starts a real station in a fresh directory on a free port with a clock of its own, and ends it. Nothing here waits
// for a time: it waits for a line, a file, an exit.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');

const root = path.resolve(__dirname, '../..');
const binary = process.env.SIARAN || path.join(root, 'build/siaran');
const isLong = Boolean(process.env.LONG);
const SHORT_OF = 10; // one of so many is what the short run has
const times = (n) => (isLong ? n : Math.max(1, Math.round(n / SHORT_OF)));

function siaran(...args) {
  const r = spawnSync(binary, args, { encoding: 'utf8' });
  return { code: r.status, out: r.stdout, err: r.stderr };
}

function mustRun(...args) {
  const r = siaran(...args);
  if (r.code !== 0) throw new Error(`siaran ${args.join(' ')} ended with ${r.code}: ${r.err}`);
  return r;
}

function freshDir() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'siaran-test-'));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

function childrenOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

// What /proc says of a process; '' when it ended meanwhile.
function told(pid, file) {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
const nameOf = (pid) => told(pid, 'comm').trim();

// Processes of this station, found by the directory in their command line.
const processesOf = (dir) => fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
  .filter((pid) => told(pid, 'cmdline').split('\0').includes(dir) && isAlive(pid));

const LOOK_MS = 2; // between two looks the processor is the station's
// Asks again and again until the answer is truthy; gives up at the deadline.
async function until(ask, ms, what) {
  const end = process.hrtime.bigint() + BigInt(ms) * 1000000n;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (process.hrtime.bigint() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

// One answer from the bytes read so far, or null while it is incomplete.
function parseAnswer(bytes, isHead) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).trim();
    if (name === 'set-cookie') (headers[name] ||= []).push(value);
    else headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const status = Number(first.split(' ')[1]);
  const length = isHead || status === 304 || status === 204 ? 0 : Number(headers['content-length'] ?? NaN);
  const body = bytes.subarray(end + 4);
  if (Number.isNaN(length)) return { status, headers, raw: body, open: true };
  if (body.length < length) return null;
  return { status, headers, raw: body.subarray(0, length), used: end + 4 + length };
}

class Station {
  constructor(dir, clock) {
    this.dir = dir;
    this.clock = clock;
    this.log = '';
  }

  async serve(...args) {
    const all = ['serve', this.dir, '--http', '127.0.0.1:0', '--radio', '127.0.0.1:0', '--clock', this.clock, ...args];
    this.process = spawn(binary, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.pid = this.process.pid;
    this.ended = new Promise((resolve) => this.process.on('exit', (code, signal) => resolve({ code, signal })));
    this.process.stderr.on('data', (d) => (this.log += d));
    await new Promise((resolve, reject) => {
      let out = '';
      this.process.stdout.on('data', (d) => {
        out += d;
        if (out.includes('\n')) resolve();
      });
      this.ended.then(({ code }) => reject(new Error(`serve ended with ${code}: ${this.log}`)));
    });
    this.port = Number(/http .*:(\d+)/.exec(fs.readFileSync(path.join(this.dir, 'run/addresses'), 'utf8'))[1]);
    this.radioPort = Number(/radio .*:(\d+)/.exec(fs.readFileSync(path.join(this.dir, 'run/addresses'), 'utf8'))[1]);
    this.origin = `http://localhost:${this.port}`;
    await until(() => this.get('/robots.txt').then((r) => r.status === 200, () => false), 10000, 'the first answer');
    return this;
  }

  // Moves the station's time; every process sees it at once.
  setClock(offsetUs) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(offsetUs));
    const fd = fs.openSync(this.clock, 'r+');
    fs.writeSync(fd, bytes, 0, 8, 0);
    fs.closeSync(fd);
  }

  // The station's own time now becomes `atUs`.
  setNow(atUs) {
    this.setClock(BigInt(atUs) - BigInt(Date.now()) * 1000n);
  }

  request(method, target, { headers = {}, body = '', timeout = 15000 } = {}) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.port, '127.0.0.1');
      let bytes = Buffer.alloc(0);
      socket.setTimeout(timeout, () => socket.destroy(new Error(`no answer to ${method} ${target}`)));
      const finish = (answer) => {
        socket.destroy();
        const coded = answer.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(answer.raw) : answer.raw;
        resolve({ ...answer, body: coded.toString('utf8') });
      };
      socket.on('error', reject);
      socket.on('data', (d) => {
        bytes = Buffer.concat([bytes, d]);
        const answer = parseAnswer(bytes, method === 'HEAD');
        if (answer && !answer.open) finish(answer);
      });
      socket.on('end', () => {
        const answer = parseAnswer(bytes, method === 'HEAD');
        if (answer) finish(answer);
        else reject(new Error(`${method} ${target}: the connection ended after ${bytes.length} bytes`));
      });
      const all = { Host: `localhost:${this.port}`, 'User-Agent': 'Reader/1.0', Connection: 'close', ...headers };
      if (body) all['Content-Length'] ??= Buffer.byteLength(body);
      const head = Object.entries(all).map(([k, v]) => `${k}: ${v}\r\n`).join('');
      socket.write(Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`), Buffer.from(body)]));
    });
  }

  get(target, headers) {
    return this.request('GET', target, { headers });
  }

  // Follows redirects of the station itself.
  async visit(target, headers) {
    let answer = await this.get(target, headers);
    for (let i = 0; i < 5 && answer.status >= 300 && answer.status < 400 && answer.headers.location; i++) {
      target = answer.headers.location.replace(this.origin, '');
      answer = await this.get(target, headers);
    }
    return { ...answer, target };
  }

  // Sends the bytes as they stand on one connection and gives the whole answers, in order, when `count` have come or
  // the connection ended, however it did.
  exchange(bytes, { count = Infinity, isHead = () => false, timeout = 15000 } = {}) {
    return new Promise((resolve) => {
      const socket = net.connect(this.port, '127.0.0.1', () => socket.write(bytes));
      const answers = [];
      let rest = Buffer.alloc(0);
      const finish = () => {
        socket.destroy();
        resolve(answers);
      };
      socket.setTimeout(timeout, finish);
      socket.on('error', finish);
      socket.on('end', finish);
      socket.on('data', (d) => {
        rest = Buffer.concat([rest, d]);
        for (;;) {
          const answer = parseAnswer(rest, isHead(answers.length));
          if (!answer || answer.open) return;
          answers.push({ ...answer, body: answer.raw.toString('utf8') });
          rest = rest.subarray(answer.used);
          if (answers.length === count) return finish();
        }
      });
    });
  }

  vote(number, value, { cookie, headers = {} } = {}) {
    const all = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: this.origin, ...headers };
    if (cookie) all.Cookie = cookie;
    return this.request('POST', `/vote/${number}`, { headers: all, body: `value=${value}` });
  }

  // One of its processes by its name ("siaran-media"); the radio also when its parent was killed.
  processNamed(name) {
    return processesOf(this.dir).find((pid) => nameOf(pid) === name);
  }

  siteProcess() {
    return this.processNamed('siaran-site');
  }

  async stop(signal = 'SIGTERM') {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return this.ended;
    this.process.kill(signal);
    return this.ended;
  }

  // kill -9 of the parent, and the end of all that end with it: all but the radio.
  async kill() {
    const radio = this.processNamed('siaran-radio');
    this.process.kill('SIGKILL');
    await this.ended;
    await until(() => processesOf(this.dir).every((pid) => pid === radio), 2000, 'the end of all but the radio');
  }

  // A radio that outlived its parent.
  async endRadio() {
    const pid = this.processNamed('siaran-radio');
    if (!pid) return;
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid), 5000, 'the end of the radio');
  }

  async remove() {
    if (this.process) await this.stop('SIGTERM');
    if (this.process) await this.endRadio();
    fs.rmSync(this.dir, { recursive: true, force: true });
    fs.rmSync(path.dirname(this.clock), { recursive: true, force: true });
  }
}

let demoCopy;
// A station that is not served yet. The demo is made once per process and copied. It is on the air only where a test asks.
function makeStation({ demo = true, text = '', isOnAir = false } = {}) {
  const base = freshDir();
  const dir = path.join(base, 'station');
  const clock = path.join(base, 'clock');
  fs.writeFileSync(clock, Buffer.alloc(8));
  if (demo && demoCopy) fs.cpSync(demoCopy, dir, { recursive: true });
  else mustRun('init', dir, ...(demo ? ['--demo'] : []));
  if (demo && !demoCopy) {
    demoCopy = path.join(freshDir(), 'demo');
    fs.cpSync(dir, demoCopy, { recursive: true });
    process.on('exit', () => fs.rmSync(path.dirname(demoCopy), { recursive: true, force: true }));
  }
  if (demo && !isOnAir) fs.rmSync(path.join(dir, 'services.json'));
  const station = new Station(dir, clock);
  if (text) station.load = importText(dir, base, text);
  return station;
}

function importText(dir, base, text) {
  const file = path.join(base, `text-${process.hrtime.bigint()}.txt`);
  fs.writeFileSync(file, text);
  return mustRun('import', dir, 'text', file);
}

// A served station that ends with the test.
async function startStation(t, options) {
  const station = makeStation(options);
  t.after(() => station.remove());
  return station.serve();
}

const links = (html) => [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map((m) => m[1].replaceAll('&amp;', '&'));
const words = (html) => html.replace(/<(script|style|head)\b[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]*>/g, ' ')
  .replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"').replace(/\s+/g, ' ').trim();
// Addresses of articles in the order a page lists them: "/en/news/12-slug".
const articleLinks = (html) => [...new Set(links(html).filter((a) => /^\/[a-z]{2}\/[^/]+\/\d+-?[^/]*$/.test(a)))];
const numberOf = (address) => Number(/\/(\d+)(?:-[^/]*)?$/.exec(address)[1]);
const readsOf = (html) => Number(/Read ([\d,]+) times?/.exec(words(html))?.[1].replaceAll(',', ''));
const votesOf = (html) => Number(/\(([\d,]+) votes?\)/.exec(words(html))?.[1].replaceAll(',', ''));
const cookieOf = (answer) => (answer.headers['set-cookie'] || []).map((c) => c.split(';')[0]).join('; ');

module.exports = { SHORT_OF, Station, articleLinks, binary, childrenOf, cookieOf, freshDir, importText, isAlive, isLong, links,
  makeStation, mustRun, numberOf, processesOf, readsOf, root, siaran, startStation, times, until, votesOf, words };
