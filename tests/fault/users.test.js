// SPDX-License-Identifier: AGPL-3.0-or-later
// A station that root starts for another user, and the unit that starts one without root.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { articleLinks, makeStation, mustRun, numberOf, root, siaran, until } = require('../support/station');

const isRoot = process.getuid() === 0;
const idOf = (flag) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
const statusOf = (pid, field) => new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1];

function* filesIn(dir) {
  for (const e of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, e.name);
    yield file;
    if (e.isDirectory()) yield* filesIn(file);
  }
}

test('a station made by root is served by the user that siaran.conf names, who has no power beyond it',
  { skip: !isRoot && 'needs root' }, async (t) => {
    const s = makeStation();
    t.after(() => s.remove());
    const [uid, gid] = [idOf('-u'), idOf('-g')];
    const conf = path.join(s.dir, 'siaran.conf');
    const outside = path.join(path.dirname(s.clock), 'outside');
    fs.writeFileSync(outside, 'of root');
    fs.symlinkSync(outside, path.join(s.dir, 'link'));
    fs.linkSync(outside, path.join(s.dir, 'second-name'));
    fs.chmodSync(path.dirname(s.clock), 0o755);
    fs.writeFileSync(conf, 'user = nobody\n');
    fs.chmodSync(conf, 0o600);
    await s.serve();
    const site = s.siteProcess();
    assert.deepStrictEqual(statusOf(site, 'Uid').split(/\s+/), Array(4).fill(String(uid)));
    assert.deepStrictEqual(statusOf(site, 'Gid').split(/\s+/), Array(4).fill(String(gid)));
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(statusOf(site, set), /^0+$/);
    assert.strictEqual(statusOf(site, 'NoNewPrivs'), '1');
    assert.strictEqual(statusOf(s.pid, 'Uid').split(/\s+/)[0], '0');

    const address = articleLinks((await s.get('/en/')).body)[0];
    assert.strictEqual((await s.vote(numberOf(address), 5)).status, 303);
    for (const file of filesIn(s.dir)) {
      const owner = fs.lstatSync(file).uid;
      const isRoots = [conf, path.join(s.dir, 'link'), path.join(s.dir, 'second-name'), path.join(s.dir, 'run/addresses')];
      if (!isRoots.includes(file)) assert.strictEqual(owner, uid, file);
    }
    assert.strictEqual(fs.statSync(outside).uid, 0);
    assert.strictEqual(fs.statSync(conf).uid, 0);

    // The child cannot read the file, and yet has what is new in it.
    assert.notStrictEqual(spawnSync('cat', [conf], { uid, gid }).status, 0);
    const log = path.join(s.dir, 'access.log');
    fs.writeFileSync(conf, 'user = nobody\naccess_log = on\naccess_log_file = access.log\n');
    s.process.kill('SIGHUP');
    await until(async () => (await s.get('/en/'), fs.existsSync(log) && fs.statSync(log).size > 0), 5000, 'the access log');
    assert.strictEqual(fs.statSync(log).uid, uid);
    const backup = mustRun('backup', s.dir, path.join(s.dir, 'run/backup'));
    assert.match(backup.out, /siaran\.conf .* is not in the backup/);
    // A radio that is left may not read it either, and root's next parent tells it.
    const radio = s.processNamed('siaran-radio');
    await s.kill();
    fs.appendFileSync(conf, 'log_level = debug\n');
    await s.serve();
    assert.deepStrictEqual([s.processNamed('siaran-radio'), statusOf(radio, 'Uid').split(/\s+/)[1]], [radio, String(uid)]);
    await until(() => s.log.includes(`radio: the radio goes on with process ${s.pid} as its parent`), 5000, 'that it heard of its parent');
    assert.match(fs.readFileSync(path.join(s.dir, 'run/radio.conf'), 'utf8'), /^log_level = debug$/m);
    fs.appendFileSync(conf, 'radio_origin = https://radio.test\n');
    fs.rmSync(path.join(s.dir, 'run/radio.conf'));
    s.process.kill('SIGHUP');
    const told = path.join(s.dir, 'run/radio.conf');
    await until(() => fs.existsSync(told) && /radio\.test/.test(fs.readFileSync(told, 'utf8')), 5000, 'what it is told anew');
    assert.strictEqual(spawnSync('cat', [told], { uid, gid }).status, 0, 'it may read that');
    await s.stop();
    assert.strictEqual(siaran('verify', s.dir).code, 0);
  });

test('a user who does not exist is told before anything is changed', { skip: !isRoot && 'needs root' }, (t) => {
  const s = makeStation({ demo: false });
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'siaran.conf'), 'user = nobody-of-this-name\n');
  const r = siaran('serve', s.dir, '--http', '127.0.0.1:0');
  assert.notStrictEqual(r.code, 0);
  assert.match(r.err, /no user "nobody-of-this-name"/);
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test('the systemd unit is one that systemd understands', { skip: !hasSystemd && 'systemd-analyze is not installed' }, () => {
  // The program is not installed where the unit looks for it: that is said, and nothing else may be.
  const r = spawnSync('systemd-analyze', ['verify', '--man=no', path.join(root, 'dist/siaran.service')], { encoding: 'utf8' });
  const said = r.stderr.split('\n').filter((l) => l && !/\/usr\/local\/bin\/siaran is not executable/.test(l));
  assert.deepStrictEqual(said.filter((l) => /siaran/.test(l)), []);
});
