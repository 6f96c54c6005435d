// SPDX-License-Identifier: AGPL-3.0-or-later
// What a listener must not hear: that somebody attacks, with nonsense or with thousands of connections.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { MOUNT, RATE, calm, crowd, feed, listen, listeners, onAir, runs, wait } = require('../support/audience');
const { startRadio } = require('../support/on_air');
const { makeStation, times } = require('../support/station');

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

// What the radio says of itself: the sum over its streams.
async function counts(radio, name) {
  const text = (await radio.asAdmin('/metrics')).body, values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))];
  assert.ok(values.length > 0, `${name}: ${text}`);
  return values.reduce((sum, [, n]) => sum + Number(n), 0);
}
const descriptors = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;
const anonymous = (pid) => Number(/RssAnon:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

const OF_ONE_ADDRESS = 250; // the crowd has as many from each of its own
const STRANGE = 20;         // of each kind
const LEFT_OF_EACH = 1024;  // bytes, of all that an attack leaves behind

test('listeners that never read, half requests and thousands from one address harm nobody else, are sent away, counted and forgotten', async (t) => {
  const station = makeStation({ demo: false });
  fs.appendFileSync(path.join(station.dir, 'siaran.conf'), `\nradio_connections_per_address = ${OF_ONE_ADDRESS}\n`);
  // Beside it a format that nobody knows, which therefore may come as fast as it likes.
  const radio = await startRadio(t, { station, services: { voice: [{ mount: MOUNT, format: 'mp3' }, { mount: '/any', format: 'mp3', settings: ['type=audio/x-raw'] }] } });
  await feed(t, radio);
  const hasty = await feed(t, radio, '/any');
  const one = listen(t, radio);
  await one.more(20000);
  const many = await crowd(t, radio, times(1000));
  await calm(async () => /"rewind_from":"/.test((await radio.request('GET', '/api/now.json')).body), 'its log is open');
  const before = { connections: await counts(radio, 'siaran_radio_connections'), memory: anonymous(radio.pid), descriptors: descriptors(radio.pid) };
  const each = (make) => Array.from({ length: STRANGE }, make);
  const from = (localAddress, text) => each(() => {
    const s = net.connect({ port: radio.port, host: '127.0.0.1', localAddress }, () => s.write(text));
    s.on('error', () => {});
    s.over = new Promise((resolve) => s.once('close', resolve));
    t.after(() => s.destroy());
    return s;
  });
  const stuck = from('127.0.0.9', `GET /any HTTP/1.0\r\n\r\n`).map((s) => s.pause());
  const half = from('127.0.0.8', `GET ${MOUNT} HTTP/1.0\r\n`).map((s) => s.resume());
  const silent = from('127.0.0.7', '').map((s) => s.resume());
  const closed = each(() => { // its side; it reads on
    const l = listen(t, radio, MOUNT, { localAddress: '127.0.0.6', allowHalfOpen: true });
    l.socket.once('connect', () => l.socket.end());
    return l;
  });

  const n = times(10000), flood = listeners(t, radio, n, '--one-address', '--seconds', '86400', '--patience', '20', '--until-input-ends');
  const { hearing } = await flood.said(1);
  assert.strictEqual(hearing, OF_ONE_ADDRESS - 1, 'beside the one listener of that address; an encoder is not counted');
  const late = listen(t, radio, MOUNT, { localAddress: '127.0.0.5' });
  await late.more(20000);
  assert.strictEqual(late.isClosed, false, 'others are let in');
  flood.input.end();
  await flood.said(2);
  await calm(() => counts(radio, 'siaran_radio_refused_connections_total').then((refused) => refused >= n - hearing, () => false), 'who was one too many is counted');

  await Promise.all([...half, ...silent].map((s) => s.over));
  await one.more(2 * RATE);
  await many.hears();
  assert.strictEqual(await counts(radio, 'siaran_radio_slow_total'), 0, 'who reads is not slow');
  const left = (anonymous(radio.pid) - before.memory) / n;
  t.diagnostic(`measured ${Math.round(left)} bytes that are left of each connection`);
  assert.ok(left < LEFT_OF_EACH, `${left} bytes are left of each connection`);

  hasty.hurry(75 * RATE);
  await calm(async () => await counts(radio, 'siaran_radio_slow_total') === STRANGE, 'who never reads is given up');
  stuck.forEach((s) => s.resume());
  await Promise.all(stuck.map((s) => s.over));
  await Promise.all([one, ...closed].map((l) => l.more(RATE)));
  for (const l of [one, ...closed]) assert.deepStrictEqual([l.isClosed, runs(l.bytes)], [false, 1]);

  for (const l of [...closed, late]) l.socket.destroy();
  await calm(async () => await counts(radio, 'siaran_radio_connections') <= before.connections - times(1000), 'only the one listener and who asks are left');
  assert.strictEqual(descriptors(radio.pid), before.descriptors - times(1000));
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
  await many.hears();
  assert.strictEqual(one.isClosed, false);
  assert.strictEqual(runs(one.bytes), 1);
});
