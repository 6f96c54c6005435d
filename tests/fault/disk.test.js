// SPDX-License-Identifier: AGPL-3.0-or-later
// A disk that is full: a small file system of its own, filled to the last byte. Readers go on reading; who writes is
// told; nothing that was acknowledged is lost, and with room again everything works.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, freshDir, makeStation, mustRun, numberOf, readsOf, siaran, until, votesOf, words } = require('../support/station');
const { firstAdministrator } = require('../support/desk');

const SIZE_MB = 48;

// A folder that holds no more than SIZE_MB, or null with the reason said.
function smallDisk(t) {
  const dir = freshDir();
  const r = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', dir], { encoding: 'utf8' });
  t.after(() => {
    if (r.status === 0) spawnSync('umount', ['-l', dir]);
    fs.rmSync(dir, { recursive: true, force: true });
  });
  if (r.status === 0) return dir;
  t.diagnostic(`skipped because no small file system can be mounted here: ${(r.stderr || String(r.error)).trim()}`);
  return null;
}

// Takes every byte that is left.
function fill(dir) {
  const fd = fs.openSync(path.join(dir, 'filler'), 'a');
  for (let size = 1 << 20; size >= 1; size = size === 1 ? 0 : Math.floor(size / 2))
    try {
      for (;;) fs.writeSync(fd, Buffer.alloc(size, 'x'));
    } catch (e) {
      assert.strictEqual(e.code, 'ENOSPC');
    }
  fs.closeSync(fd);
}

const empty = (dir) => fs.rmSync(path.join(dir, 'filler'));

function sentence(r, code, pattern) {
  assert.strictEqual(r.code, code, r.err + r.out);
  assert.match(r.err, pattern);
  assert.strictEqual(r.err.trim().split('\n').filter((line) => line.startsWith('siaran: ')).length, 1, r.err);
}

function stationOn(t, disk) {
  const s = makeStation();
  t.after(() => s.remove());
  const moved = path.join(disk, 'station');
  fs.cpSync(s.dir, moved, { recursive: true });
  s.dir = moved;
  fs.appendFileSync(path.join(moved, 'siaran.conf'), '\npublic_posts_per_minute = 100000\n');
  return s;
}

test('on a full disk readers go on, writers are told, and nothing is lost', async (t) => {
  const disk = smallDisk(t);
  if (disk === null) return;
  const s = stationOn(t, disk);
  await s.serve();
  const address = articleLinks((await s.get('/en/')).body)[0];
  const number = numberOf(address);
  assert.strictEqual((await s.vote(number, 5)).status, 303);
  const before = (await s.get(address)).body;
  const site = s.siteProcess();
  fill(disk);
  const statuses = [];
  for (let i = 0; i < 50; i++) statuses.push((await s.vote(number, 4)).status);
  assert.ok(statuses.some((status) => status >= 500), 'a vote that cannot be stored is not acknowledged');
  let taken = statuses.filter((status) => status === 303).length; // what still fitted into the log's room
  assert.ok(statuses.every((status) => status === 303 || status >= 500), statuses.join());
  for (const lang of ['en', 'de', 'ar']) assert.strictEqual((await s.get(`/${lang}/`)).status, 200, lang);
  for (const other of articleLinks((await s.get('/en/')).body)) assert.strictEqual((await s.get(other)).status, 200, other);
  const texts = path.join(path.dirname(s.clock), 'more.txt');
  const article = (i) => `== article\nlang: en\nsection: news\nheadline: Rain ${i}\n\n${'It rained again. '.repeat(3000)}\n\n`;
  fs.writeFileSync(texts, Array.from({ length: 40 }, (_, i) => article(i)).join(''));
  sentence(siaran('import', s.dir, 'text', texts), 1, /writing to the database failed|full/);
  sentence(siaran('article', s.dir, 'withdraw', String(number), '--text', 'x'.repeat(1900)), 1, /writing to the database failed|full/);
  sentence(siaran('backup', s.dir, path.join(disk, 'kept')), 1, /kept|full|space/);
  assert.deepStrictEqual(fs.readdirSync(disk).sort(), ['filler', 'station']);
  assert.strictEqual(s.siteProcess(), site, 'the process that serves is still the same');
  empty(disk);
  assert.strictEqual((await s.vote(number, 3)).status, 303);
  taken++;
  const after = (await s.get(address)).body;
  assert.strictEqual(votesOf(after), votesOf(before) + taken);
  assert.ok(readsOf(after) > readsOf(before));
  mustRun('verify', s.dir);
  mustRun('import', s.dir, 'text', texts);
  mustRun('backup', s.dir, path.join(disk, 'kept'));
  await s.stop();
  mustRun('verify', s.dir);
  await s.serve();
  assert.strictEqual(votesOf((await s.get(address)).body), votesOf(before) + taken);
});

