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

// Articles in the order they stand on the front page of a language, by number.
async function frontNumbers(s, lang = 'en') {
  const { body } = await s.get(`/${lang}/`);
  return [...new Set([...body.slice(body.indexOf('<main')).matchAll(new RegExp(`href="/${lang}/[a-z-]+/(\\d+)-`, 'g'))].map((m) => m[1]))];
}
// As a browser writes a moment in the station's zone.
function moment(ms) {
  const p = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Jakarta', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
    .formatToParts(new Date(ms)).map((x) => [x.type, x.value]));
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}

test('the front page leads with what its editors pinned, until its end or its withdrawal', async (t) => {
  const { s, admin, edo } = await station(t);
  const at = '/desk/front/en';
  const list = async (action) => items((await edo.get(at)).body).filter((i) => i.action === `${at}/${action}`);
  const way = async (action, label, name, beside) => {
    const all = await list(action);
    return edo.post(`${at}/${action}`, { id: all.find((i) => i.label === label).id, way: name, ...(beside && { beside: all.find((i) => i.label === beside).id }) });
  };
  const automatic = await frontNumbers(s);
  const links = [...(await s.get('/en/')).body.matchAll(/href="(\/en\/[a-z-]+\/\d+-[^"]*)"/g)].map((m) => m[1]);
  const [a, b, c] = automatic.slice(3, 6);
  assert.match((await edo.get('/desk/front')).target, /^\/desk\/front\/en/);
  await edo.post(at, { article: a });
  assert.strictEqual((await frontNumbers(s))[0], automatic[0], 'the lead stays automatic');
  assert.strictEqual((await frontNumbers(s))[1], a);
  await edo.post(at, { article: `https://old.example${links.find((l) => l.includes(`/${b}-`))}?x=1`, leads: '1' });
  assert.deepStrictEqual((await frontNumbers(s)).slice(0, 2), [b, a]);
  const later = edo.now() + 1800e3;
  let page = await edo.post(at, { article: c, until: moment(later) });
  assert.deepStrictEqual((await frontNumbers(s)).slice(0, 3), [b, a, c]);
  const labels = (await list('pins')).map((i) => i.label);
  await way('pins', labels[2], 'before', labels[1]);
  assert.deepStrictEqual((await frontNumbers(s)).slice(0, 3), [b, c, a]);
  await way('pins', labels[1], 'lead');
  assert.deepStrictEqual((await frontNumbers(s)).slice(0, 3), [a, b, c]);
  s.later(1860);
  assert.deepStrictEqual((await frontNumbers(s)).slice(0, 2), [a, b]);
  assert.notStrictEqual((await frontNumbers(s))[2], c, 'its end has come');
  assert.match((await edo.get(at)).body, /badge-bad">Hidden/);

  page = await edo.post('/desk/articles/open', { number: a });
  const manuscript = page.target.replace(/\?.*/, '');
  await edo.post(`${manuscript}/step`, { step: 'withdraw', version: hidden(page.body, 'version'), text: 'It was not so.' });
  assert.ok(!(await frontNumbers(s)).includes(a), 'withdrawn');
  assert.strictEqual((await frontNumbers(s))[1], b, 'behind a lead that is automatic again');

  for (const [fields, words] of [[{ article: '999999' }, /No published article/], [{ article: 'words' }, /No published article/], [{ article: a }, /No published article/],
    [{ article: b, until: moment(edo.now() - 7200e3) }, /passed already/], [{ article: b, until: 'soon' }, /a day and a time/]]) {
    page = await edo.post(at, fields);
    assert.strictEqual(page.status, 422, JSON.stringify(fields));
    assert.match(page.body, words);
    assert.strictEqual(line(page.body, 'article'), fields.article);
  }
  assert.strictEqual((await edo.get('/desk/front/de')).status, 403);
  assert.strictEqual((await edo.post('/desk/front/de', { article: b })).status, 403);
  assert.match((await admin.get('/desk/audit?kind=front')).body, /edo/);
  clean(s);
});

test('the blocks of the front page follow the order of the desk', async (t) => {
  const { s, edo } = await station(t);
  const at = '/desk/front/en';
  const blocks = async () => [...(await s.get('/en/')).body.matchAll(/<h2[^>]*><a href="\/en\/([a-z-]+)"/g)].map((m) => m[1]).filter((x) => x !== 'program-highlight');
  const sections = async () => items((await edo.get(at)).body).filter((i) => i.action === `${at}/sections`);
  const before = await blocks();
  assert.ok(before.length > 2, String(before));
  const all = await sections();
  assert.deepStrictEqual(all.map((i) => i.label.toLowerCase()).slice(0, 2), before.slice(0, 2));
  await edo.post(`${at}/sections`, { id: all[1].id, way: 'up' });
  assert.deepStrictEqual((await blocks()).slice(0, 2), [before[1], before[0]]);
  await edo.post(`${at}/sections`, { id: all[2].id, way: 'before', beside: all[1].id });
  assert.deepStrictEqual((await blocks()).slice(0, 3), [before[2], before[1], before[0]]);
  await edo.post(`${at}/sections`, { id: all[1].id, way: 'hide' });
  assert.ok(!(await blocks()).includes(before[1]));
  await edo.post(`${at}/sections`, { id: all[1].id, way: 'show' });
  assert.deepStrictEqual((await blocks()).slice(0, 3), [before[2], before[1], before[0]]);
  assert.strictEqual((await edo.post(`${at}/sections`, { id: all[1].id, way: 'drop' })).status, 422);
  clean(s);
});

test('what the public has is found at the desk by language, section and words, and opened', async (t) => {
  const { s, admin, edo } = await station(t);
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter', languages: 'en' });
  const numbers = (body) => [...body.matchAll(/name="number" value="(\d+)"/g)].map((m) => m[1]);
  let page = await edo.get('/desk/published?lang=en');
  const first = numbers(page.body);
  const archive = [];
  for (let next = page; ;) {
    archive.push(...numbers(next.body));
    const older = /class="more"><a[^>]*href="([^"]*)"/.exec(next.body)?.[1];
    if (!older) break;
    next = await edo.get(unescapeHtml(older));
  }
  assert.strictEqual(new Set(archive).size, archive.length, 'none twice');
  assert.ok(archive.length > 5);
  const news = /<option value="(\d+)">Science</.exec(page.body)[1];
  page = await edo.get(`/desk/published?lang=en&section=${news}`);
  assert.ok(numbers(page.body).length > 0 && numbers(page.body).length < archive.length);
  assert.ok(numbers(page.body).every((n) => archive.includes(n)));
  const headline = unescapeHtml(/<th scope="row"><a href="[^"]*"><bdi>([^<]*)/.exec((await edo.get('/desk/published?lang=en')).body)[1]);
  page = await edo.get(`/desk/published?lang=en&q=${encodeURIComponent(`"${headline}"`)}`);
  assert.strictEqual(numbers(page.body)[0], first[0]);
  assert.deepStrictEqual(numbers((await edo.get('/desk/published?lang=en&q=zzzzqqqq')).body), []);
  page = await edo.post('/desk/articles/open', { number: first[0] });
  assert.match(page.target, /^\/desk\/articles\/\d+/);
  assert.ok(unescapeHtml(page.body).includes(headline));
  page = await edo.get('/desk/published?lang=en');
  const pin = unescapeHtml(/href="(\/desk\/front\/en\?pin=\d+)#/.exec(page.body)[1]);
  assert.strictEqual(line((await edo.get(pin)).body, 'article'), first[0]);
  page = await rita.get('/desk/published?lang=en');
  assert.deepStrictEqual(numbers(page.body), first);
  assert.doesNotMatch(page.body, /\?pin=/);
  assert.ok(numbers((await edo.get('/desk/published?lang=de')).body).length > 0, 'an editor reads every language');
  assert.strictEqual((await rita.get('/desk/published?lang=de')).status, 403);
  clean(s);
});
