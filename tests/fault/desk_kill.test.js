// SPDX-License-Identifier: AGPL-3.0-or-later
// kill -9 at random moments while a newsroom works: texts begun, saved, published, corrected and withdrawn, files
// uploaded. After each: everything that was acknowledged is there, nothing is there by halves, verify finds nothing; a
// publication that is due while nobody runs is public at its second; and what is owed to the world outside was noted
// down exactly once. SEED=n repeats a run's choices.
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const test = require('node:test');
const { isAlive, makeStation, mustRun, processesOf, times, until } = require('../support/station');
const { colleague, firstAdministrator, localMinute } = require('../support/desk');
const { randomOf, rowsOf, seed } = require('../support/kill');
const { formBody, formType, png } = require('../support/upload');

const WRITERS = 4, UPLOADERS = 2;
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
const states = { Draft: 'draft', Published: 'out', Scheduled: 'out', Withdrawn: 'withdrawn' };
const stateOf = (body) => states[/class="badge[^"]*">([^<]+)</.exec(body)?.[1]];

// An answer, or nothing when the station was killed meanwhile.
const ask = (promise) => promise.catch(() => null);

// A text as its writer knows it: `is` was acknowledged, `may` is what an order without an answer would have made of it.
class Text {
  constructor(at, headline) {
    this.at = at;
    this.is = { version: 1, headline, words: '', state: 'draft' };
    this.may = null;
    this.steps = { publish: [0, 0], correct: [0, 0], withdraw: [0, 0] }; // acknowledged, sent
  }

  // What an order leads to, by whether its answer came.
  settle(becomes, acknowledged) {
    if (acknowledged) this.is = becomes;
    else this.may = becomes;
  }
}

class Writer {
  constructor(visitor, load) {
    this.visitor = visitor;
    this.load = load;
    this.texts = [];
    this.orders = 0;
  }

  send(target, fields) {
    return ask(this.visitor.send(target, { token: this.visitor.token, ...fields }));
  }

  words() {
    return `${this.visitor.name}-${++this.orders}-${this.load.random(1 << 30)}`;
  }

  async begin() {
    const headline = `Begun ${this.words()}`;
    const answer = await this.send('/desk/articles/new', { lang: 'en', headline });
    if (!answer) return null;
    assert.strictEqual(answer.status, 303, answer.body);
    const text = new Text(answer.headers.location.replace(/\?.*/, ''), headline);
    this.texts.push(text);
    return text;
  }

  async save(text, more = {}) {
    const words = this.words();
    const becomes = { ...text.is, version: text.is.version + 1, headline: `Saved ${words}`, words };
    const answer = await this.send(text.at, { version: text.is.version, section: this.load.section, headline: becomes.headline,
      body: `<p>${words}</p>${'<p>Water stood in the streets.</p>'.repeat(1 + this.load.random(60))}`, ...more });
    if (answer) assert.match(answer.headers.location ?? answer.body, /said=saved/);
    text.settle(becomes, answer);
    return answer;
  }

  async step(text, name, state) {
    text.steps[name][1]++;
    const becomes = { ...text.is, state, ...(name === 'publish' && { out: text.is.headline }) };
    const answer = await this.send(`${text.at}/step`, { step: name, version: text.is.version, text: `Because of ${this.words()}` });
    if (answer) {
      assert.strictEqual(answer.status, 303, answer.body);
      text.steps[name][0]++;
    }
    text.settle(becomes, answer);
    return answer;
  }

  // Its number stands on the desk's page while it is out.
  async withdraw(text) {
    const page = await ask(this.visitor.get(text.at));
    text.number ??= /href="\/n\/(\d+)"/.exec(page?.body)?.[1];
    return page && this.step(text, 'withdraw', 'withdrawn');
  }

