// SPDX-License-Identifier: AGPL-3.0-or-later
// The table of routes, walked: who is let in where, and what a form needs before anything happens.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { mustRun, startStation } = require('../support/station');
const { Visitor, colleague, firstAdministrator } = require('../support/desk');
const { formBody, formType, png } = require('../support/upload');

const rows = () => mustRun('routes').out.trim().split('\n').map((line) => {
  const [method, pattern, cache, roles, takes] = line.split(/\s+/);
  return { method, pattern, cache, roles: roles.split(','), takes, target: pattern.replace(/\{[^}]*\}/g, '999') };
}).filter((r) => r.pattern.startsWith('/desk'));

test('every row lets in exactly the roles it names', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const people = { admin, nobody: new Visitor(s) };
  for (const role of ['reporter', 'editor', 'translator', 'engineer', 'integrity'])
    people[role] = await colleague(admin, `${role}@station.test`, { roles: role });
  const half = new Visitor(s);
  await half.signIn('editor@station.test', { code: false });
  people['half-in'] = half;
  const table = rows();
  assert.ok(table.length > 35);
  for (const row of table) {
    assert.strictEqual(row.cache, 'never', row.pattern);
    for (const [who, visitor] of Object.entries(people)) {
      if (/\/desk\/out|sessions\/end/.test(row.pattern) && row.method === 'POST') continue; // ends what is used here
      const isStaff = !['nobody', 'half-in'].includes(who);
      const may = row.roles.some((r) => r === 'everybody' || r === who || (r === 'staff' && isStaff));
      if (may && row.pattern === '/desk/parameters/restart') continue; // ends the answers to all others: desk_engine.test.js
      const answer = row.method === 'GET' ? await visitor.request('GET', row.target)
        : await visitor.send(row.target, { token: visitor.token || 'none', nothing: '' });
      const turnedAway = answer.status === 403 || (answer.status === 303 && /^\/desk\/(login|second|)(\?next=[^&]*)?$/.test(answer.headers.location));
      const byItself = /^\/desk(\/setup)?$/.test(row.pattern); // its answer is a way on
      if (!may) assert.ok(turnedAway, `${who} ${row.method} ${row.target}: ${answer.status} ${answer.headers.location}`);
      else if (!byItself) assert.ok(answer.status !== 403 && !(answer.status === 303 && /login/.test(answer.headers.location)),
        `${who} ${row.method} ${row.target}: ${answer.status} ${answer.headers.location}`);
      assert.ok(answer.status < 500, `${who} ${row.method} ${row.target}: ${answer.status}`);
      assert.strictEqual(answer.headers['cache-control'], 'no-store', `${who} ${row.target}`);
    }
  }
});

// Sends a form as a page of ours does: as its row takes it, and with a file where it takes files.
const typed = { name: 'typed <by> me', login: 'typed@station.test', headline: 'typed <by> me', note: 'typed <by> me',
  credit: 'typed <by> me', title: 'typed <by> me', q: 'typed <by> me' };
function fill(who, target, kind, fields, headers = {}) {
  if (kind === 'form') return who.send(target, fields, headers);
  const { token, ...others } = fields; // the page's first field
  return who.request('POST', target, { headers: { 'Content-Type': formType, Origin: who.station.origin, 'Sec-Fetch-Site': 'same-origin', ...headers },
    body: formBody(Object.entries({ ...(token !== undefined && { token }), ...others }), [{ name: 'a.png', bytes: png(40, 40) }]) });
}
const kindsOf = (row) => (row.takes === 'files' ? ['form', 'files'] : ['form']);
// Rows that a form of words leads to, and the word that must come back.
const givenBack = new Set(['/desk/accounts/new', '/desk/articles/new', '/desk/articles/{id}', '/desk/articles/{id}/note', '/desk/media/new',
  '/desk/articles/{id}/picture', '/desk/pages/new', '/desk/account']);

// Somebody signed in for each role, and somebody half in; each with the token of a page of theirs.
async function everyRole(s) {
  const admin = await firstAdministrator(s);
  const people = { admin };
  for (const role of ['reporter', 'editor', 'translator', 'engineer', 'integrity'])
    people[role] = await colleague(admin, `${role}@station.test`, { roles: role });
  people.staff = await colleague(admin, 'staff@station.test', { roles: 'admin' });
  const half = new Visitor(s);
  await half.signIn('staff@station.test', { code: false });
  people['half-in'] = half;
  for (const [role, who] of Object.entries(people)) await who.get(role === 'half-in' ? '/desk/second' : '/desk/');
  assert.strictEqual(new Set(Object.values(people).map((who) => who.token)).size, 8, 'each session has a token of its own');
  return people;
}

