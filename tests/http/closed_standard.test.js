// SPDX-License-Identifier: AGPL-3.0-or-later
// Who starts a station with no input and no output at all: what it opens must not become one of them.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { binary, isAlive, makeStation, processesOf, siaran, until } = require('../support/station.js');

test('a station that is started without standard descriptors has none but /dev/null there, in any of its processes', async (t) => {
  const s = makeStation({ demo: false });
  t.after(() => s.remove());
  const shell = spawn('sh', ['-c', 'exec "$0" "$@" <&- >&- 2>&-', binary, 'serve', s.dir, '--http', '127.0.0.1:0', '--radio', '127.0.0.1:0', '--clock', s.clock], { stdio: 'ignore' });
  t.after(async () => {
    shell.kill('SIGTERM');
    await until(() => processesOf(s.dir).length === 0, 10000, 'the end of all');
  });
  const names = () => processesOf(s.dir).filter(isAlive).map((pid) => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  await until(() => ['siaran-site', 'siaran-radio'].every((name) => names().includes(name)) && siaran('stat', s.dir).code === 0, 15000, 'the station is served');
  let looked = 0;
  for (const pid of processesOf(s.dir)) {
    const links = [0, 1, 2].map((fd) => { try { return fs.readlinkSync(`/proc/${pid}/fd/${fd}`); } catch (e) { return e.code; } });
    if (links.includes('EACCES') || !isAlive(pid)) continue; // the sandbox shows its descriptors to nobody
    assert.deepStrictEqual(links, ['/dev/null', '/dev/null', '/dev/null'], `process ${pid}`);
    looked++;
  }
  assert.ok(looked > 0, 'the parent is no sandbox');
});
