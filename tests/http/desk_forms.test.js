// SPDX-License-Identifier: AGPL-3.0-or-later
// The table of routes, walked: who is let in where, and what a form needs before anything happens.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { mustRun, startStation } = require('../support/station');
const { Visitor, colleague, firstAdministrator } = require('../support/desk');

const rows = () => mustRun('routes').out.trim().split('\n').map((line) => {
  const [method, pattern, cache, roles] = line.split(/\s+/);
  return { method, pattern, cache, roles: roles.split(','), target: pattern.replace(/\{[^}]*\}/g, '999') };
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
      const answer = row.method === 'GET' ? await visitor.request('GET', row.target)
        : await visitor.send(row.target, { token: visitor.token || 'none', nothing: '' });
      const isStaff = !['nobody', 'half-in'].includes(who);
      const may = row.roles.some((r) => r === 'everybody' || r === who || (r === 'staff' && isStaff));
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

test('no form is taken without its token, with another\'s, after the session, or from another site', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const rita = await colleague(admin, 'rita@station.test', { roles: 'admin' });
  await admin.get('/desk/');
  await rita.get('/desk/');
  const over = new Visitor(s);
  over.cookies = { ...admin.cookies };
  const forms = rows().filter((r) => r.method === 'POST' && !r.roles.includes('everybody') && (r.roles.includes('staff') || r.roles.includes('admin')));
  assert.ok(forms.length > 15);
  const typed = { name: 'typed <by> me', login: 'typed@station.test' };
  for (const { target } of forms) {
    for (const fields of [{}, { token: '' }, { token: rita.token }, { token: `${admin.token}x` }]) {
      const answer = await admin.send(target, { ...typed, ...fields });
      assert.strictEqual(answer.status, 403, `${target} ${JSON.stringify(fields)}`);
    }
    for (const site of ['cross-site', 'same-site', 'none']) {
      const answer = await admin.send(target, { ...typed, token: admin.token }, { 'Sec-Fetch-Site': site });
      assert.strictEqual(answer.status, 403, `${target} ${site}`);
      assert.ok(!answer.body.includes('typed'), `${target}: nothing is given back`);
      assert.strictEqual(answer.body, '403 Forbidden\n');
    }
    const foreign = await admin.request('POST', target, { headers: { 'Content-Type': 'application/x-www-form-urlencoded',
      Origin: 'https://elsewhere.test' }, body: `token=${admin.token}` });
    assert.strictEqual(foreign.body, '403 Forbidden\n', target);
  }
  const again = await admin.send('/desk/accounts/new', { ...typed, token: 'old' });
  assert.ok(again.body.includes('typed &lt;by&gt; me'), 'our own page gets it back');
  assert.strictEqual((await admin.get('/desk/')).status, 200);
  s.later(3 * 3600);
  for (const { target } of forms)
    assert.strictEqual((await over.send(target, { ...typed, token: admin.token })).status, 403, `${target} after the session`);
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