  // One order; false when it got no answer.
  async once() {
    const text = this.texts.at(-1);
    const dice = this.load.random(10);
    if (!text || text.is.state === 'withdrawn' || dice === 0) return this.begin();
    if (text.is.state === 'draft' || dice < 5) {
      if (dice < 7 || !text.is.words) return this.save(text);
      return this.step(text, 'publish', 'out');
    }
    if (dice === 9) return this.withdraw(text);
    return dice === 8 ? this.step(text, 'publish', 'out') : this.step(text, 'correct', 'out');
  }

  // What the desk and the readers see of it is what was acknowledged, or what the last order would have made of it.
  async check(text) {
    const page = await this.visitor.get(text.at);
    assert.strictEqual(page.status, 200, text.at);
    const seen = { version: Number(hidden(page.body, 'version') ?? text.is.version), headline: /<h1[^>]*>([^<]*)</.exec(page.body)[1], state: stateOf(page.body) };
    const shown = ({ version, headline, state }) => JSON.stringify({ version, headline, state });
    const possible = [text.is, ...(text.may ? [text.may] : [])];
    const found = possible.find((p) => shown(p) === shown(seen));
    assert.ok(found, `${text.at}: seen ${shown(seen)}, expected ${possible.map(shown).join(' or ')}`);
    if (found.words) assert.ok(page.body.includes(found.words), `${text.at}: its words are there`);
    if (found.state === 'out' && found.out) await this.checkPublic(page.body, text, found);
    if (found.state === 'withdrawn') assert.strictEqual((await this.publicPage(page.body, text)).status, 410, text.at);
    text.is = found;
    text.may = null;
  }

  publicPage(body, text) {
    text.number ??= /href="\/n\/(\d+)"/.exec(body)?.[1];
    assert.ok(text.number, `${text.at} has a number`);
    return this.visitor.station.visit(`/n/${text.number}`);
  }

  async checkPublic(body, text, found) {
    const read = await this.publicPage(body, text);
    assert.strictEqual(read.status, 200, text.at);
    const outs = [found.out, ...(text.may?.out ? [text.may.out] : [])]; // a publication anew shows in no state of the desk
    const out = outs.find((headline) => read.body.includes(`<h1>${headline}</h1>`));
    assert.ok(out, `/n/${text.number} has another headline than ${outs.join(' or ')}`);
    found.out = out;
  }
}

class Uploader {
  constructor(visitor, load) {
    this.visitor = visitor;
    this.load = load;
    this.taken = []; // [address, sha256 of the file]
  }

  async once() {
    const color = [this.load.random(256), this.load.random(256), this.load.random(256)];
    const bytes = png(200 + this.load.random(400), 200 + this.load.random(300), color);
    const answer = await ask(this.visitor.request('POST', '/desk/media/new', { headers: { 'Content-Type': formType, Accept: 'application/json',
      Origin: this.visitor.station.origin, 'Sec-Fetch-Site': 'same-origin' },
    body: formBody([['token', this.visitor.token], ['credit', 'Ada']], [{ name: 'sea.png', bytes }]) }));
    if (answer?.status === 200) this.taken.push([JSON.parse(answer.body).address, sha256(bytes)]);
    return answer;
  }

  async check([address, hash]) {
    assert.strictEqual((await this.visitor.get(address)).status, 200, address);
    assert.ok(fs.existsSync(path.join(this.visitor.station.dir, 'originals', hash.slice(0, 2), `${hash}.png`)), `${address}: its original`);
  }
}

const filesIn = (dir) => (fs.existsSync(dir) ? fs.readdirSync(dir, { recursive: true, withFileTypes: true }) : [])
  .filter((e) => e.isFile()).map((e) => path.join(e.parentPath ?? e.path, e.name));

// Every file is whole: its name is the hash of its bytes. What was begun and not finished is gone.
async function checkFiles(s) {
  await until(() => filesIn(path.join(s.dir, 'tmp')).length === 0, 20000, 'tmp to be empty again');
  for (const folder of ['media', 'originals'])
    for (const file of filesIn(path.join(s.dir, folder)))
      assert.strictEqual(sha256(fs.readFileSync(file)), path.basename(file).replace(/\..*/, ''), file);
}

