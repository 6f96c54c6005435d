// SPDX-License-Identifier: AGPL-3.0-or-later
// The players that Debian has. What each row says:
//   formats  of peers.js that it plays
//   titles   of which it shows what is on
//   untitled why of the others it does not
//   hearsBetween  it knows titles that come between the sound, which Icecast gives of MP3 and AAC alone, and none inside
//   ends     of which it plays what one encoder sends, and not what follows behind the next one's headers
//   why      there is no more of these
//   waits    seconds that it plays on from what it has, so long after nothing came: those that play at the pace of time
//   start    plays an address and gives a Peer, whose seconds are those of decoded sound, and whose tones what was heard in them
//            (of a browser only where at.isLookedAt)
//   comesBack  what it is told, as a second argument, so that it connects anew when its server is gone
// `faults` are lines by which it says that it could not make sense of what came.
'use strict';
const { spawnSync } = require('node:child_process');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const puppeteer = require('puppeteer-core');
const { chromium } = require('playwright-core');
const { flags } = require('./browser');
const { Peer, title } = require('./peers');

const RATE = 8000, RAW = RATE * 2; // samples of 16 bits, one channel
const everything = ['mp3', 'aac', 'vorbis', 'opus', 'flac', 'native', 'webm'];
const shows = (line) => line.includes(title);

// For programs that write sound only into a file that they open by name: descriptor 3 becomes a pipe, which, other than
// Node's, can be opened.
const throughPipe = (command, args) => ['sh', ['-c', 'exec 4>&1; { "$@" 3>&1 1>&4; } | cat >&3', 'sh', command, ...args]];

// A WebM's time begins anew with its encoder: that what it writes out cannot have that is no fault of what it reads.
const ffmpeg = {
  name: 'ffmpeg', formats: everything, titles: everything, waits: 0, faults: /\[(error|fatal|panic)\] (?!Application provided)/,
  comesBack: ['-reconnect', 1, '-reconnect_streamed', 1, '-reconnect_at_eof', 1, '-reconnect_on_network_error', 1, '-reconnect_on_http_error', '5xx'],
  start: (at, flags = []) => new Peer('ffmpeg', 'ffmpeg', ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+verbose', ...flags, '-i', at.url, '-vn', '-f', 's16le', '-ac', '1', '-ar', RATE, 'pipe:3'],
    { sound: { fd: 3, rate: RAW } }),
};

