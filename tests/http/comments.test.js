// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers wrote on the old site: brought in, read in both editions, hidden, deleted for good.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { mustRun, root, siaran, startStation } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');
const { sendForm } = require('../support/upload');

const saved = path.join(root, 'tests/data/pages/readers.html');
const archive = (body) => /<section class="comments"[\s\S]*?<\/section>/.exec(body)?.[0] || '';
const plain = (html) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

async function fair(t) {
  const s = await startStation(t, { demo: false });
  mustRun('import', s.dir, 'page', saved, '--lang', 'en');
  const address = (await s.get('/index.php/component/k2/item/5822-fair-opens')).headers.location.replace(s.origin, '');
  return { s, address };
}

function exported(s, name, text, ...more) {
  const file = path.join(path.dirname(s.dir), name);
  fs.writeFileSync(file, text);
  return siaran('import', s.dir, 'comments', file, ...more);
}

test('a saved page brings its comments and its fields along, once, and both editions show them', async (t) => {
  const { s, address } = await fair(t);
  mustRun('import', s.dir, 'page', saved, '--lang', 'en');
  const { body } = await s.get(address);
  const shown = archive(body);
  assert.match(shown, /<h2[^>]*>2 comments<\/h2>/);
  assert.ok(shown.includes('Comments are closed.'));
  assert.match(shown, /<li id="comment71"><p class="comment-head"><bdi>Ani &lt;Sari&gt;<\/bdi> <time datetime="2022-09-06T08:10:00\+07:00">6 Sep 2022<\/time><\/p>\n?<p dir="auto">I was there\.<\/p>\n<p dir="auto">It rained &amp; shone\.<\/p>/);
  assert.ok(shown.indexOf('comment71') < shown.indexOf('comment72'), 'oldest first');
  assert.ok(!body.includes('Buy now'), 'what the old site had not published stays hidden');
  assert.ok(!body.includes('gravatar') && !body.includes('ani.example'), 'nothing but the name is kept');
  assert.strictEqual(JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/.exec(body)[1]).commentCount, 2);
  const fields = plain(/<dl class="extras"[\s\S]*?<\/dl>/.exec(body)[0]);
  assert.match(fields, /Venue The old harbour &amp; pier How to get there Bus 7 or on foot Programme All days Trap Click Map Map of the pier/);
  const lite = (await s.get(`/lite${address}`)).body;
  for (const part of ['2 comments', 'Comments are closed.', 'It rained &amp; shone.', 'Bus 7<br>']) assert.ok(lite.includes(part), part);
  await s.stop();
  mustRun('verify', s.dir);
});

test('an export of the old table goes in once; a row that cannot be taken is named and left out', async (t) => {
  const { s, address } = await fair(t);
  const csv = 'id,itemID,userName,commentDate,commentText,commentEmail,published\n' +
    '71,5822,Ani <Sari>,2022-09-06 01:10:22,"I was there.",ani@secret.test,1\n' + // came with the page
    '74,5822,Cici,2022-09-07 01:00:00,"Two ""words"".\n\nAnd more.",cici@secret.test,1\n' +
    '75,999,Dodi,2022-09-07 01:00:00,Elsewhere,d@secret.test,1\n' +
    '76,5822,Eko,2022-09-07 02:00:00,Hidden words,e@secret.test,0\n' +
    '77,5822,Fani,some day,No date,f@secret.test,1\n';
  const first = exported(s, 'comments.csv', csv);
  assert.strictEqual(first.code, 0, first.err);
  assert.match(first.out, /line 6 left out: The article of this item was not brought in/);
  assert.match(first.out, /line 8 left out: commentDate is not a date like/);
  assert.match(first.out, /5 comments read, 2 added, 1 were there already or deleted for good, 2 left out/);
  assert.match(exported(s, 'comments.csv', csv).out, /5 comments read, 0 added, 3 were there/);
  const shown = archive((await s.get(address)).body);
  assert.match(shown, /3 comments/);
  assert.match(plain(shown), /Cici 7 Sep 2022 Two &quot;words&quot;\. And more\.|Cici 7 Sep 2022 Two "words"\. And more\./);
  assert.ok(!shown.includes('Hidden words'));
  assert.match(exported(s, 'more.jsonl', '{"id":80,"itemID":5822,"userName":"","commentDate":"2022-09-08 01:00:00","commentText":"Whoever"}\n').out, /1 added/);
  assert.match(archive((await s.get(address)).body), /Without a name/);
  assert.notStrictEqual(exported(s, 'none.csv', 'a,b\n1,2\n').code, 0);
  assert.match(exported(s, 'none.csv', 'a,b\n1,2\n').err, /must name the columns/);
  assert.match(exported(s, 'german.csv', csv, '--site', 'german').out, /0 added/);
  await s.stop();
  const whole = fs.readdirSync(s.dir).filter((f) => f.startsWith('siaran.db')).map((f) => fs.readFileSync(path.join(s.dir, f), 'latin1')).join('');
  assert.ok(!whole.includes('secret.test'), 'no address of a reader is stored');
  mustRun('verify', s.dir);
});

