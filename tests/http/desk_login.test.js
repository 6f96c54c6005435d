// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { makeStation, startStation, words } = require('../support/station');
const { Visitor, colleague, firstAdministrator, password, totp } = require('../support/desk');

test('the first administrator comes in by the link printed at the start, with two proofs, and the link counts once', async (t) => {
  const s = await startStation(t);
  const link = fs.readFileSync(path.join(s.dir, 'run/first-administrator'), 'utf8').trim().replace(s.origin, '');
  const stranger = new Visitor(s);
  assert.match(words((await stranger.get('/desk/')).body), /no account yet/);
  const weak = await stranger.send(link, { name: 'A', login: 'a@b.test', password: 'passwordpassword' });
  assert.strictEqual(weak.status, 422);
  assert.match(words(weak.body), /would be guessed/);
  const admin = await firstAdministrator(s);
  assert.match(words((await admin.get('/desk/')).body), /Welcome, Ada Admin/);
  assert.strictEqual((await new Visitor(s).get(link)).status, 410);
  assert.strictEqual((await stranger.send(link, { name: 'B', login: 'b@b.test', password })).status, 410);
});

test('a password alone opens nothing; each code counts once; a recovery code counts once', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const half = await admin.signIn('ada@station.test', { code: false });
  assert.match(half.target, /^\/desk\/second/);
  for (const target of ['/desk/', '/desk/account', '/desk/accounts', '/desk/audit'])
    assert.match((await admin.get(target)).target, /^\/desk\/second/, target);
  assert.match((await admin.get('/desk/setup')).target, /^\/desk\/second/, 'no new proof by password alone');
  const code = admin.nextCode();
  const wrong = await admin.post('/desk/second', { code: String((Number(code) + 1) % 1000000).padStart(6, '0') });
  assert.strictEqual(wrong.status, 422);
  s.later(2);
  assert.match((await admin.post('/desk/second', { code: totp(admin.secret, admin.now()) })).target, /^\/desk\//);
  assert.strictEqual((await admin.get('/desk/')).status, 200);
  await admin.signIn('ada@station.test', { code: false });
  assert.strictEqual((await admin.post('/desk/second', { code: totp(admin.secret, admin.now()) })).status, 422, 'a used code');
  s.later(60);
  await admin.get('/desk/second');
  assert.match(words((await admin.post('/desk/second', { code: admin.codes[0].toUpperCase() })).body), /You used a recovery code/);
  await admin.signIn('ada@station.test', { code: false });
  await admin.get('/desk/second');
  assert.strictEqual((await admin.post('/desk/second', { code: admin.codes[0] })).status, 422, 'a used recovery code');
});

test('each step makes a new session, and an old token opens nothing', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const before = admin.cookies.siaran;
  await admin.signIn('ada@station.test', { code: false });
  const half = admin.cookies.siaran;
  await admin.post('/desk/second', { code: admin.nextCode() });
  assert.strictEqual(new Set([before, half, admin.cookies.siaran]).size, 3);
  for (const old of [before, half]) {
    const thief = new Visitor(s);
    thief.cookies.siaran = old;
    assert.match((await thief.get('/desk/')).target, /^\/desk\/login/);
  }
  const out = await admin.post('/desk/out');
  assert.match(words(out.body), /signed out/);
  assert.match((await admin.get('/desk/')).target, /^\/desk\/login/);
});

test('a session ends when it is not used for an hour, and after twelve hours in any case', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  s.later(59 * 60);
  assert.strictEqual((await admin.get('/desk/')).target, '/desk/');
  s.later(61 * 60);
  assert.match((await admin.get('/desk/')).target, /^\/desk\/login/);
  await admin.signIn('ada@station.test');
  for (let i = 0; i < 14; i++) {
    s.later(50 * 60);
    await admin.get('/desk/');
  }
  assert.strictEqual((await admin.get('/desk/')).target, '/desk/');
  s.later(31 * 60);
  assert.match((await admin.get('/desk/')).target, /^\/desk\/login/);
});

test('a form sent after the session ended is kept, given back after the login, and can be sent again', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/account');
  s.later(2 * 3600);
  const late = await admin.send('/desk/account', { token: admin.token, name: 'Ada <Lovelace> & "Co"', lang: 'en' });
  assert.strictEqual(late.status, 403);
  assert.match(words(late.body), /What you typed is kept/);
  const back = await admin.signIn('ada@station.test');
  assert.strictEqual(back.target, '/desk/kept');
  const one = /href="(\/desk\/kept\/\d+)"/.exec(back.body)[1];
  const shown = await admin.get(one);
  assert.ok(shown.body.includes('Ada &lt;Lovelace&gt; &amp; "Co"'), shown.body);
  assert.match(shown.body, /<label for="f-lang">Language</, 'each field by the name that people know');
  assert.match(words((await admin.post('/desk/account', { name: 'Ada <Lovelace> & "Co"', lang: 'en' })).body), /Saved/);
  const dropped = await admin.post('/desk/kept', { id: one.split('/').pop() });
  assert.match(words(dropped.body), /Nothing is waiting/);
  const stranger = new Visitor(s);
  const lost = await stranger.send('/desk/account', { name: 'typed by nobody', lang: 'en', token: 'x' });
  assert.strictEqual(lost.status, 403);
  assert.ok(lost.body.includes('typed by nobody'), 'given back on the spot');
});