const mpv = {
  name: 'mpv', formats: everything, titles: everything, waits: 0, faults: /error|\[ffmpeg/i,
  comesBack: ['--stream-lavf-o=reconnect=1,reconnect_streamed=1,reconnect_at_eof=1,reconnect_on_network_error=1,reconnect_on_http_error=5xx'],
  start: (at, flags = []) => new Peer('mpv', ...throughPipe('mpv', ['--no-config', '--no-video', '--msg-level=all=info', '--term-status-msg=', '--ao=pcm', '--ao-pcm-waveheader=no', '--ao-pcm-file=/dev/fd/3', '--audio-format=s16',
    '--audio-channels=mono', `--audio-samplerate=${RATE}`, ...flags, at.url]), { sound: { fd: 3, rate: RAW } }),
};

// A burst of 64 KiB is little more than a second of FLAC: behind the gap VLC finds all of it too late.
const vlc = {
  name: 'VLC', formats: everything, titles: everything, hearsBetween: true, ends: ['flac', 'native'], why: 'its FLAC ends with the first chain, and native FLAC where headers come between frames', waits: 6, faults: /main decoder error|packetizer error|demux error|stream error/,
  start: (at) => {
    fs.chmodSync(at.dir, 0o777);
    return new Peer('VLC', ...throughPipe('cvlc', ['-vv', '--no-color', '-I', 'dummy', '--no-media-library', '--aout', 'afile', '--audiofile-file=/dev/fd/3', '--audiofile-format=s16',
      '--audiofile-channels=1', '--no-audiofile-wav', at.url]), { sound: { fd: 3, rate: 88200 }, env: { HOME: at.dir }, asNobody: true });
  },
};

const mpg123 = {
  name: 'mpg123', why: 'knows MPEG audio alone', formats: ['mp3'], titles: ['mp3'], waits: 0, faults: /error:|Illegal|warning:/i,
  start: (at) => new Peer('mpg123', 'mpg123', ['-s', '-m', '-r', RATE, '--encoding', 's16', at.url], { sound: { fd: 1, rate: RAW } }),
};

const gstreamer = {
  name: 'GStreamer', formats: everything, titles: everything, waits: 0, faults: /^(ERROR|WARNING)/,
  start: (at) => new Peer('GStreamer', 'gst-launch-1.0', ['-t', 'playbin', `uri=${at.url}`, 'flags=audio',
    `audio-sink=audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=${RATE},channels=1 ! fdsink fd=3 sync=false`], { sound: { fd: 3, rate: RAW } }),
};

// Keeps what it hears instead of playing it. What it kept is given to ffmpeg at the end.
const streamripper = {
  name: 'streamripper', why: 'takes Ogg only where nobody answers its question for titles, and knows no WebM', formats: ['mp3', 'aac'], titles: ['mp3', 'aac'], waits: 0, faults: /^error/,
  start: (at) => {
    const file = path.join(at.dir, 'ripped');
    const p = new Peer('streamripper', 'streamripper', [at.url, '-A', '-a', file, '-c', '-d', at.dir, '-u', 'streamripper', '--codeset-metadata=UTF-8', '--codeset-filesys=UTF-8']);
    p.on('line', () => {
      if (p.isOver) return; // its folder may be gone by its last words
      const kept = fs.readdirSync(at.dir).find((f) => f.startsWith('ripped') && !f.endsWith('.cue'));
      if (kept) p.seconds = fs.statSync((p.kept = path.join(at.dir, kept))).size / at.rate;
    });
    p.finalFaults = () => spawnSync('ffmpeg', ['-v', 'error', '-t', Math.floor(p.seconds - 1), '-i', p.kept, '-f', 'null', '-'], { encoding: 'utf8' }).stderr;
    return p;
  },
};

// A page with one <audio> for each address. Each has a host name of its own, because a browser keeps no more than six
// connections to one. Where somebody looks at the sound, it is said which tone it has now.
const page = `<!doctype html><title>peers</title><script>
function toneOf(audio) {
  audio.crossOrigin = 'anonymous'; // or nobody may look
  const context = new AudioContext(), analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 }), parts = new Float32Array(analyser.frequencyBinCount);
  context.createMediaElementSource(audio).connect(analyser).connect(context.destination);
  return () => {
    analyser.getFloatFrequencyData(parts);
    return parts.indexOf(Math.max(...parts)) * context.sampleRate / analyser.fftSize;
  };
}
function listen(id, url, isLookedAt) {
  const a = new Audio(), tone = isLookedAt && toneOf(a);
  a.src = url;
  a.ontimeupdate = () => {
    if (tone) console.log('tone ' + id + ' ' + tone());
    console.log('heard ' + id + ' ' + a.currentTime);
  };
  a.onerror = () => console.log('error ' + id + ' ' + a.error.code + ' ' + a.error.message);
  a.onended = () => console.log('ended ' + id);
  a.mozCaptureStream?.(); // or Firefox gives up where there is no sound card
  a.play().catch((e) => console.log('error ' + id + ' ' + e));
  (window.all ||= {})[id] = a;
}
function leave(id) {
  const a = window.all?.[id];
  if (!a) return; // it never came, or went before
  a.pause();
  a.removeAttribute('src');
  a.load();
  delete all[id];
}
</script>`;

// One <audio>, in the manner of a Peer.
class Sound extends EventEmitter {
  constructor(browser, id) {
    super();
    this.setMaxListeners(0);
    Object.assign(this, { name: browser.name, browser, id, seconds: 0, tones: [], lines: [], isOver: false, patience: 0, ended: Promise.resolve() });
  }
  say(line) {
    const [word, , at] = line.split(' ');
    if (word === 'heard') this.seconds = Number(at);
    else if (word === 'tone') this.tones.push(Number(at));
    else {
      this.lines.push(line);
      this.isOver = true;
    }
    this.emit('line', line);
    this.emit('change');
  }
  pids() {
    return this.browser.pids();
  }
  async kill() {
    await this.browser.page.evaluate((id) => leave(id), this.id); // eslint-disable-line no-undef
  }
}
Sound.prototype.wait = Peer.prototype.wait;
Sound.prototype.tail = Peer.prototype.tail;

class Browser {
  constructor(name, pid, page) {
    Object.assign(this, { name, page, sounds: new Map(), root: pid });
    page.on('console', (m) => {
      const [, id] = m.text().split(' ');
      this.sounds.get(Number(id))?.say(m.text());
    });
  }
  pids() {
    return Peer.prototype.pids.call({ isOver: false, child: { pid: this.root } });
  }
  listen(url, isLookedAt) {
    const id = this.sounds.size + 1, sound = new Sound(this, id);
    this.sounds.set(id, sound);
    this.page.evaluate(([i, u, look]) => listen(i, u, look), [id, url, isLookedAt]).catch((e) => sound.say(`error ${id} ${e}`)); // eslint-disable-line no-undef
    return sound;
  }
}

async function startChromium() {
  const server = await chromium.launchServer({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: [...flags, '--autoplay-policy=no-user-gesture-required'] });
  const browser = await chromium.connect(server.wsEndpoint());
  const tab = await browser.newPage();
  await tab.setContent(page);
  const b = new Browser('Chromium', server.process().pid, tab);
  b.close = () => server.close();
  return b;
}

async function startFirefox(dir) {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr', headless: true, userDataDir: dir,
    extraPrefsFirefox: { 'app.update.auto': false, 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, 'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0, 'media.autoplay.block-webaudio': false } });
  const tab = await browser.newPage();
  await tab.setContent(page);
  const b = new Browser('Firefox', browser.process().pid, tab);
  b.close = () => browser.close();
  return b;
}

const inBrowser = (name, ends, why) => ({
  name, formats: everything, titles: [], untitled: 'has no place for titles', ends, why, waits: 6, faults: /^error/,
  start: (at) => at.browsers[name].listen(at.url.replace('//127.0.0.1:', `//${at.id}.localhost:`), at.isLookedAt),
});

module.exports = { players: [ffmpeg, mpv, vlc, mpg123, gstreamer, streamripper, inBrowser('Chromium', ['native'], 'its native FLAC ends where headers come between frames'), inBrowser('Firefox', ['vorbis', 'opus', 'flac', 'native'], 'its Ogg ends with the first chain, and native FLAC where headers come between frames')], shows, startChromium, startFirefox };
