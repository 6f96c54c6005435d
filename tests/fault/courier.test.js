// SPDX-License-Identifier: AGPL-3.0-or-later
// What leaves the station: letters and calls to another program, each at least once and under one name, whatever is killed.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const test = require('node:test');
const { isAlive, makeStation, mustRun, until } = require('../support/station');
const { Visitor, colleague, firstAdministrator, localMinute } = require('../support/desk');
const { startSmtp } = require('../support/smtp');

const WAIT = 20000;
const courierOf = (s) => s.processNamed('siaran-courier');

async function stationWith(t, lines) {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), `\n${lines.join('\n')}\n`);
  return s.serve();
}

const mailLines = (smtp) => [`smtp_server = smtp://127.0.0.1:${smtp.port}`, 'mail_from = desk@station.test'];

async function mailStation(t, smtp, more = []) {
  const s = await stationWith(t, [...mailLines(smtp), ...more]);
  return { s, admin: await firstAdministrator(s) };
}

async function invite(admin, login, fields = {}) {
  await admin.get('/desk/accounts/new');
  return admin.post('/desk/accounts/new', { name: login.split('@')[0], login, lang: 'en', version: '0', roles: 'reporter', ...fields });
}

// The pause before the next try passes; again while it has not come, because the first failure may be noted down late.
function laterUntil(s, ask, what) {
  let moved = 0n;
  return until(() => {
    const now = process.hrtime.bigint();
    if (now - moved > 1000000000n) {
      moved = now;
      s.later(31);
    }
    return ask();
  }, WAIT, what);
}

const linkIn = (letter) => /(\/desk\/link\/[A-Za-z0-9_-]+)/.exec(letter.text)?.[1];

