// SPDX-License-Identifier: AGPL-3.0-or-later
// What a listener must not hear: that another process of the station was killed. And what happens when it is the radio
// process itself: it is back, and so are the encoders and players of others, by themselves.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { RATE, MOUNT, calm, crowd, feed, listen, onAir } = require('../support/audience');
const { ffmpegInALoop, liquidsoap } = require('../support/encoders');
const { startRadio } = require('../support/on_air');
const { makeClips } = require('../support/peers');
const { players } = require('../support/players');
const { freshDir, processesOf, until } = require('../support/station');

test('a thousand listeners hear nothing of it when the newsroom\'s processes are killed', async (t) => {
  const radio = await onAir(t);
  await feed(t, radio);
  const one = listen(t, radio);
  await one.more(20000);
  const many = await crowd(t, radio, 1000);
  const s = radio.station, own = radio.pid;
  for (const name of ['siaran-site', 'siaran-media', 'siaran-courier']) {
    const pid = s.processNamed(name);
    process.kill(pid, 'SIGKILL');
    await calm(() => s.processNamed(name) && s.processNamed(name) !== pid, `${name} is back`);
    assert.strictEqual(radio.pid, own, 'the radio is the same process');
    await one.more(RATE);
  }
  // The parent, also when the site was restarted by it; the next one takes over what plays, and so does the one after that.
  for (let i = 0; i < 2; i++) {
    await s.kill();
    await one.more(RATE);
    await s.serve();
    assert.strictEqual(radio.pid, own, 'the radio is the same process');
    assert.match(fs.readFileSync(path.join(s.dir, 'run/addresses'), 'utf8'), new RegExp(`radio 127.0.0.1:${radio.port}\n`));
    await one.more(RATE);
  }
  await many.hears();
  assert.strictEqual(one.isClosed, false);
  await s.stop();
  assert.deepStrictEqual(processesOf(s.dir), [], 'the parent ends the radio that it did not begin');
});

test('a radio whose parent was killed does what the next parent says, and is replaced when it ends or does not fit', async (t) => {
  const radio = await onAir(t), s = radio.station, first = radio.pid;
  const source = await feed(t, radio);
  await s.kill();
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\nradio_origin = https://radio.test\n');
  await s.serve();
  const asks = async () => (await radio.request('GET', `${MOUNT}.m3u`)).body;
  await calm(async () => (await asks()).includes('https://radio.test/'), 'it knows what was changed while it was alone');
  fs.writeFileSync(path.join(s.dir, 'siaran.conf'), fs.readFileSync(path.join(s.dir, 'siaran.conf'), 'utf8').replace('https://radio.test', 'https://sound.test'));
  s.process.kill('SIGHUP');
  await calm(async () => (await asks()).includes('https://sound.test/'), 'and what is changed from then on');
  assert.strictEqual(radio.pid, first);

  process.kill(first, 'SIGKILL');
  await source.ended;
  await calm(() => radio.pid && radio.pid !== first, 'the one that is no child of it is begun anew');
  const again = await calm(() => feed(t, radio).catch(() => null), 'at the same address');
  assert.match(s.log, /radio \(process \d+\), which another parent began, ended/);

  const second = radio.pid;
  await s.kill();
  await s.serve('--radio', '127.0.0.2:0');
  await again.ended;
  assert.match(s.log, /was begun by another program or with other settings/);
  assert.notStrictEqual(radio.pid, second, 'another address is another radio');
  assert.strictEqual(processesOf(s.dir).filter((pid) => pid === second).length, 0);
});

test('a radio that is alone ends where its station is no more at its path, and finds a parent that it did not hear', async (t) => {
  const radio = await onAir(t, { args: ['--radio', '127.0.0.1:0'] }), s = radio.station;
  await feed(t, radio);
  const first = radio.pid;
  await s.kill();
  process.kill(first, 'SIGHUP'); // anybody's; it is nobody's child for that
  process.kill(first, 'SIGSTOP'); // the next parent's word is lost in this one
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\nradio_alone_seconds = 3\n');
  const serving = s.serve();
  await calm(() => /goes on: process/.test(s.log), 'the next parent finds it');
  process.kill(first, 'SIGCONT');
  await serving;
  await calm(() => s.log.includes(`goes on with process ${s.pid} as its parent`), 'it knows whose it is');
  const one = listen(t, radio);
  await one.more(20000);
  await s.kill();
  const moved = `${s.dir}-moved`;
  fs.renameSync(s.dir, moved);
  try {
    await calm(() => /the station is no more where it was: it ends/.test(s.log), 'it ends');
  } finally {
    fs.renameSync(moved, s.dir);
  }
});

// Two stations' habits: a program that comes back by itself, and one that ends and stands in a loop. Each is heard by two
// players with what their manuals have for streams that break.
test('when the radio is killed, the encoders of others come back by themselves and so do players, who hear what is sent then', async (t) => {
  const senders = { '/soap-mp3': liquidsoap, '/loop-mp3': ffmpegInALoop };
  const radio = await startRadio(t, { services: { voice: Object.keys(senders).map((mount) => ({ mount, format: 'mp3' })) } });
  const clips = freshDir(), peers = [];
  t.after(async () => {
    await Promise.all(peers.map((peer) => peer.kill()));
    fs.rmSync(clips, { recursive: true, force: true });
  });
  makeClips(clips, 20);
  const streams = async () => JSON.parse((await radio.request('GET', '/api/now.json')).body).services.flatMap((s) => s.streams).filter((s) => s.mount in senders);
  const each = async (holds, what) => until(async () => { const all = await streams().catch(() => []); return all.length === 2 && all.every(holds); }, 30000, what);

  for (const [mount, encoder] of Object.entries(senders)) {
    const dir = path.join(clips, mount);
    fs.mkdirSync(dir);
    peers.push(...encoder.start({ dir, clips, host: '127.0.0.1', port: radio.port, mounts: { mp3: { mount, password: radio.password(mount) } } }));
  }
  await each((s) => s.on_air, 'both encoders are heard');
  const heard = Object.keys(senders).flatMap((mount) => players.filter((player) => player.comesBack).map((player) => player.start({ url: radio.origin + mount }, player.comesBack)));
  peers.push(...heard);
  await Promise.all(heard.map((p) => p.wait('it hears the station', () => p.seconds > 2)));

  const before = radio.pid;
  process.kill(before, 'SIGKILL');
  await calm(() => radio.pid && radio.pid !== before, 'the radio is back');
  await each((s) => s.on_air && s.listeners === 2, 'encoders and players are back');
  // This process never had a byte of what was sent before.
  const goals = heard.map((p) => p.seconds + 3);
  await Promise.all(heard.map((p, i) => p.wait('it hears what is sent now', () => p.seconds > goals[i])));
});
