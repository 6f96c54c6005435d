// SPDX-License-Identifier: AGPL-3.0-or-later
// What can be tuned in to, from the command line, on a station that is served and on one that is not.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { firstAdministrator } = require('../support/desk.js');
const { makeStation, siaran, until, words } = require('../support/station.js');

const run = (station, ...args) => siaran('service', station.dir, ...args);
const must = (station, ...args) => {
  const r = run(station, ...args);
  assert.equal(r.code, 0, `${args.join(' ')}: ${r.err}`);
  return r.out;
};
const file = (station) => JSON.parse(fs.readFileSync(path.join(station.dir, 'services.json'), 'utf8'));
const passwordIn = (out) => /^ {2}password {3}([a-z2-7]{26})$/m.exec(out)[1];
const made = (t) => {
  const station = makeStation({ demo: false });
  t.after(() => station.remove());
  return station;
};
// Frames of MPEG layer III, 128 kbit/s, stereo.
const mp3 = (head, bytes, frames = 40) =>
  Buffer.concat(Array.from({ length: frames }, () => Buffer.concat([Buffer.from(head), Buffer.alloc(bytes - 4, 0x55)])));

test('one command is enough for an engineer to go on the air', (t) => {
  const station = made(t);
  assert.match(must(station, 'list'), /there is no service yet/);
  const out = must(station, 'set', 'voice', 'title=Voice of the Islands', 'languages=en id');
  assert.match(out, /^ {2}mount {6}\/voice\.mp3$/m);
  assert.match(out, /^ {2}user name {2}source$/m);
  const password = passwordIn(out);
  const json = fs.readFileSync(path.join(station.dir, 'services.json'), 'utf8');
  assert.ok(!json.includes(password), 'only a hash is kept');
  const [voice] = file(station).services;
  assert.equal(voice.title, 'Voice of the Islands');
  assert.equal(voice.streams[0].sources[0].kind, 'encoder');
  assert.match(must(station, 'list'), /voice-mp3 +\/voice\.mp3 +radio not running/);
  assert.match(must(station, 'set', 'voice', 'genre=News'), /is set/);
  assert.equal(file(station).services[0].title, 'Voice of the Islands');
  must(station, 'set', 'voice', 'title.de=Stimme der Inseln', 'description.zh=群岛之声');
  assert.equal(file(station).services[0]['title.de'], 'Stimme der Inseln');
  assert.match(must(station, 'show', 'voice'), /^ {2}title\.de=Stimme der Inseln$/m);
  assert.doesNotMatch(must(station, 'show', 'voice'), /title\.fr/);
  const next = passwordIn(must(station, 'password', 'voice', 'voice-mp3', 'main'));
  assert.notEqual(next, password);
  assert.equal(siaran('verify', station.dir).code, 0);
});

test('an engineer gives a service streams and sources, and puts them in order', (t) => {
  const station = made(t);
  must(station, 'set', 'voice');
  must(station, 'stream', 'voice', 'low', 'mount=/low.ogg', 'type=audio/ogg; codecs=opus', 'low_data=on', 'keep_days=2', 'icy=off');
  passwordIn(must(station, 'source', 'voice', 'low', 'studio', 'encoder'));
  must(station, 'source', 'voice', 'voice-mp3', 'relay', 'relay', 'http://radio.example:8000/voice.mp3');
  must(station, 'order', 'voice', 'voice-mp3', 'relay', '1');
  must(station, 'order', 'voice', 'low', '1');
  const [voice] = file(station).services;
  assert.deepEqual(voice.streams.map((s) => s.name), ['low', 'voice-mp3']);
  assert.deepEqual(voice.streams[1].sources.map((s) => s.name), ['relay', 'main']);
  assert.equal(voice.streams[0].keep_hours, 48);
  assert.match(must(station, 'show', 'voice'), /^ {2}low_data=on$/m);
  must(station, 'remove', 'voice', 'voice-mp3', 'relay');
  must(station, 'remove', 'voice', 'low');
  assert.deepEqual(file(station).services[0].streams.map((s) => s.sources.length), [1]);
  must(station, 'remove', 'voice');
  assert.deepEqual(file(station).services, []);
});

