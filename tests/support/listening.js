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

// A MaxMind database of one bit (format 2.0): the lower half of all IPv4 addresses is in one country.
function countryFile(country) {
  const text = (s) => Buffer.concat([Buffer.from([0x40 | s.length]), Buffer.from(s)]);
  const key = (s) => (s.length < 29 ? text(s) : Buffer.concat([Buffer.from([0x5d, s.length - 29]), Buffer.from(s)]));
  const tree = Buffer.from([0, 0, 17, 0, 0, 1]); // its data, at 1 + 16 + 0; none
  const data = Buffer.concat([Buffer.from([0xe1]), key('country'), Buffer.from([0xe1]), key('iso_code'), text(country)]);
  const facts = [['binary_format_major_version', [0xa1, 2]], ['binary_format_minor_version', [0xa0]], ['build_epoch', [1, 2, 1]],
    ['database_type', text('Test')], ['description', [0xe0]], ['ip_version', [0xa1, 4]], ['languages', [0, 4]], ['node_count', [0xc1, 1]],
    ['record_size', [0xa1, 24]]];
  return Buffer.concat([tree, Buffer.alloc(16), data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), Buffer.from([0xe0 | facts.length]),
    ...facts.flatMap(([name, value]) => [key(name), Buffer.from(value)])]);
}

module.exports = { countryFile, dayOf, fileOf, line, listen };
