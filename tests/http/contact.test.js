// SPDX-License-Identifier: AGPL-3.0-or-later
// A reader writes to the station; those who have the language read it at the desk.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { makeStation, mustRun, startStation, until, words } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');
const { startSmtp } = require('../support/smtp');

const message = { name: 'Rosa Reader', email: 'rosa@reader.test', topic: 'reception', message: 'I hear you\nevery <night>.', homepage: '' };
const write = (s, fields, { target = '/en/contact', headers = {} } = {}) => s.request('POST', target, {
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: s.origin, ...headers },
  body: new URLSearchParams({ ...message, ...fields }).toString() });
const sent = async (s, fields, more) => {
  const answer = await write(s, fields, more);
  assert.strictEqual(answer.status, 303, words(answer.body));
  return answer.headers.location;
};
const firstMessage = async (who, list = 'open') => /href="(\/desk\/messages\/\d+)"/.exec((await who.get(`/desk/messages?list=${list}`)).body)?.[1];

test('a reader writes in the full and in the text edition and gets a reference; the desk reads it, answers, and deletes it', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  assert.match((await s.get('/en/')).body, /href="\/en\/contact"/);
  assert.match((await s.get('/lite/ar/')).body, /href="\/lite\/ar\/contact"/);
  assert.match((await s.get('/sitemaps/en-0.xml')).body, /\/en\/contact</);
  const page = await s.get('/en/contact');
  assert.match(words(page.body), /After 180 days it is deleted\. The station’s daily backups may hold it 3 days longer; a backup made by hand, until that is deleted\./);
  assert.match(words((await s.get('/ar/contact')).body), /بعد ١٨٠ يوم.*قد يبقى ٣ أيام أخرى/);
  assert.match(words((await s.get('/ar/contact')).body), /٥٬٠٠٠ حرف على الأكثر/);
  assert.strictEqual(page.headers['set-cookie'], undefined);
  const to = await sent(s, {});
  const reference = /^\/en\/contact\/sent\/([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})$/.exec(to)[1];
  const thanks = await s.get(to);
  assert.ok(words(thanks.body).includes(`Its reference is ${reference}.`));
  assert.match(thanks.body, /name="robots" content="noindex"/);
  assert.strictEqual(await sent(s, {}), to, 'sent twice, it is one message');
  assert.match(await sent(s, { name: 'لينا', email: '', message: 'مرحبا' }, { target: '/lite/ar/contact' }), /^\/lite\/ar\/contact\/sent\//);
  for (const none of ['2222-2222', '2222', 'x', '%3Cb%3E']) assert.strictEqual((await s.get(`/en/contact/sent/${none}`)).status, 404, none);

  assert.match(words((await admin.get('/desk/')).body), /2 messages from readers have not been opened yet/);
  const list = await admin.get('/desk/messages');
  assert.match(words(list.body), /لينا new [2-9A-Z-]{9} .*Rosa Reader new [2-9A-Z-]{9} Reception or this website English/);
  const rosa = /href="(\/desk\/messages\/\d+)"><bdi>Rosa/.exec(list.body)[1];
  const one = await admin.get(rosa);
  assert.ok(one.body.includes('I hear you\nevery &lt;night&gt;.'), one.body);
  assert.ok(unescapeHtml(one.body).includes(`href="mailto:rosa@reader.test?subject=Radio%20Merantara%20%5B${reference}%5D"`), one.body);
  assert.match(words((await admin.get('/desk/')).body), /One message from a reader has not been opened yet/);
  const hostile = "o'%3Fbcc=all%0D%0A#{x}/+$!*^`|~@reader.test"; // sound, as far as one sees
  await sent(s, { name: 'Mallory', email: hostile, message: 'Answer me.' });
  const other = /href="(\/desk\/messages\/\d+)"><bdi>Mallory/.exec((await admin.get('/desk/messages')).body)[1];
  const reply = new URL(unescapeHtml(/href="(mailto:[^"]*)"/.exec((await admin.get(other)).body)[1]));
  assert.match(reply.pathname, /^[\w.~%-]+@reader\.test$/);
  assert.strictEqual(decodeURIComponent(reply.pathname), hostile);
  assert.deepStrictEqual([...reply.searchParams.keys()], ['subject']);
  await admin.get(other);
  await admin.post(`${other}/delete`, { sure: '1' });
  await admin.post(rosa, { otherwise: 'answered' });
  assert.doesNotMatch((await admin.get('/desk/messages')).body, /Rosa/);
  assert.match(words((await admin.get('/desk/messages?list=answered')).body), /Rosa Reader/);
  assert.match(words((await admin.post(rosa, { otherwise: 'answered', state: 'trash' })).body), /It is in the trash\..*it can be put back/);
  assert.match(words((await admin.get('/desk/messages?list=trash')).body), /Rosa Reader/);
  await admin.get(rosa);
  assert.match(words((await admin.post(`${rosa}/delete`)).body), /the box was not ticked/);
  assert.match(words((await admin.post(`${rosa}/delete`, { sure: '1' })).body), /Deleted\./);
  assert.strictEqual((await admin.get(rosa)).status, 404);
  const audit = words((await admin.get('/desk/audit?kind=message')).body);
  assert.match(audit, /delete message .*move message .*Answered → Trash .*Open → Answered .*read message/);
  assert.doesNotMatch(audit, /Rosa|rosa@|night/);
  assert.doesNotMatch(s.log, /Rosa|rosa@|night/);
  await s.stop();
  assert.doesNotMatch(mustRun('verify', s.dir).out, /FAULT/);
});

