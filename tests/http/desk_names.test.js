// SPDX-License-Identifier: AGPL-3.0-or-later
// Sections, tags and people at the desk: renamed, put in order, merged, deleted; and what readers of the old addresses get.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, mustRun, numberOf, startStation, until, words } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');

const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
const version = (body) => /name="version" value="([1-9]\d*)"/.exec(body)?.[1];
const line = (body, name) => unescapeHtml(new RegExp(`id="f-${name}" name="${name}" value="([^"]*)"`).exec(body)[1]);
const idOf = (page, kind) => new RegExp(`/desk/${kind}/(\\d+)`).exec(page.target)[1];
const at = (page) => page.target.replace(/\?.*/, '');
const labels = (body) => [...body.matchAll(/<li class="sort-item[^>]*data-id="(\d+)">[\s\S]*?<bdi>([^<]*)<\/bdi>/g)].map(([, id, label]) => ({ id, label }));
const clean = (s) => assert.doesNotMatch(mustRun('verify', s.dir).out, /FAULT/);

const article = (i, extra = '') => `== article\nlang: en\nkey: names-${i}\nsection: sport\nheadline: Rowing news ${i}\n` +
  `published: 2023-11-01 10:00\n${extra}\nThe boats went out.\n\n`;

async function station(t, text = '') {
  const s = await startStation(t, { text });
  const admin = await firstAdministrator(s);
  const edo = await colleague(admin, 'edo@station.test', { roles: 'editor', languages: 'en' });
  return { s, admin, edo };
}

async function find(who, kind, q, query = '') {
  const list = await who.get(`/desk/${kind}?q=${encodeURIComponent(q)}${query}`);
  const link = new RegExp(`href="(/desk/${kind}/\\d+)"`).exec(list.body)?.[1];
  assert.ok(link, words(list.body));
  return who.get(link);
}

const over = (s, who, address) => until(async () => (await who.get(address)).status === 404, 30000, 'the merge');

// The table of a save that came too late: what was saved meanwhile, and what was typed, by field.
function beside(body) {
  const table = /<h2>What was saved, beside what you typed<\/h2>[\s\S]*?<tbody>([\s\S]*?)<\/tbody>/.exec(body)?.[1] ?? '';
  const cells = (row) => [...row.matchAll(/<t[hd]\b[^>]*>([\s\S]*?)<\/t[hd]>/g)].map((m) => m[1].replace(/<[^>]*>/g, '').trim());
  return Object.fromEntries([...table.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map((m) => cells(m[1])).map(([field, ...sides]) => [field, sides]));
}

test('a section is made, renamed and put in order; its old address leads on once, and so do its articles\'', async (t) => {
  const { s, edo } = await station(t, article(1));
  await edo.get('/desk/sections/new?lang=en');
  const made = await edo.post('/desk/sections/new', { lang: 'en', version: '0', name: 'Harbours', slug: '', description: 'Piers.', on_front: '1' });
  assert.match(words(made.body), /Saved\./);
  assert.strictEqual((await s.get('/en/harbours')).status, 200);
  const list = await edo.get('/desk/sections?lang=en');
  const sport = labels(list.body).find((x) => x.label === 'Sport');
  assert.strictEqual(labels(list.body).at(-1).label, 'Harbours');
  const moved = await edo.post('/desk/sections/move', { id: idOf(made, 'sections'), way: 'up' });
  assert.strictEqual(labels(moved.body).at(-2).label, 'Harbours');
  const before = await edo.post('/desk/sections/move', { id: idOf(made, 'sections'), way: 'before', beside: labels(moved.body)[0].id });
  assert.strictEqual(labels(before.body)[0].label, 'Harbours');
  const page = await edo.get(`/desk/sections/${sport.id}`);
  const old = articleLinks((await s.get('/en/sport')).body)[0];
  const number = numberOf(old);
  await s.get('/sitemaps/en-1.xml');
  const fields = { version: version(page.body), name: 'Games', slug: 'games', description: line(page.body, 'description'), on_front: '1' };
  const renamed = await edo.post(at(page), fields);
  assert.match(words(renamed.body), /Saved\..*Also known as sport/);
  const moving = await s.get('/en/sport');
  assert.deepStrictEqual([moving.status, moving.headers.location], [301, '/en/games']);
  const lite = await s.get('/lite/en/sport');
  assert.deepStrictEqual([lite.status, lite.headers.location], [301, '/lite/en/games']);
  const there = await s.get(old);
  assert.strictEqual(there.status, 301);
  assert.match(there.headers.location, new RegExp(`^/en/games/${number}-`));
  assert.strictEqual((await s.get(there.headers.location)).status, 200);
  assert.match((await s.get('/sitemaps/en-1.xml')).body, /\/en\/games\//);
  assert.doesNotMatch((await s.get('/sitemaps/en-1.xml')).body, /\/en\/sport\//);
  // A save upon the older state: nothing is changed, what was typed stays.
  const stale = await edo.post(at(page), { ...fields, name: 'Contests', slug: 'contests' });
  assert.strictEqual(stale.status, 409);
  assert.match(words(stale.body), /Somebody saved it in the meantime/);
  assert.strictEqual(line(stale.body, 'name'), 'Contests');
  const compared = beside(stale.body); // what the colleague saved, and what was typed
  assert.deepStrictEqual([compared.Name, compared['Words in the address']], [['Games', 'Contests'], ['games', 'contests']]);
  assert.strictEqual(compared['Description, one sentence'], undefined, 'only what differs');
  assert.strictEqual((await s.get('/en/contests')).status, 404);
  // Another section may take the old address; then it is that one's.
  await edo.get('/desk/sections/new?lang=en');
  await edo.post('/desk/sections/new', { lang: 'en', version: '0', name: 'Sport', slug: 'sport' });
  assert.strictEqual((await s.get('/en/sport')).status, 200);
  clean(s);
});

test('what cannot be a section is refused with a reason, and another language\'s is none of one\'s business', async (t) => {
  const { s, admin, edo } = await station(t);
  const list = await edo.get('/desk/sections?lang=en');
  const first = labels(list.body)[0];
  const refusals = [[{ name: 'Company', slug: 'company-profile' }, 409, /has this address already/],
    [{ name: 'Find', slug: 'search' }, 409, /has this address already/], [{ name: '' , slug: 'x' }, 422, /fill in/],
    [{ name: 'x'.repeat(61) }, 422, /too long/], [{ name: 'Fine', slug: '...' }, 422, /Latin letters/]];
  for (const [fields, status, reason] of refusals) {
    await edo.get('/desk/sections/new?lang=en');
    const answer = await edo.post('/desk/sections/new', { lang: 'en', version: '0', ...fields });
    assert.strictEqual(answer.status, status, JSON.stringify(fields));
    assert.match(words(answer.body), reason);
  }
  assert.strictEqual((await edo.get('/desk/sections?lang=de')).status, 403);
  const german = labels((await admin.get('/desk/sections?lang=de')).body)[0];
  assert.strictEqual((await edo.get(`/desk/sections/${german.id}`)).status, 403);
  await edo.get('/desk/sections?lang=en');
  for (const [target, fields] of [['/desk/sections/move', { id: german.id, way: 'down' }], ['/desk/sections/new', { lang: 'de', name: 'Neu', version: '0' }],
    [`/desk/sections/${german.id}`, { name: 'Neu', version: '1' }], [`/desk/sections/${german.id}/delete`, { into: '0', sure: '1' }]]) {
    assert.strictEqual((await edo.post(target, fields)).status, 403, target);
  }
  const page = await edo.get(`/desk/sections/${first.id}`);
  const other = await edo.post(`${at(page)}/delete`, { into: german.id, sure: '1' });
  assert.ok([409, 422].includes(other.status), String(other.status));
  clean(s);
});

test('a deleted section gives its articles and texts to another; menu and accounts that name it come first', async (t) => {
  const { s, admin, edo } = await station(t, Array.from({ length: 45 }, (_, i) => article(i)).join(''));
  const rows = labels((await edo.get('/desk/sections?lang=en')).body);
  const [sport, culture] = ['Sport', 'Culture'].map((name) => rows.find((r) => r.label === name).id);
  const old = articleLinks((await s.get('/en/sport')).body)[0];
  // A draft in the section, and an article that was opened at the desk.
  await edo.get('/desk/articles/new');
  const draft = await edo.post('/desk/articles/new', { lang: 'en', headline: 'To be' });
  await edo.post(at(draft), { version: hidden(draft.body, 'version'), headline: 'To be', body: 'x', section: sport });
  await edo.get('/desk/published?lang=en');
  const opened = await edo.post('/desk/articles/open', { number: String(numberOf(old)) });
  const address = `/desk/sections/${sport}`;
  await edo.get(address);
  const full = await edo.post(`${address}/delete`, { into: '0', sure: '1' });
  assert.strictEqual(full.status, 409);
  assert.match(words(full.body), /It is not empty/);
  assert.match(words((await edo.post(`${address}/delete`, { into: culture })).body), /Nothing was deleted/);
  const menu = await admin.get('/desk/menus/en');
  await admin.post('/desk/menus/en', { version: hidden(menu.body, 'version'), entry: '0', target: `s${sport}`, label: '', address: '' });
  const inMenu = await edo.post(`${address}/delete`, { into: culture, sure: '1' });
  assert.match(words(inMenu.body), /An entry of this language’s menu leads here/);
  const full2 = await admin.get('/desk/menus/en');
  const entry = [...full2.body.matchAll(/data-id="(\d+)"/g)].at(-1)[1];
  await admin.post('/desk/menus/en/move', { version: hidden(full2.body, 'version'), id: entry, way: 'drop' });
  const limited = await colleague(admin, 'lia@station.test', { roles: 'reporter', sections: sport });
  assert.match(words((await edo.post(`${address}/delete`, { into: culture, sure: '1' })).body), /Accounts are limited to this section/);
  const accounts = await admin.get('/desk/accounts');
  const account = await admin.get(/href="(\/desk\/accounts\/\d+)"[^>]*>(?:<bdi>)?lia/.exec(accounts.body)[1]);
  await admin.post(at(account), { version: hidden(account.body, 'version'), name: 'lia', login: 'lia@station.test', roles: 'reporter', lang: 'en' });
  assert.ok(limited);
  const count = Number(/\((\d+)\)/.exec(/\/en\/sport \((\d+)\)/.exec(words((await edo.get('/desk/sections?lang=en')).body))[0])[1]);
  assert.ok(count >= 45, String(count));
  await edo.get(address);
  const gone = await edo.post(`${address}/delete`, { into: culture, sure: '1' });
  assert.match(words(gone.body), /It is merged/);
  await over(s, edo, address);
  const leads = await s.get('/en/sport');
  assert.deepStrictEqual([leads.status, leads.headers.location], [301, '/en/culture']);
  const moved = await s.get(old);
  assert.match(moved.headers.location, /^\/en\/culture\//);
  const text = await edo.get(at(draft));
  assert.match(text.body, new RegExp(`value="${culture}" selected`));
  assert.match((await edo.get(at(opened))).body, new RegExp(`value="${culture}" selected`));
  assert.match(words((await s.get('/en/search?q=Rowing')).body), /Rowing news/);
  assert.match(words((await admin.get('/desk/audit?kind=section')).body), /merge.*Sport/);
  clean(s);
});

test('a tag is renamed and merged; texts that still say the old name mean it; a deleted one does not come back', async (t) => {
  const { s, admin, edo } = await station(t, article(1, 'tags: Tidepools, Crabs\n') + article(2, 'tags: Tidepools, Tide pools\n') + article(3, 'tags: Tidepools\n'));
  const first = articleLinks((await s.get('/en/tag/crabs')).body)[0];
  const page = await find(edo, 'tags', 'Crab', '&lang=en');
  const renamed = await edo.post(at(page), { version: version(page.body), name: 'Shellfish', slug: 'shellfish' });
  assert.match(words(renamed.body), /Saved\..*Also known as crabs/);
  assert.deepStrictEqual([(await s.get('/en/tag/crabs')).status, (await s.get('/en/tag/crabs')).headers.location], [301, '/en/tag/shellfish']);
  assert.match(words((await s.get(first)).body), /Shellfish/);
  const stale = await edo.post(at(page), { version: version(page.body), name: 'Crustaceans', slug: '' });
  assert.strictEqual(stale.status, 409);
  assert.deepStrictEqual(beside(stale.body), { Name: ['Shellfish', 'Crustaceans'], 'Words in the address': ['shellfish', 'nothing'] });
  const taken = await edo.get(at(page));
  const two = await edo.post(at(page), { version: version(taken.body), name: 'Tide pools', slug: 'shellfish' });
  assert.strictEqual(two.status, 409);
  assert.match(words(two.body), /Merge the two instead/);
  // Merged: article 2 has both and keeps one.
  const pools = await find(edo, 'tags', 'Tidepools', '&lang=en');
  assert.strictEqual((await edo.post(`${at(pools)}/merge`, { into: 'Nothing such' })).status, 422);
  assert.strictEqual((await edo.post(`${at(pools)}/merge`, { into: 'Tidepools' })).status, 422);
  assert.match(words((await edo.post(`${at(pools)}/merge`, { into: 'Tide pools' })).body), /It is merged/);
  await over(s, edo, at(pools));
  const leads = await s.get('/en/tag/tidepools');
  assert.deepStrictEqual([leads.status, leads.headers.location], [301, '/en/tag/tide-pools']);
  assert.strictEqual(articleLinks((await s.get('/en/tag/tide-pools')).body).length, 3);
  assert.strictEqual((await s.get('/feeds/en/tag/tidepools.rss')).status, 200);
  // A text with the old names, saved and published: no old tag is made.
  await edo.get('/desk/published?lang=en');
  const opened = await edo.post('/desk/articles/open', { number: String(numberOf(first)) });
  const publish = async (tags) => {
    const form = await edo.get(at(opened));
    const section = /<option value="(\d+)" selected/.exec(/<select id="f-section"[\s\S]*?<\/select>/.exec(form.body)[0])[1];
    const saved = await edo.post(at(opened), { version: hidden(form.body, 'version'), headline: 'Rowing news 1', body: 'The boats went out.', section, tags });
    const out = await edo.post(`${at(opened)}/step`, { version: hidden(saved.body, 'version'), step: 'publish' });
    assert.match(words(out.body), /It is published/);
  };
  await publish('Crabs\nTidepools\nHarbour life');
  const shown = (await s.visit(first)).body;
  assert.match(shown, /href="\/en\/tag\/shellfish"/);
  assert.match(shown, /href="\/en\/tag\/tide-pools"/);
  assert.strictEqual((await s.get('/en/tag/crabs')).status, 301);
  // Deleted: off the articles, its address says so, an old text does not bring it back; the desk does.
  const life = await find(edo, 'tags', 'Harbour life', '&lang=en');
  assert.match(words((await edo.post(`${at(life)}/delete`)).body), /Nothing was deleted/);
  await edo.get(at(life));
  assert.match(words((await edo.post(`${at(life)}/delete`, { sure: '1' })).body), /Deleted\./);
  await over(s, edo, at(life));
  assert.strictEqual((await s.get('/en/tag/harbour-life')).status, 410);
  await publish('Crabs\nHarbour life');
  assert.doesNotMatch((await s.visit(first)).body, /harbour-life/);
  await edo.get('/desk/tags?lang=en');
  await edo.post('/desk/tags', { lang: 'en', version: '0', name: 'Harbour life', slug: '' });
  await publish('Harbour life\nCrabs');
  assert.match((await s.visit(first)).body, /href="\/en\/tag\/harbour-life"/);
  // Another language's tags.
  assert.strictEqual((await edo.get('/desk/tags?lang=de')).status, 403);
  assert.strictEqual((await edo.post('/desk/tags', { lang: 'de', version: '0', name: 'Neu' })).status, 403);
  assert.match(words((await admin.get('/desk/audit?kind=tag')).body), /merge.*Tidepools/);
  clean(s);
});

test('a person is renamed and merged; deleting one changes no byline and makes no login', async (t) => {
  const { s, admin, edo } = await station(t, article(1, 'by: Jane Rower\n') + article(2, 'by: J. Rower\n') + article(3, 'by: Jane Rower, J. Rower\n'));
  const [first] = articleLinks((await s.get('/en/author/j-rower')).body);
  const page = await find(edo, 'people', 'jane rower');
  const renamed = await edo.post(at(page), { version: version(page.body), name: 'Jane Rowing', slug: 'jane-rowing', bio: 'Knows every pier.' });
  assert.match(words(renamed.body), /Saved\./);
  assert.strictEqual((await s.get('/en/author/jane-rower')).headers.location, '/en/author/jane-rowing');
  assert.match(words((await s.get('/en/author/jane-rowing')).body), /Knows every pier/);
  const stale = await edo.post(at(page), { version: version(page.body), name: 'Jane', slug: 'jane-rowing', bio: 'Rows <well>.' });
  assert.strictEqual(stale.status, 409);
  assert.deepStrictEqual(beside(stale.body), { Name: ['Jane Rowing', 'Jane'], 'About this person, public': ['Knows every pier.', 'Rows &lt;well&gt;.'] });
  assert.match(stale.body, />Rows &lt;well&gt;\.<\/textarea>/);
  await edo.get('/desk/people');
  const twin = await edo.post('/desk/people', { version: '0', name: 'Jane Rowing', slug: '', bio: '' });
  assert.match(words(twin.body), /Merge the two if they are one person/);
  const double = await find(edo, 'people', 'j-rower');
  assert.match(words((await edo.post(`${at(double)}/merge`, { into: 'Jane Rower' })).body), /It is merged/);
  await over(s, edo, at(double));
  assert.strictEqual((await s.get('/en/author/j-rower')).headers.location, '/en/author/jane-rowing');
  assert.strictEqual(articleLinks((await s.get('/en/author/jane-rowing')).body).length, 3);
  assert.match((await s.visit(first)).body, /href="\/en\/author\/jane-rowing">Jane Rowing</);
  await edo.get(at(page));
  assert.match(words((await edo.post(`${at(page)}/delete`)).body), /Nothing was deleted/);
  await edo.get(at(page));
  await edo.post(`${at(page)}/delete`, { sure: '1' });
  for (const address of ['/en/author/jane-rowing', '/en/author/jane-rower', '/en/author/j-rower', '/lite/en/author/jane-rowing']) {
    assert.strictEqual((await s.get(address)).status, 410, address);
  }
  const shown = await s.visit(first);
  assert.match(words(shown.body), /Jane Rowing/);
  assert.doesNotMatch(shown.body, /author\/jane-rowing/);
  assert.match(words((await s.visit(`/lite${shown.target}`)).body), /Jane Rowing/);
  assert.doesNotMatch(words((await admin.get('/desk/accounts')).body), /Rowing/);
  await edo.get(at(page));
  await edo.post(`${at(page)}/restore`, { sure: '1' });
  assert.match((await s.visit(first)).body, /href="\/en\/author\/jane-rowing"/);
  assert.match(words((await admin.get('/desk/audit?kind=person')).body), /restore.*delete.*merge/);
  clean(s);
});

test('a merge that was cut off goes on after a restart', async (t) => {
  const { s, edo } = await station(t, Array.from({ length: 1500 }, (_, i) => article(i, 'tags: Oars\n')).join('') + article('x', 'tags: Paddles\n'));
  const page = await find(edo, 'tags', 'oars', '&lang=en');
  await edo.post(`${at(page)}/merge`, { into: 'Paddles' });
  await s.kill();
  await s.serve();
  await over(s, edo, at(page));
  assert.match(words((await s.get('/en/tag/paddles')).body), /Paddles \(?1,501/);
  clean(s);
});
