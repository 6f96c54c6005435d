// SPDX-License-Identifier: AGPL-3.0-or-later
// Which moment a listener hears who joins now, as now.json says it.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert');
const { makeStation, until } = require('../support/station.js');
const { Feed } = require('../support/feed.js');
const { listen, mp3, tuned } = require('../support/tune.js');

const RATE = 16000, FRAME_MS = 1152000 / 44100; // 128 kbit/s
// No two frames are alike: each says where in the encoder's sound it is.
const file = mp3({ input: 'anoisesrc=amplitude=0.2:seed=7:duration=60' });
let s, source;
const joins = async () => (await (await fetch(`http://127.0.0.1:${s.radioPort}/api/now.json`)).json()).services.flatMap((x) => x.streams).find((x) => x.name === 'voice').joins;
// How much sound the encoder had sent, in milliseconds, before that with which an answer begins.
async function begins(target) {
  const listener = listen(s.radioPort, target), at = file.indexOf((await listener.bytes(100)).subarray(0, 100));
  await listener.end();
  assert.ok(at >= 0, 'it is the encoder’s sound');
  return at * 1000 / RATE;
}
// Who joins, and what was said right before and behind it: between them a place more may have come to be.
async function joined() {
  const before = (await joins())[0], heard = await begins('/voice.mp3'), behind = (await joins())[0];
  return { before, heard, behind };
}

before(async () => {
  s = await makeStation({ demo: false }).serve();
  const { main } = await tuned(s, 'voice', 'voice', { mount: '/voice.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  source = new Feed({ port: s.radioPort, mount: '/voice.mp3', password: main, bytes: file });
  assert.deepStrictEqual(await joins(), [], 'nobody hears anything yet');
  await source.start();
});
after(async () => {
  await source.stop();
  s.remove();
});

test('who joins hears the sound that is said, and of the moment that is said', async () => {
  for (const sent of [20000, 100000]) { // less than a burst, and more
    await until(() => source.sent > sent, 20000, `${sent} bytes of sound`);
    const { before, heard, behind } = await joined();
    assert.ok(before.sound_ms - FRAME_MS < heard && heard < behind.sound_ms + FRAME_MS, `${before.sound_ms} ${heard} ${behind.sound_ms}`);
    assert.match(before.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const kept = await begins(`/voice.mp3?at=${behind.at}`);
    assert.ok(Math.abs(kept - behind.sound_ms) < 1000, `kept of that moment is ${kept}, said was ${behind.sound_ms}`);
  }
});

test('a gap is said while who joins still hears what was before it', async () => {
  s.setClock(20000000n);
  const all = await until(async () => { const told = await joins(); return told.length === 3 && told; }, 10000, 'where sound goes on');
  const [first, next, newest] = all, sound = next.sound_ms - first.sound_ms, passed = Date.parse(next.at) - Date.parse(first.at);
  assert.ok(sound > 0 && passed - sound > 15000, JSON.stringify(all));
  assert.ok(newest.sound_ms > next.sound_ms && Date.parse(newest.at) - Date.parse(next.at) < 15000);
  await until(async () => Math.abs((await begins(`/voice.mp3?at=${next.at}`)) - next.sound_ms) < 1000, 10000, 'it is kept of that moment');
  await until(async () => { const later = await joins(); return later.length === 2 && later[0].sound_ms >= next.sound_ms; }, 20000, 'a burst later nothing is said of it');
});
