// SPDX-License-Identifier: AGPL-3.0-or-later
// An encoder that works and sends silence: what is said of it, who plays instead, and what ends it.
'use strict';
const { test, before, after, afterEach } = require('node:test');
const assert = require('node:assert');
const { ask, begin, end, feed, onAir, stopFeeds, stream } = require('../support/one_radio.js');
const { listen, mp3, tuned } = require('../support/tune.js');
const { mustRun, until } = require('../support/station.js');

let s, main;
before(async () => {
  ({ s, main } = await begin());
  mustRun('service', s.dir, 'stream', 'voice', 'voice', 'silence_seconds=1', 'silence_falls_back=on');
});
after(end);
afterEach(stopFeeds);

const nothing = 'anullsrc=r=44100:cl=stereo';
const sent = {
  silence: mp3({ input: `${nothing}:d=4` }),
  tone: mp3({ seconds: 4 }),
  click: mp3({ input: 'sine=440:duration=0.5,apad=whole_dur=4' }),
  speech: mp3({ input: 'sine=440:duration=3.5,apad=whole_dur=4' }), // with a pause of half a second
};
const alarms = async () => (await stream('voice')).alarms;
const isSilent = async (name = 'voice') => (await ask('GET', '/metrics')).body.includes(`\nsiaran_radio_silent{service="voice",stream="${name}"} 1\n`);
const said = (line) => s.log.split(line).length - 1;
// The listener has heard so many seconds more.
const later = (l, seconds) => l.bytes(l.body.length + seconds * 16000);

test('a silent encoder is heard where there is no other, gives way to one, and comes back for more than a click', async () => {
  const source = await feed('/voice.mp3', main.main, { bytes: sent.silence });
  await onAir('voice', 'main');
  const l = listen(s.radioPort, '/voice.mp3');
  await until(async () => (await alarms()).includes('silent'), 10000, 'the silence is said');
  assert.ok(await isSilent());
  await later(l, 3);
  assert.deepStrictEqual([await alarms(), said('voice is off the air')], [['silent'], 0], 'it is better than nothing');

  const backup = await feed('/voice.mp3', main.backup, { bytes: sent.tone });
  await onAir('voice', 'backup');
  assert.deepStrictEqual(await alarms(), ['fell_back', 'silent']);
  const played = said('voice plays its source main');
  source.bytes = sent.click;
  await later(l, 9); // two of them
  assert.deepStrictEqual([await alarms(), said('voice plays its source main'), await isSilent()], [['fell_back', 'silent'], played, true]);

  source.bytes = sent.speech;
  await onAir('voice', 'main');
  assert.deepStrictEqual([await alarms(), await isSilent()], [[], false]);
  await later(l, 5);
  assert.strictEqual(said('voice plays its source main'), played + 1, 'a pause takes nobody away');
  assert.strictEqual(l.isOver, false);

  // Both are silent: the better one is heard.
  source.bytes = sent.silence;
  await onAir('voice', 'backup');
  backup.bytes = sent.silence;
  await onAir('voice', 'main');
  assert.strictEqual(said('voice is off the air'), 0);
  await l.end();
});

test('a slow encoder with sound stands before a silent one', async () => {
  const names = { mount: '/slow.mp3', type: 'audio/mpeg', silence_seconds: 1, silence_falls_back: 'on', stall_ms: 1000 };
  const keys = await tuned(s, 'voice', 'slow', names, { main: 'encoder', backup: 'encoder' });
  await feed('/slow.mp3', keys.main, { bytes: sent.silence });
  await onAir('slow', 'main');
  await until(() => isSilent('slow'), 10000, 'it is silent');
  await feed('/slow.mp3', keys.backup, { bytes: sent.tone, rate: 8000 });
  await until(async () => (await stream('slow')).alarms.join() === 'fell_back,silent,stalled', 15000, 'the slow one is heard all the same');
  const l = listen(s.radioPort, '/slow.mp3');
  await l.bytes(l.body.length + 2 * 8000);
  assert.strictEqual((await stream('slow')).source, 'backup');
  await l.end();
});

test('where silence is only told, nobody else plays', async () => {
  const told = await tuned(s, 'voice', 'told', { mount: '/told.mp3', type: 'audio/mpeg', silence_seconds: 1 }, { main: 'encoder', backup: 'encoder' });
  await feed('/told.mp3', told.backup, { bytes: sent.tone });
  await onAir('told', 'backup');
  const source = await feed('/told.mp3', told.main, { bytes: sent.silence });
  await onAir('told', 'main');
  await until(() => isSilent('told'), 10000, 'it is said');
  const l = listen(s.radioPort, '/told.mp3');
  await later(l, 3);
  assert.deepStrictEqual([(await stream('told')).alarms, (await stream('told')).source], [['silent'], 'main']);
  source.bytes = sent.tone;
  await until(async () => !(await isSilent('told')), 10000, 'and that it is over');
  await l.end();
});
