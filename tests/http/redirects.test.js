// SPDX-License-Identifier: AGPL-3.0-or-later
// Old addresses that lead on, as the desk makes them and readers meet them.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, mustRun, siaran, startStation, words } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');

const made = (who, from, into, more = {}) => who.post('/desk/redirects', { version: '0', from, into, ...more });
const refused = (answer, sentence) => {
  assert.strictEqual(answer.status, 422, words(answer.body));
  assert.match(words(answer.body), sentence);
};
async function leads(s, from, to, headers) {
  const answer = await s.get(from, headers);
  assert.strictEqual(answer.status, 301, `${from}: ${answer.status}`);
  assert.strictEqual(answer.headers.location, to, from);
  assert.ok(['no-store', 'private, no-cache'].includes(answer.headers['cache-control']), answer.headers['cache-control']);
  return answer;
}

test('a reader of an old address is led on as soon as somebody says where, however the address is written', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const old = ['/index.php?option=com_x&id=3', '/programmes/old-page.html', '/a/b/c/d/e', '/en/former', '/xx'];
  for (const target of old) assert.strictEqual((await s.get(target)).status, 404, target);
  await admin.get('/desk/redirects');
  for (const target of old) assert.match(words((await made(admin, target, '/en/company-profile')).body), /Saved\./, target);
  for (const target of old) await leads(s, target, '/en/company-profile');
  await leads(s, '/index.php?id=3&utm_source=mail&option=com_x', '/en/company-profile');
  assert.strictEqual((await s.get('/index.php?option=com_x&id=4')).status, 404);
  await leads(s, '/programmes//old-page.html?whatever=1', '/en/company-profile');
  await leads(s, '/en/former/', '/en/company-profile');
  await leads(s, '/lite/en/former', '/lite/en/company-profile');
  assert.strictEqual((await s.request('HEAD', '/xx')).status, 301);
  assert.strictEqual((await s.request('POST', '/xx', { headers: { Origin: s.origin } })).status, 405);

  await made(admin, '/أخبار/قديمة', '/ar/');
  await leads(s, '/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%d9%82%d8%af%d9%8a%d9%85%d8%a9', '/ar/');
  await made(admin, '/?p=12', 'https://archive.example.org/أخبار?p=12');
  await leads(s, '/?p=12', 'https://archive.example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1?p=12');
  assert.strictEqual((await s.get('/?p=13')).status, 302);
  assert.match(words((await admin.get('/desk/audit?kind=redirect')).body), /\/xx → \/en\/company-profile/);
  await s.stop();
  assert.doesNotMatch(mustRun('verify', s.dir).out, /FAULT/);
});

test('what is gone for good says so, and a redirect is changed and deleted', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/redirects');
  await made(admin, '/old', '', { gone: '1' });
  assert.strictEqual((await s.get('/old')).status, 410);
  const list = (await admin.get('/desk/redirects?q=old')).body;
  const one = /href="(\/desk\/redirects\/\d+)"/.exec(list)[1];
  const page = await admin.get(one);
  assert.match(page.body, /name="gone" value="1" checked/);
  assert.match(words((await admin.post(one, { version: '1', from: '/old', into: '/en/' })).body), /Saved\./);
  await leads(s, '/old', '/en/');
  const late = await admin.post(one, { version: '1', from: '/old', into: '/de/' });
  assert.strictEqual(late.status, 409);
  assert.match(late.body, /name="into" value="\/de\/"/);
  assert.match(words((await admin.post(`${one}/delete`)).body), /the box was not ticked/);
  assert.match(words((await admin.post(`${one}/delete`, { sure: '1' })).body), /Deleted\./);
  assert.strictEqual((await s.get('/old')).status, 404);
  assert.strictEqual((await admin.get(one)).status, 404);
});

test('what answers by itself, loops, other schemes and slips of the hand are refused with a sentence, and what was typed stays', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const article = articleLinks((await s.get('/en/')).body)[0];
  await admin.get('/desk/redirects');
  for (const live of ['/', '/en', '/en/archive/2020', '/en/company-profile', article, '/desk/login', '/robots.txt', `${s.origin}${article}`])
    refused(await made(admin, live, '/de/'), /Something answers at this address already/);
  refused(await made(admin, 'https://elsewhere.example/x', '/de/'), /address of another site/);
  refused(await made(admin, 'old page', '/de/'), /begins with \//);
  refused(await made(admin, '/old', '/en/no-such-page'), /would arrive nowhere/);
  refused(await made(admin, '/old', '/old?again=1'), /back to itself/);
  refused(await made(admin, '/old', ''), /Where does it lead\?/);
  for (const bad of ['http://elsewhere.example/', '//elsewhere.example/', 'javascript:alert(1)', 'data:text/html,x', 'mailto:a@b.example'])
    refused(await made(admin, '/old', bad), /Only addresses that begin with https/);
  for (const bad of ['https://user@elsewhere.example/', 'https://elsewhere/', 'https://bücher.example/']) refused(await made(admin, '/old', bad), /no such name of a site/);
  const typed = await made(admin, '/old?<b>"', '/en/no-such-page');
  assert.match(typed.body, /name="from" value="\/old\?&lt;b&gt;&quot;"/);
  assert.match(typed.body, /name="into" value="\/en\/no-such-page"/);
  assert.match(typed.body, /aria-describedby="f-into-problem"/);
  assert.strictEqual((await s.get('/old')).status, 404);

  await made(admin, '/first', '/en/');
  refused(await made(admin, '/first/', '/de/'), /a redirect from this address already/);
  await made(admin, '/second', '/first');
  await leads(s, '/second', '/en/');
  const one = /href="(\/desk\/redirects\/\d+)">(?:<bdi>)?\/first</.exec((await admin.get('/desk/redirects')).body)[1];
  refused(await admin.post(one, { version: '1', from: '/first', into: '/first' }), /back to itself/);
});

