// SPDX-License-Identifier: AGPL-3.0-or-later
// Every encoder and every player of Debian's, unmodified, with the station between them. For each pair whose format both
// know: the player plays, shows the title where both know titles, goes on over the same connection when the encoder was
// killed and came back, and then decodes on without an error. What is sent comes out the same, byte for byte, where it is
// not the container's business to differ. The matrix is printed at the end, with the reason wherever a pair is not in it.
//
// PEERS=icecast runs the same beside Debian's icecast2, which ends its listeners with their encoder: a check of the test.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { encoders } = require('../support/encoders');
const { passwords, startIcecast } = require('../support/icecast');
const { connectionsOf, formats, makeClips, title } = require('../support/peers');
const { players, shows, startChromium, startFirefox } = require('../support/players');
const { request, startRadio } = require('../support/on_air');
const { freshDir, isLong, until } = require('../support/station');

const CLIP_SECONDS = isLong ? 150 : 60, CLEAN_SECONDS = isLong ? 60 : 6;
const isIcecast = process.env.PEERS === 'icecast';
const only = (list, wanted) => (wanted ? list.filter((x) => wanted.split(',').includes(x.name)) : list);
const sources = only(encoders, process.env.ENCODERS), listeners = only(players, process.env.PLAYERS);

// Without --long: MP3 of the first encoder is heard by everybody, each of its other formats by ffmpeg and two more in
// turn. The others send their first format to ffmpeg and to another one in turn, no browser: a browser's connections are
// those of all its sounds, and these run side by side.
const isFirst = (encoder) => encoder === sources[0];
const chosen = (process.env.FORMATS ?? Object.keys(formats).join()).split(',');
const formatsOf = (encoder) => (isLong || isFirst(encoder) ? encoder.formats : encoder.formats.slice(0, 1)).filter((format) => chosen.includes(format));
function inTurn(encoder, format) {
  const others = listeners.filter((p) => p.name !== 'ffmpeg' && p.formats.includes(format) && (isFirst(encoder) || !browsers[p.name]));
  const at = 2 * encoder.formats.indexOf(format) + sources.indexOf(encoder);
  return isFirst(encoder) ? [others[at % others.length], others[(at + 1) % others.length]] : [others[at % others.length]];
}
const isHeard = (encoder, format, player) => player.formats.includes(format) &&
  (isLong || player.name === 'ffmpeg' || (isFirst(encoder) && format === encoder.formats[0]) || inTurn(encoder, format).includes(player));

const nameOf = (encoder) => encoder.name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/-$/, '');
const mountOf = (encoder, format) => `/${nameOf(encoder)}-${format}`;
const matrix = new Map(); // encoder and format -> player -> what became of it

// The bytes that a listener without titles gets, from the first to now.
class Raw {
  constructor(port, mount) {
    this.chunks = [];
    this.size = 0;
    this.ready = this.connect(port, mount);
  }

  // Comes again until the stream is there.
  connect(port, mount) {
    return new Promise((resolve) => {
      const open = () => {
        let head = '';
        const socket = net.connect(port, '127.0.0.1', () => socket.write(`GET ${mount} HTTP/1.0\r\nUser-Agent: raw\r\n\r\n`));
        socket.on('error', () => {});
        socket.on('close', () => {
          this.isClosed = true;
          if (this.size === 0 && !this.isOver) setTimeout(open, 50);
        });
        socket.on('data', (d) => {
          if (head !== null) {
            head += d.toString('latin1');
            const end = head.indexOf('\r\n\r\n');
            if (end < 0) return;
            if (!/^HTTP\/1\.\d 200/.test(head)) return void socket.destroy();
            d = Buffer.from(head.slice(end + 4), 'latin1');
            this.head = head.slice(0, end);
            head = null;
          }
          if (d.length === 0) return;
          this.chunks.push(d);
          this.size += d.length;
          this.isClosed = false;
          resolve();
        });
        this.socket = socket;
      };
      open();
    });
  }
  // Resolves when there is more than that, or never will be.
  grows(size) {
    return new Promise((resolve) => {
      const look = () => {
        if (this.size <= size && !this.isClosed) return;
        this.socket.off('data', look).off('close', look);
        resolve();
      };
      this.socket.on('data', look).on('close', look);
      look();
    });
  }
  stop() {
    this.isOver = true;
    this.socket.destroy();
  }
  get bytes() {
    return Buffer.concat(this.chunks);
  }
}

