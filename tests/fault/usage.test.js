// SPDX-License-Identifier: AGPL-3.0-or-later
// Somebody mistypes an option: each verb names it, says what it takes, and does nothing.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { freshDir, siaran } = require('../support/station');

// What each verb is given besides the word that is wrong.
const rows = { init: ['DIR'], serve: ['DIR'], import: ['DIR', 'page', 'FILE'], article: ['DIR', 'correct', '1', '--text', 'x'],
  user: ['DIR', 'list'], verify: ['DIR'], backup: ['DIR', 'FILE'], restore: ['DIR', 'FILE'], stat: ['DIR'], routes: [],
  'bench-data': ['DIR', '10'], service: ['DIR', 'list'], cut: ['DIR', 'voice', '-60', '-1', 'FILE'] };
const valued = { init: ['--name', '--zone', '--languages'], serve: ['--http', '--radio', '--clock'], import: ['--lang', '--section', '--old-id', '--site'],
  article: ['--text'], user: ['--name', '--role', '--lang'] };

test('every verb names the option that it does not know, and the one that lacks its value', (t) => {
  const base = freshDir();
  t.after(() => fs.rmSync(base, { recursive: true }));
  const fill = (words) => words.map((w) => (w === 'DIR' ? path.join(base, 'station') : w === 'FILE' ? path.join(base, 'file') : w));
  const listed = [...siaran('--help').out.matchAll(/^ {2}([a-z][a-z-]*)\b/gm)].map((m) => m[1]);
  assert.deepStrictEqual([...listed].sort(), Object.keys(rows).sort(), 'the table names every verb');
  for (const [verb, words] of Object.entries(rows)) {
    for (const bad of ['--bad', '--nam', '-x', '--name2'])
      for (const args of [[...fill(words), bad, 'x'], [bad, ...fill(words)]]) {
        const r = siaran(verb, ...args);
        assert.strictEqual(r.code, 2, `${verb} ${args}: ${r.err}`);
        assert.ok(r.err.startsWith(`siaran ${verb}: there is no option ${bad}\nusage: siaran ${verb}`), `${verb} ${args}: ${r.err}`);
      }
    for (const option of valued[verb] || []) {
      const r = siaran(verb, ...fill(words).filter((w) => !w.startsWith('--')), option);
      assert.strictEqual(r.code, 2, `${verb} ${option}: ${r.err}`);
      assert.match(r.err, new RegExp(`${option} needs a value`), verb);
    }
  }
  assert.deepStrictEqual(fs.readdirSync(base), [], 'nothing was made');
});
