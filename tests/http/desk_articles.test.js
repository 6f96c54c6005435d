// SPDX-License-Identifier: AGPL-3.0-or-later
// A text on its way through the desk, as its people see it.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { startStation } = require('../support/station');
const { colleague, firstAdministrator, localMinute, unescapeHtml } = require('../support/desk');

const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
const section = (body) => /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec(body)[1];
const address = (page) => page.target.replace(/\?.*/, '');

async function newsroom(t, languages = 'en') {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter', languages });
  const edo = await colleague(admin, 'edo@station.test', { roles: 'editor', languages });
  return { s, admin, rita, edo };
}

async function begin(writer, headline, fields = {}) {
  await writer.get('/desk/articles/new');
  const page = await writer.post('/desk/articles/new', { lang: 'en', headline, ...fields });
  assert.match(page.target, /^\/desk\/articles\/\d+/, page.body);
  return page;
}

// Sends the form of the page with some fields changed.
function save(writer, page, fields) {
  const form = { version: hidden(page.body, 'version'), section: section(page.body) };
  for (const name of ['headline', 'byline', 'dateline', 'agency', 'slug', 'publish_at', 'embargo_until', 'expires_at'])
    form[name] = unescapeHtml(new RegExp(`id="f-${name}" name="${name}" value="([^"]*)"`).exec(page.body)[1]);
  for (const name of ['standfirst', 'body', 'tags', 'people'])
    form[name] = unescapeHtml(new RegExp(`name="${name}"[^>]*>([^<]*)</textarea>`).exec(page.body)[1]);
  return writer.post(address(page), { ...form, ...fields });
}

async function step(who, at, name, text = '', more = { sure: '1' }) {
  const page = await who.get(at);
  return who.post(`${at}/step`, { step: name, version: hidden(page.body, 'version') || '1', text, ...more });
}

const publicPage = async (s, page) => s.get(/href="(\/n\/\d+)"/.exec(page.body)[1]);
const follow = async (s, answer) => (answer.headers.location ? s.get(answer.headers.location) : answer);

