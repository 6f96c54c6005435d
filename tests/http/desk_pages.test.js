// SPDX-License-Identifier: AGPL-3.0-or-later
// The station's own pages, menus and front pages, as an editor puts them together and a reader sees them.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { mustRun, startStation } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');

const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
const address = (page) => page.target.replace(/\?.*/, '');
const area = (body, name) => unescapeHtml(new RegExp(`name="${name}"[^>]*>([^<]*)</textarea>`).exec(body)[1]);
const line = (body, name) => unescapeHtml(new RegExp(`id="f-${name}" name="${name}" value="([^"]*)"`).exec(body)[1]);
const chosen = (body, name) => /<option value="([^"]*)" selected/.exec(new RegExp(`<select id="f-${name}"[\\s\\S]*?</select>`).exec(body)[0])?.[1];

async function station(t) {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const edo = await colleague(admin, 'edo@station.test', { roles: 'editor', languages: 'en' });
  return { s, admin, edo };
}

// The items of a list that can be put in order: id, label, depth, ways, the address of its form.
const items = (body) => [...body.matchAll(/<li class="sort-item depth-(\d)" data-id="(\d+)">([\s\S]*?)<\/li>/g)].map(([, depth, id, html]) => ({
  id, depth: Number(depth), label: unescapeHtml(/<bdi>([^<]*)<\/bdi>/.exec(html)[1]), note: unescapeHtml(/cell-note"><bdi>([^<]*)/.exec(html)?.[1] ?? ''),
  action: /action="([^"]*)"/.exec(html)?.[1], link: /<a href="([^"]*)"/.exec(html)?.[1], ways: [...html.matchAll(/name="way" value="(\w+)"/g)].map((m) => m[1]), html }));

async function begin(who, headline, fields = {}) {
  await who.get('/desk/pages/new?lang=en');
  const page = await who.post('/desk/pages/new', { lang: 'en', headline, parent: '0', ...fields });
  assert.match(page.target, /^\/desk\/pages\/\d+/, page.body);
  return page;
}

function save(who, page, fields) {
  const { body } = page;
  return who.post(address(page), { version: hidden(body, 'version'), headline: line(body, 'headline'), slug: line(body, 'slug'),
    body: area(body, 'body'), group: chosen(body, 'group'), ...fields });
}

const setState = (who, at, state) => who.post(`${at}/state`, { state });
const clean = (s) => assert.strictEqual(mustRun('verify', s.dir).code, 0);

test('a page is begun, written, published, renamed, withdrawn and deleted, and readers see each step', async (t) => {
  const { s, edo } = await station(t);
  let page = await begin(edo, 'Our studios');
  const at = address(page);
  assert.strictEqual((await s.get('/en/our-studios')).status, 404);
  page = await save(edo, page, { body: 'Three rooms.\n\nOne <strong>door</strong>.<script>x()</script>' });
  assert.strictEqual((await s.get('/en/our-studios')).status, 404, 'a draft is not for readers');
  await setState(edo, at, 'published');
  let read = await s.get('/en/our-studios');
  assert.match(read.body, /<h1[^>]*>Our studios<\/h1>/);
  assert.match(read.body, /<strong>door<\/strong>/);
  assert.doesNotMatch(read.body, /x\(\)/);

  page = await save(edo, await edo.get(at), { slug: 'rooms', headline: 'Our rooms' });
  assert.match(page.body, /Saved\./);
  read = await s.get('/en/our-studios');
  assert.strictEqual(read.status, 301);
  assert.strictEqual(read.headers.location, '/en/rooms');
  assert.match((await s.get('/en/rooms')).body, /Our rooms/);

  await setState(edo, at, 'withdrawn');
  assert.strictEqual((await s.get('/en/rooms')).status, 410);
  assert.strictEqual((await s.get('/en/our-studios')).status, 410);
  await setState(edo, at, 'published');
  assert.strictEqual((await s.get('/en/rooms')).status, 200);
  page = await edo.get(at);
  page = await edo.post(`${at}/delete`, {});
  assert.match(page.body, /not ticked/);
  page = await edo.post(`${at}/delete`, { sure: '1' });
  assert.match(page.target, /^\/desk\/pages\?/);
  assert.strictEqual((await s.get('/en/rooms')).status, 410);
  assert.strictEqual((await s.get('/en/our-studios')).status, 410);
  clean(s);
});

test('pages are moved in their tree by buttons and by dragging; addresses below follow', async (t) => {
  const { s, edo } = await station(t);
  const tree = async () => items((await edo.get('/desk/pages?lang=en')).body);
  const names = async () => (await tree()).map((i) => `${i.depth} ${i.label}`);
  const before = await names();
  assert.deepStrictEqual(before.slice(0, 2), ['1 Company Profile', '2 History']);
  const move = async (label, way, beside) => {
    const item = (await tree()).find((i) => i.label === label);
    return edo.post(item.action, { id: item.id, way, ...(beside && { beside: (await tree()).find((i) => i.label === beside).id }) });
  };
  await move('Vision', 'up');
  assert.deepStrictEqual((await names()).slice(0, 3), ['1 Company Profile', '2 Vision', '2 History']);
  await move('History', 'in');
  assert.deepStrictEqual((await names()).slice(0, 3), ['1 Company Profile', '2 Vision', '3 History']);
  let read = await s.get('/en/company-profile/history');
  assert.strictEqual(read.headers.location, '/en/company-profile/vision-and-mission/history');
  await move('Vision', 'out');
  assert.strictEqual((await s.get('/en/vision-and-mission/history')).status, 200);
  assert.strictEqual((await s.get('/en/company-profile/history')).headers.location, '/en/vision-and-mission/history');
  await move('History', 'before', 'Contact');
  read = await s.get('/en/company-profile/history');
  assert.strictEqual(read.status, 200, 'where it was before');
  await move('Vision', 'into', 'Company Profile');
  assert.strictEqual((await s.get('/en/company-profile/vision-and-mission')).status, 200);
  const refused = await move('Company Profile', 'into', 'History');
  assert.strictEqual(refused.status, 422);
  assert.match(refused.body, /below itself/);
  const first = (await tree())[0];
  assert.deepStrictEqual(first.ways, ['down'], 'only ways that lead somewhere');
  const withChildren = await edo.post(`${first.link}/delete`, { sure: '1' });
  assert.match(withChildren.body, /Other pages lie below/);
  clean(s);
});

test('two people save a page: the later save is refused, shows both, and nothing typed is lost', async (t) => {
  const { admin, edo } = await station(t);
  let page = await begin(edo, 'Our studios');
  const at = address(page);
  await save(edo, page, { body: 'One.\n\nTwo.\n\nThree.' });
  const his = await edo.get(at), hers = await admin.get(at);
  await save(admin, hers, { body: 'One, first.\n\nTwo.\n\nThree.', headline: 'Her title' });
  page = await save(edo, his, { body: 'One.\n\nTwo.\n\nThree, second.', headline: 'His title' });
  assert.strictEqual(page.status, 409);
  assert.match(page.body, /nothing is saved yet/);
  assert.strictEqual(area(page.body, 'body'), 'One, first.\n\nTwo.\n\nThree, second.');
  assert.strictEqual(line(page.body, 'headline'), 'His title');
  assert.match(page.body, /<ins>Her<\/ins>|Her title/);
  assert.match((await admin.get(at)).body, /<h1>Her title<\/h1>/);
  page = await save(edo, page, {});
  assert.match(page.body, /<h1>His title<\/h1>/);

  page = await edo.get(`${at}/versions/2`);
  assert.match(page.body, /<ins>/);
  page = await edo.post(`${at}/versions/2`, { version: hidden(page.body, 'version') });
  assert.match(page.body, /<h1>Our studios<\/h1>/);
  assert.strictEqual(area(page.body, 'body'), 'One.\n\nTwo.\n\nThree.');
  page = await edo.post(`${at}/versions/1`, { version: '1' });
  assert.strictEqual(page.status, 409, 'an old page does not restore over what it did not see');
});

test('an address that is taken is said at its field, with everything typed; another language is not his', async (t) => {
  const { s, admin, edo } = await station(t);
  const page = await begin(edo, 'Our studios');
  const refused = await save(edo, page, { slug: 'contact', body: 'Typed.', headline: 'Typed title' });
  assert.strictEqual(refused.status, 200, 'contact is free at the root');
  const taken = await save(edo, refused, { slug: 'company-profile', body: 'Typed again.' });
  assert.strictEqual(taken.status, 409);
  assert.match(taken.body, /is taken/);
  assert.strictEqual(area(taken.body, 'body'), 'Typed again.');
  assert.strictEqual(line(taken.body, 'slug'), 'company-profile');
  assert.strictEqual((await edo.get('/desk/pages?lang=de')).status, 403);
  const german = items((await admin.get('/desk/pages?lang=de')).body)[0];
  assert.strictEqual((await edo.get(german.link)).status, 403);
  assert.strictEqual((await edo.post(german.action, { way: 'down' })).status, 403);
  assert.strictEqual((await edo.post(`${german.link}/state`, { state: 'withdrawn' })).status, 403);
  const log = (await admin.get('/desk/audit?kind=page')).body;
  assert.match(log, /edo/);
  assert.match(log, /Typed title/);
  clean(s);
});

test('a page joins the translations of another, once', async (t) => {
  const { s, admin } = await station(t);
  const profile = items((await admin.get('/desk/pages?lang=de')).body)[0];
  let page = await begin(admin, 'A second profile');
  assert.doesNotMatch(page.body, new RegExp(`<option[^>]*>Deutsch: ${profile.label}<`), 'it has an English one');
  await admin.get('/desk/pages/new?lang=de');
  const german = await admin.post('/desk/pages/new', { lang: 'de', headline: 'Ein zweites Profil', parent: '0' });
  const group = /<option value="(\d+)"[^>]*>Deutsch: Ein zweites Profil</.exec((await admin.get(address(page))).body)[1];
  page = await save(admin, await admin.get(address(page)), { group });
  assert.strictEqual(chosen(page.body, 'group'), group);
  for (const at of [address(page), address(german)]) await setState(admin, at, 'published');
  assert.match((await s.get('/en/a-second-profile')).body, /href="\/de\/ein-zweites-profil"/);
  await setState(admin, address(german), 'withdrawn');
  assert.doesNotMatch((await s.get('/en/a-second-profile')).body, /href="\/de\/ein-zweites-profil"/);
  clean(s);
});

// The menu as a reader sees it: "Label /address".
async function readersMenu(s, lang = 'en') {
  const { body } = await s.get(`/lite/${lang}/`);
  return [...body.matchAll(/<li><a href="(?:\/lite)?([^"]*)"[^>]*>([^<]*)<\/a><\/li>/g)].map(([, href, label]) => unescapeHtml(`${label} ${href}`));
}

test('the menu is put together at the desk, and readers see it at once', async (t) => {
  const { s, admin, edo } = await station(t);
  const at = '/desk/menus/en';
  const entries = async () => items((await admin.get(at)).body);
  const way = async (label, name, beside) => {
    const all = await entries();
    const item = all.find((i) => i.label === label);
    return admin.post(item.action, { id: item.id, version: hidden(item.html, 'version'), way: name, ...(beside && { beside: all.find((i) => i.label === beside).id }) });
  };
  const put = async (fields) => admin.post(at, { version: hidden((await admin.get(at)).body, 'version'), entry: '0', label: '', address: '', ...fields });
  assert.match((await admin.get('/desk/menus')).target, /^\/desk\/menus\/en/);
  assert.deepStrictEqual((await entries()).map((i) => i.label), ['Live Streaming', 'Program Highlight', 'Company Profile', 'Zona Integritas'], 'as init makes it');
  const first = await readersMenu(s);
  await way('Zona Integritas', 'before', 'Live Streaming');
  await way('Company Profile', 'up');
  await way('Program Highlight', 'hide');
  await put({ target: 'archive' });
  await put({ target: 'address', label: 'Elsewhere', address: 'https://example.org/?a=1&b=2' });
  const history = /<option value="(p\d+)"[^>]*>Page: History</.exec((await admin.get(at)).body)[1];
  await put({ target: history, label: 'Our past' });
  assert.deepStrictEqual((await entries()).map((i) => i.label), ['Zona Integritas', 'Live Streaming', 'Company Profile', 'Program Highlight', 'Archive', 'Elsewhere', 'Our past']);
  const menu = await readersMenu(s);
  assert.notDeepStrictEqual(menu, first);
  for (const entry of ['Archive /en/archive', 'Elsewhere https://example.org/?a=1&b=2', 'Our past /en/company-profile/history'])
    assert.ok(menu.includes(entry), `${entry} of ${menu}`);
  assert.ok(menu.indexOf('Zona Integritas /en/zona-integritas') < menu.indexOf('Live Streaming /en/live'));
  assert.doesNotMatch((await s.get('/en/')).body, /<li><a href="\/en\/program-highlight">/, 'hidden');

  let page = await put({ target: 'address', label: 'Bad', address: 'javascript:alert(1)' });
  assert.strictEqual(page.status, 422);
  assert.strictEqual(line(page.body, 'address'), 'javascript:alert(1)', 'what was typed');
  page = await put({ target: 'address', address: 'https://example.org/' });
  assert.strictEqual(page.status, 422);
  assert.match(page.body, /href="#f-label"/);
  page = await admin.post(at, { version: '1', entry: '0', target: 'live', label: 'Typed', address: '' });
  assert.strictEqual(page.status, 409);
  assert.strictEqual(line(page.body, 'label'), 'Typed');
  page = await admin.get(`${at}?entry=5`);
  assert.strictEqual(chosen(page.body, 'target'), 'archive');
  page = await admin.post(at, { version: hidden(page.body, 'version'), entry: '5', target: 'search', label: 'Find', address: '' });
  assert.ok((await readersMenu(s)).includes('Find /en/search'));
  await way('Elsewhere', 'drop');
  assert.ok(!(await readersMenu(s)).some((e) => /example/.test(e)));

  const historyPage = items((await edo.get('/desk/pages?lang=en')).body).find((i) => i.label === 'History');
  assert.match((await edo.post(`${historyPage.link}/delete`, { sure: '1' })).body, /Please take it out first/);
  await setState(edo, historyPage.link, 'withdrawn');
  assert.ok(!(await readersMenu(s)).some((e) => /Our past/.test(e)));
  assert.match((await admin.get(at)).body, /badge-bad">Not public/);
  assert.strictEqual((await edo.get(at)).status, 403);
  assert.match((await admin.get('/desk/audit?kind=menu')).body, /Our past/);
  clean(s);
});