// Bytes that were sent round and round come out as runs of them: one for each time that the encoder began.
function runsOf(bytes, sent) {
  const round = Buffer.concat([sent, sent]);
  let at = 0, runs = 0;
  while (at < bytes.length) {
    const key = bytes.subarray(at, at + 64);
    let best = 0;
    for (let found = round.indexOf(key); found >= 0 && found < sent.length + 64; found = round.indexOf(key, found + 1)) {
      let n = key.length;
      while (at + n < bytes.length && bytes[at + n] === round[found + n] && n < round.length - found) n++;
      best = Math.max(best, n);
    }
    if (best === 0) return { runs, at, bytes: bytes.subarray(at, at + 32).toString('hex') };
    at += best;
    runs++;
  }
  return { runs, at: bytes.length };
}

async function tell(at, m) {
  const r = await request(at.port, 'GET', `/admin/metadata?mode=updinfo&mount=${encodeURIComponent(m.mount)}&charset=UTF-8&song=${encodeURIComponent(title)}`,
    { Authorization: `Basic ${Buffer.from(`source:${m.password}`).toString('base64')}` });
  assert.strictEqual(r.status, 200, `${m.mount}: ${r.body}`);
  assert.match(r.body, /<return>1<\/return>/);
}

async function playing(port, mount) {
  const { body } = await request(port, 'GET', '/api/now.json');
  return JSON.parse(body).services.flatMap((service) => service.streams).find((stream) => stream.url.endsWith(mount));
}

let clips, browsers = {}, server;
const ends = [];
test.before(async () => {
  clips = freshDir();
  fs.chmodSync(clips, 0o755);
  makeClips(clips, CLIP_SECONDS);
  const wants = (name) => listeners.some((p) => p.name === name);
  const profile = path.join(clips, 'firefox');
  [browsers.Chromium, browsers.Firefox] = await Promise.all([wants('Chromium') && startChromium(), wants('Firefox') && startFirefox(profile)]);
  const services = Object.fromEntries(sources.map((e) => [nameOf(e), formatsOf(e).map((format) => ({ mount: mountOf(e, format), format }))]));
  const mounts = Object.values(services).flat().map((m) => ({ name: m.mount, charset: 'UTF-8' }));
  const t = { after: (end) => ends.push(end) };
  server = isIcecast ? await startIcecast(t, { mounts }) : await startRadio(t, { services });
  server.password ??= () => passwords.source;
});
test.after(async () => {
  await Promise.all([...Object.values(browsers).map((b) => b && b.close()), ...ends.map((end) => end())]);
  fs.rmSync(clips, { recursive: true, force: true });
});

// Players hear of the title.
const isInside = (encoder, format) => Boolean(encoder.titles[format]) && encoder.titles[format] !== 'beside';
const untitled = (of, format) => of.untitled?.[format] ?? of.untitled;

