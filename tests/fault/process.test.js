// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, childrenOf, isAlive, makeStation, mustRun, numberOf, readsOf, siaran, startStation, times,
  until, votesOf } = require('../support/station');

test('the engineer who stops the station waits less than five seconds', async (t) => {
  const s = await startStation(t);
  const site = s.siteProcess();
  const from = Date.now();
  assert.deepStrictEqual(await s.stop('SIGTERM'), { code: 0, signal: null });
  assert.ok(Date.now() - from < 5000);
  assert.ok(!isAlive(site));
  assert.strictEqual(mustRun('verify', s.dir).code, 0);
});

test('a second after the parent was killed there is no child', async (t) => {
  const s = await startStation(t);
  const children = childrenOf(s.pid);
  assert.ok(children.length > 0);
  await s.stop('SIGKILL');
  await until(() => children.every((pid) => !isAlive(pid)), 1000, 'the end of the children');
});

test('a crashed site process is back within a second and the crash is logged', async (t) => {
  const s = await startStation(t);
  const site = s.siteProcess();
  process.kill(site, 'SIGSEGV');
  await until(() => !isAlive(site), 1000, 'its end');
  await until(() => s.get('/en/').then((r) => r.status === 200, () => false), 1000, 'an answer');
  assert.match(s.log, /site/);
});

// One round of mixed load with a kill in the middle: the site process twice, then the parent, so that the growing
// pause between restarts (a child that keeps crashing is not started at full speed) does not become the test.
async function killedRound(s, address, round, sums) {
  const victim = round % 3 === 2 ? s.pid : await until(() => s.siteProcess(), 3000, 'a site process');
  const children = childrenOf(s.pid);
  const load = Array.from({ length: 12 }, async (_, i) => {
    const isVote = i % 4 === 3;
    sums[isVote ? 'voted' : 'sent']++;
    const answer = await (isVote ? s.vote(numberOf(address), 4) : s.get(address)).catch(() => ({}));
    if (isVote && answer.status === 303) sums.votes++;
    if (!isVote && answer.status === 200) sums.acknowledged++;
  });
  await Promise.race(load.slice(0, 1 + Math.floor(Math.random() * 11)));
  process.kill(victim, 'SIGKILL');
  await Promise.all(load);
  if (victim === s.pid) {
    await until(() => children.every((pid) => !isAlive(pid)), 1000, 'the end of the children');
    await s.ended;
    await s.serve();
  } else {
    await until(() => s.get('/robots.txt').then((r) => r.status === 200, () => false), 3000, 'an answer');
  }
}

test('whatever is killed, no read and no vote that was acknowledged is lost', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\npublic_posts_per_minute = 100000\n');
  await s.serve();
  const address = articleLinks((await s.get('/en/')).body)[0];
  const page = (await s.get(address)).body;
  const sums = { sent: 1, acknowledged: 1, voted: 0, votes: 0 };
  for (let round = 0; round < times(100); round++) await killedRound(s, address, round, sums);
  sums.sent++;
  sums.acknowledged++;
  const after = (await s.get(address)).body;
  const counted = readsOf(after) - readsOf(page) + 1; // both ends are among the reads sent
  assert.ok(sums.acknowledged <= counted && counted <= sums.sent, `${sums.acknowledged} <= ${counted} <= ${sums.sent}`);
  const stored = votesOf(after) - votesOf(page);
  assert.ok(sums.votes <= stored && stored <= sums.voted, `${sums.votes} <= ${stored} <= ${sums.voted}`);
  await s.stop();
  const verify = siaran('verify', s.dir);
  assert.strictEqual(verify.code, 0, verify.out + verify.err);
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

test('a port in use, a second server, a bad line and an unreadable database get one clear sentence each', async (t) => {
  const s = await startStation(t, { demo: false });
  const sentence = (r, code, pattern) => {
    assert.strictEqual(r.code, code, r.err);
    assert.match(r.err, pattern);
    assert.ok(r.err.trim().split('\n').length <= 3, r.err);
  };
  sentence(siaran('serve', s.dir, '--http', '127.0.0.1:0'), 4, /in use|served|running/i);
  const other = makeStation({ demo: false });
  t.after(() => other.remove());
  sentence(siaran('serve', other.dir, '--http', `127.0.0.1:${s.port}`), 1, /in use/);
  const conf = path.join(other.dir, 'siaran.conf');
  const kept = fs.readFileSync(conf, 'utf8');
  fs.writeFileSync(conf, `${kept}\ncache_mb = a lot\n`);
  sentence(siaran('serve', other.dir, '--http', '127.0.0.1:0'), 2, /cache_mb/);
  fs.writeFileSync(conf, kept);
  fs.writeFileSync(path.join(other.dir, 'siaran.db'), 'this is no database, and long enough to be looked at'.repeat(100));
  const r = siaran('serve', other.dir, '--http', '127.0.0.1:0');
  assert.notStrictEqual(r.code, 0);
  assert.match(r.err, /siaran\.db/);
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

test('a directory that is no station is refused', () => {
  const r = siaran('serve', '/nonexistent/station', '--http', '127.0.0.1:0');
  assert.notStrictEqual(r.code, 0);
  assert.match(r.err, /nonexistent/);
});
