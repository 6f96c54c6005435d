// SPDX-License-Identifier: AGPL-3.0-or-later
// What tests that kill processes share: repeatable choices, the processes of one station, and what its database holds.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { freshDir } = require('./station');

// SEED=n repeats a run's choices.
const seed = Number(process.env.SEED) || (Date.now() % 0x7fffffff) + 1;

// mulberry32: small, and the same everywhere.
function randomOf(state) {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

// The rows of a question, asked of a copy of the stopped station's database.
function rowsOf(s, sql, ...values) {
  const dir = freshDir();
  for (const name of ['siaran.db', 'siaran.db-wal'])
    if (fs.existsSync(path.join(s.dir, name))) fs.copyFileSync(path.join(s.dir, name), path.join(dir, name));
  const program = 'import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2], sys.argv[3:]).fetchall()))';
  const out = execFileSync('python3', ['-c', program, path.join(dir, 'siaran.db'), sql, ...values.map(String)],
    { encoding: 'utf8', maxBuffer: 1 << 28 });
  fs.rmSync(dir, { recursive: true });
  return JSON.parse(out);
}

// Runs statements on the stopped station's own database.
const runSql = (dir, text) => execFileSync('python3',
  ['-c', 'import sqlite3,sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.close()', path.join(dir, 'siaran.db'), text]);

module.exports = { randomOf, rowsOf, runSql, seed };
