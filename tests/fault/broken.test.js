// SPDX-License-Identifier: AGPL-3.0-or-later
// A station whose files are broken, foreign or out of reach: the command says one clear sentence, ends with the code
// that the man page gives, and changes nothing; with the cause mended the station is what it was.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { binary, freshDir, makeStation, mustRun, siaran, startStation } = require('../support/station');
const { runSql } = require('../support/kill');

const code = { done: 0, failed: 1, usage: 2, refused: 3, busy: 4, faults: 5 };
const isRoot = process.getuid() === 0;

function sentence(r, wanted, pattern, what) {
  assert.strictEqual(r.code, wanted, `${what}: ${r.err}${r.out}`);
  assert.match(r.err, /^siaran: [^\n]+\n$/, `${what}: one sentence, not "${r.err}"`);
  assert.match(r.err, pattern, what);
}

const sound = (dir) => assert.strictEqual(mustRun('verify', dir).code, code.done);
const serve = (dir) => siaran('serve', dir, '--http', '127.0.0.1:0');
const database = (dir) => path.join(dir, 'siaran.db');

// A stopped station and all of its files, to compare and to put back.
function stoppedStation(t, options) {
  const s = makeStation(options);
  t.after(() => s.remove());
  return s;
}

// Every command that opens a station.
function commands(dir, base) {
  const article = path.join(base, 'some.txt');
  fs.writeFileSync(article, '== article\nlang: en\nsection: news\nheadline: Rain\n\nIt rained.\n');
  return [['serve', dir, '--http', '127.0.0.1:0'], ['verify', dir], ['import', dir, 'text', article],
    ['article', dir, 'correct', '1', '--text', 'x'], ['backup', dir, path.join(base, 'some.backup')]];
}

test('a directory that is no station is refused by every command', (t) => {
  const base = freshDir();
  t.after(() => fs.rmSync(base, { recursive: true }));
  const empty = path.join(base, 'empty');
  fs.mkdirSync(empty);
  const file = path.join(base, 'file');
  fs.writeFileSync(file, 'x');
  for (const dir of [empty, path.join(base, 'nothing'), file])
    for (const args of commands(dir, base)) {
      sentence(siaran(...args), code.refused, /no station in .*siaran init/, args.join(' '));
      assert.ok(!fs.existsSync(path.join(base, 'some.backup')));
    }
  assert.deepStrictEqual(fs.readdirSync(empty), []);
});

test('a database that is damaged is named, and the damaged file is left as it is', (t) => {
  const s = stoppedStation(t, { demo: false });
  const whole = fs.readFileSync(database(s.dir));
  const damages = [
    ['words instead of a database', () => Buffer.from('this is no database, and long enough to be looked at'.repeat(100)), /siaran\.db/],
    ['nothing in it', () => Buffer.alloc(0), /siaran\.db/],
    ['the first page overwritten', () => Buffer.concat([Buffer.alloc(4096, 0xaa), whole.subarray(4096)]), /siaran\.db/],
    ['cut off in the middle', () => whole.subarray(0, 4096 * 3), /siaran\.db/],
  ];
  for (const [what, make, pattern] of damages) {
    fs.writeFileSync(database(s.dir), make());
    for (const args of commands(s.dir, path.dirname(s.clock))) {
      const r = siaran(...args);
      if (args[0] === 'verify' && r.code === code.faults) continue; // it names the fault on a database that opens
      assert.ok([code.failed, code.refused].includes(r.code), `${what}, ${args[0]}: ${r.code} ${r.err}`);
      sentence(r, r.code, pattern, `${what}, ${args[0]}`);
    }
    assert.ok(fs.readFileSync(database(s.dir)).equals(make()), `${what}: the file was changed`);
  }
  fs.writeFileSync(database(s.dir), whole);
  sound(s.dir);
});

test('a page of the database that is damaged is found by verify', (t) => {
  const s = stoppedStation(t);
  const whole = fs.readFileSync(database(s.dir));
  const pages = whole.length / 4096;
  let found = 0;
  for (const part of [0.3, 0.5, 0.7]) {
    const damaged = Buffer.from(whole);
    damaged.fill(0xaa, Math.floor(pages * part) * 4096, Math.floor(pages * part) * 4096 + 4096);
    fs.writeFileSync(database(s.dir), damaged);
    const r = siaran('verify', s.dir);
    assert.ok([code.faults, code.failed].includes(r.code), `${part}: ${r.code}`);
    if (r.code === code.faults && /^FAULT database /m.test(r.out)) found++;
  }
  assert.ok(found > 0);
  fs.writeFileSync(database(s.dir), whole);
  sound(s.dir);
});