test('many comments are folded behind ten, and come in pages of a hundred', async (t) => {
  const { s, address } = await fair(t);
  const rows = Array.from({ length: 203 }, (_, i) => `${100 + i},5822,Reader ${i},2023-01-01 ${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}:00,Words ${i},1`);
  mustRun('import', s.dir, 'comments', (() => { const f = path.join(path.dirname(s.dir), 'many.csv'); fs.writeFileSync(f, `id,itemID,userName,commentDate,commentText,published\n${rows.join('\n')}\n`); return f; })());
  const first = archive((await s.get(address)).body);
  assert.match(first, /205 comments/);
  assert.match(first, /<details>\s*<summary>Show 90 more comments<\/summary>/);
  assert.ok(first.indexOf('Words 7<') < first.indexOf('<details>') && first.indexOf('Words 8<') > first.indexOf('<details>'));
  assert.ok(first.includes('Words 97<') && !first.includes('Words 98<'));
  const next = /rel="next" href="([^"#]+)#comments"/.exec(first)[1];
  const second = archive((await s.get(next)).body);
  assert.ok(second.includes('Words 98<') && second.includes('Words 197<') && !second.includes('<details>'));
  const last = archive((await s.get(`${address}?part=3`)).body);
  assert.ok(last.includes('Words 202<') && /rel="prev"/.test(last) && !/rel="next"/.test(last));
  assert.strictEqual((await s.get(`${address}?part=4`)).status, 404);
  assert.match((await s.get(`/lite${address}`)).body, /href="[^"]*\?part=2#comments"/);
});

test('an editor hides a comment with a reason, shows it again, and deletes one for good', async (t) => {
  const { s, address } = await fair(t);
  const admin = await firstAdministrator(s);
  const edo = await colleague(admin, 'edo@station.test', { roles: 'editor' });
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  const number = /\/(\d+)-/.exec(address)[1];
  await edo.get('/desk/published');
  const text = (await edo.post('/desk/articles/open', { number })).target.replace(/\?.*/, '');
  assert.match((await edo.get(text)).body, /Comments of the old site \(3\)/);
  assert.strictEqual((await rita.get(`${text}/comments`)).status, 403);
  let page = await edo.get(`${text}/comments`);
  const one = /href="(\/desk\/articles\/\d+\/comments\/\d+)">(?:<bdi>)?Budi/.exec(page.body)[1];
  assert.match(page.body, /not published on the old site/);
  page = await edo.post(one, { hidden: '1', reason: ' ' });
  assert.strictEqual(page.status, 422);
  assert.ok(page.body.includes('Please say why'));
  assert.ok((await s.get(address)).body.includes('When does it close?'));
  page = await edo.post(one, { hidden: '1', reason: 'An advertisement' });
  assert.match(page.target, /said=comment_hidden/);
  assert.ok(!(await s.get(address)).body.includes('When does it close?'), 'the page follows at once');
  assert.ok(!(await s.get(`/lite${address}`)).body.includes('When does it close?'));
  await edo.post(one, { hidden: '1', reason: 'An advertisement for a fair' });
  assert.match((await edo.get(one)).body, /An advertisement for a fair/, 'another reason takes the place of the first');
  await edo.post(one, { hidden: '0' });
  assert.ok((await s.get(address)).body.includes('When does it close?'));
  assert.match((await edo.post(`${one}/delete`, {})).target, /said=not_sure/);
  page = await edo.post(`${one}/delete`, { sure: '1' });
  assert.match(page.target, /said=deleted/);
  mustRun('import', s.dir, 'page', saved, '--lang', 'en');
  assert.ok(!(await s.get(address)).body.includes('When does it close?'), 'no import brings it back');
  assert.strictEqual((await edo.get(one)).status, 404);
  const audit = (await admin.get('/desk/audit?kind=comment')).body;
  for (const word of ['hide', 'show', 'delete', 'An advertisement', `article ${number}`]) assert.ok(audit.includes(word), word);
  assert.ok(!audit.includes('Budi') && !audit.includes('When does it close?'), 'the log does not keep what was deleted');
  await s.stop();
  mustRun('verify', s.dir);
});

