// SPDX-License-Identifier: AGPL-3.0-or-later
// An engineer changes siaran.conf and sends SIGHUP; the service manager hears of it.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { freshDir, makeStation, mustRun, startStation, until } = require('../support/station');

const confOf = (s) => path.join(s.dir, 'siaran.conf');
const linesOf = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);

// Asks until what the new configuration brings is seen.
async function reload(s, text, isThere, what) {
  fs.writeFileSync(confOf(s), text);
  s.process.kill('SIGHUP');
  await until(isThere, 5000, what);
}

test('the engineer switches the access log on, rotates its file and switches it off', async (t) => {
  const s = await startStation(t, { demo: false });
  const file = path.join(s.dir, 'access.log');
  const asks = (name) => s.get(`/robots.txt?${name}`);
  await asks('before');
  const on = 'access_log = on\naccess_log_file = access.log\n';
  await reload(s, on, async () => (await asks('on'), linesOf(file).length > 0), 'a line in the file');
  assert.match(linesOf(file)[0], /^127\.0\.0\.1 .*GET \/robots\.txt/);
  fs.renameSync(file, `${file}.1`);
  await reload(s, on, async () => (await asks('rotated'), linesOf(file).length > 0), 'a line in the new file');
  const kept = linesOf(`${file}.1`).length;
  await asks('after');
  assert.strictEqual(linesOf(`${file}.1`).length, kept);
  fs.writeFileSync(confOf(s), on.replace('access_log = on', 'access_log = off'));
  s.process.kill('SIGHUP');
  await until(async () => {
    const before = linesOf(file).length;
    await asks('off');
    return linesOf(file).length === before;
  }, 5000, 'a request without a line');
});

test('limits and proxies hold after a reload, and in a site process that was started again', async (t) => {
  const s = await startStation(t, { demo: false });
  const file = path.join(s.dir, 'access.log');
  const forwarded = () => s.get('/robots.txt', { 'X-Forwarded-For': '192.0.2.7' });
  const isBelieved = async () => (await forwarded(), linesOf(file).some((l) => l.startsWith('192.0.2.7 ')));
  await reload(s, 'access_log = on\naccess_log_file = access.log\ntrusted_proxies = 127.0.0.1\n', isBelieved, 'belief');
  const site = s.siteProcess();
  process.kill(site, 'SIGKILL');
  await until(() => s.siteProcess() && s.siteProcess() !== site, 2000, 'the next site process');
  fs.truncateSync(file);
  await until(() => isBelieved().catch(() => false), 5000, 'belief again');
  const isLimited = () =>
    new Promise((resolve) => {
      const first = net.connect(s.port, '127.0.0.1', () =>
        s.get('/robots.txt').then((r) => r.status === 503, () => true).then((limited) => (first.destroy(), resolve(limited))));
      first.on('error', () => resolve(false));
    });
  assert.strictEqual(await isLimited(), false);
  await reload(s, 'connections_per_address = 1\n', isLimited, 'the limit');
});

test('what needs a restart is named in the log, and a wrong line changes nothing', async (t) => {
  const s = await startStation(t, { demo: false });
  await reload(s, 'workers = 7\nidle_seconds = 5\n', () => /idle_seconds was changed/.test(s.log), 'the log');
  assert.match(s.log, /workers was changed; it takes effect when the station is started again/);
  await reload(s, 'workers = a few\n', () => /nothing was changed/.test(s.log), 'the log');
  assert.match(s.log, /siaran\.conf line 1: workers is a number/);
  assert.strictEqual((await s.get('/en/')).status, 200);
  const help = mustRun('--help-config').out.split(/\n(?=\w)/);
  const about = (name) => help.find((h) => h.startsWith(`${name}\n`));
  for (const name of ['http', 'site_origin', 'workers', 'cache_mb', 'user']) assert.match(about(name), /needs a restart/);
  for (const name of ['access_log', 'idle_seconds', 'connections', 'trusted_proxies', 'log_level'])
    assert.match(about(name), /needs a reload only/);
});

// Each datagram becomes a line. Node has no datagram sockets of this family.
const listener = `use Socket; socket(S, PF_UNIX, SOCK_DGRAM, 0) or die; bind(S, sockaddr_un($ARGV[0])) or die;
  $| = 1; print "listening\\n"; while (defined recv(S, $m, 4096, 0)) { $m =~ s/\\n/ /g; print "$m\\n" }`;

test('the service manager hears when the station is ready, reloads and stops', async (t) => {
  const base = freshDir();
  const socket = path.join(base, 'notify');
  const manager = spawn('perl', ['-e', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => (manager.kill(), fs.rmSync(base, { recursive: true })));
  let heard = '';
  manager.stdout.on('data', (d) => (heard += d));
  const hears = (pattern) => until(() => pattern.test(heard), 5000, String(pattern));
  await hears(/listening/);
  process.env.NOTIFY_SOCKET = socket;
  t.after(() => delete process.env.NOTIFY_SOCKET);
  const s = makeStation({ demo: false });
  t.after(() => s.remove());
  await s.serve();
  await hears(new RegExp(`READY=1 MAINPID=${s.pid} STATUS=Serving .* at http://localhost:${s.port}/`));
  s.process.kill('SIGHUP');
  await hears(/RELOADING=1 MONOTONIC_USEC=\d+\nREADY=1/);
  await s.stop();
  await hears(/STOPPING=1/);
});