test('a reporter writes, an editor gives back and publishes, a reader reads; then a correction and a withdrawal', async (t) => {
  const { s, rita, edo } = await newsroom(t);
  let page = await begin(rita, 'A port reopens');
  const at = address(page);
  page = await save(rita, page, { body: 'The ferries are back.\n\nSo are the gulls.', tags: 'Ports\nTrade', dateline: 'Jakarta', agency: 'Reuters' });
  assert.match(page.body, />The ferries are back\.\n\nSo are the gulls\.<\/textarea>/);
  page = await save(rita, page, { body: '<p>The ferries are <em>back</em>.</p><p onclick="x()">So are R&amp;D and the gulls.</p>' });
  assert.match(page.body, />&lt;p&gt;The ferries are &lt;em&gt;back&lt;\/em&gt;\.&lt;\/p&gt;\n&lt;p&gt;So are R&amp;amp;D/);
  page = await save(rita, page, { body: 'The ferries are back.\n\nSo are R&D and the gulls.' });
  assert.match(page.body, />The ferries are back\.\n\nSo are R&amp;D and the gulls\.<\/textarea>/);
  const denied = await step(rita, at, 'publish');
  assert.strictEqual(denied.status, 403);
  page = await step(rita, at, 'submit');
  assert.match(page.body, /In review/);

  page = await edo.get('/desk/articles?list=review');
  assert.match(page.body, /A port reopens/);
  page = await step(edo, at, 'return');
  assert.match(page.body, /say why/);
  page = await step(edo, at, 'return', 'Which ferries?');
  assert.match((await rita.get(at)).body, /Which ferries\?/);
  await step(rita, at, 'submit');
  page = await step(edo, at, 'publish');
  assert.match(page.body, /badge-good">Published/);

  let read = await follow(s, await publicPage(s, page));
  assert.strictEqual(read.status, 200);
  assert.match(read.body, /<h1>A port reopens<\/h1>/);
  assert.match(read.body, /<p>Jakarta — The ferries are back\.<\/p>/);
  assert.match(read.body, /\(Reuters\)/);
  const link = /rel="canonical" href="[^"]*(\/en\/[^"]+)"/.exec(read.body)[1];

  page = await step(edo, at, 'correct', 'It was one ferry.');
  assert.match((await s.get(link)).body, /It was one ferry\./);
  assert.strictEqual((await step(rita, at, 'withdraw', 'x')).status, 403);
  await step(edo, at, 'withdraw', 'This did not happen.');
  read = await s.get(link);
  assert.strictEqual(read.status, 410);
  assert.match(read.body, /This did not happen\./);
  page = await step(edo, at, 'archive'); // the notice stays
  assert.match(page.body, /In the archive|Archived/);
  read = await s.get(link);
  assert.strictEqual(read.status, 410);
  assert.match(read.body, /This did not happen\./);
});

test('a correction and a notice may have several lines, and one that is refused says why and is given back', async (t) => {
  const { s, edo } = await newsroom(t);
  let page = await begin(edo, 'A port reopens');
  const at = address(page);
  await save(edo, page, { body: 'The ferries are back.' });
  page = await step(edo, at, 'publish');
  const link = (await s.get(/href="(\/n\/\d+)"/.exec(page.body)[1])).headers.location;
  for (const [name, text, why] of [['correct', 'x'.repeat(2001), 'This text is too long.'], ['correct', 'One.\n'.repeat(41), 'These are more than 40 lines.'],
    ['withdraw', 'Line\n'.repeat(41), 'These are more than 40 lines.'], ['withdraw', 'A bell: \x07', 'This text contains characters that cannot be used.']]) {
    page = await step(edo, at, name, text);
    assert.strictEqual(page.status, 422, why);
    assert.ok(page.body.includes(why), why);
    const given = new RegExp(`id="text-${name}"[^>]*>([^<]*)</textarea>`).exec(page.body)[1];
    assert.strictEqual(unescapeHtml(given).trim(), text.trim());
    const other = new RegExp(`id="text-${name === 'correct' ? 'withdraw' : 'correct'}"[^>]*>([^<]*)</textarea>`).exec(page.body)[1];
    assert.strictEqual(other, '');
  }
  assert.strictEqual((await step(edo, at, 'correct', 'It was one ferry.\r\n\r\nIt is called Laut.')).status, 200);
  for (const where of [link, `/lite${link}`])
    assert.match((await s.get(where)).body, /<\/time> It was one ferry\.<\/p>\s*<p>It is called Laut\.<\/p>/, where);
  assert.strictEqual((await step(edo, at, 'withdraw', 'This did not happen.\r\nWe are sorry.')).status, 200);
  for (const where of [link, `/lite${link}`]) {
    const read = await s.get(where);
    assert.strictEqual(read.status, 410);
    assert.match(read.body, /<p>This did not happen\.<\/p>\s*<p>We are sorry\.<\/p>/, where);
  }
});

test('what goes to the archive stays to be read at its address, stands in no list, and can still be withdrawn', async (t) => {
  const { s, rita, edo } = await newsroom(t);
  let page = await begin(rita, 'A port reopens');
  const at = address(page);
  await save(rita, page, { body: 'The ferries are back.', tags: 'Gulls' });
  await step(rita, at, 'submit');
  page = await step(edo, at, 'publish');
  assert.match(page.body, /Readers keep the page at its address/);
  s.later(2); // the search goes by whole seconds
  const short = /href="(\/n\/\d+)"/.exec(page.body)[1];
  const link = (await s.get(short)).headers.location;
  const lists = ['/en/', link.replace(/\/[^/]+$/, ''), '/en/search?q=ferries', '/en/tag/gulls', '/feeds/en/all.rss', '/lite/en/'];
  for (const list of lists) assert.match((await s.get(list)).body, /A port reopens/, list);
  assert.match((await step(edo, at, 'archive', '', {})).target, /said=not_sure/);
  assert.match((await s.get('/en/')).body, /A port reopens/, 'a press by mistake takes nothing from readers');
  page = await step(edo, at, 'archive');
  assert.match(page.body, /badge-plain">Archived/);
  for (const list of lists) assert.doesNotMatch((await s.get(list)).body, /A port reopens/, list);
  assert.strictEqual((await s.get(short)).headers.location, link);
  for (const where of [link, `/lite${link}`]) {
    const read = await s.get(where);
    assert.strictEqual(read.status, 200, where);
    assert.match(read.body, /The ferries are back\./);
  }
  assert.strictEqual((await step(rita, at, 'withdraw', 'It is closed.')).status, 403);
  await step(edo, at, 'withdraw', 'It is closed.');
  const read = await s.get(link);
  assert.strictEqual(read.status, 410);
  assert.match(read.body, /It is closed\./);
});

test('a reporter writes her published text anew; readers get it when an editor publishes that', async (t) => {
  const { admin, s, rita, edo } = await newsroom(t);
  const tia = await colleague(admin, 'tia@station.test', { roles: 'translator', languages: 'en' });
  const rob = await colleague(admin, 'rob@station.test', { roles: 'reporter', languages: 'en' });
  const ina = await colleague(admin, 'ina@station.test', { roles: 'translator', languages: 'id' });
  let page = await begin(rita, 'A port reopens');
  const at = address(page);
  await save(rita, page, { body: 'One ferry is back.' });
  await step(rita, at, 'submit');
  page = await step(edo, at, 'publish');
  const link = (await s.get(/href="(\/n\/\d+)"/.exec(page.body)[1])).headers.location;
  assert.doesNotMatch((await edo.get('/desk/articles?list=ahead')).body, /A port reopens/);

  page = await rita.get(at);
  assert.match(page.body, /What you save here waits for an editor/);
  page = await save(rita, page, { body: 'Two ferries are back.' });
  assert.match(page.body, /There is a newer version that readers do not have yet/);
  page = await save(tia, await tia.get(at), { standfirst: 'At last.' });
  assert.match(page.target, /said=saved/);
  for (const who of [rob, ina]) {
    page = await who.get(at);
    assert.doesNotMatch(page.body, /id="f-headline"/);
    assert.strictEqual((await who.post(at, { version: 3, section: 1, headline: 'Taken', body: '' })).status, 403);
  }
  for (const who of [rita, tia]) assert.strictEqual((await step(who, at, 'publish')).status, 403);
  assert.match((await s.get(link)).body, /One ferry is back\./);

  for (const list of ['ahead', 'out', 'all'])
    assert.match((await edo.get(`/desk/articles?list=${list}`)).body, /A port reopens[\s\S]*?Published[\s\S]*?Changed since publication/, list);
  assert.match((await edo.get('/desk/articles?list=ahead&q=port')).body, /A port reopens/);
  await step(edo, at, 'publish');
  assert.match((await s.get(link)).body, /At last\.[\s\S]*Two ferries are back\./);
  assert.doesNotMatch((await edo.get('/desk/articles?list=ahead')).body, /A port reopens/);
});

test('two people save the same text: the later one loses nothing and chooses where they collide', async (t) => {
  const { rita, edo } = await newsroom(t);
  let page = await begin(rita, 'A port reopens');
  const at = address(page);
  page = await save(rita, page, { body: 'One.\n\nTwo.\n\nThree.' });
  page = await rita.get(at);
  await step(rita, at, 'submit');
  const hers = await edo.get(at), his = await edo.get(at);
  await save(edo, hers, { body: '<p>One, first.</p><p>Two.</p><p>Three.</p>', headline: 'First headline' });
  page = await save(edo, his, { body: '<p>One.</p><p>Two.</p><p>Three, second.</p>', headline: 'Second headline' });
  assert.match(page.target, /\/aside\/\d+/);
  assert.match(page.body, /First headline/);
  assert.match(page.body, /Second headline/);
  const aside = page.target;
  assert.match((await edo.get(at)).body, /kept aside/);
  page = await edo.get(aside);
  page = await edo.post(aside, { version: hidden(page.body, 'version'), take: '0-theirs' });
  assert.match(page.body, /One, first\./);
  assert.match(page.body, /Three, second\./);
  assert.match(page.body, /<h1>First headline<\/h1>/);
  assert.strictEqual((await edo.get(aside)).status, 404); // settled
});

test('an older version and a text kept aside go into no section that is not one\'s own', async (t) => {
  const { admin } = await newsroom(t);
  const form = (await admin.get('/desk/accounts/new')).body;
  const [a, b] = [...form.matchAll(/name="sections" value="(\d+)">[^<]*<label[^>]*>[^<(]*\((\w+)\)/g)].filter((m) => m[2] === 'en').map((m) => m[1]);
  const ed = await colleague(admin, 'ed@station.test', { roles: 'editor', languages: 'en', sections: a });
  let page = await begin(admin, 'A port reopens');
  const at = address(page);
  page = await save(admin, page, { section: b, body: 'In the one section.' }); // version 2
  page = await save(admin, page, { section: a, body: 'In the other.' }); // version 3
  const early = await admin.get(at);
  const sectionNow = async () => /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d+)" selected/.exec((await admin.get(at)).body)[1];
  const refused = (answer) => {
    assert.strictEqual(answer.status, 422, answer.body);
    assert.match(answer.body, /You may not write in this section\./);
  };

  page = await ed.get(`${at}/versions/2`);
  refused(await ed.post(`${at}/versions/2`, { version: hidden(page.body, 'version') }));
  assert.strictEqual(await sectionNow(), a);
  page = await save(ed, await ed.get(at), { section: a, body: 'Still in the other.' }); // version 4
  refused(await save(ed, page, { section: b, body: 'Taken along.' }));
  page = await ed.post(`${at}/versions/3`, { version: '4' }); // version 5
  assert.match(page.target, /said=restored/);

  page = await save(admin, early, { section: b }); // late: kept aside
  const aside = page.target.replace(/\?.*/, '');
  assert.match(aside, /\/aside\/\d+/);
  page = await ed.get(aside);
  refused(await ed.post(aside, { version: hidden(page.body, 'version') }));
  assert.strictEqual(await sectionNow(), a);
  page = await admin.get(aside); // nothing is lost: who may, merges it
  page = await admin.post(aside, { version: hidden(page.body, 'version') });
  assert.match(page.target, /said=merged/);
  assert.strictEqual(await sectionNow(), b);
});

test('what is due at a minute is public at that minute, and a preview shows it before', async (t) => {
  const { s, rita, edo } = await newsroom(t);
  let page = await begin(rita, 'Not before noon');
  const at = address(page);
  const due = localMinute(rita.now() + 2 * 3600 * 1000);
  page = await save(rita, page, { body: 'At noon.', publish_at: 'noon' });
  assert.strictEqual(page.status, 422);
  assert.match(page.body, /value="noon"/); // what was typed
  page = await save(rita, await rita.get(at), { body: 'At noon.', publish_at: due });
  await step(rita, at, 'submit');
  page = await step(edo, at, 'publish');
  assert.match(page.body, /Scheduled/);
  assert.match((await edo.get('/desk/articles?list=scheduled')).body, /Not before noon/);
  assert.doesNotMatch((await s.get('/en/')).body, /Not before noon/);

  for (const [width, pixels] of [['desktop', 1280], ['tablet', 768], ['phone', 360]]) {
    page = await edo.get(`${at}/preview?width=${width}`);
    assert.match(page.body, new RegExp(`<iframe src="/preview/en/[^"]+" title="[^"]*Not before noon" width="${pixels}"`));
    assert.match(page.body, new RegExp(`width=${width}" aria-current="page"`));
    assert.match(page.headers['content-security-policy'], /; frame-src 'self'; .*frame-ancestors 'none'/);
  }
  const preview = /<iframe src="([^"]+)"/.exec(page.body)[1];
  assert.ok(page.body.includes(`<a href="${preview}">`), 'the link to hand on');
  const shown = await s.get(preview); // without a session
  assert.match(shown.headers['content-security-policy'], /frame-ancestors 'self'/);
  assert.match((await s.get('/en/')).headers['content-security-policy'], /frame-ancestors 'none'/);
  assert.match((await edo.get(at)).headers['content-security-policy'], /frame-ancestors 'none'/);
  assert.doesNotMatch((await edo.get(at)).headers['content-security-policy'], /frame-src/);
  assert.match(shown.body, /<h1>Not before noon<\/h1>/);
  assert.match(shown.headers['x-robots-tag'] || shown.body, /noindex/);
  assert.strictEqual((await s.get(`${preview.slice(0, -1)}${preview.endsWith('0') ? '1' : '0'}`)).status, 404);
  s.later(2 * 3600 + 60);
  assert.match((await s.get('/en/')).body, /Not before noon/);
  s.later(48 * 3600);
  assert.strictEqual((await s.get(preview)).status, 410);
});

test('a time that an editor clears is none any more: what was scheduled goes out at once', async (t) => {
  const { s, edo } = await newsroom(t);
  let page = await begin(edo, 'Not before noon');
  const at = address(page);
  await save(edo, page, { body: 'At noon.', publish_at: localMinute(edo.now() + 2 * 3600 * 1000) });
  assert.match((await edo.get(at)).body, /Readers have it on /);
  page = await step(edo, at, 'publish');
  assert.match(page.body, /Scheduled/);
  page = await save(edo, page, { publish_at: '' });
  assert.match(page.body, /Readers have it at once\./);
  page = await step(edo, at, 'publish');
  assert.match(page.body, /badge-good">Published/);
  assert.match((await follow(s, await publicPage(s, page))).body, /<h1>Not before noon<\/h1>/);
});

test('an editor who gives a public text a later time, or an embargo, reads why it cannot have one', async (t) => {
  const { s, edo } = await newsroom(t);
  let page = await begin(edo, 'A port reopens');
  const at = address(page), later = localMinute(edo.now() + 2 * 3600 * 1000);
  await save(edo, page, { body: 'The ferries are back.' });
  page = await step(edo, at, 'publish');
  const link = (await s.get(/href="(\/n\/\d+)"/.exec(page.body)[1])).headers.location;
  for (const times of [{ publish_at: later, embargo_until: '' }, { publish_at: '', embargo_until: later }]) {
    page = await save(edo, await edo.get(at), { body: 'Two ferries are back.', ...times });
    assert.match(page.body, /Before it can be published: Readers have a page at its address already/);
    assert.doesNotMatch(page.body, /Readers have it (on|at once)/);
    page = await step(edo, at, 'publish');
    assert.strictEqual(page.status, 422);
    assert.match(page.body, /would be gone until then: take out the times under/);
    const read = await s.get(link);
    assert.strictEqual(read.status, 200);
    assert.match(read.body, /The ferries are back\./);
  }
  await save(edo, await edo.get(at), { publish_at: '', embargo_until: '' });
  assert.strictEqual((await step(edo, at, 'publish')).status, 200);
  assert.match((await s.get(link)).body, /Two ferries are back\./);
});

test('what is written is saved while it is written, and older versions can be taken up again', async (t) => {
  const { rita } = await newsroom(t);
  let page = await begin(rita, 'Draft one');
  const at = address(page);
  const fields = { token: rita.token, version: hidden(page.body, 'version'), section: section(page.body), headline: 'Draft two', body: '' };
  let got = JSON.parse((await rita.send(`${at}/autosave`, fields)).body);
  assert.deepStrictEqual(got, { saved: true, version: 2 });
  got = JSON.parse((await rita.send(`${at}/autosave`, { ...fields, version: 2, headline: 'Draft three' })).body);
  assert.deepStrictEqual(got, { saved: true, version: 3 });
  got = JSON.parse((await rita.send(`${at}/autosave`, { ...fields, version: 2, headline: 'From a forgotten window' })).body);
  assert.match(got.aside, /\/aside\/\d+$/);
  // A second window's words do not take the place of the first's; the same words are kept once.
  const first = got.aside;
  const second = JSON.parse((await rita.send(`${at}/autosave`, { ...fields, version: 2, headline: 'From another window' })).body).aside;
  assert.notStrictEqual(second, first);
  assert.match((await rita.get(first)).body, /From a forgotten window/);
  assert.match((await rita.get(second)).body, /From another window/);
  got = JSON.parse((await rita.send(`${at}/autosave`, { ...fields, version: 2, headline: 'From a forgotten window' })).body);
  assert.strictEqual(got.aside, first);
  page = await rita.get(`${at}/versions/3`);
  assert.match(page.body, /<del>one<\/del><ins>three<\/ins>|<ins>three<\/ins>/);
  await rita.get(at);
  page = await rita.get(`${at}/versions/1`);
  page = await rita.post(`${at}/versions/1`, { version: 3 });
  assert.match(page.body, /<h1>Draft one<\/h1>/);
});

test('a colleague of another language may read a text, and nothing else', async (t) => {
  const { admin, rita } = await newsroom(t);
  const page = await begin(rita, 'A port reopens');
  const at = address(page);
  const iwan = await colleague(admin, 'iwan@station.test', { roles: 'editor', languages: 'id' });
  const seen = await iwan.get(at);
  assert.strictEqual(seen.status, 200);
  assert.doesNotMatch(seen.body, /id="f-headline"|id="step-/);
  const text = { version: 1, section: 1, headline: 'Taken', body: '' };
  for (const [rest, fields] of [['', text], ['/autosave', text], ['/lease', {}], ['/step', { step: 'publish', version: 1, text: '' }],
    ['/versions/1', { version: 1 }]])
    assert.strictEqual((await iwan.post(`${at}${rest}`, fields)).status, 403, rest);
  assert.doesNotMatch((await iwan.get('/desk/articles?list=all')).body, /A port reopens/);
  assert.match((await rita.get(at)).body, /<h1>A port reopens<\/h1>/);
});

// The banner at the top of a page: the headline in it, or nothing.
const banner = (body) => /<aside[^>]* aria-label="Breaking news">[\s\S]*?<a href="[^"]*"[^>]*>([^<]*)<\/a>/.exec(body)?.[1];

test('an editor marks an article as breaking news; for six hours it stands above every page of its language', async (t) => {
  const { s, rita, edo } = await newsroom(t);
  const publish = async (headline, fields = {}) => {
    const page = await begin(rita, headline);
    await save(rita, page, { body: 'The quay is closed.', ...fields });
    await step(rita, address(page), 'submit');
    return address((await step(edo, address(page), 'publish')));
  };
  const at = await publish('Harbour closed by a storm');
  const plain = await publish('A port reopens');
  const link = (await s.get(/href="(\/n\/\d+)"/.exec((await edo.get(plain)).body)[1])).headers.location;
  const everywhere = ['/en/', link, `/lite${link}`, link.replace(/\/[^/]+$/, ''), '/en/search', '/lite/en/search?q=port', '/en/archive', '/en/nothing-here'];
  const shown = async () => {
    const all = await Promise.all(everywhere.map(async (path) => banner((await s.get(path)).body)));
    assert.strictEqual(new Set(all).size, 1, all.join(', '));
    return all[0];
  };
  assert.strictEqual(await shown(), undefined);
  assert.doesNotMatch((await rita.get(at)).body, /id="step-breaking"/);
  assert.strictEqual((await step(rita, at, 'breaking')).status, 403);

  let page = await step(edo, at, 'breaking');
  assert.match(page.body, /In the banner until/);
  assert.doesNotMatch(page.body, /id="step-breaking"/);
  assert.strictEqual(await shown(), 'Harbour closed by a storm');
  assert.doesNotMatch((await s.get('/id/')).body, /Harbour closed|class="breaking"/);
  assert.match((await edo.get(at)).body, /id="step-not_breaking"/);
  const audit = (await edo.request('GET', '/desk/audit')).status;
  assert.strictEqual(audit, 403);

  // A corrected headline is the banner's at once.
  await save(edo, await edo.get(at), { headline: 'Harbour closed by a strong storm' });
  assert.strictEqual(await shown(), 'Harbour closed by a storm');
  await step(edo, at, 'publish');
  assert.strictEqual(await shown(), 'Harbour closed by a strong storm');

  await step(edo, at, 'not_breaking');
  assert.strictEqual(await shown(), undefined);
  await step(edo, at, 'breaking');
  s.later(6 * 3600 - 60);
  assert.strictEqual(await shown(), 'Harbour closed by a strong storm');
  s.later(60);
  assert.strictEqual(await shown(), undefined);

  await edo.signIn('edo@station.test'); // nobody stays signed in for six hours without a step
  // The newest mark counts, and what it ended stays ended.
  await step(edo, at, 'breaking');
  await step(edo, plain, 'breaking');
  assert.strictEqual(await shown(), 'A port reopens');
  assert.doesNotMatch((await edo.get(at)).body, /In the banner until/);
  page = await step(edo, plain, 'withdraw', 'It is closed.');
  assert.match(page.body, /It is withdrawn/);
  everywhere.splice(1, 2);
  assert.strictEqual(await shown(), undefined);
});

test('what is published as breaking news goes into the banner by itself, at its time, until it is taken down', async (t) => {
  const { s, rita, edo } = await newsroom(t);
  const now = rita.now();
  const page = await begin(rita, 'The bridge is open');
  const at = address(page);
  await save(rita, page, { body: 'Cars cross.', breaking: '1', publish_at: localMinute(now + 2 * 3600e3), expires_at: localMinute(now + 4 * 3600e3) });
  await step(rita, at, 'submit');
  await step(edo, at, 'publish');
  const front = async () => banner((await s.get('/en/')).body);
  assert.strictEqual(await front(), undefined);
  s.later(2 * 3600);
  assert.strictEqual(await front(), 'The bridge is open');
  s.later(1800);
  await edo.signIn('edo@station.test');
  const old = await edo.get(at);
  await save(edo, old, { standfirst: 'At last.', breaking: '1' }); // again, which does not begin anew
  await step(edo, at, 'not_breaking');
  await step(edo, at, 'publish');
  assert.strictEqual(await front(), undefined);
  await step(edo, at, 'breaking');
  assert.strictEqual(await front(), 'The bridge is open');
  s.later(2 * 3600);
  assert.strictEqual(await front(), undefined);
  await edo.signIn('edo@station.test');
  const refused = await step(edo, at, 'breaking');
  assert.strictEqual(refused.status, 422);
  assert.match(refused.body, /Readers cannot see this article now/);
});