async function work(client, load) {
  while (!load.over && (await client.once())) load.answered++;
}

async function kill(s, victim) {
  const pid = victim === 'parent' ? s.pid : s.processNamed(`siaran-${victim}`);
  const radio = s.processNamed('siaran-radio'), mortals = processesOf(s.dir).filter((one) => one !== radio);
  process.kill(pid, 'SIGKILL');
  return { pid, mortals };
}

async function comeBack(s, victim, killed) {
  if (victim === 'parent') {
    await s.ended;
    await until(() => killed.mortals.every((pid) => !isAlive(pid)), 1000, 'the end of all but the radio');
    await s.serve();
    return;
  }
  await until(() => !isAlive(killed.pid), 1000, 'its end');
  await until(() => s.get('/robots.txt').then((r) => r.status === 200, () => false), 10000, 'an answer');
}

async function killedRound(s, load, clients, victim) {
  Object.assign(load, { over: false, answered: 0 });
  const working = clients.map((client) => work(client, load));
  const after = 1 + load.random(40);
  await until(() => load.answered >= after, 20000, `${after} answers`);
  for (let turns = load.random(200); turns > 0; turns--) await new Promise(setImmediate);
  const killed = await kill(s, victim);
  load.over = true;
  await Promise.all(working);
  await comeBack(s, victim, killed);
}

// Due while nobody runs: not public half a minute before, public at its second by whoever starts then.
async function publishedAcross(s, writer, victim) {
  const text = await writer.begin();
  const due = 60000 * Math.ceil(writer.visitor.now() / 60000 + 1);
  await writer.save(text, { publish_at: localMinute(due) });
  await writer.step(text, 'publish', 'out');
  s.later(Math.floor((due - writer.visitor.now()) / 1000) - 30);
  assert.ok(!(await s.visit('/en/')).body.includes(text.is.headline), 'not yet');
  const killed = await kill(s, victim);
  s.later(Math.ceil((due - writer.visitor.now()) / 1000));
  await comeBack(s, victim, killed);
  assert.ok((await s.visit('/en/')).body.includes(text.is.headline), 'public at its second');
  await writer.check(text);
}

// Of each text as many events as steps in the log, which is written in the same moment; of each step as many as were
// acknowledged, and no more than were ordered.
function checkOutbox(s, writers, calls) {
  const noted = {}, done = {};
  const rows = rowsOf(s, "SELECT idempotency_key, payload FROM outbox WHERE kind = 'hook'");
  for (const [key, payload] of rows) {
    const { number, event } = JSON.parse(payload || calls.get(key)); // what is done is kept without its words
    noted[`${number} ${event}`] = (noted[`${number} ${event}`] ?? 0) + 1;
  }
  const names = { publish: 'published', correct: 'corrected', withdraw: 'withdrawn' };
  for (const [verb, number, count] of rowsOf(s, "SELECT a.verb, m.number, COUNT(*) FROM audit a JOIN manuscripts m ON m.id = a.thing_id " +
    "WHERE a.kind = 'manuscript' AND a.verb IN ('publish', 'correct', 'withdraw') GROUP BY a.verb, m.number"))
    done[`${number} ${names[verb]}`] = count;
  assert.deepStrictEqual(noted, done);
  const numbers = Object.fromEntries(rowsOf(s, 'SELECT CAST(id AS TEXT), number FROM manuscripts'));
  for (const text of writers.flatMap((w) => w.texts))
    for (const [name, [acknowledged, sent]] of Object.entries(text.steps)) {
      const count = done[`${numbers[/\d+$/.exec(text.at)[0]]} ${names[name]}`] ?? 0;
      assert.ok(acknowledged <= count && count <= sent, `${text.at} ${name}: ${acknowledged} <= ${count} <= ${sent}`);
    }
  const keys = new Set(rows.map(([key]) => key));
  for (const key of calls.keys()) assert.ok(keys.has(key), `a call that was never noted: ${key}`);
  return rows.length;
}

