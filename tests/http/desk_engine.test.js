// SPDX-License-Identifier: AGPL-3.0-or-later
// The station is run from the desk: what an engineer would otherwise write into siaran.conf is set here, holds at once or
// says when, and locks nobody out.
'use strict';
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { makeStation, mustRun, root, startStation, until, words } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');
const { startSmtp } = require('../support/smtp');
const { runSql } = require('../support/kill');
const { sendForm } = require('../support/upload');

const WAIT = 20000;
const group = (name) => `/desk/parameters/${name}`;

// The form of a page with this action: its fields by name, as they stand there.
function formOf(body, action) {
  const form = [...body.matchAll(/<form\b[\s\S]*?<\/form>/g)].map((m) => m[0]).find((f) => f.includes(`action="${action}"`));
  assert.ok(form, `no form to ${action} in ${words(body)}`);
  const fields = {};
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(tag)?.[1];
    if (name && (!/type="checkbox"/.test(tag) || /\bchecked\b/.test(tag))) fields[name] = unescapeHtml(/\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '');
  }
  for (const [, name, options] of form.matchAll(/<select\b[^>]*\bname="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g))
    fields[name] = /<option value="([^"]*)"[^>]*\bselected/.exec(options)?.[1] ?? '';
  return { form, fields };
}

// Which field of a group's page is labelled so.
function fieldOf(body, label) {
  const name = [...body.matchAll(/<label for="f-(p\d+)"[^>]*>([\s\S]*?)<\/label>/g)].find(([, , text]) => words(text).startsWith(label))?.[1];
  assert.ok(name, `no field "${label}" in ${words(body)}`);
  return name;
}

// Opens a group's page, changes what is named, and sends the whole form, as a browser does.
async function set(who, name, changes, more = {}) {
  const page = await who.get(group(name));
  assert.strictEqual(page.status, 200, page.body);
  const { fields } = formOf(page.body, group(name));
  for (const [label, value] of Object.entries(changes)) fields[fieldOf(page.body, label)] = value;
  return who.post(group(name), { ...fields, ...more });
}
const deskConf = (s) => fs.readFileSync(path.join(s.dir, 'desk.conf'), 'utf8');
const auditOf = async (who) => words((await who.get('/desk/audit?kind=setting')).body);

test('an engineer sets a limit that holds at once and after a restart, until it is given back', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const ed = await colleague(admin, 'ed@station.test', { roles: 'editor' });
  const eko = await colleague(admin, 'eko@station.test', { roles: 'engineer' });
  assert.strictEqual((await ed.get('/desk/parameters')).status, 403);
  assert.strictEqual((await eko.get('/desk/parameters')).status, 200);
  assert.strictEqual((await eko.get(group('none'))).status, 404);
  const bad = await set(eko, 'readers', { 'Time without a request': '0' });
  assert.strictEqual(bad.status, 422);
  assert.match(words(bad.body), /idle_seconds is a number of seconds from 1 to 3600, not "0"/);
  assert.match(bad.body, new RegExp(`name="${fieldOf(bad.body, 'Time without a request')}"[^>]*value="0"|value="0"[^>]*name="${fieldOf(bad.body, 'Time without a request')}"`));
  assert.ok(!fs.existsSync(path.join(s.dir, 'desk.conf')));
  const done = await set(eko, 'readers', { 'Public forms in a minute': '1' });
  assert.match(words(done.body), /Saved\. It counts from now on/);
  assert.match(words(done.body), /public_posts_per_minute 1 request set here/);
  assert.strictEqual((await s.vote(1, 5)).status, 303);
  assert.strictEqual((await s.vote(1, 5)).status, 429, 'it counts at once');
  assert.match(deskConf(s), /^public_posts_per_minute = 1$/m);
  assert.strictEqual(fs.statSync(path.join(s.dir, 'desk.conf')).mode & 0o777, 0o600);
  await s.stop();
  await s.serve();
  assert.match(words((await eko.get('/desk/parameters')).body), /1 request set here/);
  await set(eko, 'readers', { 'Public forms in a minute': '' });
  assert.match(words((await eko.get('/desk/parameters')).body), /public_posts_per_minute 30 requests/);
  assert.match(await auditOf(admin), /eko .*Public forms in a minute: 1/);
});