test('a database of a newer program is not touched', (t) => {
  const s = stoppedStation(t, { demo: false });
  runSql(s.dir, 'INSERT INTO schema_versions (version, applied_at) VALUES (900, 1)');
  const before = fs.readFileSync(database(s.dir));
  for (const args of commands(s.dir, path.dirname(s.clock))) {
    const r = siaran(...args);
    sentence(r, code.refused, /newer/, args[0]);
  }
  assert.ok(fs.readFileSync(database(s.dir)).equals(before));
  runSql(s.dir, 'DELETE FROM schema_versions WHERE version = 900');
  sound(s.dir);
});

test('a database of another program is not touched', (t) => {
  const s = stoppedStation(t, { demo: false });
  fs.rmSync(database(s.dir));
  runSql(s.dir, 'CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES (\'soup\')');
  const before = fs.readFileSync(database(s.dir));
  for (const args of commands(s.dir, path.dirname(s.clock))) sentence(siaran(...args), code.refused, /siaran\.db.*not a station/, args[0]);
  assert.ok(fs.readFileSync(database(s.dir)).equals(before));
});

test('a wrong line of the configuration is named with its number', (t) => {
  const s = stoppedStation(t, { demo: false });
  const conf = path.join(s.dir, 'siaran.conf');
  const kept = fs.readFileSync(conf, 'utf8');
  const last = kept.trimEnd().split('\n').length + 1;
  const rows = [['cache_mb = a lot', /cache_mb/], ['colour = blue', /no parameter "colour"/], ['http', /key = value/],
    ['loops = 1\nloops = 2', /loops is given twice/], ['log_level = loud', /debug, info, warn or error/],
    ['site_origin = www.example.org', /https:/], ['trusted_proxies = nobody', /"nobody"/], ['access_log = yes', /on or off/],
    ['head_seconds = 0', /from 1 to 300/]];
  for (const [line, pattern] of rows) {
    fs.writeFileSync(conf, `${kept.trimEnd()}\n${line}\n`);
    const r = serve(s.dir);
    sentence(r, code.usage, pattern, line);
    assert.ok(r.err.includes(`siaran.conf line ${last + line.split('\n').length - 1}`), r.err);
  }
  fs.writeFileSync(conf, Buffer.from([0xff, 0xfe]));
  sentence(serve(s.dir), code.usage, /siaran\.conf.*UTF-8/, 'bytes');
  fs.writeFileSync(conf, kept);
  sentence(siaran('serve', s.dir, '--http', 'here'), code.usage, /here/, '--http');
  sound(s.dir);
});

test('who serves a station twice, or restores over one, is told who has it', async (t) => {
  const s = await startStation(t, { demo: false });
  const base = path.dirname(s.clock);
  const file = path.join(base, 'kept');
  mustRun('backup', s.dir, file);
  sentence(serve(s.dir), code.busy, new RegExp(`served by process ${s.pid}\\b`), 'serve');
  sentence(siaran('restore', s.dir, file), code.refused, /already a station/, 'restore');
  const other = stoppedStation(t, { demo: false });
  sentence(siaran('serve', other.dir, '--http', `127.0.0.1:${s.port}`), code.failed, new RegExp(`${s.port}.*in use`), 'port');
  sentence(siaran('restore', other.dir, file), code.refused, /already a station/, 'restore over a stopped station');
  sentence(siaran('init', s.dir), code.refused, /already a station/, 'init');
  assert.strictEqual((await s.get('/en/')).status, 200);
  sound(s.dir);
  sound(other.dir);
});

test('a backup that was cut off or altered is refused and leaves nothing behind', (t) => {
  const s = stoppedStation(t, { demo: false });
  const base = path.dirname(s.clock);
  const file = path.join(base, 'kept');
  mustRun('backup', s.dir, file);
  const whole = fs.readFileSync(file);
  const flipped = Buffer.from(whole);
  flipped[Math.floor(whole.length / 2)] ^= 1;
  const before = fs.readdirSync(base).sort();
  for (const [what, bytes] of [['cut', whole.subarray(0, whole.length / 2)], ['flipped', flipped], ['empty', Buffer.alloc(0)],
    ['words', Buffer.from('no backup at all\n')], ['without its end', whole.subarray(0, whole.length - 2048)]]) {
    fs.writeFileSync(file, bytes);
    sentence(siaran('restore', path.join(base, 'new'), file), code.refused, /no complete backup/, what);
    assert.deepStrictEqual(fs.readdirSync(base).sort(), before, what);
  }
  sentence(siaran('restore', path.join(base, 'new'), path.join(base, 'none')), code.refused, /none/, 'no file');
  assert.deepStrictEqual(fs.readdirSync(base).sort(), before);
});

