// SPDX-License-Identifier: AGPL-3.0-or-later
// node editor/bundle.js OUT.js [ENTRY.js]: makes one script of an entry (the editor's main.js) and what it uses. Packages ask
// that their notice goes with every copy, so the notices stand at the script's head. What exports something becomes a module.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url)), [, , out, entry = join(here, 'main.js')] = process.argv;
const isModule = /^export /m.test(readFileSync(entry, 'utf8'));
const may = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']; // what an AGPL program may carry, asking for a notice only
const common = { absWorkingDir: here, entryPoints: [entry], bundle: true, minify: true, format: isModule ? 'esm' : 'iife', target: 'es2021', charset: 'utf8', legalComments: 'none', metafile: true, logLevel: 'error' };

function noticeOf(name) {
  const folder = join(here, 'node_modules', name), { license, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!may.includes(license)) throw new Error(`${name} ${version}: its licence is ${license}, which editor/bundle.js does not know`);
  if (!file) throw new Error(`${name} ${version}: it has no licence file`);
  return { name: `${name} ${version}`, text: readFileSync(join(folder, file), 'utf8').trim() };
}

function notices(inputs) {
  const names = new Set(Object.keys(inputs).map((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean)), byText = new Map();
  for (const { name, text } of [...names].sort().map(noticeOf)) byText.set(text, [...(byText.get(text) ?? []), name]);
  return [...byText].map(([text, of]) => `${of.join(', ')}:\n\n${text}`).join('\n\n');
}

const { metafile } = await build({ ...common, write: false, outfile: out });
const carried = notices(metafile.inputs).replaceAll('*/', '* /'), name = `Siaran's ${basename(out, '.js')}, AGPL-3.0-or-later.`;
const head = carried ? `/*!\n${name} It contains, under their own licences:\n\n${carried}\n*/` : `/*! ${name} */`;
await build({ ...common, outfile: out, banner: { js: head } });
