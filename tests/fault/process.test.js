// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, isAlive, makeStation, mustRun, readsOf, siaran, startStation, times, until } =
  require('../support/station');

test('the engineer who stops the station waits less than five seconds', async (t) => {
  const s = await startStation(t);
  const site = s.siteProcess();
  const from = Date.now();
  assert.deepStrictEqual(await s.stop('SIGTERM'), { code: 0, signal: null });
  assert.ok(Date.now() - from < 5000);
  assert.ok(!isAlive(site));
  assert.strictEqual(mustRun('verify', s.dir).code, 0);
});

test('a crashed site process is back within a second and the crash is logged', async (t) => {
  const s = await startStation(t);
  const site = s.siteProcess();
  process.kill(site, 'SIGSEGV');
  await until(() => !isAlive(site), 1000, 'its end');
  await until(() => s.get('/en/').then((r) => r.status === 200, () => false), 1000, 'an answer');
  assert.match(s.log, /site/);
});

test('a station whose process was killed is served again as soon as what it left behind has ended, and not beside one that lives', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  const lock = path.join(s.dir, 'lock'), dead = spawnSync('true').pid;
  // What inherited the lock, and who is said to have it.
  const hold = async (pid) => {
    fs.writeFileSync(lock, `${pid}\n`);
    const holder = spawn('flock', ['--exclusive', lock, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => holder.once('exit', resolve));
    t.after(() => (holder.kill('SIGKILL'), ended));
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    return () => (holder.stdin.end(), ended);
  };
  const release = await hold(process.pid);
  const refused = siaran('serve', s.dir, '--http', '127.0.0.1:0');
  assert.deepStrictEqual([refused.code, new RegExp(`already served by process ${process.pid}`).test(refused.err)], [4, true], refused.err);
  await release();
  const end = await hold(dead), served = s.serve();
  await until(() => fs.readdirSync(`/proc/${s.pid}/fd`).some((fd) => { try { return fs.readlinkSync(`/proc/${s.pid}/fd/${fd}`) === lock; } catch { return false; } }), 5000, 'it has seen the lock');
  assert.strictEqual(s.process.exitCode, null);
  await end();
  await served;
  assert.strictEqual((await s.get('/en/')).status, 200);
});

test('a backup made while readers read is one moment, and restores', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  for (let i = 0; i < 20; i++) await s.get(address);
  const reads = readsOf((await s.get(address)).body);
  const file = path.join(path.dirname(s.clock), 'backup');
  mustRun('backup', s.dir, file);
  const other = makeStation({ demo: true });
  t.after(() => other.remove());
  fs.rmSync(other.dir, { recursive: true });
  mustRun('restore', other.dir, file);
  assert.strictEqual(mustRun('verify', other.dir).code, 0);
  await other.serve();
  const page = (await other.get(address)).body;
  assert.strictEqual(readsOf(page), reads + 1);
  const image = /src="(\/media\/[^"]+)"/.exec(page)[1];
  assert.strictEqual((await other.get(image)).status, 200);
  assert.notStrictEqual(siaran('restore', s.dir, file).code, 0, 'a served station is not overwritten');
});

test('readers are answered while thousands hold idle connections', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\nconnections_per_address = 0\n');
  await s.serve();
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${s.siteProcess()}/status`, 'utf8'))[1]);
  await s.get('/en/');
  const before = memory();
  const count = times(5000);
  const idle = [];
  t.after(() => idle.forEach((c) => c.destroy()));
  for (let i = 0; i < count; i++)
    idle.push(await new Promise((resolve, reject) => {
      const c = net.connect({ port: s.port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (i % 200)}` }, () => resolve(c));
      c.on('error', reject);
    }));
  for (let i = 0; i < 50; i++) assert.strictEqual((await s.get('/en/')).status, 200);
  const each = ((memory() - before) * 1024) / count;
  t.diagnostic(`measured ${Math.round(each)} bytes of memory an idle connection, ${count} connections`);
  assert.ok((memory() - before) * 1024 <= 1024 * count + (2 << 20));
});
