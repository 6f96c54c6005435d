// SPDX-License-Identifier: AGPL-3.0-or-later
// What is kept of the sound: all but the last second when the radio is killed, the newest where there is a limit, nothing
// where the disk is full, which is said; and that listeners hear nothing of a disk that is full or hangs.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { MOUNT, RATE, calm, feed, listen, onAir, plays, runs, sound } = require('../support/audience');
const { startFeed } = require('../support/feed');
const { Radio, startRadio } = require('../support/on_air');
const { freshDir, makeStation, mustRun } = require('../support/station');

// The sound of a log's files, in order.
function logBytes(dir) {
  const all = (d) => fs.readdirSync(d, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((e) => (e.isDirectory() ? all(path.join(d, e.name)) : [path.join(d, e.name)]));
  return Buffer.concat(all(dir).map((f) => fs.readFileSync(f)));
}

test('when the radio is killed it is back at once, and what it kept is whole but for the last second', async (t) => {
  const radio = await onAir(t);
  const first = await feed(t, radio);
  const one = listen(t, radio);
  await one.more(20000);
  await one.more(3 * RATE);
  const before = radio.pid, sent = first.sent;
  process.kill(before, 'SIGKILL');
  const killed = performance.now();
  await first.ended;
  await calm(() => radio.pid && radio.pid !== before, 'the radio is back');
  const back = performance.now() - killed;
  const again = await calm(() => feed(t, radio).catch(() => null), 'the encoder reconnects');
  t.diagnostic(`measured ${Math.round(back)} ms until the radio was there again, ${Math.round(performance.now() - killed)} ms until its encoder was heard`);
  const next = listen(t, radio);
  await next.more(20000);
  assert.strictEqual(next.isClosed, false, 'a listener who comes again hears it');
  await again.stop();
  await radio.station.stop();
  mustRun('verify', radio.station.dir);
  const kept = fs.readdirSync(path.join(radio.station.dir, 'radio/at-voice-mp3')).length;
  assert.ok(kept > 0, 'something was kept');
  const log = logBytes(path.join(radio.station.dir, 'radio/at-voice-mp3'));
  const whole = Buffer.concat([sound, sound]);
  const head = log.indexOf(sound.subarray(418, 418 + 400));
  assert.ok(head >= 0, 'what was sent first stands in the log');
  let same = 0;
  while (head + same < log.length && log[head + same] === whole[418 + same]) same++;
  assert.ok(same >= sent - RATE - 2000, `${same} bytes of ${sent} were kept`);
});

const HOUR_MS = 3600 * 1000;
const utc = (ms) => new Date(ms).toISOString();
// What the station says that it dropped of a stream: moments in milliseconds.
const dropped = (station, name) => [...station.log.matchAll(new RegExp(`/${name}: what was sent from (\\S+Z) to (\\S+Z) was dropped to keep its limits: \\d+ parts?, \\d+ bytes`, 'g'))]
  .map(([, from, to]) => [Date.parse(from), Date.parse(to)]);

// Of two streams, one that keeps an hour and one that keeps a megabyte, each hour sends some seconds. The second is of a
// format that nobody knows, which may come as fast as it likes.
test('of a stream that keeps an hour or a megabyte the oldest hours go and the newest stays; which went is said', async (t) => {
  const radio = await startRadio(t, { services: { voice: [{ mount: '/hour', format: 'mp3', settings: ['keep_hours=1'] },
    { mount: '/megabyte', format: 'mp3', settings: ['type=audio/x-raw', 'keep_hours=0', 'keep_mb=1'] }] } }), { station } = radio;
  const began = Date.now(), bytes = { '/hour': sound, '/megabyte': randomBytes(4 << 20) };
  const sends = (mount, type) => startFeed(t, { port: radio.port, mount, type, password: radio.password(mount), bytes: bytes[mount], rate: RATE });
  const hour = await sends('/hour', 'audio/mpeg'), megabyte = await sends('/megabyte', 'audio/x-raw');
  await calm(() => plays(radio, '/hour'), 'it plays');
  const one = listen(t, radio, '/hour');
  const files = (name) => fs.readdirSync(path.join(station.dir, 'radio', name)).filter((file) => file !== 'lock').map((file) => path.join(station.dir, 'radio', name, file));

  // One more hour of each stream is kept. What was sent by then, and the files that there are.
  const hours = [];
  for (let i = 0; i < 3; i++) {
    station.setClock(BigInt(i * HOUR_MS) * 1000n);
    megabyte.hurry(35 * RATE);
    const end = bytes['/megabyte'].subarray(megabyte.sent - 64, megabyte.sent);
    await one.more(3 * RATE);
    await calm(() => files('at-megabyte').some((file) => fs.readFileSync(file).includes(end)), 'it is kept');
    hours.push({ ended: Date.now() + i * HOUR_MS, '/hour': hour.sent, '/megabyte': megabyte.sent, files: [...files('at-hour'), ...files('at-megabyte')] });
  }
  const oldest = async () => Object.fromEntries(JSON.parse((await radio.request('GET', '/api/now.json')).body).services.flatMap((s) => s.streams).map((s) => [s.mount, Date.parse(s.rewind_from)]));
  await calm(() => dropped(station, 'at-hour').length > 0 && dropped(station, 'at-megabyte').some(([, to]) => to > hours[0].ended), 'it says that something went');
  await calm(async () => (await oldest())['/hour'] > hours[0].ended && (await oldest())['/megabyte'] > hours[1].ended, 'what can be heard again begins behind it');

  const spans = { '/hour': dropped(station, 'at-hour'), '/megabyte': dropped(station, 'at-megabyte') };
  for (const [mount, last] of [['/hour', 0], ['/megabyte', 1]]) {
    const from = spans[mount][0][0], to = spans[mount].at(-1)[1];
    assert.ok(from > began - 1000 && from <= hours[0].ended, `${mount} went from ${utc(from)} on, and was sent from ${utc(began)} on`);
    assert.ok(to > hours[last].ended - HOUR_MS / 2 && to < hours[last].ended + HOUR_MS / 2, `${mount} went up to ${utc(to)}, and that hour ended ${utc(hours[last].ended)}`);
    // Who asks for a moment of it hears what was sent next.
    const l = listen(t, radio, `${mount}?at=${utc(from)}`);
    await l.more(4000);
    assert.match(l.bytes.toString('latin1'), /^HTTP\/1\.0 200 /);
    const place = bytes[mount].indexOf(l.bytes.subarray(l.bytes.indexOf('\r\n\r\n') + 4).subarray(0, 64));
    assert.ok(place > hours[last][mount] - RATE && place < hours[last + 1][mount], `${mount}: byte ${place}, and that hour ended with ${hours[last][mount]}`);
  }
  assert.deepStrictEqual(hours[0].files.filter((file) => fs.existsSync(file)), [], 'the first hours went');
  assert.deepStrictEqual(hours[2].files.filter((file) => !hours[1].files.includes(file) && !fs.existsSync(file)), [], 'the newest are there');
  const metrics = (await radio.asAdmin('/metrics')).body;
  for (const [name, least] of [['hour', 1], ['megabyte', 2]]) assert.ok(Number(new RegExp(`siaran_radio_log_dropped_total\\{.*"at-${name}"\\} (\\d+)`).exec(metrics)[1]) >= least, metrics);
  await one.more(RATE);
  assert.deepStrictEqual([one.isClosed, runs(one.bytes)], [false, 1], 'who listens hears nothing of it');
  await station.stop();
  mustRun('verify', station.dir);
});

test('on a full disk the stream goes on, the station says that nothing is kept, and keeps again when there is room', async (t) => {
  const disk = freshDir();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { encoding: 'utf8' });
  t.after(() => {
    if (mounted.status === 0) spawnSync('umount', ['-l', disk]);
    fs.rmSync(disk, { recursive: true, force: true });
  });
  if (mounted.status !== 0) return void t.diagnostic(`skipped because no small file system can be mounted here: ${mounted.stderr.trim()}`);
  const station = makeStation({ demo: false });
  fs.mkdirSync(path.join(station.dir, 'radio'), { recursive: true });
  assert.strictEqual(spawnSync('mount', ['--bind', disk, path.join(station.dir, 'radio')]).status, 0);
  t.after(() => spawnSync('umount', ['-l', path.join(station.dir, 'radio')]));
  const radio = await onAir(t, { station });
  await feed(t, radio);
  const one = listen(t, radio);
  await one.more(20000);
  const filler = path.join(disk, 'filler');
  const fd = fs.openSync(filler, 'a');
  for (let size = 1 << 20; size >= 1; size >>= 1)
    try {
      for (;;) fs.writeSync(fd, Buffer.alloc(size, 'x'));
    } catch (e) {
      assert.strictEqual(e.code, 'ENOSPC');
    }
  fs.closeSync(fd);
  const alarmed = async () => JSON.stringify((await radio.request('GET', '/api/now.json')).body).includes('not_kept');
  await calm(alarmed, 'the alarm');
  await one.more(2 * RATE);
  assert.strictEqual(one.isClosed, false, 'the stream goes on');
  fs.rmSync(filler);
  await calm(async () => !(await alarmed()), 'it keeps again');
  await one.more(RATE);
  await station.stop();
  mustRun('verify', station.dir);
});