test('what siaran.conf says counts, and the desk shows that it cannot be set there', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), '\nidle_seconds = 77\n');
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'idle_seconds = 5\nhead_seconds = 6\nuser = root\naccess_log_file = /tmp/x\nwhat = ever\ncache_mb = none\n');
  await s.serve();
  const admin = await firstAdministrator(s);
  const all = words((await admin.get('/desk/parameters')).body);
  assert.match(all, /idle_seconds 77 seconds in siaran\.conf/);
  assert.match(all, /head_seconds 6 seconds set here/);
  assert.match(all, /cache_mb 112 MiB/);
  for (const line of [3, 4, 5, 6]) assert.match(s.log, new RegExp(`desk\\.conf line ${line} is left out`));
  assert.doesNotMatch(s.log, /ever|root|\/tmp\/x/, 'what stands there is not written into the log');
  const page = await admin.get(group('readers'));
  assert.doesNotMatch(page.body, /<label[^>]*>Time without a request/);
  assert.match(words(page.body), /Time without a request \(idle_seconds\) in siaran\.conf 77 seconds/);
});

test('two engineers do not undo each other unseen', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const page = await admin.get(group('readers'));
  const { fields } = formOf(page.body, group('readers'));
  const eko = await colleague(admin, 'eko@station.test', { roles: 'engineer' });
  await set(eko, 'readers', { 'Time for a request': '7' });
  await admin.get(group('readers'));
  const late = await admin.post(group('readers'), { ...fields, [fieldOf(page.body, 'Time without a request')]: '8' });
  assert.strictEqual(late.status, 409);
  assert.match(words(late.body), /Somebody else has changed these values meanwhile/);
  assert.match(deskConf(s), /head_seconds = 7/);
  assert.doesNotMatch(deskConf(s), /idle_seconds/);
  const both = /What was saved, beside what you typed[\s\S]*?<\/table>/.exec(late.body)[0];
  assert.match(words(both), /Time for a request’s head 7 nothing/, 'what was saved, and what was typed');
  assert.match(words(both), /Time without a request nothing 8/);

  // Both at the very same time: whoever comes second is asked.
  const one = await admin.get(group('readers'));
  const { token, ...values } = formOf(one.body, group('readers')).fields;
  assert.ok(token);
  const typed = (value) => ({ ...values, [fieldOf(one.body, 'Time without a request')]: value });
  await eko.get(group('readers'));
  const tries = await Promise.all([admin, eko, admin, eko].map((who, i) => who.post(group('readers'), typed(String(20 + i)))));
  assert.deepStrictEqual(tries.map((r) => r.status).sort(), [200, 409, 409, 409]);
  const kept = /idle_seconds = (\d+)/.exec(deskConf(s))[1];
  assert.strictEqual(kept, String(20 + tries.findIndex((r) => r.status === 200)));
  const told = [...(await auditOf(admin)).matchAll(/Time without a request: (\d+)/g)].map((m) => m[1]);
  assert.deepStrictEqual(told, [kept], 'the log tells of the one that counts, and of no other');
});

test('a change is in the files and in the log, or in neither', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const waiting = () => fs.readdirSync(s.dir).filter((f) => f.endsWith('.next'));
  const password = path.join(s.dir, 'smtp-password');
  fs.mkdirSync(path.join(password, 'x'), { recursive: true }); // no file can take its place
  const refused = await set(admin, 'mail', { 'Name at the mail server': 'desk' }, { password: 'no secret' });
  assert.strictEqual(refused.status, 500);
  assert.match(words(refused.body), /This could not be written to the disk/);
  assert.match(refused.body, /value="desk"/, 'what was typed is still there');
  assert.ok(!fs.existsSync(path.join(s.dir, 'desk.conf')));
  assert.deepStrictEqual(waiting(), []);
  assert.match(await auditOf(admin), /fail setting not stored: a file could not be replaced .*password at the mail server: set .*Name at the mail server: desk/, 'the log takes it back');
  fs.rmSync(password, { recursive: true });

  // The file of changes cannot even be read: nothing is committed, and nothing told.
  fs.mkdirSync(path.join(s.dir, 'desk.conf'));
  assert.strictEqual((await set(admin, 'readers', { 'Time without a request': '9' })).status, 500);
  assert.doesNotMatch(await auditOf(admin), /Time without a request/);
  fs.rmdirSync(path.join(s.dir, 'desk.conf'));

  const done = await set(admin, 'mail', { 'Name at the mail server': 'desk' }, { password: 'secret' });
  assert.strictEqual(done.status, 200);
  assert.strictEqual(fs.readFileSync(password, 'utf8'), 'secret\n');
  assert.match(deskConf(s), /smtp_user = desk/);
  assert.deepStrictEqual(waiting(), []);

  // Ended between the commit and the files: the next start finishes it. What was never committed goes.
  await s.stop();
  const mark = execFileSync('python3', ['-c', "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute(\"SELECT value FROM settings WHERE key = 'parameters_mark'\").fetchone()[0])",
    path.join(s.dir, 'siaran.db')], { encoding: 'utf8' }).trim();
  fs.writeFileSync(path.join(s.dir, `desk.conf.${mark}.next`), 'idle_seconds = 44\n');
  fs.writeFileSync(path.join(s.dir, `smtp-password.${mark}.next`), '');
  fs.writeFileSync(path.join(s.dir, 'desk.conf.0123456789abcdef.next'), 'idle_seconds = 55\n');
  await s.serve();
  assert.match(words((await admin.get('/desk/parameters')).body), /idle_seconds 44 seconds set here/);
  assert.ok(!fs.existsSync(password), 'taken away');
  assert.deepStrictEqual(waiting(), []);
});

