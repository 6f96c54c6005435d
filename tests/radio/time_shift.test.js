// SPDX-License-Identifier: AGPL-3.0-or-later
// Players of Debian's, unmodified, go back half an hour: they open an address with ?at= behind it, and what they decode is
// the sound of then, which is another tone than what is on the air, and then what came next.
'use strict';
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { startRadio } = require('../support/on_air');
const { Feed } = require('../support/feed');
const { Wire, basic, listen } = require('../support/tune');
const { formats, title } = require('../support/peers');
const { players, shows, startChromium } = require('../support/players');
const { freshDir, until } = require('../support/station');

const THEN_HZ = 440, NOW_HZ = 1000, SECONDS = 8, HEARD = 4;
const HALF_HOUR_US = 1800n * 1000000n;
const spoken = ['mp3', 'aac', 'opus'];
// The one decodes nothing, the other looks at no sound where there is no sound card.
const toned = players.filter((p) => !['streamripper', 'Firefox'].includes(p.name));
let radio, clips;
const browsers = {};
const ends = [];

function clip(format, hz) {
  const { file, muxer, encode } = formats[format], name = path.join(clips, `${hz}-${file}`);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', `sine=${hz}:r=48000:d=${SECONDS}`, '-ac', '2', '-metadata', `title=${hz === THEN_HZ ? title : 'now'}`, ...encode, '-f', muxer, name]);
  return fs.readFileSync(name);
}
// VLC writes as many samples in a second as it hears, so its tones are a tenth lower where that is 48000.
const isNear = (hz, tone) => Math.abs(hz / tone - 1) < 0.12;
const type = (format) => formats[format].type;
const mountOf = (format) => `/then-${format}`;

async function isHeard(mount, bytes) {
  await until(async () => (await radio.request('HEAD', mount)).status === 200, 10000, `${mount} is on the air`);
  const l = listen(radio.port, mount);
  await until(() => l.got.includes(bytes), 10000, `${mount} is heard so far`);
  await l.end();
}

// The first tone, all of it, in a moment; resolves when it is kept.
async function sendThen(format) {
  const mount = mountOf(format), password = radio.password(mount), bytes = clip(format, THEN_HZ);
  const source = new Wire(radio.port, `PUT ${mount} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(password)}\r\nContent-Type: ${type(format)}\r\nExpect: 100-continue\r\n\r\n`);
  assert.match(await source.head(), /^HTTP\/1\.1 100 Continue\r\n/);
  source.send(bytes.subarray(0, 1000));
  if (format !== 'opus') {
    const said = await radio.request('GET', `/admin/metadata?mode=updinfo&mount=${mount}&song=${encodeURIComponent(title)}`, { Authorization: basic(password) });
    assert.match(said.body, /<return>1<\/return>/);
  }
  source.send(bytes.subarray(1000));
  await isHeard(mount, bytes.subarray(-3000, -2000));
  await until(async () => (await radio.request('HEAD', `${mount}?at=-1`)).status === 200, 10000, `${mount} is kept`);
  await source.end();
}
// The other one from then on; resolves when whoever joins hears it, and nothing from before the half hour.
async function sendNow(format) {
  const mount = mountOf(format), bytes = clip(format, NOW_HZ);
  const feed = new Feed({ port: radio.port, mount, password: radio.password(mount), type: type(format), bytes, rate: bytes.length / SECONDS });
  ends.push(() => feed.stop());
  await feed.start();
  await isHeard(mount, bytes.subarray(2000, 3000));
}

let since; // on the clock before it was half an hour later
const ago = () => `-${Math.ceil((Date.now() - since.getTime()) / 1000) + 1800}`;
test.before(async () => {
  clips = freshDir();
  fs.chmodSync(clips, 0o755);
  [browsers.Chromium, radio] = await Promise.all([
    startChromium(),
    startRadio({ after: (end) => ends.push(end) }, { services: { then: spoken.map((format) => ({ mount: mountOf(format), format })) } }),
  ]);
  since = new Date();
  await Promise.all(spoken.map(sendThen));
  radio.station.setClock(HALF_HOUR_US);
  await Promise.all(spoken.map(sendNow));
});
test.after(async () => {
  await Promise.all(Object.values(browsers).map((b) => b.close()));
  for (const end of ends.reverse()) await end();
  fs.rmSync(clips, { recursive: true, force: true });
});

// Plays the mount with that behind it.
function play(t, player, format, behind) {
  const dir = freshDir(), peer = player.start({ url: `${radio.origin}${mountOf(format)}${behind}`, format, dir, id: `then-${format}`, browsers, isLookedAt: true });
  t.after(() => peer.kill().then(() => fs.rmSync(dir, { recursive: true, force: true })));
  return peer;
}
const counts = (peer, tone) => peer.tones.filter((hz) => isNear(hz, tone)).length;

for (const format of spoken)
  test(`whoever plays ${formats[format].name} goes back half an hour and hears the sound of then, and behind it what came next`, { concurrency: true }, async (t) => {
    const hearing = toned.filter((p) => p.formats.includes(format));
    await Promise.all(hearing.map((player, i) => t.test(player.name, async (u) => {
      const peer = play(u, player, format, `?at=${i % 2 === 0 ? ago() : since.toISOString()}`);
      let hasShown = false;
      peer.on('line', (line) => (hasShown ||= shows(line)));
      await peer.wait(`${HEARD} s of then`, () => counts(peer, THEN_HZ) >= HEARD);
      assert.strictEqual(counts(peer, NOW_HZ), 0, `first: ${peer.tones}`);
      if (player.titles.includes(format)) await peer.wait('the title of then', () => hasShown);
      if (!player.ends?.includes(format)) await peer.wait('what came next', () => counts(peer, NOW_HZ) > 0);
    })));
    await t.test('who does not go back hears what is on the air', async (u) => {
      const peer = play(u, toned[0], format, '');
      await peer.wait('the sound of now', () => counts(peer, NOW_HZ) >= 2);
      assert.strictEqual(counts(peer, THEN_HZ), 0, `${peer.tones}`);
    });
  });