test('what cannot be sent comes back whole, each problem beside its field, in the reader\'s language', async (t) => {
  const s = await startStation(t);
  const bad = await write(s, { name: '  ', email: 'nobody', topic: 'none', message: '' });
  assert.strictEqual(bad.status, 422);
  for (const name of ['name', 'email', 'topic', 'message']) assert.match(bad.body, new RegExp(`aria-invalid="true" aria-describedby="${name}-problem"`), name);
  assert.match(bad.body, /name="email" value="nobody"/);
  assert.match(words(bad.body), /Your message is not sent yet/);
  const typed = await write(s, { name: 'A "B" <c>', email: 'x', message: '</textarea><b>hello' }, { target: '/lite/de/contact' });
  assert.strictEqual(typed.status, 422);
  assert.match(typed.body, /value="A &quot;B&quot; &lt;c&gt;"/);
  assert.match(typed.body, /&lt;\/textarea&gt;&lt;b&gt;hello<\/textarea>/);
  assert.match(words(typed.body), /Das ist keine E-Mail-Adresse/);
  assert.match(typed.body, /value="reception" selected/);
  assert.match(words((await write(s, { message: 'x'.repeat(5001) })).body), /This text is too long/);
  assert.match(words((await write(s, { name: 'two\nlines' })).body), /characters that cannot be used/);
  const trapped = await write(s, { homepage: 'https://spam.example/' });
  assert.strictEqual(trapped.status, 422);
  assert.match(words(trapped.body), /Please leave this field empty/);
  assert.doesNotMatch(trapped.body, /spam\.example/);
  await sent(s, { message: '😀'.repeat(5000), name: 'ن'.repeat(100) });
  for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: '' }])
    assert.strictEqual((await write(s, {}, { headers })).status, 403);
});

test('too many messages from one place are asked to wait, with everything typed still there', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\npublic_posts_per_minute = 2\n');
  await s.serve();
  for (const n of [1, 2]) await sent(s, { message: `Number ${n}` });
  const wait = await write(s, { message: 'Number 3' }, { target: '/lite/en/contact' });
  assert.strictEqual(wait.status, 429);
  assert.match(words(wait.body), /please try again in a few minutes/);
  assert.match(wait.body, />Number 3<\/textarea>/);
  assert.match(wait.body, /action="\/lite\/en\/contact"/);
  assert.match((await s.vote(1, 5)).body, /./);
});