test('a change that the database refuses at the last moment is neither in the file nor in the log', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  // A debt to a row that never comes is found by the commit, not before: all pieces of the write have gone well by then.
  runSql(s.dir, `CREATE TABLE debts (account_id INTEGER REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER owe AFTER INSERT ON audit WHEN NEW.after = 'idle_seconds: 13' BEGIN INSERT INTO debts VALUES (-1); END;`);
  await s.serve();
  const admin = await firstAdministrator(s);
  await set(admin, 'readers', { 'Time for a request': '6' });
  const before = deskConf(s);
  const refused = await set(admin, 'readers', { 'Time without a request': '13' });
  assert.ok(refused.status >= 500, String(refused.status));
  assert.strictEqual(deskConf(s), before);
  assert.deepStrictEqual(fs.readdirSync(s.dir).filter((f) => f.endsWith('.next')), []);
  assert.doesNotMatch(await auditOf(admin), /: 13/);
  assert.match(words((await admin.get('/desk/parameters')).body), /idle_seconds 60 seconds/);
  await set(admin, 'readers', { 'Time without a request': '14' });
  assert.match(deskConf(s), /^idle_seconds = 14$/m);
  await s.stop();
  runSql(s.dir, 'DROP TRIGGER owe; DROP TABLE debts;');
  await s.serve();
  assert.match(words((await admin.get('/desk/parameters')).body), /idle_seconds 14 seconds set here/);
});

test('whoever runs the station in another language reads its figures and its log in that language', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'backup_keep = 0\nhead_seconds = 1\nbackup_hour = 4\n');
  await s.serve();
  const admin = await firstAdministrator(s);
  await set(admin, 'readers', { 'Time without a request': '90' });
  await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  const english = words((await admin.get('/desk/parameters')).body);
  assert.match(english, /head_seconds 1 second set here/);
  assert.match(english, /idle_seconds 90 seconds set here/);
  assert.match(english, /backup_keep off set here/);
  assert.match(english, /backup_hour 0?4:00 set here/);
  assert.match(english, /Threads for pages workers automatic/);
  assert.doesNotMatch(english, /\b0 (threads|backups|connections)|\b1 (threads|seconds|backups)/);
  const groupPage = (await admin.get(group('machine'))).body;
  assert.match(groupPage, new RegExp(`name="${fieldOf(groupPage, 'Threads for pages')}"[^>]*placeholder="0 \\(automatic\\)"`));
  assert.match(groupPage, new RegExp(`name="${fieldOf(groupPage, 'Memory for pages')}"[^>]*placeholder="112"`));
  assert.match(words(groupPage), /Default: 112 MiB\./);
  assert.match((await admin.get(group('log'))).body, /<option value=""[^>]*>Default \(off\)/);
  const at = async (lang, target) => {
    await admin.get('/desk/account');
    await admin.post('/desk/account', { name: 'Ada', lang });
    return words((await admin.get(target)).body);
  };
  const german = await at('de', '/desk/parameters');
  assert.match(german, /head_seconds 1 Sekunde /);
  assert.match(german, /idle_seconds 90 Sekunden /);
  assert.match(german, /workers automatisch/);
  assert.match(german, /connections_per_address 256 Verbindungen/);
  const log = await at('de', '/desk/audit');
  assert.match((await admin.get('/desk/audit')).body, /<th scope="row" class="whole"><bdi>\d/, 'when it was stands on one line');
  assert.match(log, /hinzugefügt Konto/);
  assert.match(log, /Rollen: Reporter/);
  assert.match(log, /geändert Einstellung .*Zeit ohne Anfrage: 90/);
  assert.doesNotMatch(log, /roles:|sections:|sign-in|\bsave\b/);
  assert.match(await at('de', '/desk/system'), /Prozesse .*Website site .*Medien media .*Zustellung courier/);
  const arabic = await at('ar', '/desk/parameters');
  assert.match(arabic, /ثانية واحدة/);
  assert.match(arabic, /تلقائي/);
  const logArabic = await at('ar', '/desk/audit');
  assert.match(logArabic, /الأدوار: \u2068/);
  assert.doesNotMatch(logArabic, /roles:|change|sign-in/);
  assert.match((await admin.get('/desk/system')).body, /\u2068[\d٠-٩.,٬٫]+ [kMGTP]B\u2069/, 'a size stays together among words that run the other way');
});