test('a new colleague finds the invitation in the mail, in their own language, and joins by it', async (t) => {
  const smtp = await startSmtp(t);
  const { admin } = await mailStation(t, smtp);
  const page = await invite(admin, 'sari@station.test', { lang: 'ar' });
  assert.match(page.body, /sent by mail to sari@station\.test/);
  await until(() => smtp.letters.length === 1, WAIT, 'the letter');
  const [letter] = smtp.letters;
  assert.deepStrictEqual([letter.from, letter.to], ['desk@station.test', ['sari@station.test']]);
  assert.match(letter.headers.subject, /حسابك/);
  assert.match(letter.text, /كلمة مرور/);
  assert.match(letter.headers['message-id'], /^<[0-9a-f]{32}@station\.test>$/);
  assert.match(letter.headers.date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
  assert.strictEqual(letter.headers['auto-submitted'], 'auto-generated');
  for (const line of letter.raw.split('\r\n')) {
    assert.ok(line.length <= 76, line);
    assert.match(line, /^[\t -~]*$/);
  }
  const sari = new Visitor(admin.station);
  await sari.join(linkIn(letter));
});

test('who forgot the password gets one link by mail, and a stranger learns nothing', async (t) => {
  const smtp = await startSmtp(t);
  const { s } = await mailStation(t, smtp);
  const visitor = new Visitor(s);
  assert.match((await visitor.get('/desk/login')).body, /href="\/desk\/forgot"/);
  const known = await visitor.post('/desk/forgot', { login: 'Ada@station.test' });
  const unknown = await visitor.post('/desk/forgot', { login: 'nobody@station.test' });
  assert.deepStrictEqual([known.status, unknown.status], [200, 200]);
  assert.strictEqual(known.body, unknown.body);
  await until(() => smtp.letters.length === 1, WAIT, 'the letter');
  assert.deepStrictEqual(smtp.letters[0].to, ['ada@station.test']);
  // A second wish within minutes does not end the first one's link.
  const again = await until(async () => {
    const answer = await new Visitor(s, { 'X-Try': '1' }).post('/desk/forgot', { login: 'ada@station.test' });
    return answer.status !== 429 && answer;
  }, WAIT, 'the next try');
  assert.strictEqual(again.status, 200);
  const owner = new Visitor(s);
  await owner.get(linkIn(smtp.letters[0]));
  delete owner.token;
  const set = await owner.post(linkIn(smtp.letters[0]), { password: 'meadow copper violin thursday' });
  assert.match(set.target, /^\/desk\/second/, 'the second proof is still asked for');
  assert.strictEqual(smtp.letters.length, 1);
  assert.strictEqual(mustRun('verify', (await s.stop(), s.dir)).code, 0);
});

test('an editor hears of a text handed in, its author of what became of it', async (t) => {
  const smtp = await startSmtp(t);
  const { admin } = await mailStation(t, smtp);
  const reporter = await colleague(admin, 'rini@station.test', { roles: 'reporter' });
  const editor = await colleague(admin, 'edo@station.test', { roles: 'editor' });
  await until(() => smtp.letters.length === 2, WAIT, 'the invitations');
  await reporter.get('/desk/articles/new');
  const begun = await reporter.post('/desk/articles/new', { lang: 'en', headline: 'Ferry "Laut" – back at sea' });
  const address = begun.target.split('?')[0];
  const step = async (who, name, text = '') => {
    const page = await who.get(address);
    const version = /name="version" value="(\d+)"/.exec(page.body)?.[1];
    assert.ok(version, page.body);
    const done = await who.post(`${address}/step`, { step: name, version, text });
    assert.strictEqual(done.status, 200, done.body);
  };
  await step(reporter, 'submit');
  await until(() => smtp.letters.length === 3, WAIT, 'the notice');
  assert.deepStrictEqual(smtp.letters[2].to, ['edo@station.test']);
  assert.match(smtp.letters[2].headers.subject, /^To be read: Ferry "Laut" – back at sea/);
  await step(editor, 'return', 'Who says so?\nBcc: all@station.test');
  await until(() => smtp.letters.length === 4, WAIT, 'the answer');
  const back = smtp.letters[3];
  assert.deepStrictEqual(back.to, ['rini@station.test']);
  assert.match(back.text, /Who says so\?\nBcc: all@station\.test/);
  assert.strictEqual(back.headers.bcc, undefined);
  assert.ok(back.text.includes(address));
});

test('a letter whose courier was killed before it could say so comes again under the same name', async (t) => {
  const smtp = await startSmtp(t);
  const { s, admin } = await mailStation(t, smtp);
  smtp.answers.END = null; // taken, but never said
  await invite(admin, 'sari@station.test');
  await until(() => smtp.letters.length === 1, WAIT, 'the first delivery');
  const courier = courierOf(s);
  process.kill(courier, 'SIGKILL');
  await until(() => !isAlive(courier), WAIT, 'its end');
  delete smtp.answers.END;
  await until(() => s.log.includes('starting courier again'), WAIT, 'the next courier');
  await laterUntil(s, () => smtp.letters.length >= 2, 'the second delivery');
  assert.strictEqual(smtp.letters[1].headers['message-id'], smtp.letters[0].headers['message-id']);
  assert.strictEqual(smtp.letters[1].raw, smtp.letters[0].raw);
  assert.strictEqual(mustRun('verify', (await s.stop(), s.dir)).code, 0);
});

test('a letter that the site process could not note down comes again when the claim has run out', async (t) => {
  const smtp = await startSmtp(t);
  const { s, admin } = await mailStation(t, smtp);
  smtp.answers.END = null;
  await invite(admin, 'sari@station.test');
  await until(() => smtp.letters.length === 1, WAIT, 'the first delivery');
  await s.kill();
  delete smtp.answers.END;
  await s.serve();
  s.later(300);
  await until(() => smtp.letters.length === 2, WAIT, 'the second delivery');
  assert.strictEqual(smtp.letters[1].headers['message-id'], smtp.letters[0].headers['message-id']);
});

test('a busy mail server is asked again later, a final refusal is not', async (t) => {
  const smtp = await startSmtp(t);
  const { s, admin } = await mailStation(t, smtp);
  let refused = 0;
  smtp.answers.RCPT = (line) => (refused++, line.includes('busy') ? '451 not now' : '550 nobody of that name');
  await invite(admin, 'busy@station.test');
  await invite(admin, 'gone@station.test');
  await until(() => refused === 2, WAIT, 'both refusals');
  await until(() => s.log.split('could not be delivered').length === 3, WAIT, 'both reports');
  delete smtp.answers.RCPT;
  await laterUntil(s, () => smtp.letters.length >= 1, 'the second try');
  assert.deepStrictEqual(smtp.letters.map((l) => l.to), [['busy@station.test']]);
});

test('a letter nobody could send while its link was good is not sent any more', async (t) => {
  const smtp = await startSmtp(t);
  const { s, admin } = await mailStation(t, smtp);
  smtp.answers.EHLO = '421 closed';
  await invite(admin, 'sari@station.test');
  await until(() => s.log.includes('could not be delivered'), WAIT, 'the refusal');
  delete smtp.answers.EHLO;
  s.later(25 * 3600);
  await invite(await laterAdmin(s, admin), 'new@station.test');
  await until(() => smtp.letters.length === 1, WAIT, 'the newer letter');
  assert.deepStrictEqual(smtp.letters[0].to, ['new@station.test']);
});

// The old session is over by then.
async function laterAdmin(s, admin) {
  const again = new Visitor(s);
  again.secret = admin.secret;
  await again.signIn('ada@station.test');
  return again;
}

test('the mail server lets the station in with a password that stands in a file', async (t) => {
  const smtp = await startSmtp(t, { login: 'station:härter als Stahl' });
  const { admin } = await (async () => {
    const s = makeStation();
    t.after(() => s.remove());
    fs.writeFileSync(path.join(s.dir, 'smtp-password'), 'härter als Stahl\n', { mode: 0o600 });
    fs.appendFileSync(path.join(s.dir, 'siaran.conf'),
      `\n${[...mailLines(smtp), 'smtp_user = station', 'smtp_password_file = smtp-password'].join('\n')}\n`);
    await s.serve();
    return { admin: await firstAdministrator(s) };
  })();
  await invite(admin, 'sari@station.test');
  await until(() => smtp.letters.length === 1, WAIT, 'the letter');
  assert.strictEqual(smtp.letters[0].login, smtp.login);
});

test('without a mail server nothing is sent, and the desk says how a password comes back', async (t) => {
  const s = await stationWith(t, []);
  const admin = await firstAdministrator(s);
  const page = await invite(admin, 'sari@station.test');
  assert.doesNotMatch(page.body, /sent by mail/);
  assert.doesNotMatch((await new Visitor(s).get('/desk/login')).body, /\/desk\/forgot/);
  assert.match((await new Visitor(s).get('/desk/forgot')).body, /An administrator can make a link/);
});

// The address of a text that somebody begins; and its next step, at a time from now when it is publishing.
async function begin(who, headline) {
  await who.get('/desk/articles/new');
  return (await who.post('/desk/articles/new', { lang: 'en', headline })).target.split('?')[0];
}

async function take(who, address, name, fields = {}) {
  const version = /name="version" value="(\d+)"/.exec((await who.get(address)).body)[1];
  const done = await who.post(`${address}/step`, { step: name, version, text: '', sure: '1', ...fields });
  assert.strictEqual(done.status, 200, done.body);
  assert.match(done.target, new RegExp(`said=${name}`));
  return done;
}

async function schedule(who, address, headline, minutes) {
  const { body } = await who.get(address);
  const saved = await who.post(address, {
    version: /name="version" value="(\d+)"/.exec(body)[1], headline, body: 'The ferries are back.',
    section: /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec(body)[1],
    publish_at: localMinute(who.now() + minutes * 60000) });
  assert.strictEqual(saved.status, 200, saved.body);
  return take(who, address, 'publish');
}

test('an author hears for when a text is scheduled, and when it is not any more', async (t) => {
  const smtp = await startSmtp(t);
  const { admin } = await mailStation(t, smtp);
  const rini = await colleague(admin, 'rini@station.test', { roles: 'reporter', lang: 'fr' });
  await until(() => smtp.letters.length === 1, WAIT, 'the invitation');
  const address = await begin(rini, 'A port reopens');
  await schedule(admin, address, 'A port reopens', 3 * 24 * 60);
  await until(() => smtp.letters.length === 2, WAIT, 'the notice');
  const day = new Intl.DateTimeFormat('en', { timeZone: 'Asia/Jakarta', year: 'numeric' }).format(new Date(admin.now() + 3 * 86400000));
  assert.deepStrictEqual(smtp.letters[1].to, ['rini@station.test']);
  assert.match(smtp.letters[1].headers.subject, /^Programmé : A port reopens/);
  assert.match(smtp.letters[1].text, new RegExp(`a programmé votre texte[^\\n]*\\n\\nLes lecteurs l’auront le [^\\n]*${day}`));
  assert.doesNotMatch(smtp.letters[1].text, /a publié/);
  await take(admin, address, 'unschedule');
  await until(() => smtp.letters.length === 3, WAIT, 'the next notice');
  assert.match(smtp.letters[2].headers.subject, /^Déprogrammé : A port reopens/);
  assert.doesNotMatch(smtp.letters[2].text, /Les lecteurs l’auront/);
});

test('another program hears of what was scheduled once, at the time it came out at, and never of what was taken back', async (t) => {
  const calls = [];
  const server = http.createServer((req, res) => {
    let body = '';
    req.on('data', (d) => (body += d));
    req.on('end', () => {
      calls.push({ key: req.headers['idempotency-key'], ...JSON.parse(body) });
      res.writeHead(204).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const s = await stationWith(t, [`hook_url = http://127.0.0.1:${server.address().port}/`]);
  const admin = await firstAdministrator(s);
  const text = async (headline) => ({ headline, at: await begin(admin, headline) });
  const [moved, back, archived, kept] = [await text('Moved'), await text('Taken back'), await text('Archived'), await text('Kept')];
  for (const one of [moved, back, archived]) await schedule(admin, one.at, one.headline, 60);
  await schedule(admin, kept.at, kept.headline, 90);
  await schedule(admin, moved.at, moved.headline, 120);
  await take(admin, back.at, 'unschedule');
  await take(admin, archived.at, 'archive');
  s.later(91 * 60); // what was due in between would have come first
  await until(() => calls.length > 0, WAIT, 'the one that was kept');
  s.later(31 * 60);
  await until(() => calls.length > 1, WAIT, 'the one that was moved');
  assert.deepStrictEqual(calls.map((c) => [c.event, c.headline]), [['published', 'Kept'], ['published', 'Moved']]);
  assert.strictEqual((await s.get(new URL(calls[1].address).pathname)).status, 301);
  assert.notStrictEqual(calls[0].key, calls[1].key);
  assert.strictEqual(mustRun('verify', (await s.stop(), s.dir)).code, 0);
});

test('another program hears of a published article, again under the same key until it says yes', async (t) => {
  const calls = [];
  let status = 503;
  const server = http.createServer((req, res) => {
    let body = '';
    req.on('data', (d) => (body += d));
    req.on('end', () => {
      calls.push({ key: req.headers['idempotency-key'], type: req.headers['content-type'], url: req.url, body: JSON.parse(body) });
      res.writeHead(status).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const s = await stationWith(t, [`hook_url = http://127.0.0.1:${server.address().port}/news?from=siaran`]);
  const admin = await firstAdministrator(s);
  const number = Number(/\/(\d+)-/.exec((await s.get('/en/')).body.match(/href="(\/en\/[a-z-]+\/\d+-[^"]*)"/)[1])[1]);
  await admin.get('/desk/articles');
  const opened = await admin.post('/desk/articles/open', { number: String(number) });
  const address = opened.target.split('?')[0];
  const version = /name="version" value="(\d+)"/.exec(opened.body)[1];
  const done = await admin.post(`${address}/step`, { step: 'correct', version, text: 'The ferry is called Laut.' });
  assert.strictEqual(done.status, 200, done.body);
  await until(() => calls.length === 1, WAIT, 'the call');
  status = 204;
  await laterUntil(s, () => calls.length >= 2, 'the second call');
  assert.strictEqual(calls[0].key, calls[1].key);
  assert.match(calls[0].key, /^"article-\d+-\d+"$/);
  assert.strictEqual(calls[0].url, '/news?from=siaran');
  assert.strictEqual(calls[0].type, 'application/json');
  assert.deepStrictEqual(calls[0].body, calls[1].body);
  assert.strictEqual(calls[0].body.event, 'corrected');
  assert.strictEqual(calls[0].body.number, number);
  assert.strictEqual(calls[0].body.address, `${s.origin}/n/${number}`);
});