test('a page that comes to an address that leads on is what readers get, and the list says so', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/redirects');
  await made(admin, '/en/later', '/en/company-profile');
  await leads(s, '/en/later', '/en/company-profile');
  const begun = await admin.post('/desk/pages/new', { lang: 'en', headline: 'Later', parent: '0' });
  const page = /\/desk\/pages\/(\d+)/.exec(begun.target)[1];
  await leads(s, '/en/later', '/en/company-profile');
  await admin.post(`/desk/pages/${page}/state`, { state: 'published' });
  assert.strictEqual((await s.get('/en/later')).status, 200);
  assert.match(words((await admin.get('/desk/redirects')).body), /\/en\/later A page answers here/);
  refused(await made(admin, '/other', '/en/later'), /delete that redirect first/);
  await admin.post(`/desk/pages/${page}/state`, { state: 'withdrawn' });
  await leads(s, '/en/later', '/en/company-profile');
});

test('a pasted list is taken line by line; refused lines come back with their reasons', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/redirects/import');
  const lines = ['# from, to', '/one\t/en/', '', '/two   https://other.example/two', '/three gone', '/four', '/en/ /de/', '/five /en/nowhere',
    '/one /en/', '/one /de/', '/six javascript:alert(1)'].join('\r\n');
  const done = await admin.post('/desk/redirects/import', { lines });
  assert.strictEqual(done.status, 422);
  const text = words(done.body);
  assert.match(text, /3 redirects were made\. 1 was there already\./);
  assert.match(text, /6 \/four A line holds two addresses/);
  assert.match(text, /7 \/en\/ \/de\/ Something answers/);
  assert.match(text, /8 \/five \/en\/nowhere No page of this site/);
  assert.match(text, /10 \/one \/de\/ There is a redirect from this address already/);
  assert.match(text, /11 \/six javascript:alert\(1\) Only addresses that begin with https/);
  const kept = unescapeHtml(/<textarea[^>]*>([\s\S]*?)<\/textarea>/.exec(done.body)[1]);
  assert.strictEqual(kept.trim(), '/four\n/en/ /de/\n/five /en/nowhere\n/one /de/\n/six javascript:alert(1)');
  await leads(s, '/one', '/en/');
  await leads(s, '/two', 'https://other.example/two');
  assert.strictEqual((await s.get('/three')).status, 410);
  const again = await admin.post('/desk/redirects/import', { lines: '/one\t/en/\n/two https://other.example/two' });
  assert.match(words(again.body), /0 redirects were made\. 2 were there already\./);
  const many = Array.from({ length: 1001 }, (_, i) => `/n/${i} /en/`).join('\n');
  refused(await admin.post('/desk/redirects/import', { lines: many }), /More than 1,000 lines/);
  refused(await admin.post('/desk/redirects/import', { lines: '# nothing' }), /./);

  const thousand = Array.from({ length: 1000 }, (_, i) => `/many/${String(i).padStart(4, '0')} /en/company-profile`).join('\n');
  assert.match(words((await admin.post('/desk/redirects/import', { lines: thousand })).body), /1000 redirects were made|1,000 redirects were made/);
  const seen = new Set();
  for (let next = '/desk/redirects?q=many'; next; ) {
    const page = await admin.get(next);
    const sources = [...page.body.matchAll(/>(\/many\/\d{4})</g)].map((m) => m[1]);
    assert.ok(sources.length > 0 && sources.length <= 50, next);
    sources.forEach((x) => seen.add(x));
    next = unescapeHtml(/<p class="more"><a[^>]*href="([^"]+)"/.exec(page.body)?.[1] ?? '');
  }
  assert.strictEqual(seen.size, 1000);
});