test('a mail server is named at the desk, and a test letter says what it answers', async (t) => {
  const smtp = await startSmtp(t, { login: 'desk:first secret' });
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const before = await admin.get(group('mail'));
  assert.match(words(before.body), /First name a mail server/);
  const mail = { 'Mail server': `smtp://127.0.0.1:${smtp.port}`, 'Name at the mail server': 'desk', 'Sender’s address': 'desk@station.test' };
  const done = await set(admin, 'mail', mail, { password: 'wrong secret' });
  assert.match(words(done.body), /Saved\. It counts from now on/);
  assert.match(words(done.body), /One is set\. It is never shown/);
  const state = (pattern, what) => until(async () => {
    const page = await admin.get(group('mail'));
    return pattern.test(words(page.body)) && page;
  }, WAIT, what);
  await admin.post(`${group('mail')}/test`);
  const refused = await state(/waits .*(535|denied|Login)/i, 'the refusal');
  assert.doesNotMatch(refused.body, /wrong secret/);
  const courier = async () => words((await admin.get('/desk/system')).body).match(/courier ([\d,]+)/)[1];
  const first = await courier();
  await set(admin, 'mail', {}, { password: 'first secret' });
  await until(async () => (await courier()) !== first, WAIT, 'a courier with the new password');
  await admin.get(group('mail'));
  const sent = await admin.post(`${group('mail')}/test`);
  assert.match(words(sent.body), /The test letter is on its way/);
  await state(/taken by the mail server/, 'the letter taken');
  assert.deepStrictEqual(smtp.letters.map((l) => l.to), [['ada@station.test']]);
  assert.match(smtp.letters[0].text, /Ada Admin asked for this letter at the desk/);
  const file = path.join(s.dir, 'smtp-password');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'first secret\n');
  assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600);
  assert.match(await auditOf(admin), /password at the mail server: set/);
  assert.match(await auditOf(admin), new RegExp(`Mail server: smtp://127\\.0\\.0\\.1:${smtp.port}`));
  assert.doesNotMatch(await auditOf(admin), /secret/);
  assert.doesNotMatch((await admin.get('/desk/parameters')).body, /secret/);
  const copy = path.join(path.dirname(s.clock), 'copy.siaran');
  mustRun('backup', s.dir, copy);
  assert.ok(!fs.readFileSync(copy).includes('first secret'), 'no backup holds it');
  const restored = path.join(path.dirname(s.clock), 'restored');
  mustRun('restore', restored, copy);
  assert.strictEqual(fs.readFileSync(path.join(restored, 'desk.conf'), 'utf8'), deskConf(s), 'the other settings come back');
  assert.ok(!s.log.includes('secret'));
  await admin.get(group('mail'));
  await set(admin, 'mail', {}, { password_drop: '1' });
  assert.ok(!fs.existsSync(file));
  mustRun('verify', s.dir);
});

test('what needs a new site process waits for a button, and readers lose nothing by it', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const site = s.siteProcess();
  const page = await set(admin, 'machine', { 'Threads for searches': '3' });
  assert.match(words(page.body), /search_workers 2 threads waits for a restart/);
  assert.match(words(page.body), /Start the site process again/);
  const [, again] = await Promise.all([s.get('/en/'), admin.post('/desk/parameters/restart')]);
  assert.match(words(again.body), /The site process is started again/);
  await until(() => s.siteProcess() && s.siteProcess() !== site, WAIT, 'the next site process');
  const answers = await Promise.all(Array.from({ length: 20 }, () => s.get('/en/')));
  assert.ok(answers.every((a) => a.status === 200));
  assert.match(words((await admin.get('/desk/parameters')).body), /search_workers 3 threads set here/);
  assert.match(words((await admin.get('/desk/audit?kind=site')).body), /restart/);
  assert.doesNotMatch(words((await admin.get('/desk/system')).body), /Crashed since/);
});

test('a mistake in siaran.conf is said, and what was set waits until it is mended', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const conf = path.join(s.dir, 'siaran.conf');
  const good = fs.readFileSync(conf, 'utf8');
  fs.writeFileSync(conf, 'idle_seconds = for ever\n');
  const page = await set(admin, 'readers', { 'Time for a request': '9' });
  assert.match(words(page.body), /it does not count yet: siaran\.conf cannot be read/);
  fs.writeFileSync(conf, good);
  s.process.kill('SIGHUP');
  await until(async () => /head_seconds 9 seconds/.test(words((await admin.get('/desk/parameters')).body)), WAIT, 'the value');
});