const told = (body) => unescapeHtml(plain(body.slice(body.indexOf('<main'))));
// The row of a table that begins with this word, as plain words.
const row = (body, first) => [...body.matchAll(/<tr>[\s\S]*?<\/tr>/g)].map((m) => unescapeHtml(plain(m[0])).trim()).find((r) => r.startsWith(`${first} `)) || '';

test('an administrator brings in an export at the desk and is told which lines were left out, and why', async (t) => {
  const { s, address } = await fair(t);
  const admin = await firstAdministrator(s);
  const chief = await colleague(admin, 'chief@station.test', { roles: 'editor' });
  const limited = await colleague(admin, 'limited@station.test', { roles: 'editor', languages: 'en' });
  const reporter = await colleague(admin, 'rini@station.test', { roles: 'reporter' });
  const at = '/desk/import/comments';
  const file = (name, text) => ({ name, bytes: Buffer.from(text) });
  const table = (rows) => `id,itemID,userName,commentDate,commentText,commentEmail,published\n${rows.join('\n')}\n`;
  const rows = ['74,5822,Cici,2022-09-07 01:00:00,"Two ""words"".\n\nAnd more.",cici@secret.test,1', '75,999,Dodi,2022-09-07 01:00:00,Elsewhere,,1',
    '76,5822,Eko,2022-09-31 02:00:00,No such day,,1', '77,0,Fani,2022-09-07 01:00:00,No item,,1', '78,5822,Gita,2022-09-07 01:00:00, ,,1'];
  for (const person of [limited, reporter]) {
    assert.strictEqual((await person.get(at)).status, 403);
    await person.get('/desk/');
    assert.strictEqual((await sendForm(person, at, { site: '' }, [file('x.csv', table(rows))])).status, 403);
  }
  assert.ok(!(await limited.get('/desk/import')).body.includes(at));
  assert.ok((await chief.get('/desk/import')).body.includes(at), 'the page of pages leads here');
  await chief.get(at);
  let answer = await sendForm(chief, at, { site: '' }, [file('comments.csv', table(rows)), file('more.jsonl',
    '{"id":80,"itemID":5822,"userName":"Hadi","commentDate":"2022-09-08 01:00:00","commentText":"Of JSON"}\n[]\n'), file('none.txt', 'a,b\n1,2\n')]);
  assert.strictEqual(answer.status, 200, answer.body);
  assert.match(told(answer.body), /comments\.csv Read 5 Added 1 Known already 0 Left out 4 .*more\.jsonl Read 2 Added 1 .* Left out 1 .*none\.txt .*The first line must name the columns/);
  for (const [line, why] of [['5', /article of this item was not brought in/], ['6', /commentDate is not a date like/], ['7', /itemID is no number/], ['8', /commentText is empty or too long/], ['2', /line is damaged/]])
    assert.match(row(answer.body, line), why, answer.body);
  const shown = archive((await s.get(address)).body);
  assert.ok(shown.includes('And more.') && shown.includes('Of JSON'));
  answer = await sendForm(chief, at, { site: '' }, [file('comments.csv', table(rows))]);
  assert.match(told(answer.body), /comments\.csv Read 5 Added 0 Known already 1 Left out 4 /);
  const audit = unescapeHtml(plain((await admin.get('/desk/audit?kind=comment')).body));
  assert.match(audit, /chief imported comment .*comments\.csv.*5 read, 1 added, 0 known, 4 left out/);
  for (const [fields, files] of [[{ site: '../x' }, [file('x.csv', table(rows))]], [{ site: '' }, []]])
    assert.strictEqual((await sendForm(chief, at, fields, files)).status, 422);
  answer = await sendForm(chief, at, { site: '' }, [file('many.csv', table(Array.from({ length: 260 }, (_, i) => `${i},5822,A,some day,x,,1`)))]);
  assert.match(plain(answer.body), /Only the first 200 are named here/);
  await s.stop();
  const whole = fs.readdirSync(s.dir).filter((f) => f.startsWith('siaran.db')).map((f) => fs.readFileSync(path.join(s.dir, f), 'latin1')).join('');
  assert.ok(!whole.includes('secret.test'), 'no address of a reader is stored');
  mustRun('verify', s.dir);
});