test('one sender in an hour does not use up everybody\'s messages', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\npublic_posts_per_minute = 1000\ntrusted_proxies = 127.0.0.1\n');
  await s.serve();
  const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
  for (let n = 0; n < 25; n++)
    assert.strictEqual((await write(s, { email: 'mistyped' }, from('2001:db8::1'))).status, 422, 'who mends a mistake has sent nothing');
  for (let n = 0; n < 20; n++) await sent(s, { message: `Number ${n}` }, { ...from('2001:db8::1'), target: n % 2 ? '/en/contact' : '/lite/id/contact' });
  const wait = await write(s, { message: 'Number 20' }, from('2001:db8::2')); // the same network
  assert.strictEqual(wait.status, 429);
  assert.match(words(wait.body), /please try again in a few minutes/);
  assert.match(wait.body, />Number 20<\/textarea>/);
  await sent(s, { message: 'And I?' }, from('192.0.2.7'));
  assert.strictEqual((await s.request('POST', '/vote/1', { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: s.origin, 'X-Forwarded-For': '2001:db8::1' }, body: 'value=5' })).status, 303, 'votes are not messages');
});

test('what the station says of itself at "contact" stands above the form', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  assert.match(words((await s.get('/en/contact')).body), /Write to us: about a programme/);
  await admin.get('/desk/pages/new');
  const begun = await admin.post('/desk/pages/new', { lang: 'en', headline: 'Contact', parent: '0' });
  const page = /\/desk\/pages\/(\d+)/.exec(begun.target)[1];
  await admin.post(`/desk/pages/${page}`, { version: '1', headline: 'Ring the bell', body: '<p>At the <b>harbour</b>.</p>', slug: 'contact', group: '0' });
  assert.match(words((await s.get('/en/contact')).body), /Write to us: about a programme/);
  await admin.post(`/desk/pages/${page}/state`, { state: 'published' });
  const shown = await s.get('/en/contact');
  assert.match(shown.body, /<h1>Ring the bell<\/h1>/);
  assert.match(shown.body, /At the <b>harbour<\/b>|At the <strong>harbour<\/strong>/);
  assert.match(shown.body, /id="write"/);
  assert.strictEqual((await s.get('/sitemaps/en-0.xml')).body.split('/en/contact<').length, 2, 'once');
});

test('an editor reads the messages of his languages only, and nobody else any', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const ed = await colleague(admin, 'ed@station.test', { roles: 'editor', languages: 'id' });
  await sent(s, {});
  await sent(s, { name: 'Budi' }, { target: '/id/contact' });
  for (const roles of ['reporter', 'translator', 'engineer', 'integrity']) {
    const other = await colleague(admin, `${roles}@station.test`, { roles });
    assert.strictEqual((await other.get('/desk/messages')).status, 403, roles);
    assert.doesNotMatch(words((await other.get('/desk/')).body), /have not been opened/);
  }
  const list = (await ed.get('/desk/messages?lang=en')).body + (await ed.get('/desk/messages')).body;
  assert.match(list, /Budi/);
  assert.doesNotMatch(list, /Rosa/);
  assert.match(words((await ed.get('/desk/')).body), /One message from a reader/);
  const rosa = /href="(\/desk\/messages\/\d+)"><bdi>Rosa/.exec((await admin.get('/desk/messages?lang=en')).body)[1];
  for (const target of [rosa, `${rosa}?x=1`]) assert.strictEqual((await ed.get(target)).status, 403);
  assert.strictEqual((await ed.post(rosa, { otherwise: 'trash' })).status, 403);
  assert.strictEqual((await ed.post(`${rosa}/delete`, { sure: '1' })).status, 403);
  const budi = await firstMessage(ed);
  assert.strictEqual((await ed.get(budi)).status, 200);
  assert.match(words((await admin.get(budi)).body), /Budi/);
  assert.strictEqual(words((await admin.get('/desk/audit?kind=message')).body).split('read message').length, 3, 'each who opened it');
});