test('nobody sends away the proxy that they come through', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'trusted_proxies = 127.0.0.1\n');
  await s.serve();
  const admin = await firstAdministrator(s);
  admin.headers['X-Forwarded-Proto'] = 'https';
  admin.headers['X-Forwarded-For'] = '192.0.2.9';
  await admin.signIn('ada@station.test');
  const refused = await set(admin, 'address', { 'Trusted proxies': '10.0.0.1' });
  assert.strictEqual(refused.status, 422, refused.body);
  assert.match(words(refused.body), /You come here through 127\.0\.0\.1 yourself/);
  assert.match(words((await set(admin, 'address', { 'Trusted proxies': '10.0.0.1 127.0.0.1' })).body), /Saved/);
  assert.match(deskConf(s), /trusted_proxies = 10\.0\.0\.1 127\.0\.0\.1/);
});

test('a new address counts only when it was seen to lead here', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'trusted_proxies = 127.0.0.1\n');
  await s.serve();
  const admin = await firstAdministrator(s);
  const wish = `${group('address')}/wish`, use = `${group('address')}/use`;
  await admin.get(group('address'));
  for (const origin of ['www.station.test', 'http://www.station.test', 'https://www.station.test/news', 'http://localhost.station.test', ''])
    assert.strictEqual((await admin.post(wish, { origin })).status, 422, origin);
  const at = (host, target, headers = {}) => s.get(target, { Host: host, ...headers });
  assert.strictEqual((await at('www.station.test', '/en/')).status, 421);
  let page = await admin.post(wish, { origin: 'https://www.station.test' });
  const link = /https:\/\/www\.station\.test(\/desk\/origin\/[0-9a-f]{32})/.exec(page.body)[1];
  assert.match(words(page.body), /Nobody has arrived through it yet/);
  assert.strictEqual((await admin.post(use, { origin: 'https://www.station.test', sure: '1' })).status, 422, 'not before');
  assert.match(words((await s.get(link)).body), /opened under another address/);
  assert.match(words((await at('www.station.test', link)).body), /without encryption/);
  assert.match(words((await admin.get(group('address'))).body), /without encryption/);
  assert.strictEqual((await admin.post(use, { origin: 'https://www.station.test', sure: '1' })).status, 422, 'the desk would not open there');
  assert.strictEqual((await at('www.station.test', '/desk/origin/0123', { 'X-Forwarded-Proto': 'https' })).status, 404);
  assert.match(words((await at('www.station.test', link, { 'X-Forwarded-Proto': 'https' })).body), /The new address leads to this station/);
  page = await admin.get(group('address'));
  assert.match(words(page.body), /It leads here\./);
  assert.strictEqual((await admin.post(use, { origin: 'https://www.station.test' })).status, 422, 'only when it is meant');
  const site = s.siteProcess();
  page = await admin.post(use, { origin: 'https://www.station.test', sure: '1' });
  assert.match(words(page.body), /The site moves to its new address/);
  await until(() => s.siteProcess() && s.siteProcess() !== site, WAIT, 'the next site process');
  const front = await at('www.station.test', '/en/', { 'X-Forwarded-Proto': 'https' });
  assert.strictEqual(front.status, 200);
  assert.match(front.body, /<link rel="canonical" href="https:\/\/www\.station\.test\/en\/"/);
  assert.match(deskConf(s), /^site_origin = https:\/\/www\.station\.test$/m);
  assert.strictEqual((await at('old.station.test', '/en/')).status, 421);
  assert.match(await auditOf(admin), /Address of the site: http:\/\/localhost:\d+ → Address of the site: https:\/\/www\.station\.test/);
});

test('what an older program kept in the database becomes lines of desk.conf', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  const sql = "INSERT INTO settings (key, lang, value) SELECT 'parameter.idle_seconds', lang, '44' FROM settings WHERE key = 'station_zone'";
  runSql(s.dir, sql);
  await s.serve();
  assert.match(deskConf(s), /^idle_seconds = 44$/m);
  const admin = await firstAdministrator(s);
  assert.match(words((await admin.get('/desk/parameters')).body), /idle_seconds 44 seconds set here/);
});

// ---- backups -----------------------------------------------------------------------------------------------------------

const folderOf = (s) => path.join(s.dir, 'backups');
const filesOf = (s) => (fs.existsSync(folderOf(s)) ? fs.readdirSync(folderOf(s)).sort() : []);
const whole = (s, count) => until(() => filesOf(s).filter((f) => f.endsWith('.tar')).length === count && !filesOf(s).some((f) => f.endsWith('.part')),
  WAIT, `${count} backups`);

