// SPDX-License-Identifier: AGPL-3.0-or-later
// The manual beside the program: whoever reads one can use the other.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { mustRun } = require('../support/station');

const manual = fs.readFileSync(path.join(__dirname, '../../man/siaran.1'), 'utf8');
// Without roff's requests and fonts.
const plain = (roff) => roff.replace(/^\.\w+ ?/gm, '').replace(/\\\(dq|\\f[A-Z]|\\[c&]/g, '').replace(/\\-/g, '-').replace(/"/g, ' ');
// Words that are typed as they stand; what is in capitals only has a name.
const wordsOf = (text) => text.match(/-{0,2}\b[a-z][a-z-]*\b/g) ?? [];

test('the synopsis of the manual names each word that a verb takes', () => {
  const synopsis = plain(/^\.SH SYNOPSIS\n(.*?)^\.SH /ms.exec(manual)[1]).split(/^siaran /m).slice(1);
  const verbs = [...mustRun('--help').out.matchAll(/^ {2}([a-z][\w-]*)(.*)\n {6}/gm)];
  assert.ok(verbs.length > 10);
  for (const [, verb, usage] of verbs) {
    const told = new Set(synopsis.filter((one) => wordsOf(one)[0] === verb).flatMap(wordsOf));
    assert.ok(told.size > 0, `siaran ${verb} is not in the synopsis`);
    const missing = wordsOf(usage.replace(/\.\.\./g, '')).filter((word) => !told.has(word));
    assert.deepStrictEqual(missing, [], `siaran ${verb}`);
  }
});

test('whoever sets the other program’s address learns that alarms of the radio are told there too', () => {
  const ofHook = (text) => /hook_url\n(?:[^\n]+\n)+/.exec(text)[0];
  assert.match(plain(ofHook(manual)).replace(/\n/g, ' '), /each alarm of the radio/);
  const radio = { ar: 'الراديو', de: 'Radio', en: 'radio', es: 'radio', fr: 'radio', id: 'radio', ja: 'ラジオ', nl: 'radio', zh: '广播' };
  for (const [lang, word] of Object.entries(radio)) {
    const label = /^param_hook_url = (.*)$/m.exec(fs.readFileSync(path.join(__dirname, `../../i18n/${lang}.txt`), 'utf8'))[1];
    assert.ok(label.includes(word), `${lang}: ${label}`);
  }
});

test('who comes from Icecast finds each of its addresses in the page about it', () => {
  const page = fs.readFileSync(path.join(__dirname, '../../docs/icecast.md'), 'utf8');
  const addresses = [...mustRun('routes', 'radio').out.matchAll(/ (\/admin\S*|\/\S+\.xsl) /g)].map((m) => m[1]);
  assert.ok(addresses.length > 20);
  const missing = addresses.filter((one) => !page.includes(`\`${one}\``) && !page.includes(`\`${one.replace('/admin/', '')}\``));
  assert.deepStrictEqual(missing, []);
});
