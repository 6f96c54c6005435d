// SPDX-License-Identifier: AGPL-3.0-or-later
// What goes wrong on the air is told: at the desk, by mail and to another program, once, and only when it lasts.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { makeStation, siaran, until } = require('../support/station.js');
const { firstAdministrator } = require('../support/desk.js');
const { rowsOf } = require('../support/kill.js');
const { startSmtp } = require('../support/smtp.js');

const frames = Buffer.concat(Array.from({ length: 400 }, () => {
  const b = Buffer.alloc(417, 0x55);
  b.set([0xff, 0xfb, 0x90, 0x00]);
  return b;
}));
function encoder(station, password) {
  const socket = net.connect(station.radioPort, '127.0.0.1');
  socket.on('error', () => {});
  const basic = Buffer.from(`source:${password}`).toString('base64');
  socket.write(`PUT /voice.mp3 HTTP/1.1\r\nHost: radio\r\nAuthorization: Basic ${basic}\r\nContent-Type: audio/mpeg\r\nExpect: 100-continue\r\n\r\n`);
  socket.write(frames);
  return socket;
}
const radio = (station) => JSON.parse(fs.readFileSync(path.join(station.dir, 'run/radio.json'), 'utf8'));
const onAir = (station) => until(() => radio(station).streams[0]?.source === 'main', 20000, 'on the air');
const offAir = (station) => until(() => radio(station).streams[0]?.source === '', 20000, 'off the air');

// The desk's first page says what the site process knows.
const atDesk = (visitor, is) => until(async () => /voice-mp3 is off air: none of its sources plays\./.test((await visitor.get('/desk/')).body) === is &&
  !/The radio is not running/.test((await visitor.get('/desk/')).body), 20000, `off air at the desk: ${is}`);
// What was told last, as the database has it.
const kept = (station) => {
  try {
    return /^voice-mp3 0$/m.test(rowsOf(station, "SELECT value FROM settings WHERE key = 'radio_alarms'").flat().join(''));
  } catch {
    return false; // copied while it was being written
  }
};

// Another program that is called.
async function startHook(t) {
  const calls = [];
  const server = http.createServer((req, res) => {
    let body = '';
    req.on('data', (d) => (body += d));
    req.on('end', () => {
      calls.push(JSON.parse(body));
      res.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { calls, address: `http://127.0.0.1:${server.address().port}/` };
}

test('an engineer is told once that a stream went off the air, and once that it is back', async (t) => {
  const smtp = await startSmtp(t);
  const hook = await startHook(t);
  const station = makeStation();
  t.after(() => station.remove());
  fs.appendFileSync(path.join(station.dir, 'siaran.conf'),
    `\nsmtp_server = smtp://127.0.0.1:${smtp.port}\nmail_from = desk@station.test\nhook_url = ${hook.address}\n`);
  const made = siaran('service', station.dir, 'set', 'voice');
  assert.equal(made.code, 0, made.err);
  siaran('service', station.dir, 'stream', 'voice', 'voice-mp3', 'stall_ms=250');
  const password = /password +(\S+)/.exec(made.out)[1];
  await station.serve();
  const admin = await firstAdministrator(station);
  await atDesk(admin, true);
  let offset = 0n;
  const later = (seconds) => station.setClock((offset += BigInt(seconds) * 1000000n));
  const letters = () => smtp.letters.filter((l) => /Radio alarm/.test(l.headers.subject));

  let socket = encoder(station, password);
  await onAir(station);
  await atDesk(admin, false);
  later(11);
  await until(() => kept(station), 20000, 'it is put down that it is on the air');
  // It went on the air for the first time: nobody has to be told. What lasts less than ten seconds is told to nobody either.
  socket.destroy();
  await offAir(station);
  assert.deepEqual(hook.calls, []);

  // Gone for longer.
  await atDesk(admin, true);
  later(11);
  await until(() => hook.calls.length > 0, 30000, 'the alarm');
  const [first] = hook.calls;
  assert.equal(first.event, 'radio-alarm');
  assert.equal(first.state, 'began');
  assert.equal(first.alarm, 'off-air');
  assert.equal(first.stream, 'voice-mp3');
  assert.equal(first.service, 'voice');
  await until(() => letters().length === 1, 20000, 'the letter');
  assert.match(letters()[0].text, /voice-mp3 is off air: none of its sources plays\.[^]*\/desk\/streams\/voice-mp3/);
  assert.deepEqual(letters()[0].to, ['ada@station.test']);

  // The site process begins anew and does not say it again.
  const process = station.siteProcess();
  globalThis.process.kill(process, 'SIGKILL');
  await until(() => station.get('/robots.txt').then((r) => r.status === 200 && station.siteProcess() !== process, () => false), 20000, 'the next one');

  socket = encoder(station, password);
  await onAir(station);
  await atDesk(admin, false);
  later(11);
  await until(() => hook.calls.length > 1, 30000, 'that it is over');
  assert.deepEqual(hook.calls.map((c) => [c.alarm, c.state]), [['off-air', 'began'], ['off-air', 'over']]);
  await until(() => letters().some((l) => /It is over\. voice-mp3: off air\./.test(l.text)), 20000, 'the other letter');
  socket.destroy();
});