test('long lists go on by pages, newest first', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\npublic_posts_per_minute = 1000\ntrusted_proxies = 127.0.0.1\n');
  await s.serve();
  const admin = await firstAdministrator(s);
  for (let i = 0; i < 120; i++)
    await sent(s, { name: `Reader ${i}` }, { target: i % 2 ? '/en/contact' : '/fr/contact', headers: { 'X-Forwarded-For': `192.0.2.${i}` } });
  for (const [lang, count] of [['', 120], ['fr', 60]]) {
    const seen = [];
    for (let next = `/desk/messages?lang=${lang}`; next; ) {
      const page = await admin.get(next);
      seen.push(...[...page.body.matchAll(/<bdi>Reader (\d+)<\/bdi>/g)].map((m) => Number(m[1])));
      next = unescapeHtml(/<p class="more"><a[^>]*href="([^"]+)"/.exec(page.body)?.[1] ?? '');
    }
    assert.strictEqual(seen.length, count);
    assert.deepStrictEqual(seen, [...seen].sort((a, b) => b - a));
  }
});

test('messages are deleted when their days are over, and the page says how many', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\ncounter_flush_seconds = 1\nmessage_days = 30\n');
  await s.serve();
  const admin = await firstAdministrator(s);
  assert.match(words((await s.get('/en/contact')).body), /After 30 days it is deleted/);
  const secret = 'Only for the station: Zebulon Quarrelstone sleeps.';
  const to = await sent(s, { message: `${secret} `.repeat(90) }); // several pages of the database's file
  s.later(29 * 86400);
  const kept = await sent(s, { name: 'Later' });
  assert.strictEqual((await s.get(to)).status, 200);
  s.later(2 * 86400);
  await until(async () => (await s.get(to)).status === 404, 20000, 'the old message is gone');
  assert.strictEqual((await s.get(kept)).status, 200);
  await admin.signIn('ada@station.test');
  assert.match(words((await admin.get('/desk/messages')).body), /Each is deleted 30 days after it came\..*Later/);
  await s.stop();
  for (const file of fs.readdirSync(s.dir).filter((f) => f.startsWith('siaran.db')))
    assert.ok(!fs.readFileSync(path.join(s.dir, file)).includes('Zebulon'), `nothing of it is left in ${file}`);
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'backup_keep = 0\n');
  await s.serve();
  assert.match(words((await s.get('/en/contact')).body), /A backup of the station may hold it until that is deleted\./);
});

test('those who may read a message get a letter without its words, and not one for each', async (t) => {
  const smtp = await startSmtp(t);
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), `\nsmtp_server = smtp://127.0.0.1:${smtp.port}\nmail_from = desk@station.test\n`);
  await s.serve();
  const admin = await firstAdministrator(s);
  await colleague(admin, 'ed@station.test', { roles: 'editor', languages: 'id', lang: 'id' });
  await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  const told = () => smtp.letters.filter((l) => /\/desk\/messages/.test(l.text));
  await until(() => smtp.letters.length === 2, 20000, 'the invitations');
  await sent(s, {}, { target: '/id/contact' });
  await until(() => told().length === 1, 20000, 'the letter to the station');
  assert.deepStrictEqual(told()[0].to, ['letters@merantara.example'], 'its own address, where it has one');
  await sent(s, { message: 'one more' }, { target: '/id/contact' });
  await admin.get('/desk/station');
  await admin.post('/desk/station', { station_name: 'Radio', station_zone: 'UTC', contact_email: '' });
  await sent(s, { message: 'and another' }, { target: '/id/contact' });
  await until(() => told().length === 3, 20000, 'the letters');
  assert.deepStrictEqual(told().slice(1).flatMap((l) => l.to).sort(), ['ada@station.test', 'ed@station.test']);
  for (const letter of told()) assert.doesNotMatch(letter.raw + letter.text, /Rosa|rosa@|night/);
  assert.match(told().find((l) => l.to[0] === 'ed@station.test').text, /Seorang pembaca menulis kepada stasiun/);
});