// No file without its row, no row without its file.
function checkShelf(s) {
  const inDatabase = new Set(rowsOf(s, 'SELECT sha256 FROM media_sizes').map(([hash]) => hash));
  const onDisk = new Set(filesIn(path.join(s.dir, 'media')).map((file) => path.basename(file).replace(/\..*/, '')));
  assert.deepStrictEqual([...onDisk].filter((hash) => !inDatabase.has(hash)), [], 'files that no row knows');
  assert.deepStrictEqual([...inDatabase].filter((hash) => !onDisk.has(hash)), [], 'rows whose file is not there');
}

// What the newsroom calls after each step: takes everything, and remembers what came under which key.
async function startHook(t) {
  const calls = new Map();
  const server = http.createServer((request, answer) => {
    let words = '';
    request.on('data', (d) => (words += d)).on('end', () => {
      const key = /^"(.+)"$/.exec(request.headers['idempotency-key'])[1];
      assert.strictEqual(calls.get(key) ?? words, words, `${key} says the same each time`);
      calls.set(key, words);
      answer.writeHead(204).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { calls, url: `http://127.0.0.1:${server.address().port}/news` };
}

test('whatever is killed, nothing that the newsroom was told is done is lost, and nothing is half done', async (t) => {
  t.diagnostic(`measured with SEED=${seed}`);
  const hook = await startHook(t);
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), `\nhook_url = ${hook.url}\n`);
  await s.serve();
  const admin = await firstAdministrator(s);
  const load = { random: randomOf(seed) };
  const clients = [];
  for (let i = 0; i < WRITERS + UPLOADERS; i++) {
    const visitor = await colleague(admin, `editor${i}@station.test`, { roles: 'editor' });
    visitor.name = `editor${i}`;
    clients.push(i < WRITERS ? new Writer(visitor, load) : new Uploader(visitor, load));
  }
  const writers = clients.slice(0, WRITERS), uploaders = clients.slice(WRITERS);
  const first = await writers[0].begin();
  load.section = /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec((await writers[0].visitor.get(first.at)).body)[1];
  const kills = times(200), count = { site: 0, media: 0, courier: 0, parent: 0 };
  for (let i = 0; i < kills; i++) {
    // The parent after every second one: its pause before a restart grows with each crash of a child.
    const victim = i % 2 === 1 ? 'parent' : ['site', 'site', 'site', 'media', 'courier'][load.random(5)];
    count[victim]++;
    const before = clients.map((c) => (c.texts ?? c.taken).length);
    await killedRound(s, load, clients, victim);
    for (const writer of writers)
      for (const text of writer.texts.slice(Math.max(0, before[clients.indexOf(writer)] - 1))) await writer.check(text);
    for (const uploader of uploaders)
      for (const one of uploader.taken.slice(before[clients.indexOf(uploader)])) await uploader.check(one);
    await checkFiles(s);
    assert.strictEqual(mustRun('verify', s.dir).code, 0);
    if (i % 10 === 4 || i % 10 === 9) await publishedAcross(s, writers[0], i % 10 === 4 ? 'site' : 'parent');
  }
  for (const writer of writers) for (const text of writer.texts) await writer.check(text);
  for (const uploader of uploaders) for (const one of uploader.taken) await uploader.check(one);
  await s.stop();
  await checkFiles(s);
  checkShelf(s);
  const events = checkOutbox(s, writers, hook.calls);
  mustRun('verify', s.dir);
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  t.diagnostic(`measured kills: ${count.site} of the site process, ${count.media} of the media process, ${count.courier} of the courier, ` +
    `${count.parent} of the parent; ${sum(writers.map((w) => w.texts.length))} texts, ${sum(writers.map((w) => w.orders))} orders, ` +
    `${sum(uploaders.map((u) => u.taken.length))} uploads, ${events} events`);
});