// A name of the station behind which a disk hangs: whoever opens it waits. `answers()` puts back what was there.
function hang(t, file) {
  const fifo = `${file}.hangs`, held = `${file}.held`, real = `${file}.real`;
  assert.strictEqual(spawnSync('mkfifo', [fifo]).status, 0);
  fs.linkSync(fifo, held);
  fs.linkSync(file, real);
  fs.renameSync(fifo, file);
  let isOver = false;
  const answers = () => {
    if (isOver) return;
    isOver = true;
    fs.renameSync(real, file);
    fs.closeSync(fs.openSync(held, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)); // who waits reads nothing
    fs.rmSync(held);
  };
  t.after(answers);
  return { answers };
}

test('a disk that hangs below the services and below a looped file silences nobody; another file is heard when it answers', async (t) => {
  const station = makeStation({ demo: false }), give = (name, from, seconds) => {
    const file = path.join(station.dir, name);
    fs.writeFileSync(file, sound.subarray(from * RATE - (from * RATE) % 4180, seconds * RATE));
    return file;
  };
  const radio = new Radio(station).make('voice', [{ mount: MOUNT, format: 'mp3' }]);
  t.after(() => station.remove());
  for (const [name, file] of [['loop', give('loop.mp3', 0, 3)], ['bad', give('bad.mp3', 0, 2)]]) {
    radio.service('stream', 'voice', name, `mount=/${name}-mp3`, 'type=audio/mpeg');
    radio.service('source', 'voice', name, 'loop', 'file', file);
  }
  const played = (name) => path.join(station.dir, 'radio/sounds', fs.readdirSync(path.join(station.dir, 'radio/sounds')).find((f) => f.includes(name)));
  fs.writeFileSync(played('bad'), 'These are words.\n'.repeat(1000));
  await radio.serve();
  await feed(t, radio);
  await calm(() => plays(radio, '/loop-mp3'), 'the file plays');
  const live = listen(t, radio), loop = listen(t, radio, '/loop-mp3');
  await Promise.all([live.more(20000), loop.more(20000)]);
  const disks = [path.join(station.dir, 'services.json'), played('loop')].map((file) => hang(t, file));
  await Promise.all([live.more(12 * RATE), loop.more(12 * RATE)]);
  assert.strictEqual((await radio.request('GET', '/api/now.json')).status, 200, 'it answers');
  assert.deepStrictEqual([live.isClosed, loop.isClosed], [false, false]);
  for (const disk of disks) disk.answers();
  const services = path.join(station.dir, 'services.json');
  fs.writeFileSync(`${services}.fresh`, fs.readFileSync(services, 'utf8').replace('Radio voice', 'Back'));
  fs.renameSync(`${services}.fresh`, services);
  await calm(async () => /"title":"Back"/.test((await radio.request('GET', '/api/now.json')).body), 'what was changed is known');
  const other = sound.subarray(20 * RATE - (20 * RATE) % 4180, 24 * RATE), fresh = `${played('loop')}.fresh`;
  fs.writeFileSync(fresh, other);
  fs.renameSync(fresh, played('loop'));
  await calm(() => loop.bytes.includes(other.subarray(4180, 12000)), 'the other file is heard');
  assert.strictEqual(station.log.match(/bad: the file .* cannot play: it holds no sound/g)?.length, 1, 'what was refused is not read again');
});
