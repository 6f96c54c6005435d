// SPDX-License-Identifier: AGPL-3.0-or-later
// A station's services.json, written as the station writes it, with passwords a test knows.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const sodium = { blake2b: require('./blake2b.js') };

function password(secret) {
  const salt = require('node:crypto').randomBytes(16);
  return { salt: salt.toString('hex'), hash: sodium.blake2b(Buffer.from(secret), salt).toString('hex') };
}

// A stream with an encoder "main" (password "main-" + name) and one "backup"; `more` are further sources.
function stream(name, mount, type, { more = [], sources, ...rest } = {}) {
  return { name, mount, type, icy: true, ...rest,
    sources: sources ?? [{ name: 'main', kind: 'encoder', password: password(`main-${name}`) },
      { name: 'backup', kind: 'encoder', password: password(`backup-${name}`) }, ...more] };
}

function write(dir, streams, { number = 1, admin = 'admin-secret', shows_addresses = false, title = 'Radio Test' } = {}) {
  const json = { number, admin: password(admin), shows_addresses,
    services: [{ name: 'voice', title, description: 'd', genre: 'News', url: 'https://voice.example/', languages: 'en ar', public: true, streams }] };
  const file = path.join(dir, 'services.json');
  fs.writeFileSync(`${file}.new`, JSON.stringify(json));
  fs.renameSync(`${file}.new`, file);
}

// Sound made by ffmpeg: `args` after the input, e.g. ['-c:a', 'libmp3lame', '-f', 'mp3'].
function sound(seconds, args, { tone = 440, input } = {}) {
  const r = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', input ?? `sine=${tone}:duration=${seconds}`, ...args, '-'],
    { maxBuffer: 1 << 28 });
  if (r.status !== 0) throw new Error(`ffmpeg: ${r.stderr}`);
  return r.stdout;
}

const mp3 = (seconds, tone) => sound(seconds, ['-c:a', 'libmp3lame', '-b:a', '128k', '-ar', '44100', '-ac', '2', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'], { tone });
const adts = (seconds, tone) => sound(seconds, ['-c:a', 'aac', '-b:a', '64k', '-ar', '44100', '-ac', '2', '-f', 'adts'], { tone });

module.exports = { adts, mp3, password, sound, stream, write };
