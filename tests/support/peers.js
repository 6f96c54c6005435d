// SPDX-License-Identifier: AGPL-3.0-or-later
// What the programs of others are to our tests: a process, what it says line by line, and how many seconds of sound it
// made of what it heard. Everything here waits for something that is said or made, never for a time.
'use strict';
const { spawn, execFileSync } = require('node:child_process');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { childrenOf } = require('./station');

const LINE_MAX = 4096, LINES_MAX = 400, PATIENCE_MS = 40000;

// "The song of the day" in what most encoders get wrong somewhere: umlauts, a dash, a sign of another script.
const title = 'Ünï – 歌 heute';

const formats = {
  mp3: { name: 'MP3', type: 'audio/mpeg', file: 'clip.mp3', muxer: 'mp3', encode: ['-c:a', 'libmp3lame', '-b:a', '128k', '-write_xing', '0', '-id3v2_version', '0'] },
  aac: { name: 'AAC', type: 'audio/aac', file: 'clip.aac', muxer: 'adts', encode: ['-c:a', 'aac', '-b:a', '96k'] },
  vorbis: { name: 'Vorbis', type: 'application/ogg', file: 'clip.ogg', muxer: 'ogg', encode: ['-c:a', 'libvorbis', '-b:a', '96k'] },
  opus: { name: 'Opus', type: 'application/ogg', file: 'clip.opus', muxer: 'ogg', encode: ['-c:a', 'libopus', '-b:a', '96k', '-page_duration', '100000'] },
  flac: { name: 'FLAC', type: 'application/ogg', file: 'clip.oga', muxer: 'ogg', encode: ['-c:a', 'flac', '-page_duration', '100000'] },
  native: { name: 'native FLAC', type: 'audio/flac', file: 'clip.flac', muxer: 'flac', encode: ['-c:a', 'flac'] },
  webm: { name: 'WebM', type: 'audio/webm', file: 'clip.webm', muxer: 'webm', encode: ['-c:a', 'libopus', '-b:a', '96k', '-cluster_time_limit', '500'] },
};

// One sound in each format: a tone that swells, so that no second of it is silent and none like the next.
function makeClips(dir, seconds) {
  const sound = ['-v', 'error', '-y', '-f', 'lavfi', '-i', `sine=440:r=48000:d=${seconds},vibrato=0.3:0.9,tremolo=0.7:0.5`, '-ac', '2', '-metadata', `title=${title}`];
  execFileSync('ffmpeg', [...sound, '-ar', '44100', path.join(dir, 'clip.wav')]);
  for (const f of Object.values(formats)) execFileSync('ffmpeg', [...sound, ...(f.muxer === 'mp3' ? ['-ar', '44100'] : []), ...f.encode, '-f', f.muxer, path.join(dir, f.file)]);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', path.join(dir, 'clip.mp3'), '-c', 'copy', '-write_xing', '0', '-metadata', `title=${title}`, '-metadata', 'artist=Ä',
    path.join(dir, 'tagged.mp3')]);
}

// Which tone each second of sound has: how often samples of 16 bits, one channel, rise through zero.
class Tones {
  constructor(rate) {
    Object.assign(this, { perSecond: rate / 2, samples: 0, rises: 0, last: 0, half: Buffer.alloc(0), hz: [] });
  }
  hear(bytes) {
    const sound = Buffer.concat([this.half, bytes]), whole = sound.length & ~1;
    this.half = sound.subarray(whole);
    for (let at = 0; at < whole; at += 2) {
      const sample = sound.readInt16LE(at);
      if (this.last < 0 && sample >= 0) this.rises++;
      this.last = sample;
      if (++this.samples < this.perSecond) continue;
      this.hz.push(this.rises);
      this.samples = this.rises = 0;
    }
  }
}

// A program of somebody else. `sound`: the descriptor on which it gives decoded samples, and their bytes a second. `tones`:
// what was heard in each second, in Hz.
class Peer extends EventEmitter {
  constructor(name, command, args, { sound, env = {}, asNobody = false, cwd } = {}) {
    super();
    this.setMaxListeners(0);
    Object.assign(this, { name, seconds: 0, lines: [], partial: '', isOver: false });
    if (sound) this.heard = new Tones(sound.rate);
    // Who runs the tests as root meets programs that refuse to be.
    const asOther = asNobody && process.getuid() === 0 ? ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'] : [];
    const [program, ...rest] = [...asOther, command, ...args];
    this.child = spawn(program, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C.UTF-8', ...env } });
    this.ended = new Promise((resolve) => {
      this.child.once('error', (e) => { this.say(String(e)); resolve(); });
      this.child.once('exit', (code, signal) => {
        this.isOver = true;
        this.say(`ended with ${code ?? signal}`);
        resolve();
      });
    });
    for (const fd of [1, 2, 3])
      this.child.stdio[fd].on('data', (d) => (sound?.fd === fd ? this.hear(d, sound.rate) : this.read(d.toString('utf8')))).on('error', () => {});
  }

  hear(bytes, rate) {
    this.seconds += bytes.length / rate;
    this.heard.hear(bytes);
    this.emit('change');
  }
  get tones() {
    return this.heard.hz;
  }

  read(text) {
    const parts = (this.partial + text).split(/[\r\n]+/);
    this.partial = parts.pop().slice(-LINE_MAX);
    for (const line of parts) if (line) this.say(line);
  }

  say(line) {
    this.lines.push(line);
    if (this.lines.length > LINES_MAX) this.lines.splice(0, 1);
    this.emit('line', line);
    this.emit('change');
  }

  // Resolves when `holds` does; looks again whenever something was said or made.
  wait(what, holds) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds()) return this.isOver ? finish(new Error(`${this.name} ended before this: ${what}\n${this.tail()}`)) : undefined;
        return finish();
      };
      const late = setTimeout(() => finish(new Error(`${this.name}, not within ${PATIENCE_MS} ms: ${what} (${this.seconds.toFixed(1)} s heard)\n${this.tail()}`)), PATIENCE_MS + this.patience);
      const finish = (error) => {
        clearTimeout(late);
        this.off('change', look);
        error ? reject(error) : resolve();
      };
      this.on('change', look);
      look();
    });
  }
  patience = 0;

  tail() {
    return this.lines.slice(-12).map((l) => `    ${l.slice(0, 300)}`).join('\n');
  }

  // It and what it started.
  pids() {
    const all = (pid) => [pid, ...childrenOf(pid).flatMap(all)];
    return this.isOver || !this.child.pid ? [] : all(this.child.pid);
  }

  kill(signal = 'SIGKILL') {
    for (const pid of this.pids().reverse())
      try {
        process.kill(pid, signal);
      } catch { /* it ended by itself */ }
    return this.ended;
  }
}

// The connections of processes to a port, by their own ports: a listener that came anew has others.
function connectionsOf(pids, port) {
  const own = new Map();
  for (const line of fs.readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local, remote, , , , , , , inode] = line.trim().split(/\s+/);
    if (remote && parseInt(remote.split(':')[1], 16) === port) own.set(inode, parseInt(local.split(':')[1], 16));
  }
  const found = new Set();
  for (const pid of pids) {
    let names = [];
    try {
      names = fs.readdirSync(`/proc/${pid}/fd`);
    } catch { /* it ended meanwhile */ }
    for (const fd of names)
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        if (own.has(inode)) found.add(own.get(inode));
      } catch { /* closed meanwhile */ }
  }
  return [...found].sort((a, b) => a - b);
}

module.exports = { Peer, connectionsOf, formats, makeClips, title };