// One player at one stream, through all of it. `stage` says how far it came.
class Pair {
  constructor(encoder, format, player, at) {
    Object.assign(this, { encoder, format, player, at, stage: 'plays' });
    this.dir = freshDir();
    this.rate = fs.statSync(path.join(clips, formats[format].file)).size / CLIP_SECONDS;
    this.knowsTitle = player.titles.includes(format) && isInside(encoder, format) && !(isIcecast && this.isUntold());
  }
  // By Icecast: what is told of a stream that has titles inside, and what is inside to who does not look there.
  isUntold() {
    return (this.encoder.titles[this.format] !== 'inside' || this.player.hearsBetween) && !['mp3', 'aac'].includes(this.format);
  }
  start() {
    this.peer = this.player.start({ url: `http://127.0.0.1:${this.at.port}${this.at.mounts[this.format].mount}`, format: this.format, dir: this.dir, rate: this.rate,
      id: this.at.mounts[this.format].mount.slice(1), browsers });
    this.peer.on('line', (line) => {
      if (shows(line)) this.hasShown = true;
      if (this.player.faults.test(line)) this.faults.push(line);
    });
    this.faults = [];
    return this;
  }
  hears(seconds, what) {
    const goal = this.peer.seconds + seconds;
    this.peer.patience = seconds * 1000;
    return this.peer.wait(what, () => this.peer.seconds >= goal);
  }
  // This stream's connections; a browser has those of all its sounds.
  connections() {
    return this.player.formats.length && this.at.connections(this.peer.pids());
  }
}

async function hearAll(pairs, work) {
  const faults = [];
  await Promise.all(pairs.map((p) => p.failed || work(p).catch((e) => {
    p.failed = e;
    faults.push(e);
  })));
  return faults;
}

const hearing = (encoder) => [`what ${encoder.name} sends is heard with whatever somebody has`, { timeout: 300000 }, async (t) => {
  const dir = freshDir();
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  const mounts = Object.fromEntries(formatsOf(encoder).map((format) => [format, { mount: mountOf(encoder, format), password: server.password(mountOf(encoder, format)) }]));
  const at = { dir, clips, host: '127.0.0.1', port: server.port, mounts, connections: (pids) => connectionsOf(pids, server.port) };
  let sending = encoder.start(at);
  const raws = Object.fromEntries(Object.entries(mounts).map(([format, m]) => [format, new Raw(at.port, m.mount)]));
  t.after(() => Promise.all(sending.map((p) => p.kill())));
  t.after(() => Object.values(raws).forEach((r) => r.stop()));
  const begun = () => Promise.all(Object.entries(raws).map(([format, r]) => Promise.race([r.ready, ...sending.map((p) => p.ended.then(() => {
    throw new Error(`${encoder.name} ended while ${formats[format].name} was awaited\n${p.tail()}`);
  }))])));
  await begun();
  const told = Object.keys(mounts).filter((format) => encoder.titles[format] === 'told');
  await Promise.all(told.map((format) => tell(at, mounts[format])));
  const titled = Object.keys(mounts).filter((format) => encoder.titles[format] && format !== 'webm' && !isIcecast); // the radio does not look into WebM for them
  await Promise.all(titled.map((format) => until(async () => (await playing(at.port, mounts[format].mount)).title.includes(title), 20000, `the title of ${encoder.name}'s ${formats[format].name} is known`)));

  const pairs = formatsOf(encoder).flatMap((format) => listeners.filter((p) => isHeard(encoder, format, p)).map((p) => new Pair(encoder, format, p, at).start()));
  t.after(() => Promise.all(pairs.map((p) => p.peer.kill().then(() => fs.rmSync(p.dir, { recursive: true, force: true })))));
  await hearAll(pairs, async (p) => {
    await p.hears(2, 'plays');
    if (p.knowsTitle) await p.peer.wait('shows the title', () => p.hasShown);
  });

  const clean = async (p) => {
    p.faults.length = 0;
    p.stage = 'without an error';
    await p.hears(CLEAN_SECONDS, `decodes ${CLEAN_SECONDS} s`);
    assert.deepStrictEqual(p.faults.slice(0, 3), [], `${p.player.name} made sense of all of it`);
    if (p.peer.finalFaults) assert.strictEqual(p.peer.finalFaults(), '', `what ${p.player.name} kept`);
  };
  const ending = pairs.filter((p) => p.player.ends?.includes(p.format) || p.encoder.ends?.[p.format]?.includes(p.player.name)), going = pairs.filter((p) => !ending.includes(p));
  await hearAll(ending, async (p) => {
    await clean(p);
    await p.peer.kill();
  });

  if (!isIcecast) {
    for (const p of going) p.before = p.connections();
    const sizes = Object.fromEntries(Object.entries(raws).map(([format, r]) => [format, r.size]));
    await Promise.all(sending.map((p) => p.kill()));
    sending = encoder.start(at);
    await hearAll(going, async (p) => {
      p.stage = 'goes on';
      await p.hears(p.player.waits + 1, 'goes on when the encoder is back');
      assert.deepStrictEqual(p.before.filter((c) => !p.connections().includes(c)), [], 'the connection is the same');
    });
    await Promise.all(Object.entries(raws).map(async ([format, r]) => {
      await r.grows(sizes[format]);
      assert.ok(!r.isClosed, `${format}: the connection of the raw listener was closed after ${r.size} bytes, ${sizes[format]} at the end of the first encoder`);
    }));
  }

  await hearAll(going, clean);

  for (const format of formatsOf(encoder)) {
    const row = {};
    for (const p of listeners) row[p.name] = p.formats.includes(format) ? 'with --long' : 'no such';
    for (const p of pairs.filter((x) => x.format === format)) row[p.player.name] = p.failed ? `FAILED ${p.stage}` : `${ending.includes(p) ? 'one encoder' : 'yes'}${p.knowsTitle ? ', title' : ''}`;
    if (encoder.copies && ['mp3', 'aac'].includes(format)) {
      const found = runsOf(raws[format].bytes, fs.readFileSync(path.join(clips, formats[format].file)));
      row.raw = found.bytes || found.runs > 2 ? `FAILED ${JSON.stringify(found)}` : 'same';
    } else row.raw = 'heard';
    matrix.set(`${encoder.name} ${formats[format].name}`, row);
  }
  const failed = pairs.filter((p) => p.failed);
  assert.strictEqual(failed.length, 0, failed.map((p) => `${formats[p.format].name} by ${p.player.name}, ${p.stage}: ${p.failed.message}`).join('\n\n'));
  for (const format of formatsOf(encoder)) assert.doesNotMatch(matrix.get(`${encoder.name} ${formats[format].name}`).raw, /FAILED/, format);
}];