test('an editor of a language has its addresses only, and a reporter none', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const ed = await colleague(admin, 'ed@station.test', { roles: 'editor', languages: 'id' });
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  assert.strictEqual((await rita.get('/desk/redirects')).status, 403);
  await ed.get('/desk/redirects');
  const mine = words((await made(ed, '/id/lama', '/id/')).body);
  assert.match(mine, /Saved\./);
  await leads(s, '/id/lama', '/id/');
  refused(await made(ed, '/en/old', '/id/'), /not yours to change/);
  refused(await made(ed, '/index.php?id=3', 'https://other.example/'), /not yours to change/);
  assert.match(words((await made(ed, '/index.php?id=3', '/id/')).body), /Saved\./);
  const list = words((await ed.post('/desk/redirects/import', { lines: '/en/x /id/\n/id/x gone' })).body);
  assert.match(list, /1 redirect was made\..*1 \/en\/x \/id\/ Addresses of other languages/);
  await admin.get('/desk/redirects');
  await made(admin, '/en/old', '/en/');
  const one = /href="(\/desk\/redirects\/\d+)">(?:<bdi>)?\/en\/old</.exec((await admin.get('/desk/redirects')).body)[1];
  assert.doesNotMatch((await ed.get('/desk/redirects')).body, new RegExp(`href="${one}"`));
  assert.strictEqual((await ed.get(one)).status, 403);
  assert.strictEqual((await ed.post(`${one}/delete`, { sure: '1' })).status, 403);
});

test('nobody leads with a redirect of their own language another\'s elsewhere', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const ed = await colleague(admin, 'ed@station.test', { roles: 'editor', languages: 'en' });
  await admin.get('/desk/redirects');
  const begun = await admin.post('/desk/pages/new', { lang: 'en', headline: 'Later', parent: '0' });
  const page = /\/desk\/pages\/(\d+)/.exec(begun.target)[1];
  await admin.post(`/desk/pages/${page}/state`, { state: 'published' });
  await admin.get('/desk/redirects');
  for (const from of ['/de/alt', '/en/old']) assert.match(words((await made(admin, from, '/en/later')).body), /Saved\./);
  await admin.post(`/desk/pages/${page}/state`, { state: 'withdrawn' });
  await ed.get('/desk/redirects');
  refused(await made(ed, '/en/later', 'https://elsewhere.example/'), /The redirect from \/de\/alt leads to this address and would change with it/);
  const pasted = await ed.post('/desk/redirects/import', { lines: '/en/later https://elsewhere.example/\n/en/another /en/' });
  assert.match(words(pasted.body), /1 redirect was made\..*\/en\/later https:\/\/elsewhere\.example\/ The redirect from \/de\/alt leads/);
  await leads(s, '/de/alt', '/en/later');
  await leads(s, '/en/old', '/en/later');

  await admin.get('/desk/redirects');
  assert.match(words((await made(admin, '/en/later', '/en/company-profile')).body), /Saved\./);
  await leads(s, '/de/alt', '/en/company-profile');
  await leads(s, '/en/old', '/en/company-profile');
  const audit = words((await admin.get('/desk/audit?kind=redirect')).body);
  for (const from of ['/de/alt', '/en/old']) assert.ok(audit.includes(`${from} → /en/company-profile`), from);

  // To the end of one that leads on: that end is another's.
  await made(admin, '/en/over-there', '/de/');
  await ed.get('/desk/redirects');
  refused(await made(ed, '/en/mine', '/en/over-there'), /not yours to change/);
  assert.strictEqual((await s.get('/en/mine')).status, 404);
});

test('how often a redirect was asked for is counted', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/redirects');
  await made(admin, '/old', '/en/');
  const gone = ['/old-post', '/?p=7', '/en/old/', '/index.php?id=9'];
  const list = await admin.post('/desk/redirects/import', { lines: gone.map((from) => `${from} gone`).join('\n') });
  assert.match(words(list.body), /4 redirects were made\./);
  for (let i = 0; i < 3; i++) await leads(s, '/old', '/en/');
  for (let i = 0; i < 2; i++) {
    for (const from of gone) {
      const answer = await s.get(from);
      assert.strictEqual(answer.status, 410, from);
      assert.match(answer.body, /This page has been removed/);
    }
  }
  await s.stop();
  await s.serve();
  const counted = words((await admin.get('/desk/redirects')).body);
  assert.match(counted, /\/old \/en\/ 3 /);
  for (const from of gone) assert.match(counted, new RegExp(`${from.replace(/\/$/, '').replace(/[?.]/g, '\\$&')} .{0,60}? 2 `), from);
});

test('no address that the program answers itself can be made to lead on', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const first = new Set(mustRun('routes').out.trim().split('\n').map((line) => line.split(/\s+/)[1])
    .map((pattern) => /^\/[^/{]+/.exec(pattern)?.[0]).filter(Boolean));
  const fixed = new Set(mustRun('routes').out.trim().split('\n').map((line) => line.split(/\s+/)[1])
    .map((pattern) => /^\/\{lang\}\/([^/{]+)/.exec(pattern)?.[1]).filter((word) => word && !['tag', 'author'].includes(word)));
  assert.ok(first.size > 10 && fixed.size >= 4);
  await admin.get('/desk/redirects');
  for (const target of [...first, ...[...fixed].map((word) => `/en/${word}`)])
    refused(await made(admin, target, '/de/'), /Something answers at this address already/);
  assert.strictEqual(siaran('verify', s.dir).code, 0);
});
