// SPDX-License-Identifier: AGPL-3.0-or-later
// From the listener's socket to the desk: who tunes in, and for how long, is what the page of listening says.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { makeStation, siaran, until } = require('../support/station');
const { firstAdministrator } = require('../support/desk');
const { startFeed } = require('../support/feed');
const { countryFile, fileOf } = require('../support/listening');

const WAIT = 30000, DAY = 86400000, MINUTE = 60000;
const frames = Buffer.concat(Array.from({ length: 400 }, () => {
  const b = Buffer.alloc(417, 0x55);
  b.set([0xff, 0xfb, 0x90, 0x00]);
  return b;
}));
const csv = (body) => body.trimEnd().split('\r\n').slice(1).map((row) => row.split(',').map((c) => c.replace(/^"|"$/g, '')));

// Resolves when sound has come.
function tuneIn(t, port, agent, address) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress: address });
    t.after(() => socket.destroy());
    let bytes = 0, head = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${agent}: ${bytes} bytes: ${head}`)));
    socket.on('data', (d) => {
      head ||= d.toString('latin1');
      bytes += d.length;
      if (bytes > 2000) resolve(socket);
    });
    socket.write(`GET /voice.mp3 HTTP/1.0\r\nHost: radio\r\nUser-Agent: ${agent}\r\n\r\n`);
  });
}
const partsOf = (dir, ms) => {
  try {
    return fs.readFileSync(fileOf(dir, ms), 'utf8').trim().split('\n').map((line) => line.split('\t'));
  } catch {
    return [];
  }
};
const hours = (parts) => parts.reduce((sum, f) => sum + Number(f[2]) - Number(f[1]), 0) / 3.6e9;

test('who listens over midnight is in both days, once in each, and two sockets of one player are one listener', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  const midnight = (Math.floor(Date.now() / DAY) + 1) * DAY;
  fs.writeFileSync(path.join(s.dir, 'countries.mmdb'), countryFile('ID'));
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\ncountry_file = countries.mmdb\n');
  await s.serve();
  s.setNow((midnight - 10 * MINUTE) * 1000);
  const admin = await firstAdministrator(s);
  const made = siaran('service', s.dir, 'set', 'voice');
  const password = /password +(\S+)/.exec(made.out)[1];
  const onAir = () => JSON.parse(fs.readFileSync(path.join(s.dir, 'run/radio.json'), 'utf8')).streams[0];
  await until(onAir, WAIT, 'the stream');
  const feed = await startFeed(null, { port: s.radioPort, mount: '/voice.mp3', password, bytes: frames });
  t.after(() => feed.stop());
  await until(() => onAir().source === 'main', WAIT, 'on the air');
  const sockets = [await tuneIn(t, s.radioPort, 'VLC/3.0.20', '127.0.0.2'), await tuneIn(t, s.radioPort, 'mpv 0.35.1', '127.0.0.2')];
  const apple = 'AppleCoreMedia/1.0.0.21A329 (iPhone; U; CPU OS 17_0 like Mac OS X; en_us)';
  sockets.push(...await Promise.all([tuneIn(t, s.radioPort, apple, '127.0.0.3'), tuneIn(t, s.radioPort, apple, '127.0.0.3')]));
  const brief = await tuneIn(t, s.radioPort, 'curl/7.88.1', '127.0.0.4');
  brief.destroy();
  await until(() => partsOf(s.dir, midnight - 1).length === 1, WAIT, 'the one that went at once');
  s.setNow((midnight + 20 * MINUTE) * 1000);
  for (const socket of sockets) socket.destroy();
  await until(() => partsOf(s.dir, midnight - 1).length === 5 && partsOf(s.dir, midnight).length === 4, WAIT, 'all parts');

  const yesterday = partsOf(s.dir, midnight - 1).slice(1), today = partsOf(s.dir, midnight);
  const players = (parts) => parts.map((f) => f[12 - 1]).sort();
  assert.deepEqual(players(today), ['applecoremedia', 'applecoremedia', 'mpv', 'vlc']);
  const apples = new Set(today.filter((f) => f[11] === 'applecoremedia').map((f) => f[8]));
  assert.equal(apples.size, 1);
  assert.equal(new Set([...yesterday, ...today].map((f) => f[8])).size, 6); // another hash on the next day
  const days = await until(async () => {
    const rows = csv((await admin.get('/desk/audience/days.csv')).body);
    return rows.length === 2 && rows;
  }, WAIT, 'the desk');
  // One of the twins counts: whichever the other does not reach beyond.
  const alone = (parts) => parts.filter((f) => f[11] !== 'applecoremedia');
  for (const [row, parts] of [[days[0], yesterday], [days[1], today]]) {
    const two = parts.filter((f) => f[11] === 'applecoremedia').map((f) => [Number(f[1]), Number(f[2])]);
    const union = (Math.max(...two.map((x) => x[1])) - Math.min(...two.map((x) => x[0]))) / 3.6e9;
    assert.ok(Math.abs(Number(row[2]) - hours(alone(parts)) - union) < 0.0002, `${row} ${hours(alone(parts))} ${union}`);
    assert.equal(row[7], '3.00');
  }
  assert.deepEqual(days.map((row) => [row[1], row[3], row[6]]), [['voice', '3', '0'], ['voice', '0', '3']]);
  const listeners = csv((await admin.get('/desk/audience/players.csv')).body).map((row) => row[0]).sort();
  assert.deepEqual(listeners, ['applecoremedia', 'mpv', 'vlc']);
  const countries = csv((await admin.get('/desk/audience/countries.csv')).body);
  assert.deepEqual(countries.map((row) => [row[0], row[2]]), [['ID', '3']]);
});