test('a file that plays is brought along, and only when it has the sound of its stream', (t) => {
  const station = made(t);
  const loop = path.join(station.dir, 'wait.mp3');
  must(station, 'set', 'voice');
  must(station, 'stream', 'voice', 'voice-mp3', 'rate=44100', 'channels=2');
  fs.writeFileSync(loop, mp3([0xff, 0xfb, 0x94, 0x00], 384));
  let r = run(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', loop);
  assert.equal(r.code, 3);
  assert.match(r.err, /service voice, stream voice-mp3, source loop: its file has 48000 samples a second, and the stream 44100/);
  assert.ok(!fs.existsSync(path.join(station.dir, 'radio/sounds/wait.mp3')), 'nothing is left behind');
  fs.writeFileSync(loop, mp3([0xff, 0xfb, 0x90, 0x00], 417));
  must(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', loop);
  assert.ok(fs.readFileSync(path.join(station.dir, 'radio/sounds/wait.mp3')).equals(fs.readFileSync(loop)));
  assert.match(must(station, 'check'), /keeps every rule/);
  must(station, 'source', 'voice', 'voice-mp3', 'relay', 'relay', 'http://radio.example/x');
  assert.deepEqual(file(station).services[0].streams[0].sources.map((s) => s.name), ['main', 'relay', 'loop']);
  r = run(station, 'order', 'voice', 'voice-mp3', 'loop', '1');
  assert.equal(r.code, 3);
  assert.match(r.err, /stands behind a file/);
  fs.writeFileSync(loop, 'another one');
  r = run(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', loop);
  assert.match(r.err, /there is another radio\/sounds\/wait\.mp3/);
  for (let i = 0; i < 1000; i++) fs.writeFileSync(path.join(station.dir, `radio/sounds/${i}.mp3`), '');
  fs.renameSync(loop, path.join(station.dir, 'more.mp3'));
  r = run(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', path.join(station.dir, 'more.mp3'));
  assert.match(r.err, /there are 1000 files already/);
  fs.rmSync(path.join(station.dir, 'radio/sounds/wait.mp3'));
  assert.match(run(station, 'check').err, /source loop: its file is not in radio\/sounds/);
});

test('where nothing was ever heard the first file says the rate, and no other change does', (t) => {
  const station = made(t), dir = path.dirname(station.dir);
  const at441 = path.join(dir, 'at441.mp3'), at48 = path.join(dir, 'at48.mp3');
  fs.writeFileSync(at441, mp3([0xff, 0xfb, 0x90, 0], 417));
  fs.writeFileSync(at48, mp3([0xff, 0xfb, 0x94, 0], 384));
  const rate = () => file(station).services[0].streams[0].rate ?? 0;
  must(station, 'set', 'voice');
  assert.equal(rate(), 0);
  const said = must(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', at441);
  assert.equal(rate(), 44100);
  assert.match(said, /^stream voice-mp3 said no rate and has that of at441\.mp3 now: 44100 samples a second$/m);
  fs.copyFileSync(at441, path.join(dir, 'other.mp3'));
  assert.doesNotMatch(must(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', path.join(dir, 'other.mp3')), /rate/, 'it says one now');
  const r = run(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', at48);
  assert.notEqual(r.code, 0);
  assert.match(r.err, /48000.*44100|44100.*48000/);
  const json = file(station);
  json.services[0].streams[0].rate = 0; // as it was written before there was this rule
  fs.writeFileSync(path.join(station.dir, 'services.json'), JSON.stringify(json));
  must(station, 'set', 'voice', 'genre=News');
  assert.equal(rate(), 0, 'another change leaves the rate alone');
});

test('what breaks a rule is refused in one sentence and changes nothing', (t) => {
  const station = made(t);
  must(station, 'set', 'voice');
  const before = JSON.stringify(file(station));
  const rows = [
    [['set', 'Voice!'], 3, /a name has up to 32/],
    [['set', 'voice', 'title'], 3, /not of the form key=value/],
    [['set', 'voice', 'title='], 3, /title must not be empty/],
    [['set', 'voice', 'colour=red'], 3, /there is no setting "colour"; there are title/],
    [['set'], 2, /takes a service/],
    [['stream', 'none', 'a'], 3, /there is no service "none"/],
    [['stream', 'voice', 'b', 'mount=/voice.mp3'], 3, /another stream has that mount/],
    [['stream', 'voice', 'b', 'mount=/admin/x'], 3, /the radio itself answers/],
    [['stream', 'voice', 'b', 'type=audio/ogg', 'hls=on'], 3, /hls takes MP3/],
    [['stream', 'voice', 'voice-mp3', 'stall_ms=soon'], 3, /stall_ms is a number/],
    [['source', 'voice', 'voice-mp3', 'x', 'dj'], 2, /a source is an encoder/],
    [['source', 'voice', 'voice-mp3', 'x', 'relay', 'ftp://x.example/y'], 3, /a relay's address is https:/],
    [['password', 'voice', 'voice-mp3', 'nobody'], 3, /has no source "nobody"/],
    [['order', 'voice', '0'], 3, /a place is 1 for the first/],
    [['addresses', 'maybe'], 2, /shown \(on\) or not/],
    [['mask', 'nothing', '2026-11-23T13:00:00Z', '2026-11-23T14:00:00Z'], 3, /there is no stream "nothing"/],
    [['mask', 'voice-mp3', 'yesterday', 'now'], 3, /a moment is written as/],
    [['mask', 'voice-mp3', '2026-11-23T14:00:00Z', '2026-11-23T13:00:00Z'], 3, /ends before it begins/],
    [['mask', 'voice-mp3', '2026-11-23T13:00:00Z', '2026-11-23T14:00:00Z'], 3, /nothing is kept of the stream/],
    [['sing'], 2, /there is no "sing" of services/],
  ];
  for (const [args, code, says] of rows) {
    const r = run(station, ...args);
    assert.equal(r.code, code, args.join(' ') + r.err);
    assert.match(r.err, says);
  }
  assert.equal(JSON.stringify(file(station)), before);
});

test('somebody who damages services.json by hand is told where, and nothing is written over it', (t) => {
  const station = made(t);
  must(station, 'set', 'voice');
  const place = path.join(station.dir, 'services.json');
  const damaged = fs.readFileSync(place, 'utf8').replace('"/voice.mp3"', '"voice.mp3"');
  fs.writeFileSync(place, damaged);
  const r = run(station, 'set', 'voice', 'title=New');
  assert.equal(r.code, 3);
  assert.match(r.err, /services\.json: service voice, stream voice-mp3: a mount is/);
  assert.equal(fs.readFileSync(place, 'utf8'), damaged);
});

test('a station that is served takes the same commands, and its audit log tells of them', async (t) => {
  const station = made(t);
  await station.serve();
  const voice = passwordIn(must(station, 'set', 'voice', 'title=Voice'));
  const admin = passwordIn(must(station, 'admin-password'));
  must(station, 'addresses', 'on');
  assert.equal(file(station).shows_addresses, true);
  assert.ok(!fs.readFileSync(path.join(station.dir, 'services.json'), 'utf8').includes(admin));
  const results = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => new Promise((resolve) => {
      require('node:child_process').execFile(process.env.SIARAN || path.join(__dirname, '../../build/siaran'),
        ['service', station.dir, 'set', name], (error) => resolve(error));
    })));
  assert.deepEqual(results, [null, null, null, null]);
  assert.deepEqual(file(station).services.map((s) => s.name).sort(), ['a', 'b', 'c', 'd', 'voice']);
  const audit = words((await (await firstAdministrator(station)).get('/desk/audit')).body);
  for (const told of ['add service voice Title: Voice', 'add stream voice-mp3 Mount: /voice.mp3', 'add source voice-mp3/main', 'password set service admin', 'change service Show listeners’ addresses on these pages: off → Show listeners’ addresses on these pages: on',
    ...['a', 'b', 'c', 'd'].map((name) => `add service ${name} Title: ${name}`)])
    assert.equal(audit.split(`command line ${told} `).length, 2, `${told}, once: ${audit}`);
  for (const secret of [voice, admin]) assert.ok(!audit.includes(secret), 'no password stands there');
  await station.stop();
  assert.equal(siaran('verify', station.dir).code, 0);
});

// ---- what is kept ---------------------------------------------------------------------------------------------------------

// An encoder that sends so many frames, each with its number in it, and stays connected.
function encoder(station, mount, password) {
  const net = require('node:net');
  const socket = net.connect(station.radioPort, '127.0.0.1');
  const basic = Buffer.from(`source:${password}`).toString('base64');
  socket.write(`PUT ${mount} HTTP/1.1\r\nHost: radio\r\nAuthorization: Basic ${basic}\r\nContent-Type: audio/mpeg\r\n` +
    'Expect: 100-continue\r\n\r\n');
  return new Promise((resolve, reject) => {
    socket.once('data', (answer) => (/^HTTP\/1\.1 100 /.test(answer) ? resolve(socket) : reject(new Error(String(answer)))));
    socket.once('error', reject);
  });
}
const frame = (n) => {
  const b = Buffer.alloc(417, 0x55);
  b.set([0xff, 0xfb, 0x90, 0x00]);
  b.write(String(n).padStart(6, '0'), 100);
  return b;
};
const late = '2090-01-01T00:00:00Z'; // what comes at once is of the seconds ahead
const frames = (from, n) => Buffer.concat(Array.from({ length: n }, (_, i) => frame(from + i)));
const logOf = (station) => path.join(station.dir, 'radio/voice-mp3');
const soundOf = (station) => fs.readdirSync(logOf(station)).filter((name) => name.endsWith('.mp3')).sort().at(-1);

// A station that was on the air for 200 frames.
async function wasOnAir(t) {
  const station = made(t);
  const password = passwordIn(must(station, 'set', 'voice'));
  await station.serve();
  const socket = await encoder(station, '/voice.mp3', password);
  socket.write(frames(0, 200));
  await until(() => fs.existsSync(logOf(station)) && soundOf(station) &&
    fs.statSync(path.join(logOf(station), soundOf(station))).size >= 190 * 417, 20000, 'the sound is kept');
  return { station, socket };
}

test('somebody cuts out what was sent, to the frame, while the station is served', async (t) => {
  const { station, socket } = await wasOnAir(t);
  const out = path.join(station.dir, 'cut.mp3');
  let r = siaran('cut', station.dir, 'voice', '-3600', late, out);
  assert.equal(r.code, 0, r.err);
  assert.match(r.out, /^\d+ bytes, \d+\.\d{3} seconds, from 2\d{3}-.*Z to 2\d{3}-.*Z, times something was left out or is missing: 0$/m);
  const bytes = fs.readFileSync(out);
  assert.equal(bytes.length % 417, 0);
  assert.ok(bytes.length >= 190 * 417);
  assert.ok(bytes.equals(frames(Number(bytes.toString('latin1', 100, 106)), bytes.length / 417)), 'every frame as it was sent');
  r = siaran('cut', station.dir, 'voice/voice-mp3', '-3600', late, out);
  assert.equal(r.code, 3);
  assert.match(r.err, /is there already/);
  const piped = require('node:child_process').spawnSync(process.env.SIARAN || path.join(__dirname, '../../build/siaran'),
    ['cut', station.dir, 'voice-mp3', '-3600', late, '-']);
  assert.ok(piped.stdout.length >= bytes.length && piped.stdout.subarray(0, bytes.length).equals(bytes));
  assert.match(String(piped.stderr), /bytes, /);
  const rows = [
    [['none', '-60', 'now', out + '2'], 3, /there is no service or stream "none"/],
    [['voice/none', '-60', '-0', out + '2'], 3, /there is no stream "voice\/none"/],
    [['voice', 'noon', 'now', out + '2'], 2, /a moment is written as/],
    [['voice', '-1', '-60', out + '2'], 2, /ends before it begins/],
    [['voice', '2001-01-01T00:00:00Z', '2001-01-01T01:00:00Z', out + '2'], 3, /nothing is kept of that time/],
    [['voice', '-60', '-0', '/nowhere/x.mp3'], 1, /cannot write/],
  ];
  for (const [args, code, says] of rows) {
    r = siaran('cut', station.dir, ...args);
    assert.equal(r.code, code, args.join(' ') + r.err);
    assert.match(r.err, says);
  }
  assert.ok(!fs.existsSync(out + '2'));
  socket.destroy();
});

test('what may not be replayed is masked and left out of a cut, and comes back when it is unmasked', async (t) => {
  const { station, socket } = await wasOnAir(t);
  socket.destroy();
  const span = ['2020-01-01T00:00:00Z', '2090-01-01T07:00:00+07:00'];
  assert.match(must(station, 'mask', 'voice-mp3', ...span), /is not replayed/);
  assert.match(must(station, 'spans', 'voice-mp3'), /^mask 2020-01-01T00:00:00Z 2090-01-01T00:00:00Z$/m);
  const out = path.join(station.dir, 'cut.mp3');
  assert.equal(siaran('cut', station.dir, 'voice', '-3600', late, out).code, 3);
  assert.ok(!fs.existsSync(out));
  must(station, 'pin', 'voice-mp3', ...span);
  must(station, 'unmask', 'voice-mp3', ...span);
  assert.match(run(station, 'unmask', 'voice-mp3', ...span).err, /there is no such span/);
  assert.match(must(station, 'spans', 'voice-mp3'), /^pin 2020-01-01T00:00:00Z 2090-01-01T00:00:00Z\n$/);
  assert.equal(siaran('cut', station.dir, 'voice', '-3600', late, out).code, 0);
});

test('whoever damages a log or a file that plays is named by verify: stream, file and byte', async (t) => {
  const { station, socket } = await wasOnAir(t);
  socket.destroy();
  await station.stop();
  let r = siaran('verify', station.dir);
  assert.equal(r.code, 0, r.out);
  assert.match(r.out, /^ok {4}services /m);
  assert.match(r.out, /^ok {4}radio-logs /m);
  const sound = path.join(logOf(station), soundOf(station));
  const bytes = fs.readFileSync(sound);
  bytes[417 * 20 + 50] ^= 1;
  fs.writeFileSync(sound, bytes);
  r = siaran('verify', station.dir);
  assert.equal(r.code, 5);
  const found = new RegExp(`^FAULT radio-logs stream voice-mp3, .*${path.basename(sound)}, byte (\\d+): `, 'm').exec(r.out);
  assert.ok(found && Number(found[1]) <= 417 * 20 + 50, r.out);
  bytes[417 * 20 + 50] ^= 1;
  fs.writeFileSync(sound, bytes);
  const place = path.join(station.dir, 'services.json');
  const json = file(station);
  json.services[0].streams[0].sources.push({ name: 'loop', kind: 'file', address: 'gone.mp3' });
  fs.writeFileSync(place, JSON.stringify(json));
  r = siaran('verify', station.dir);
  assert.equal(r.code, 5);
  assert.match(r.out, /^FAULT services service voice, stream voice-mp3, source loop: its file is not in radio\/sounds/m);
});

test('a backup brings services and the files they play, and not what was sent', async (t) => {
  const { station, socket } = await wasOnAir(t);
  const loop = path.join(station.dir, 'wait.mp3');
  fs.writeFileSync(loop, frames(0, 40));
  must(station, 'source', 'voice', 'voice-mp3', 'loop', 'file', loop);
  const tar = path.join(station.dir, 'b.tar');
  assert.equal(siaran('backup', station.dir, tar).code, 0);
  socket.destroy();
  const other = path.join(station.dir, 'other');
  const r = siaran('restore', other, tar);
  assert.equal(r.code, 0, r.err + r.out);
  assert.deepEqual(JSON.parse(fs.readFileSync(path.join(other, 'services.json'), 'utf8')), file(station));
  assert.ok(fs.readFileSync(path.join(other, 'radio/sounds/wait.mp3')).equals(fs.readFileSync(loop)));
  assert.deepEqual(fs.readdirSync(path.join(other, 'radio')), ['sounds']);
});
