// SPDX-License-Identifier: AGPL-3.0-or-later
// The way into the newsroom from the command line, on a station that is served and on one that is not; and what the
// audit log remembers of it, also in a backup.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { makeStation, siaran } = require('../support/station.js');

const link = /\/desk\/link\/[A-Za-z0-9_-]{43}\n$/;
const add = (dir, login, ...more) => siaran('user', dir, 'add', login, '--name', 'Siti Rahma', ...more);
const heads = (dir) => fs.readFileSync(path.join(dir, 'journal/audit-heads'), 'utf8').trim().split('\n');

test('an engineer adds, resets, blocks and lists people of a stopped station', async (t) => {
  const station = makeStation({ demo: false });
  t.after(() => station.remove());
  const { dir } = station;
  assert.equal(siaran('user', dir, 'list').out, '');
  let r = add(dir, 'Siti@Example.org', '--role', 'admin');
  assert.equal(r.code, 0, r.err);
  assert.match(r.out, link);
  assert.equal(add(dir, 'ben@example.org', '--role', 'editor', '--role', 'translator', '--lang', 'id', '--lang', 'en').code, 0);
  r = siaran('user', dir, 'list');
  assert.match(r.out, /^active {3}ben@example.org \(Siti Rahma\): editor translator, en id, no password yet$/m);
  assert.match(r.out, /^active {3}siti@example.org \(Siti Rahma\): admin, all languages, no password yet$/m);
  assert.match(siaran('user', dir, 'reset', 'ben@example.org').out, link);
  assert.equal(siaran('user', dir, 'block', 'ben@example.org').code, 0);
  r = siaran('user', dir, 'reset', 'ben@example.org');
  assert.equal(r.code, 3);
  assert.match(r.err, /is blocked/);
  assert.match(siaran('user', dir, 'list').out, /^blocked {2}ben@example.org/m);
  assert.equal(siaran('user', dir, 'unblock', 'ben@example.org').code, 0);
  assert.equal(siaran('verify', dir).code, 0);
});

test('what breaks a rule is refused in one sentence and changes nothing', async (t) => {
  const station = makeStation({ demo: false });
  t.after(() => station.remove());
  const { dir } = station;
  assert.equal(add(dir, 'siti@example.org', '--role', 'admin').code, 0);
  const before = heads(dir);
  const rows = [
    [['add'], 2, /takes the login/],
    [['add', 'a@b.c', '--name'], 2, /needs a value/],
    [['add', 'a@b.c', '--role', 'king'], 2, /a role is/],
    [['add', 'a@b.c', '--lang', 'xx'], 2, /no language/],
    [['add', 'a@b.c', '--age', '5'], 2, /no option/],
    [['add', 'a@b.c', '--name', 'A'], 3, /at least one role/],
    [['add', 'nobody', '--name', 'A', '--role', 'editor'], 3, /no e-mail address/],
    [['add', 'SITI@example.org', '--name', 'A', '--role', 'editor'], 3, /has an account already/],
    [['reset', 'nobody@example.org'], 3, /there is no account/],
    [['block', 'siti@example.org'], 3, /only administrator/],
    [['list', 'x'], 2, /takes nothing/],
    [['crown', 'siti@example.org'], 2, /can be added/],
  ];
  for (const [args, code, says] of rows) {
    const r = siaran('user', dir, ...args);
    assert.equal(r.code, code, args.join(' ') + r.err);
    assert.match(r.err, says);
  }
  assert.deepEqual(heads(dir), before);
});

test('the same goes through the process that serves, and a backup carries the audit log’s head', async (t) => {
  const station = makeStation({ demo: false });
  t.after(() => station.remove());
  await station.serve();
  const r = add(station.dir, 'siti@example.org', '--role', 'admin');
  assert.equal(r.code, 0, r.err);
  assert.ok(r.out.includes(`${station.origin}/desk/link/`), r.out);
  assert.equal(siaran('user', station.dir, 'reset', 'siti@example.org').code, 0);
  const file = path.join(path.dirname(station.dir), 'backup.tar');
  const restored = path.join(path.dirname(station.dir), 'restored');
  assert.equal(siaran('backup', station.dir, file).code, 0);
  const head = heads(station.dir).at(-1);
  assert.ok(fs.readFileSync(file, 'latin1').includes(`\naudit ${head}\nend `));
  const back = siaran('restore', restored, file);
  assert.equal(back.code, 0, back.err + back.out);
  assert.match(back.out, /^ok {4}audit-chain/m);
  assert.match(back.out, /^ok {4}staff-accounts/m);
  assert.deepEqual(heads(restored), [head]);
  fs.appendFileSync(path.join(restored, 'journal/audit-heads'), `9${head.slice(1)}\n`);
  const damaged = siaran('verify', restored);
  assert.equal(damaged.code, 5);
  assert.match(damaged.out, /FAULT audit-chain the log ends at row/);
});