test('where no title is expected it is said why', () => {
  for (const e of sources) for (const f of e.formats) assert.ok(isInside(e, f) || untitled(e, f), `${e.name}: ${f}`);
  for (const p of listeners) for (const f of p.formats) assert.ok(p.titles.includes(f) || untitled(p), `${p.name}: ${f}`);
});
if (sources.length > 0) test(...hearing(sources[0]));
// The whole of it fills both cores with one encoder's players; the short run has few of them, and mostly waits.
test('what the other encoders send is heard', { concurrency: isLong ? 1 : 3 }, async (t) => {
  await Promise.all(sources.slice(1).map((encoder) => t.test(...hearing(encoder))));
});

test.after(() => {
  const names = ['raw', ...listeners.map((p) => p.name)];
  const rows = [['', ...names], ...[...matrix].map(([name, row]) => [name, ...names.map((n) => row[n] ?? '')])];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => r[i].length)));
  for (const r of rows) console.log(`peers ${r.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()}`);
  console.log('peers yes: played, went on when the encoder was killed and came back, and decoded without an error; one encoder: the same, but for going on; no such: it does not know the format');
  for (const p of [...sources, ...listeners]) if (p.why) console.log(`peers ${p.name}: ${p.why}`);
  for (const e of sources) for (const f of e.formats) if (!isInside(e, f)) console.log(`peers no title of ${e.name}'s ${formats[f].name}: it ${untitled(e, f)}`);
  for (const p of listeners) {
    const without = p.formats.filter((f) => !p.titles.includes(f)).map((f) => formats[f].name);
    if (without.length) console.log(`peers no title shown by ${p.name} of ${without.join(', ')}: it ${untitled(p)}`);
  }
});
