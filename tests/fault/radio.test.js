// SPDX-License-Identifier: AGPL-3.0-or-later
// What a listener must not hear: that another process of the station was killed, that the disk is full, that somebody
// attacks. And what is left when the radio process itself is killed: all but the last second.
'use strict';
const assert = require('node:assert');
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { Feed } = require('../support/feed');
const { Radio, startRadio } = require('../support/on_air');
const { freshDir, makeStation, mustRun, processesOf, root, times, until } = require('../support/station');

const MOUNT = '/voice-mp3', RATE = 16000;
const listenTool = [path.join(root, 'build/bench/listen'), path.join(path.dirname(process.env.SIARAN || ''), 'bench/listen')].find((f) => fs.existsSync(f));

let sound, soundFile;
test.before(() => {
  const dir = freshDir();
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  soundFile = path.join(dir, 'sound.mp3');
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'anoisesrc=r=44100:a=0.3:c=pink:d=60:seed=3', '-ac', '2', '-c:a', 'libmp3lame', '-b:a', '128k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', soundFile]);
  sound = fs.readFileSync(soundFile);
});

const onAir = async (t, options = {}) => startRadio(t, { services: { voice: [{ mount: MOUNT, format: 'mp3', settings: options.settings }] }, ...options });
async function feed(t, radio, mount = MOUNT) {
  const f = new Feed({ port: radio.port, mount, password: radio.password(mount), bytes: sound, rate: RATE });
  t.after(() => f.stop());
  await f.start();
  // It plays when it has given as much as makes sense to join; until then a listener is told to come again.
  await calm(() => plays(radio, mount), 'the source plays');
  return f;
}

// A listener is sent away until there is something to begin with.
const plays = (radio, mount) => new Promise((resolve) => {
  const socket = net.connect(radio.port, '127.0.0.1', () => socket.write(`GET ${mount} HTTP/1.0\r\n\r\n`));
  socket.once('data', (d) => { socket.destroy(); resolve(/^HTTP\/1\.\d 200/.test(d.toString('latin1'))); });
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
});