test('a backup is made at the desk while readers read, taken along by an administrator, and a station is made of it', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'backup_keep = 0\n'); // whatever the hour of the test
  await s.serve();
  const admin = await firstAdministrator(s);
  const eko = await colleague(admin, 'eko@station.test', { roles: 'engineer' });
  const rini = await colleague(admin, 'rini@station.test', { roles: 'reporter' });
  assert.strictEqual((await rini.get('/desk/backups')).status, 403);
  assert.match(words((await eko.get('/desk/backups')).body), /There is none yet/);
  const begun = await eko.post('/desk/backups');
  assert.match(words(begun.body), /The backup is being made|being made already/);
  await whole(s, 1);
  const [name] = filesOf(s);
  assert.match(name, /^\d{8}-\d{6}-asked\.tar$/);
  assert.strictEqual(fs.statSync(path.join(folderOf(s), name)).mode & 0o777, 0o600);
  await until(async () => !/being made/.test(words((await eko.get('/desk/backups')).body)), WAIT, 'the end of it');
  const list = words((await eko.get('/desk/backups')).body);
  assert.match(list, /Audit log up to row \d+ [\d.,]+ MB on demand/);
  const file = `/desk/backups/${name}`;
  const page = words((await eko.get(file)).body);
  const dir = fs.realpathSync(s.dir);
  assert.match(page, new RegExp(`systemctl stop siaran mv ${dir} ${dir}\\.before siaran restore ${dir} ${dir}\\.before/backups/${name} systemctl start siaran`));
  assert.match(page, new RegExp(`If it was started by hand kill \\d+ mv ${dir} .* siaran serve ${dir} `));
  assert.doesNotMatch(page, /Download/);
  assert.strictEqual((await eko.request('GET', `${file}/file`)).status, 403);
  s.later(11 * 60);
  assert.match((await admin.request('GET', `${file}/file`)).headers.location, /^\/desk\/prove\?next=\/desk\/backups/, 'a fresh proof first');
  await admin.signIn('ada@station.test');
  const answer = await admin.request('GET', `${file}/file`);
  assert.strictEqual(answer.status, 200);
  assert.strictEqual(answer.headers['cache-control'], 'no-store');
  assert.match(answer.headers['content-disposition'], new RegExp(`attachment; filename="${name}"`));
  assert.ok(answer.raw.equals(fs.readFileSync(path.join(folderOf(s), name))));
  const copy = path.join(path.dirname(s.clock), 'copy.tar');
  fs.writeFileSync(copy, answer.raw);
  const made = path.join(path.dirname(s.clock), 'made');
  mustRun('restore', made, copy);
  mustRun('verify', made);
  const audit = words((await admin.get('/desk/audit?kind=backup')).body);
  assert.match(audit, new RegExp(`download backup ${name}`));
  assert.match(audit, /eko ask backup/);
  const chooser = /<select[^>]*name="kind"[\s\S]*?<\/select>/.exec((await admin.get('/desk/audit?kind=backup')).body)[0];
  assert.match(chooser, /<option value="">All/);
  assert.match(chooser, /<option value="account">account/);
  assert.match(chooser, /<option value="backup" selected>backup/);
  assert.doesNotMatch(chooser, /value="tag"/, 'only what there is');
  assert.match(audit, new RegExp(`station make backup ${name}`), 'made only when it is whole');
  for (const target of ['/desk/backups/none', '/desk/backups/20260101-000000-asked.tar', '/desk/backups/..%2Fsiaran.db', '/desk/backups/..%2Fsiaran.db/file'])
    assert.strictEqual((await admin.get(target)).status, 404, target);
  await admin.get(file);
  assert.strictEqual((await admin.post(`${file}/delete`)).status, 422, 'not without the tick');
  assert.match(words((await admin.post(`${file}/delete`, { sure: '1' })).body), /Deleted\. .*There is none yet/);
  assert.deepStrictEqual(filesOf(s), []);
  assert.match(words((await admin.get('/desk/system')).body), /Last backup \d/);
});

test('each day the station makes a backup by itself, and the oldest of these gives way', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  fs.writeFileSync(path.join(s.dir, 'desk.conf'), 'backup_keep = 2\nbackup_hour = 3\n');
  s.setNow(Date.UTC(2026, 10, 20, 8) * 1000); // 15:00 at the station
  await s.serve();
  const at = (day, hour) => s.setNow(Date.UTC(2026, 10, day, hour) * 1000);
  const daily = [];
  for (const day of [20, 21, 22]) {
    at(day, 21);
    await until(() => filesOf(s).some((f) => f.startsWith(`202611${day}-2100`) && f.endsWith('-daily.tar')), WAIT, `the backup of the ${day}`);
    daily.push(filesOf(s).at(-1));
  }
  await until(() => filesOf(s).length === 2, WAIT, 'the oldest gone');
  assert.deepStrictEqual(filesOf(s), daily.slice(1));
  await s.stop();
  // More files than a list shows, half of them dailies that are older; those asked for are never dropped.
  const nth = (i) => new Date(Date.UTC(2025, 0, 1) + i * 3600000).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  for (let i = 0; i < 1500; i++) fs.writeFileSync(path.join(folderOf(s), `${nth(i)}-${i % 2 ? 'asked' : 'daily'}.tar`), 'x');
  at(23, 5);
  await s.serve();
  assert.strictEqual(filesOf(s).filter((f) => f.startsWith('20261123')).length, 0, 'that day’s is there already');
  await s.stop();
  at(24, 5);
  await s.serve();
  await until(() => filesOf(s).some((f) => f.startsWith('20261124')), WAIT, 'the one that was missed, soon after the start');
  const dailies = () => filesOf(s).filter((f) => f.endsWith('-daily.tar'));
  await until(() => dailies().length === 2, WAIT, 'the old ones gone');
  assert.deepStrictEqual(dailies().map((f) => f.slice(0, 8)), [daily[2].slice(0, 8), '20261124']);
  assert.strictEqual(filesOf(s).filter((f) => f.endsWith('-asked.tar')).length, 750);
  mustRun('verify', s.dir);
});

