// SPDX-License-Identifier: AGPL-3.0-or-later
// Earlier sound for one listener: from a moment on, with the titles of then, at the pace of time.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert');
const { makeStation, until } = require('../support/station.js');
const { Feed } = require('../support/feed.js');
const { Wire, basic, listen, mp3, takeApart, tuned } = require('../support/tune.js');

const RATE = 16000, METAINT = 16000; // bytes of a second, and between two titles
const HALF_HOUR_US = 1800n * 1000000n;
// No two frames are alike: each says where in the encoder's sound it is.
const file = mp3({ input: 'anoisesrc=amplitude=0.2:seed=7:duration=60' });
const titles = ['Am Morgen – 歌', 'Am Abend – 歌'];
const withTitles = { 'Icy-MetaData': '1' };
let s, passwords;

before(async () => {
  s = await makeStation({ demo: false }).serve();
  const stream = (name) => tuned(s, 'voice', name, { mount: `/${name}.mp3`, type: 'audio/mpeg' }, { main: 'encoder' });
  passwords = { long: (await stream('long')).main, steady: (await stream('steady')).main };
});
after(() => s.remove());

const ask = (target, headers = {}) => fetch(`http://127.0.0.1:${s.radioPort}${target}`, { headers }).then((r) => r.text());
const stateOf = async (name) => JSON.parse(await ask('/api/now.json')).services.flatMap((x) => x.streams).find((x) => x.name === name);
const isKept = (name) => until(async () => (await stateOf(name)).rewind_from, 10000, 'some is kept');
async function tell(mount, password, song) {
  assert.match(await ask(`/admin/metadata?mode=updinfo&mount=${mount}&song=${encodeURIComponent(song)}`, { Authorization: basic(password) }), /<return>1<\/return>/);
}
// Before how much sound the first block with a title stands.
const saidAt = (body, song) => takeApart(body.subarray(0, body.indexOf(`StreamTitle='${song}`)), METAINT).sound.length;
const soundOf = (l) => takeApart(l.body, METAINT).sound;
// What the encoder had sent before these bytes.
function placeOf(bytes) {
  const at = file.indexOf(bytes);
  assert.ok(at >= 0, 'it is the encoder’s sound');
  return at;
}
// Resolves with so much sound of somebody who also hears titles.
const sounds = (l, n) => until(() => l.got.includes('\r\n\r\n') && soundOf(l).length >= n, 20000, `${n} bytes of sound between titles`).then(() => soundOf(l).subarray(0, n));

test('who goes back half an hour hears what was sent then, whole, and the titles of then where they were told', async (t) => {
  const mount = '/long.mp3', password = passwords.long, third = 3 * RATE;
  const since = new Date();
  const source = new Wire(s.radioPort, `PUT ${mount} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(password)}\r\nContent-Type: audio/mpeg\r\nExpect: 100-continue\r\n\r\n`);
  t.after(() => source.end());
  assert.match(await source.head(), /^HTTP\/1\.1 100 Continue\r\n/);
  let sent = 0, live;
  // The next three seconds, in a moment, and somebody has heard them.
  const send = async () => {
    source.send(file.subarray(sent, sent + third));
    sent += third;
    if (!live) await until(async () => (await stateOf('long')).on_air, 10000, 'it is on the air');
    live ??= listen(s.radioPort, mount);
    await until(() => live.body.includes(file.subarray(sent - 1500, sent - 1000)), 10000, 'it is heard');
  };
  await send();
  for (const song of titles) {
    await tell(mount, password, song);
    await send();
  }
  await live.end();
  await isKept('long');
  s.setClock(HALF_HOUR_US);
  const zoned = new Date(since.getTime() + 7 * 3600000).toISOString().replace('Z', '+07:00'); // nobody escapes the plus
  await Promise.all(['-1830', since.toISOString(), zoned, zoned.replace('+', '%2B')].map(async (at) => {
    const l = listen(s.radioPort, `${mount}?at=${at}`, withTitles);
    t.after(() => l.end());
    const sound = await sounds(l, 8 * RATE);
    assert.ok(sound.equals(file.subarray(0, sound.length)), `${at}: the bytes that were sent, from the first`);
    assert.deepStrictEqual([...new Set(takeApart(l.body, METAINT).titles)], ['', ...titles], at);
    titles.forEach((song, i) => {
      const late = saidAt(l.body, song) - (i + 1) * third;
      assert.ok(late > -1500 && late < 2 * METAINT, `${at}: ${song} is said ${late} bytes behind where it was told`);
    });
    await l.end();
  }));
  const from = Date.parse((await stateOf('long')).rewind_from), later = listen(s.radioPort, `${mount}?at=${new Date(from + 4000).toISOString()}`);
  const seconds = placeOf(Buffer.from((await later.bytes(1000)).subarray(0, 1000))) / RATE;
  assert.ok(Math.abs(seconds - 4) < 1.5, `four seconds later it begins after ${seconds}`);
  await later.end();
});