// ---- permissions: as somebody who is not root, on files that are not theirs to write ------------------------------

// A copy of the program and a station that belong to nobody, and a way to run the one on the other as nobody.
function asNobody(t) {
  const s = stoppedStation(t, { demo: false });
  const base = path.dirname(s.clock);
  const program = path.join(base, 'siaran');
  fs.copyFileSync(binary, program);
  fs.chmodSync(program, 0o755);
  const own = (dir) => {
    fs.chownSync(dir, 65534, 65534);
    if (fs.statSync(dir).isDirectory()) for (const name of fs.readdirSync(dir)) own(path.join(dir, name));
  };
  if (isRoot) own(base);
  const before = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', program] : [program];
  s.run = (...args) => {
    const r = spawnSync(before[0], [...before.slice(1), ...args], { encoding: 'utf8', cwd: base });
    return { code: r.status, out: r.stdout, err: r.stderr };
  };
  return s;
}

test('files that may not be read or written are named, and mending their mode mends all', (t) => {
  const s = asNobody(t);
  const base = path.dirname(s.clock);
  assert.strictEqual(s.run('verify', s.dir).code, code.done);
  mustRun('backup', s.dir, path.join(base, 'kept'));
  fs.chmodSync(path.join(base, 'kept'), 0o644);
  const rows = [
    ['the database not writable', 'siaran.db', 0o400, ['serve', 'verify', 'import', 'article', 'backup'], code.failed, /siaran\.db may not be written/],
    ['the database not readable', 'siaran.db', 0o000, ['serve', 'verify', 'import', 'article', 'backup'], code.failed, /siaran\.db/],
    ['the folder not writable', '', 0o500, ['serve', 'verify', 'import', 'article', 'backup'], code.failed, /permission|denied/i],
    ['the folder not readable', '', 0o000, ['serve', 'verify', 'import', 'article', 'backup'], code.failed, /permission|denied/i],
    ['the configuration not readable', 'siaran.conf', 0o000, ['serve'], code.failed, /siaran\.conf.*denied/],
    ['the lock not writable', 'lock', 0o000, ['serve', 'verify', 'import', 'article', 'backup'], code.failed, /lock.*denied/],
  ];
  for (const [what, name, mode, verbs, wanted, pattern] of rows) {
    const file = path.join(s.dir, name);
    const was = fs.statSync(file).mode & 0o7777;
    const whole = fs.readFileSync(database(s.dir));
    fs.chmodSync(file, mode);
    for (const args of commands(s.dir, base))
      if (verbs.includes(args[0])) sentence(s.run(...args), wanted, pattern, `${what}, ${args[0]}`);
    fs.chmodSync(file, was);
    assert.ok(fs.readFileSync(database(s.dir)).equals(whole), what);
    assert.strictEqual(s.run('verify', s.dir).code, code.done, what);
  }
});

test('where nothing may be written, init, backup and restore say so', (t) => {
  const s = asNobody(t);
  const base = path.dirname(s.clock);
  const closed = path.join(base, 'closed');
  assert.strictEqual(s.run('backup', s.dir, path.join(base, 'kept')).code, code.done);
  fs.mkdirSync(closed, { mode: 0o555 });
  if (isRoot) fs.chownSync(closed, 65534, 65534);
  sentence(s.run('init', path.join(closed, 'new')), code.failed, /closed.*denied/, 'init');
  sentence(s.run('backup', s.dir, path.join(closed, 'kept')), code.failed, /closed\/kept.*denied/, 'backup');
  sentence(s.run('restore', path.join(closed, 'new'), path.join(base, 'kept')), code.failed, /closed.*denied/, 'restore');
  assert.deepStrictEqual(fs.readdirSync(closed), []);
  fs.chmodSync(path.join(base, 'kept'), 0o000);
  sentence(s.run('restore', path.join(base, 'new'), path.join(base, 'kept')), code.failed, /kept.*denied/, 'a backup not readable');
  assert.ok(!fs.existsSync(path.join(base, 'new')));
});