// Many listeners who compare what they hear with what was sent. `heard()` ends them and gives what they noticed.
async function crowd(t, radio, n, ...args) {
  const child = spawn(listenTool, ['--to', `127.0.0.1:${radio.port}`, '--path', MOUNT, '--listeners', n, '--seconds', '86400', '--check', soundFile, '--until-input-ends', ...args],
    { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let text = '', said = '';
  child.stderr.on('data', (d) => (said += d));
  t.after(async () => { child.kill('SIGKILL'); await ended; });
  const lines = () => text.split('\n').slice(0, -1).map((l) => JSON.parse(l));
  const more = (count) => new Promise((resolve, reject) => {
    const look = () => lines().length >= count && (child.stdout.off('data', look), resolve(lines()[count - 1]));
    child.stdout.on('data', look);
    ended.then(() => (lines().length >= count ? resolve(lines()[count - 1]) : reject(new Error(`listen ended: ${text} ${said}`))));
    look();
  });
  child.stdout.on('data', (d) => (text += d));
  const hearing = await more(1);
  assert.strictEqual(hearing.hearing, n, JSON.stringify(hearing));
  return { heard: async () => { child.stdin.end(); return more(2); } };
}

// One listener, whose bytes stand in `bytes`.
function listen(t, radio, target = MOUNT, head = '') {
  const l = { bytes: Buffer.alloc(0), isClosed: false };
  l.socket = net.connect(radio.port, '127.0.0.1', () => l.socket.write(`GET ${target} HTTP/1.0\r\n${head}\r\n`));
  l.socket.on('data', (d) => { l.bytes = Buffer.concat([l.bytes, d]); });
  l.socket.on('error', () => {});
  l.socket.on('close', () => { l.isClosed = true; });
  l.more = (n) => { const goal = l.bytes.length + n; return wait(l.socket, () => l.bytes.length >= goal || l.isClosed); };
  t.after(() => l.socket.destroy());
  return l;
}

// Looks whenever something comes.
const wait = (socket, holds) => new Promise((resolve) => {
  const look = () => {
    if (!holds()) return;
    socket.off('data', look);
    socket.off('close', look);
    resolve();
  };
  socket.on('data', look);
  socket.on('close', look);
  look();
});

const calm = (ask, what) => until(async () => (await ask()) || new Promise((resolve) => setTimeout(() => resolve(false), 20)), 20000, what);

test('a thousand listeners hear nothing of it when the newsroom\'s processes are killed', async (t) => {
  const radio = await onAir(t);
  await feed(t, radio);
  const one = listen(t, radio);
  await one.more(20000);
  const many = await crowd(t, radio, times(1000));
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
  const heard = await many.heard();
  assert.deepStrictEqual([heard.dropped, heard.refused, heard.failed, heard.broken], [0, 0, 0, 0], JSON.stringify(heard));
  assert.strictEqual(heard.listening, times(1000));
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

// The sound of a log's files, in order.
function logBytes(dir) {
  const all = (d) => fs.readdirSync(d, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((e) => (e.isDirectory() ? all(path.join(d, e.name)) : [path.join(d, e.name)]));
  return Buffer.concat(all(dir).map((f) => fs.readFileSync(f)));
}

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

// A client that sends whatever it likes; `answer` is what came back when the server closed, or had enough.
function hostile(t, radio, send) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(radio.port, '127.0.0.1', () => send(socket));
    socket.on('data', (d) => (answer += d.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    t.after(() => socket.destroy());
  });
}
const put = (radio, type = 'audio/mpeg', more = '') => `PUT ${MOUNT} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${Buffer.from(`source:${radio.password(MOUNT)}`).toString('base64')}\r\nContent-Type: ${type}\r\n${more}\r\n`;

test('sources that send nonsense are refused or given up, and others are heard on', async (t) => {
  const radio = await startRadio(t, { services: { voice: [{ mount: MOUNT, format: 'mp3' }, { mount: '/other-mp3', format: 'mp3' }] } });
  await feed(t, radio, '/other-mp3');
  const one = listen(t, radio, '/other-mp3');
  await one.more(20000);
  const endless = hostile(t, radio, (s) => {
    const more = () => { if (!s.destroyed) s.write(`X-More: ${'y'.repeat(4000)}\r\n`, () => setImmediate(more)); };
    s.write(`PUT ${MOUNT} HTTP/1.1\r\n`);
    more();
  });
  assert.match(await endless, /^HTTP\/1\.\d 4\d\d/, 'endless headers');
  const wrong = hostile(t, radio, (s) => s.write(put(radio, 'audio/aac')));
  assert.match(await wrong, /^HTTP\/1\.\d 4\d\d/, 'another format than that of the stream');
  const text = hostile(t, radio, (s) => s.write(put(radio, 'text/html')));
  assert.match(await text, /^HTTP\/1\.\d 4\d\d/, 'no sound at all');
  const stranger = hostile(t, radio, (s) => s.write(put(radio).replace(/Basic \S+/, 'Basic c291cmNlOnNlc2FtZQ==')));
  assert.match(await stranger, /^HTTP\/1\.\d 401/, 'a wrong password');
  const garbage = hostile(t, radio, (s) => {
    s.write(put(radio));
    const noise = require('node:crypto').randomBytes(65536).map((b) => b & 0x7f); // no sync word in all of it
    const more = () => { if (!s.destroyed) s.write(noise, () => setImmediate(more)); };
    more();
  });
  await garbage;
  const silent = net.connect(radio.port, '127.0.0.1', () => silent.write(put(radio)));
  t.after(() => silent.destroy());
  silent.on('error', () => {});
  const listener = listen(t, radio);
  const good = await feed(t, radio); // the same credentials: a source that sends nothing does not keep a good one out
  await wait(listener.socket, () => listener.bytes.length > 20000 || listener.isClosed);
  const heard = listener.isClosed ? listen(t, radio) : listener;
  await heard.more(RATE);
  assert.strictEqual(heard.isClosed, false, 'the good one is heard');
  await good.stop();
  await one.more(RATE);
  assert.strictEqual(one.isClosed, false);
  assert.strictEqual(runs(one.bytes), 1, 'nothing of it is heard elsewhere');
});

// How many unbroken runs of the sound the answer's body holds.
function runs(answer) {
  const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4), round = Buffer.concat([sound, sound]);
  let at = 0, n = 0;
  while (at < body.length) {
    let from = round.indexOf(body.subarray(at, at + 64));
    if (from < 0) return Infinity;
    while (at < body.length && body[at] === round[from]) {
      at++;
      from = from + 1 < round.length ? from + 1 : from + 1 - sound.length;
    }
    n++;
  }
  return n;
}

test('listeners that never read, half-open ones and thousands from one address harm nobody else', async (t) => {
  const radio = await onAir(t);
  await feed(t, radio);
  const one = listen(t, radio);
  await one.more(20000);
  const many = await crowd(t, radio, times(200));
  const stuck = Array.from({ length: 20 }, () => {
    const s = net.connect({ port: radio.port, host: '127.0.0.1', localAddress: '127.0.0.9' }, () => s.write(`GET ${MOUNT} HTTP/1.0\r\n\r\n`));
    s.on('error', () => {});
    s.pause();
    return s;
  });
  const half = Array.from({ length: 20 }, () => {
    const s = net.connect({ port: radio.port, host: '127.0.0.1', localAddress: '127.0.0.8', allowHalfOpen: true }, () => s.end(`GET ${MOUNT} HTTP/1.0\r\n\r\n`));
    s.on('error', () => {});
    s.resume();
    return s;
  });
  const dumb = Array.from({ length: 20 }, () => net.connect({ port: radio.port, host: '127.0.0.1', localAddress: '127.0.0.7' }).on('error', () => {}));
  t.after(() => [...stuck, ...half, ...dumb].forEach((s) => s.destroy()));
  const flood = spawn(listenTool, ['--to', `127.0.0.1:${radio.port}`, '--path', MOUNT, '--listeners', times(10000), '--one-address', '--seconds', '1', '--patience', '8'], { stdio: 'ignore' });
  await new Promise((resolve) => flood.once('exit', resolve));
  await one.more(2 * RATE);
  const heard = await many.heard();
  assert.deepStrictEqual([heard.dropped, heard.refused, heard.failed, heard.broken], [0, 0, 0, 0], JSON.stringify(heard));
  assert.strictEqual(one.isClosed, false);
  assert.strictEqual(runs(one.bytes), 1);
  assert.strictEqual((await radio.request('GET', '/api/now.json')).status, 200, 'and it answers');
});

// Every answer to requests that are sent in one go.
async function answers(t, radio, targets) {
  const socket = net.connect(radio.port, '127.0.0.1');
  let text = '';
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (d) => (text += d.toString('latin1')));
  socket.write(targets.map((target, i) => `GET ${target} HTTP/1.1\r\nHost: x\r\n${i + 1 < targets.length ? '' : 'Connection: close\r\n'}\r\n`).join(''));
  await wait(socket, () => socket.closed);
  return [...text.matchAll(/^HTTP\/1\.\d (\d+)/gm)].map((m) => Number(m[1]));
}

test('nonsense that is asked of HLS, of earlier sound and of the events, and floods of it, harm nobody', async (t) => {
  const radio = await onAir(t, { settings: ['hls=on'] });
  await feed(t, radio);
  const one = listen(t, radio);
  await one.more(20000);
  const many = await crowd(t, radio, times(200));
  const live = '/hls/at-voice-mp3/live.m3u8', events = '/api/events';
  await calm(async () => (await radio.request('GET', live)).status === 200, 'a segment is over');
  const refused = [
    [400, `${MOUNT}?at=-`], [400, `${MOUNT}?at=-99999999999999999999`], [400, `${MOUNT}?at=2026-13-45T99:99:99Z`], [400, `${MOUNT}?at=%00`], [400, `${MOUNT}?at=${'9'.repeat(3000)}`],
    [404, '/hls/at-voice-mp3/..%2f..%2fetc%2fpasswd'], [404, '/hls/at-voice-mp3/99999999999999999999.ts'], [404, '/hls/at-voice-mp3/-1.ts'], [404, '/hls/at-voice-mp3/1.aac'],
    [404, '/hls/at-voice-mp3/0.ts'], [404, '/hls/at-voice-mp3/9223372036854775807.ts'], [404, '/hls/at-voice-mp3/1-4294967296.ts'], [404, '/hls/nobody/live.m3u8'], [404, '/hls/'],
    [200, `${live}?s=${'%ff'.repeat(500)}`], [200, `${live}?s=${'a'.repeat(2000)}`],
  ];
  for (const [status, target] of refused) assert.deepStrictEqual(await answers(t, radio, [target]), [status], target.slice(0, 80));
  const waiting = Array.from({ length: times(2000) }, () => {
    const s = net.connect({ port: radio.port, host: '127.0.0.1', localAddress: '127.0.0.6' }, () => s.write(`GET ${events} HTTP/1.1\r\nHost: x\r\n\r\n`));
    s.on('error', () => {});
    return s.pause();
  });
  t.after(() => waiting.forEach((s) => s.destroy()));
  const flood = await Promise.all(Array.from({ length: 20 }, () => answers(t, radio, Array(times(1000)).fill(live))));
  assert.deepStrictEqual([...new Set(flood.flat())], [200], 'each is answered');
  assert.strictEqual(flood.flat().length, 20 * times(1000));
  const from = (i) => new Date(Date.now() - (30 + i) * 1000).toISOString();
  const spans = await Promise.all(Array.from({ length: 20 }, (_, i) => answers(t, radio, Array(times(200)).fill(`${live}?from=${from(i)}`))));
  assert.ok(spans.flat().every((status) => [200, 503].includes(status)) && spans.flat().includes(200), [...new Set(spans.flat())].join());
  const earlier = Array.from({ length: times(200) }, () => net.connect({ port: radio.port, host: '127.0.0.1', localAddress: '127.0.0.5' }, function () { this.write(`GET ${MOUNT}?at=-3 HTTP/1.0\r\n\r\n`); }).on('error', () => {}).resume());
  t.after(() => earlier.forEach((s) => s.destroy()));
  await one.more(2 * RATE);
  const heard = await many.heard();
  assert.deepStrictEqual([heard.dropped, heard.refused, heard.failed, heard.broken], [0, 0, 0, 0], JSON.stringify(heard));
  assert.strictEqual(one.isClosed, false);
  assert.strictEqual(runs(one.bytes), 1);
});