test('what a killed station left half made is gone after the next start', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  const left = [path.join(s.dir, 'backup.part-AbCdEf'), path.join(folderOf(s), '20260101-000000-daily.tar.part')];
  fs.mkdirSync(path.join(left[0], 'counters'), { recursive: true });
  fs.writeFileSync(path.join(left[0], 'siaran.db'), 'half');
  fs.mkdirSync(folderOf(s));
  fs.writeFileSync(left[1], 'half');
  const kept = path.join(folderOf(s), 'notes.txt');
  fs.writeFileSync(kept, 'whose?');
  await s.serve();
  await until(() => left.every((f) => !fs.existsSync(f)), WAIT, 'a clean folder');
  assert.ok(fs.existsSync(kept), 'what the station did not make stays');
  const admin = await firstAdministrator(s);
  assert.doesNotMatch((await admin.get('/desk/backups')).body, /notes\.txt/);
});

// ---- saved pages of the old site -----------------------------------------------------------------------------------------

const page = (name) => ({ name, bytes: fs.readFileSync(path.join(root, 'tests/data/pages', name)) });
// The choice of the form for a section of that name.
function sectionOf(body, label) {
  const id = [...body.matchAll(/<option value="(\d+)"[^>]*>([^<]*)<\/option>/g)].find(([, , text]) => unescapeHtml(text) === label)?.[1];
  assert.ok(id, `no choice "${label}" in ${words(body)}`);
  return id;
}
const result = (body, name) => {
  const row = [...body.matchAll(/<tr>[\s\S]*?<\/tr>/g)].map((m) => m[0]).find((html) => words(html).startsWith(`${name} `));
  assert.ok(row, `nothing of ${name} in ${words(body)}`);
  return { text: words(row).slice(name.length + 1), address: /href="(\/n\/\d+)"/.exec(row)?.[1] };
};
function pack(s, name, files) {
  const file = path.join(path.dirname(s.clock), name);
  const program = `import sys, zipfile, tarfile, io, json
files = json.load(sys.stdin)
if sys.argv[1].endswith('.zip'):
    with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
        for n, t in files: z.writestr(n, t)
else:
    with tarfile.open(sys.argv[1], 'w') as z:
        for n, t in files:
            i = tarfile.TarInfo(n); i.size = len(t.encode()); z.addfile(i, io.BytesIO(t.encode()))`;
  execFileSync('python3', ['-c', program, file], { input: JSON.stringify(files) });
  return { name, bytes: fs.readFileSync(file) };
}

