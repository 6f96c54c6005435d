// SPDX-License-Identifier: AGPL-3.0-or-later
// A machine whose clock was a day ahead, while its radio was on the air and when it began anew.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert');
const http = require('node:http');
const { makeStation, siaran, until } = require('../support/station.js');
const { Feed } = require('../support/feed.js');
const { listen, mp3, tune } = require('../support/tune.js');

const DAY_US = 24n * 3600n * 1000000n;
let s, source, password;
const ask = (target) => new Promise((resolve, reject) => {
  http.get(`http://127.0.0.1:${s.radioPort}${target}`, { agent: false }, (r) => {
    let body = '';
    r.setEncoding('utf8').on('data', (d) => (body += d)).on('end', () => resolve({ status: r.statusCode, body })).on('error', reject);
  }).on('error', reject);
});
const state = async () => JSON.parse((await ask('/api/now.json')).body);
const list = async () => {
  const { status, body } = await ask('/hls/voice/live.m3u8');
  if (status !== 200) return null;
  return { sequence: Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(body)[1]), at: Date.parse(/#EXT-X-PROGRAM-DATE-TIME:(\S+)/.exec(body)[1]), segment: /^\d\S+$/m.exec(body)[0] };
};
const isToday = (ms) => Math.abs(ms - Date.now()) < 3600_000;
const broadcast = async () => {
  source = await new Feed({ port: s.radioPort, mount: '/voice.mp3', password, bytes: mp3({ seconds: 20 }) }).start();
};

before(async () => {
  s = makeStation();
  s.setClock(DAY_US);
  await s.serve();
  password = tune(s, 'voice', 'voice', { mount: '/voice.mp3', type: 'audio/mpeg', hls: 'on' }, { main: 'encoder' }).main;
  await until(async () => (await state()).services.length === 1, 10000, 'the radio knows its stream');
});
after(() => s.remove());

test('its listeners hear on when it is put right, and what they hear is found by its time', async () => {
  await broadcast();
  const ahead = await until(list, 30000, 'a list of tomorrow');
  assert.ok(!isToday(ahead.at));
  const l = listen(s.radioPort, '/voice.mp3');
  await l.bytes(60000);
  s.setClock(0n);
  await l.bytes(l.body.length + 60000);
  const right = await until(async () => { const one = await list(); return one !== null && isToday(one.at) && one; }, 30000, 'a list of today');
  assert.ok(right.sequence > ahead.sequence, 'players go on with it');
  assert.match(right.segment, /^\d+-1\.ts$/);
  assert.strictEqual((await ask(`/hls/voice/${right.segment}`)).status, 200);
  assert.strictEqual((await ask(`/hls/voice/${ahead.segment}`)).status, 404, 'nothing is kept of tomorrow');
  const earlier = listen(s.radioPort, '/voice.mp3?at=-3');
  await earlier.bytes(20000);
  await earlier.end();
  await l.end();
});

test('its recording goes on at the right time when it begins anew', async () => {
  await source.stop();
  await s.stop();
  s.setClock(DAY_US);
  await s.serve();
  await broadcast();
  await until(async () => Date.parse((await state()).services[0].streams[0].since) > Date.now() + 3600_000, 10000, 'it plays tomorrow');
  await until(list, 30000, 'a list of tomorrow');
  await source.stop();
  await s.stop();
  s.setClock(0n);
  await s.serve();
  await broadcast();
  const right = await until(async () => { const one = await list(); return one !== null && isToday(one.at) && one; }, 30000, 'a list of today');
  assert.match(right.segment, /^\d+-2\.ts$/);
  await source.stop();
  await s.stop();
  const verified = siaran('verify', s.dir);
  assert.strictEqual(verified.code, 0, verified.out + verified.err);
});