test('guessing is slowed, and the device that was in before is not locked out', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\ntrusted_proxies = 127.0.0.1\n');
  await s.serve();
  const admin = await firstAdministrator(s);
  const thief = new Visitor(s, { 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https' });
  let slowed = 0;
  for (let i = 0; i < 8; i++) {
    const answer = await thief.send('/desk/login', { login: 'ada@station.test', password: `wrong wrong wrong ${i}` });
    assert.ok([422, 429].includes(answer.status), String(answer.status));
    if (answer.status === 429) {
      slowed++;
      assert.match(words(answer.body), /Please wait \d+ second/);
    }
  }
  assert.ok(slowed >= 4, `${slowed} of 8 were slowed`);
  const known = await thief.send('/desk/login', { login: 'nobody@station.test', password: 'wrong wrong wrong' });
  assert.ok([422, 429].includes(known.status));
  assert.match((await admin.signIn('ada@station.test')).target, /^\/desk\//);
});

test('where passwords could be read on the way the desk is closed and says why', async (t) => {
  const s = await startStation(t);
  await firstAdministrator(s);
  const origin = { Host: 'www.example.org', Origin: 'http://www.example.org' };
  await s.stop();
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\nsite_origin = http://www.example.org\n');
  await s.serve();
  for (const target of ['/desk/login', '/desk/', '/desk/link/x']) {
    const answer = await s.request('GET', target, { headers: origin });
    assert.strictEqual(answer.status, 403, target);
    assert.match(words(answer.body), /https/);
    assert.strictEqual(answer.headers['set-cookie'], undefined);
  }
  const sent = await s.request('POST', '/desk/login', { headers: { ...origin, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: `login=ada%40station.test&password=${encodeURIComponent(password)}` });
  assert.strictEqual(sent.status, 403);
});

test('an invited colleague, a reset and a deleted account', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter', languages: 'en' });
  assert.match(words((await rita.get('/desk/')).body), /Welcome, rita/);
  assert.strictEqual((await rita.get('/desk/accounts')).status, 403);
  const list = await admin.get('/desk/accounts');
  const id = [...list.body.matchAll(/href="\/desk\/accounts\/(\d+)"[^>]*><bdi>([^<]*)/g)].find((m) => m[2] === 'rita')[1];
  await admin.get(`/desk/accounts/${id}`);
  const reset = await admin.post(`/desk/accounts/${id}/link`);
  const link = /(\/desk\/link\/[A-Za-z0-9_-]+)/.exec(reset.body)[1];
  const other = new Visitor(s);
  await other.get(link);
  const second = await other.post(link, { password: 'gravel umbrella sonnet twelve' });
  assert.match(second.target, /^\/desk\/second/, 'a reset keeps the second proof');
  assert.match((await rita.get('/desk/')).target, /^\/desk\/login/, 'and ends what was open');
  await admin.get(`/desk/accounts/${id}`);
  assert.match((await admin.post(`/desk/accounts/${id}/delete`)).target, /not_sure/);
  assert.match(words((await admin.post(`/desk/accounts/${id}/delete`, { sure: '1' })).body), /Deleted/);
  const again = await new Visitor(s).send('/desk/login', { login: 'rita@station.test', password });
  assert.ok([422, 429].includes(again.status));
  const audit = words((await admin.get('/desk/audit')).body);
  for (const verb of ['sign-in', 'delete']) assert.match(audit, new RegExp(verb), verb);
});

test('a colleague signs in with the longest address that mail knows, and with none that is longer', async (t) => {
  const s = await startStation(t, { demo: false });
  const admin = await firstAdministrator(s);
  const longest = `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(61)}.test`;
  assert.strictEqual(longest.length, 253);
  const rita = await colleague(admin, longest, { roles: 'reporter' });
  await rita.post('/desk/out');
  const again = await rita.signIn(longest);
  assert.strictEqual(again.target, '/desk/', again.body);
  await admin.get('/desk/accounts/new');
  const refused = await admin.post('/desk/accounts/new', { name: 'Rita', login: `aa${longest}`, roles: 'reporter', lang: 'en', version: '0' });
  assert.strictEqual(refused.status, 422);
});