test('no form is taken without its token, with another\'s, after the session, or from another site', async (t) => {
  const s = await startStation(t);
  const people = await everyRole(s);
  const forms = rows().filter((r) => r.method === 'POST' && !r.roles.includes('everybody'));
  assert.ok(forms.length > 45);
  assert.ok(forms.filter((r) => r.takes === 'files').length >= 3);
  const before = (await people.admin.get('/desk/audit')).body;
  const isThere = (answer, row, what) => {
    if (givenBack.has(row.pattern)) assert.ok(answer.body.includes('typed &lt;by&gt; me'), `${row.target} ${what}: our own page gets it back`);
    assert.ok(!answer.body.includes('typed <by>'), row.target);
  };
  for (const row of forms) {
    for (const role of row.roles) {
      const who = people[role], another = role === 'admin' ? people.staff : people.admin;
      for (const kind of kindsOf(row)) {
        for (const fields of [{}, { token: '' }, { token: another.token }, { token: `${who.token}x` }]) {
          const answer = await fill(who, row.target, kind, { ...fields, ...typed });
          assert.strictEqual(answer.status, 403, `${role} ${row.target} ${kind} ${JSON.stringify(fields)}`);
          isThere(answer, row, `${role} ${kind} ${JSON.stringify(fields)}`);
        }
        for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'none' },
          { Origin: 'https://elsewhere.test', 'Sec-Fetch-Site': 'cross-site' }]) {
          const answer = await fill(who, row.target, kind, { token: who.token, ...typed }, headers);
          assert.deepStrictEqual([answer.status, answer.body], [403, '403 Forbidden\n'], `${role} ${row.target} ${kind} ${JSON.stringify(headers)}`);
          assert.strictEqual(answer.headers['set-cookie'], undefined, row.target);
        }
      }
    }
  }
  const foreign = await people.admin.request('POST', '/desk/account', { headers: { 'Content-Type': 'application/x-www-form-urlencoded',
    Origin: 'https://elsewhere.test' }, body: `token=${people.admin.token}` });
  assert.strictEqual(foreign.body, '403 Forbidden\n', 'a browser that sends no Sec-Fetch-Site');
  const rowsOf = (html) => (html.match(/<tr>/g) || []).length;
  assert.strictEqual(rowsOf((await people.admin.get('/desk/audit')).body), rowsOf(before), 'nothing was done');

  s.later(13 * 3600);
  for (const row of forms) {
    for (const role of row.roles) {
      const over = new Visitor(s);
      over.cookies = { ...people[role].cookies };
      for (const kind of kindsOf(row)) {
        const answer = await fill(over, row.target, kind, { token: people[role].token, ...typed });
        assert.strictEqual(answer.status, 403, `${role} ${row.target} ${kind} after the session`);
        isThere(answer, row, `${role} ${kind} after the session`);
        const cross = await fill(over, row.target, kind, { token: people[role].token, ...typed }, { 'Sec-Fetch-Site': 'cross-site' });
        assert.deepStrictEqual([cross.status, cross.body], [403, '403 Forbidden\n'], `${row.target} after the session, from elsewhere`);
      }
    }
  }
});

test('what matters asks for a fresh proof', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  s.later(11 * 60);
  for (const target of ['/desk/accounts/new', '/desk/accounts/1'])
    assert.match((await admin.request('GET', target)).headers.location, /^\/desk\/prove/, target);
  await admin.get('/desk/account');
  for (const target of ['/desk/account/password', '/desk/account/recovery', '/desk/totp', '/desk/account/totp/remove'])
    assert.match((await admin.send(target, { token: admin.token, password: 'gravel umbrella sonnet twelve' })).headers.location,
      /^\/desk\/prove/, target);
  const typed = await admin.send('/desk/accounts/new', { token: admin.token, name: 'Late', login: 'late@station.test', roles: 'editor', lang: 'en' });
  const way = typed.headers.location;
  assert.match(way, /^\/desk\/prove\?next=\/desk\/kept\/\d+$/);
  await admin.get(way);
  assert.strictEqual((await admin.post('/desk/prove', { password: 'not the right one', next: '' })).status, 422);
  s.later(2);
  const { password } = require('../support/desk');
  const kept = await admin.post('/desk/prove', { password, next: way.split('next=')[1] });
  assert.ok(kept.body.includes('late@station.test'), kept.body);
});
