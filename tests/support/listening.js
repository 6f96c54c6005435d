// SPDX-License-Identifier: AGPL-3.0-or-later
// Day files of listening sessions as the radio process appends them, for tests of what becomes of them.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const dayOf = (ms) => new Date(ms).toISOString().slice(0, 10);
const fileOf = (dir, ms) => path.join(dir, 'radio/sessions', `${dayOf(ms)}.tsv`);
let sessions = 0;

// One part of a session: `from` in milliseconds, `seconds` long; within one day of UTC.
function line({ from, seconds, service = 'voice', stream = `${service}-mp3`, kind = 'live', format = 'mpeg', listener = 1, before = 0,
  session = ++sessions, player = 'vlc', country = 'ID' }) {
  const hex = (n) => n.toString(16).padStart(16, '0');
  return `${['v1', from * 1000, (from + seconds * 1000) * 1000, service, stream, kind, format, seconds * 16000, hex(listener), before * 1000000,
    hex(session), player, country].join('\t')}\n`;
}

function listen(dir, ...parts) {
  fs.mkdirSync(path.join(dir, 'radio/sessions'), { recursive: true, mode: 0o700 });
  for (const part of parts) fs.appendFileSync(fileOf(dir, part.from), line(part), { mode: 0o600 });
}

module.exports = { dayOf, fileOf, line, listen };