test('what is made on a full disk is refused and leaves nothing behind', (t) => {
  const disk = smallDisk(t);
  if (disk === null) return;
  const s = stationOn(t, disk);
  const kept = path.join(path.dirname(s.clock), 'kept');
  mustRun('backup', s.dir, kept);
  fill(disk);
  const there = fs.readdirSync(disk).sort();
  sentence(siaran('init', path.join(disk, 'new')), 1, /new|full|space/);
  assert.deepStrictEqual(fs.readdirSync(disk).sort(), there, 'init');
  sentence(siaran('restore', path.join(disk, 'new'), kept), 1, /space|full|writing/);
  assert.deepStrictEqual(fs.readdirSync(disk).sort(), there, 'restore');
  sentence(siaran('backup', s.dir, path.join(disk, 'other')), 1, /other|full|space/);
  assert.deepStrictEqual(fs.readdirSync(disk).sort(), there, 'backup');
  const r = siaran('serve', s.dir, '--http', '127.0.0.1:0');
  sentence(r, 1, /full|space|cannot write/);
  empty(disk);
  mustRun('verify', s.dir);
  mustRun('restore', path.join(disk, 'new'), kept);
});

test('output that cannot be written is a failure', () => {
  const full = fs.openSync('/dev/full', 'w');
  const r = spawnSync(process.env.SIARAN || path.join(__dirname, '../../build/siaran'), ['routes'],
    { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
  fs.closeSync(full);
  sentence({ code: r.status, out: '', err: r.stderr }, 1, /writing the output failed/);
});

test('a backup that has no room is not begun, and the desk says how much it lacks', async (t) => {
  const disk = smallDisk(t);
  if (disk === null) return;
  const s = stationOn(t, disk);
  await s.serve();
  const admin = await firstAdministrator(s);
  await admin.get('/desk/backups');
  await admin.post('/desk/backups');
  const said = await until(async () => {
    const page = words((await admin.get('/desk/backups')).body);
    return /The last backup was not made/.test(page) && page;
  }, 20000, 'the reason');
  assert.match(said, /it needs [\d.,]+ MB of disk, and [\d.,]+ MB are free/);
  assert.match(words((await admin.get('/desk/system')).body), /The last backup was not made: it needs/);
  const audit = words((await admin.get('/desk/audit?kind=backup')).body);
  assert.match(audit, /station fail backup not enough room on the disk .*ask backup/, 'asked for, and what came of it');
  assert.doesNotMatch(audit, /make backup/);
  assert.deepStrictEqual(fs.readdirSync(s.dir).filter((f) => /backup\.part|^backups$/.test(f)), [], 'nothing was begun');
  assert.strictEqual((await s.get('/en/')).status, 200);
});

test('a day\'s backup that fails where not even that can be noted is not tried again until the next day', async (t) => {
  const disk = smallDisk(t);
  if (disk === null) return;
  const s = stationOn(t, disk);
  const hour = (new Date().getUTCHours() + 7 + 12) % 24; // half a day from now, by the clock of the station
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), `backup_keep = 2\nbackup_hour = ${hour}\n`);
  await s.serve();
  const admin = await firstAdministrator(s);
  const times = (said) => s.log.split(said).length - 1;
  fill(disk);
  const number = numberOf(articleLinks((await s.get('/en/')).body)[0]);
  await until(async () => (await s.vote(number, 4)).status >= 500, 20000, 'no room in the log of the database');
  await admin.get('/desk/backups');
  assert.ok((await admin.post('/desk/backups')).status >= 500, 'who asks for one is told that it cannot be written down');
  s.later(86400);
  await until(() => times('how the backup went could not be written down') > 0, 20000, 'the first try');
  empty(disk);
  // The same thread looks after both, so that the one that is asked for comes after whatever else was due.
  await admin.signIn('ada@station.test');
  await admin.get('/desk/backups');
  await admin.post('/desk/backups');
  await until(async () => /The last backup was not made/.test(words((await admin.get('/desk/backups')).body)), 20000, 'the one that is asked for');
  assert.strictEqual(times('how the backup went could not be written down'), 1, s.log);
  assert.strictEqual(times('the backup was not made'), 2, s.log);
});

// Nobody, root neither, takes away a file that something is mounted on.
function held(t, file) {
  const r = spawnSync('mount', ['--bind', file, file], { encoding: 'utf8' });
  if (r.status !== 0) {
    t.diagnostic(`skipped because no file can be held here: ${(r.stderr || String(r.error)).trim()}`);
    return null;
  }
  const free = () => spawnSync('umount', ['-l', file]);
  t.after(free);
  return free;
}

test('a backup that could not be deleted is still there, and the log says so', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'backup_keep = 0\n'); // whatever the hour of the test
  const name = '20260101-000000-asked.tar';
  const file = path.join(s.dir, 'backups', name);
  fs.mkdirSync(path.dirname(file), { mode: 0o700 });
  fs.writeFileSync(file, 'kept');
  const free = held(t, file);
  if (free === null) return;
  await s.serve();
  const admin = await firstAdministrator(s);
  const page = `/desk/backups/${name}`;
  await admin.get(page);
  assert.ok((await admin.post(`${page}/delete`, { sure: '1' })).status >= 500);
  assert.ok(fs.existsSync(file));
  const audit = words((await admin.get('/desk/audit?kind=backup')).body);
  assert.match(audit, new RegExp(`fail backup not deleted: ${name} .*delete backup ${name}`));
  free();
  await admin.get(page);
  assert.match(words((await admin.post(`${page}/delete`, { sure: '1' })).body), /Deleted\./);
  assert.ok(!fs.existsSync(file));
});