test('who hears earlier sound gets as much as who hears it live, and stays as far behind', async (t) => {
  const mount = '/steady.mp3', slack = 3 * RATE, ahead = 9 * RATE;
  const since = new Date().toISOString();
  const source = new Feed({ port: s.radioPort, mount, password: passwords.steady, bytes: file, rate: 20 * ahead });
  t.after(() => source.stop());
  await source.start();
  await until(() => source.sent > ahead, 10000, 'nine seconds of sound');
  source.keepPace(RATE);
  await isKept('steady');
  const live = listen(s.radioPort, mount), all = [live, listen(s.radioPort, `${mount}?at=${since}`), listen(s.radioPort, `${mount}?at=${since}`, withTitles)];
  t.after(() => Promise.all(all.map((l) => l.end())));
  const heard = () => [live.body, Buffer.from(all[1].body), soundOf(all[2])].map((b) => ({ bytes: b.length, at: placeOf(b.subarray(-1000)) }));
  await Promise.all([live.bytes(4 * RATE), all[1].bytes(2 * RATE), sounds(all[2], 2 * RATE)]);
  const before = heard();
  await live.bytes(before[0].bytes + 8 * RATE);
  const behind = heard();
  for (const i of [1, 2]) {
    const more = behind[i].bytes - before[i].bytes, moreLive = behind[0].bytes - before[0].bytes;
    assert.ok(Math.abs(behind[i].bytes - behind[0].bytes) < slack, `all in all ${behind[i].bytes} bytes, who hears it live ${behind[0].bytes}`);
    assert.ok(Math.abs(more - moreLive) < slack, `${more} bytes while who hears it live got ${moreLive}`);
    const [first, last] = [before, behind].map((x) => x[0].at - x[i].at);
    assert.ok(first > ahead - 4 * RATE - slack && Math.abs(last - first) < slack, `first ${first} bytes behind, then ${last}`);
  }
});

test('a HEAD of earlier sound is answered as a GET is, without sound, and nobody is counted', async () => {
  const head = async (method, headers) => {
    const lines = Object.entries({ Host: 'x', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`).join('');
    const w = new Wire(s.radioPort, `${method} /steady.mp3?at=-1700 HTTP/1.1\r\n${lines}\r\n`);
    const text = (await w.head()).replace(/^Date: .*\r\n/m, '');
    if (method === 'GET') await w.bytes(1000);
    else await w.over;
    const got = w.body.length;
    await w.end();
    return { text, got };
  };
  const joined = async () => Number(/siaran_radio_joined_total\{[^}]*stream="steady"\} (\d+)/.exec(await ask('/metrics'))[1]);
  for (const headers of [{}, withTitles]) {
    const get = await head('GET', headers), before = await joined();
    const { text, got } = await head('HEAD', headers);
    assert.strictEqual(text, get.text);
    assert.match(text, /^HTTP\/1\.0 200 OK\r\n/);
    assert.strictEqual(/icy-metaint: 16000/.test(text), headers === withTitles);
    assert.strictEqual(got, 0);
    assert.strictEqual(await joined(), before);
  }
});
