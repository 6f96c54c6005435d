// SPDX-License-Identifier: AGPL-3.0-or-later
// The system page: it shows what is true of this station, says what needs somebody until that is mended, and is not for
// everybody.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { childrenOf, isAlive, makeStation, mustRun, until, words } = require('../support/station');
const { colleague, firstAdministrator } = require('../support/desk');
const { startSmtp } = require('../support/smtp');

const WAIT = 20000;

async function station(t, lines = []) {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), `\n${lines.join('\n')}\n`);
  await s.serve();
  return { s, admin: await firstAdministrator(s) };
}

// The rows of the table with this caption, each a list of its cells' words.
function rows(body, caption) {
  const table = [...body.matchAll(/<table[\s\S]*?<\/table>/g)].map((m) => m[0]).find((html) => words(/<caption[\s\S]*?<\/caption>/.exec(html)?.[0] ?? '') === caption);
  assert.ok(table, `no table "${caption}"`);
  return [...table.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].slice(1).map(([, row]) => [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map((m) => words(m[1])));
}
const attention = (page) => words(page.body);

test('what needs attention is said with what to do, and is gone when it is done', async (t) => {
  const { s, admin } = await station(t, ['backup_keep = 0']);
  let page = await admin.get('/desk/system');
  assert.strictEqual(page.status, 200);
  assert.match(page.body, /<a href="\/desk\/backups">[^<]*<bdi>There is no backup yet/);
  assert.match(attention(page), /No mail server is named/);
  assert.match(words(page.body), /Last backup Never/);
  mustRun('backup', s.dir, path.join(path.dirname(s.clock), 'copy.siaran'));
  page = await admin.get('/desk/system');
  assert.doesNotMatch(attention(page), /There is no backup yet/);
  assert.doesNotMatch(words(page.body), /Last backup Never/);
  for (let i = 0; i < 8; i++) s.later(24 * 3600);
  await admin.signIn('ada@station.test');
  page = await admin.get('/desk/system');
  assert.match(attention(page), /The last backup is of .*\. Make a new one on the page of backups/);
});

test('the processes are those that run, and one that crashed is named', async (t) => {
  const { s, admin } = await station(t);
  let page = await admin.get('/desk/system');
  let list = rows(page.body, 'Processes');
  const numbers = (of) => of.map((row) => Number(row[1].replaceAll(/\D/g, ''))).sort();
  assert.deepStrictEqual(numbers(list), childrenOf(s.pid).sort());
  assert.ok(list.every((row) => row[3] === '0'), JSON.stringify(list));
  assert.doesNotMatch(attention(page), /Crashed since/);
  const media = Number(list.find((row) => row[0] === 'media')[1]);
  process.kill(media, 'SIGKILL');
  await until(() => !isAlive(media) && s.log.includes('starting media again'), WAIT, 'the next decoder');
  page = await until(async () => {
    const answer = await admin.get('/desk/system');
    return /Crashed since the station was started: media\b/.test(attention(answer)) && answer;
  }, WAIT, 'the crash on the page');
  list = rows(page.body, 'Processes');
  assert.strictEqual(list.find((row) => row[0] === 'media')[3], '1');
  assert.deepStrictEqual(numbers(list), childrenOf(s.pid).sort());
});

test('a letter that was refused for good is shown, tried again by a button, and kept in the log', async (t) => {
  const smtp = await startSmtp(t);
  const { s, admin } = await station(t, [`smtp_server = smtp://127.0.0.1:${smtp.port}`, 'mail_from = desk@station.test']);
  smtp.answers.RCPT = '550 nobody of that name';
  await admin.get('/desk/accounts/new');
  await admin.post('/desk/accounts/new', { name: 'Sari', login: 'sari@station.test', lang: 'en', version: '0', roles: 'reporter' });
  await until(() => s.log.includes('could not be delivered'), WAIT, 'the refusal');
  const page = await until(async () => {
    const answer = await admin.get('/desk/system'); // counts first and lists then: the letter may come between
    return /Letters and calls that could not be delivered: 1\./.test(attention(answer)) && answer;
  }, WAIT, 'the letter on the page');
  assert.ok(page.body.includes('/desk/system/retry'), page.body);
  const [letter] = rows(page.body, 'Not delivered');
  assert.match(letter[0], /^sari@station\.test/);
  assert.match(letter[3], /550/);
  assert.doesNotMatch(page.body, /\/desk\/link\//, 'what it says is nobody’s but the receiver’s');
  delete smtp.answers.RCPT;
  const id = /action="\/desk\/system\/retry"[\s\S]*?name="id" value="(\d+)"/.exec(page.body)[1];
  const after = await admin.post('/desk/system/retry', { id });
  assert.strictEqual(after.status, 200);
  await until(() => smtp.letters.length === 1, WAIT, 'the letter');
  await until(async () => !(await admin.get('/desk/system')).body.includes('/desk/system/retry'), WAIT, 'an empty list');
  assert.match(words((await admin.get('/desk/audit')).body), /outbox/);
  assert.strictEqual((await admin.post('/desk/system/retry', { id: '999999' })).status, 200, 'gone meanwhile is no fault');
});

test('an engineer sees it, a reporter does not', async (t) => {
  const { admin } = await station(t);
  const engineer = await colleague(admin, 'eko@station.test', { roles: 'engineer' });
  assert.strictEqual((await engineer.get('/desk/system')).status, 200);
  const reporter = await colleague(admin, 'rini@station.test', { roles: 'reporter' });
  const page = await reporter.get('/desk/system');
  assert.strictEqual(page.status, 403);
  assert.doesNotMatch((await reporter.get('/desk/')).body, /href="\/desk\/system"/);
});