test('an editor brings in saved pages and sees what became of each', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const form = await admin.get('/desk/import');
  const english = sectionOf(form.body, 'English – News');
  const section = Number(english);
  const ed = await colleague(admin, 'ed@station.test', { roles: 'editor', sections: english });
  const rini = await colleague(admin, 'rini@station.test', { roles: 'reporter' });
  assert.strictEqual((await rini.get('/desk/import')).status, 403);
  const choices = [...(await ed.get('/desk/import')).body.matchAll(/<option value="(\d+)"/g)].map((m) => Number(m[1]));
  assert.deepStrictEqual(choices, [section], 'the editor’s own section and no other');
  const other = sectionOf(form.body, 'Deutsch – Nachrichten');
  const fields = { section: english, site: '', old_id: '' };
  const files = [page('full.html'), page('scrape.txt'), page('no-date.html'), { name: 'empty.txt', bytes: Buffer.alloc(0) }];
  const elsewhere = await sendForm(ed, '/desk/import', { ...fields, section: other }, files);
  assert.strictEqual(elsewhere.status, 422, 'another section is none of the choices');
  let answer = await sendForm(ed, '/desk/import', fields, files);
  assert.strictEqual(answer.status, 200, answer.body);
  assert.strictEqual(result(answer.body, 'full.html').text, 'imported');
  assert.match(words(answer.body), /2 pages came in: they stand in News, published under their old dates\./);
  assert.match(answer.body, /href="\/en\/[^"]+"><span class="tile-name">See the section/);
  assert.match(result(answer.body, 'no-date.html').text, /^refused .+/);
  assert.match(result(answer.body, 'empty.txt').text, /^refused The file is empty\./);
  const article = await s.visit(result(answer.body, 'scrape.txt').address);
  assert.match(words(article.body), /Rain comes early to the islands/);
  answer = await sendForm(ed, '/desk/import', fields, files);
  assert.strictEqual(result(answer.body, 'full.html').text, 'was there already');
  assert.match(words(answer.body), /Nothing new came in\./);
  assert.match(words((await admin.get('/desk/audit?kind=article')).body), /ed import article/);
  for (const wrong of [{ site: '../x' }, { old_id: '7' }, { old_id: 'x' }, { section: '0' }])
    assert.strictEqual((await sendForm(ed, '/desk/import', { ...fields, ...wrong }, files)).status, 422, JSON.stringify(wrong));
  assert.strictEqual((await sendForm(ed, '/desk/import', fields, [])).status, 422);
  answer = await sendForm(admin, '/desk/import', { section: other, site: 'german', old_id: '4711' }, [page('scrape.txt')]);
  assert.strictEqual(result(answer.body, 'scrape.txt').text, 'imported');
  assert.match((await s.get('/german/nachrichten/item/4711-regen')).headers.location, /\/de\/nachrichten\/\d+-/);
  // Its fields are for somebody with the settings to define, and what stands in another section is another's.
  const readers = [page('readers.html')];
  assert.match(result((await sendForm(ed, '/desk/import', fields, readers)).body, 'readers.html').text, /^refused Its field "Venue" is not defined yet: somebody who may edit the station's settings/);
  assert.strictEqual(result((await sendForm(admin, '/desk/import', { ...fields, section: other }, readers)).body, 'readers.html').text, 'imported');
  assert.match(result((await sendForm(ed, '/desk/import', fields, readers)).body, 'readers.html').text, /^refused It was brought in before, and its article is of a language or section that is not yours/);
  assert.match(words((await admin.get('/desk/audit?kind=field')).body), /ada@station\.test|Ada Admin/);
  assert.match(words((await admin.get('/desk/audit?kind=field')).body), /begin field/);
  mustRun('verify', s.dir);
});

test('a zip or a tar of saved pages is brought in as a whole, and a damaged one is refused', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const section = sectionOf((await admin.get('/desk/import')).body, 'English – News');
  const fields = { section, site: '', old_id: '' };
  const text = fs.readFileSync(path.join(root, 'tests/data/pages/scrape.txt'), 'utf8');
  const many = Array.from({ length: 12 }, (_, i) => [`saved/of 2022/${i}.txt`, text.replace('Rain comes early', `Rain number ${i} comes early`)]);
  const beside = [['saved/logo.png', 'picture'], ['saved/of 2022/milk.txt', 'milk\nbread\n'], ['__MACOSX/._1.txt', 'x']];
  const zip = pack(s, 'pages.zip', [...many, ...beside]);
  let answer = await sendForm(admin, '/desk/import', fields, [zip]);
  assert.strictEqual(answer.status, 200);
  for (let i = 0; i < 12; i++) assert.strictEqual(result(answer.body, `${i}.txt`).text, 'imported');
  assert.match(result(answer.body, 'milk.txt').text, /^refused/);
  assert.match(words(answer.body), /2 files that are neither HTML nor text were left out/);
  answer = await sendForm(admin, '/desk/import', fields, [pack(s, 'pages.tar', many)]);
  for (let i = 0; i < 12; i++) assert.strictEqual(result(answer.body, `${i}.txt`).text, 'was there already');
  answer = await sendForm(admin, '/desk/import', fields, [{ name: 'half.zip', bytes: zip.bytes.subarray(0, zip.bytes.length >> 1) }]);
  assert.match(result(answer.body, 'half.zip').text, /^refused The packed file is damaged/);
  const large = pack(s, 'large.zip', [['big.txt', 'x'.repeat(5 << 20)], ...many.slice(0, 1)]);
  answer = await sendForm(admin, '/desk/import', fields, [large]);
  assert.match(result(answer.body, 'big.txt').text, /^refused The file is larger than 4 MiB/);
  assert.strictEqual(result(answer.body, '0.txt').text, 'was there already', 'the others are taken');
  const crowd = pack(s, 'crowd.zip', Array.from({ length: 501 }, (_, i) => [`${i}.txt`, 'no page']));
  answer = await sendForm(admin, '/desk/import', fields, [crowd]);
  assert.match(words(answer.body), /These are too many at once|More than \d+ pages at a time/);
  mustRun('verify', s.dir);
});
