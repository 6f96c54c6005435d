// SPDX-License-Identifier: AGPL-3.0-or-later
// The ways of a text through the newsroom, walked in a browser: with the mouse at a desk, with the keyboard alone on a
// narrow screen, and without script. A short run walks those of them that say most.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { isLong, startStation } = require('../support/station');
const { startBrowser } = require('../support/browser');
const { colleague, firstAdministrator, localMinute, password } = require('../support/desk');
const { Hands } = require('../support/hands');
const { png } = require('../support/upload');

const photo = (name = 'quay.png') => ({ name, mimeType: 'image/png', buffer: png(900, 600, [40, 110, 150]) });
const desk = { mouse: true, viewport: { width: 1280, height: 1000 } };
const keyboard = { mouse: false, viewport: { width: 360, height: 740 } };
const ways = { 'with the mouse': desk, 'with the keyboard alone, 360 pixels wide': keyboard };
const without = { mouse: true, viewport: { width: 360, height: 740 }, javaScriptEnabled: false };

// A station, and people at browsers of their own.
async function newsroom(t, way, people) {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const browser = await startBrowser(t);
  const out = { s, admin };
  for (const [name, roles, languages = 'en'] of people) {
    const visitor = await colleague(admin, `${name}@station.test`, { roles, languages });
    const { mouse, ...options } = way;
    const context = await browser.newContext(options);
    context.setDefaultTimeout(20000);
    await context.addCookies(Object.entries(visitor.cookies).map(([key, value]) => ({ name: key, value, url: s.origin })));
    const page = await context.newPage();
    await page.goto(`${s.origin}/desk/`);
    out[name] = Object.assign(new Hands(page, { mouse }), { visitor });
  }
  return out;
}

// The lists of the desk, and a text in one.
async function openFrom(who, list, headline) {
  await who.menu('Articles');
  await who.link(list);
  await who.link(headline);
}

async function begin(who, headline, body, { section = 'News' } = {}) {
  await who.menu('Articles');
  await who.link('New article');
  await who.fill('Headline', headline);
  await who.button('Begin to write');
  await who.write('Body', body);
  await who.choose('Section', section);
}

const badge = (who) => who.page.locator('.facts .badge').textContent();
const sectionOf = async (visitor) => /<select id="f-section"[^>]*>[\s\S]*?<option value="\d{3,}"[^>]*>([^<]+)</.exec(
  (await visitor.get((await visitor.post('/desk/articles/new', { lang: 'en', headline: 'Which sections' })).target)).body)[1];
const publicAt = async (who, s) => s.visit(/(\/n\/\d+)/.exec(await who.page.getByRole('link', { name: 'Public page' }).getAttribute('href'))[1]);

// Written, illustrated, given back, published; what comes after is only walked with script.
async function walkToReaders(t, way) {
  const { s, rita, edo } = await newsroom(t, way, [['rita', 'reporter'], ['edo', 'editor']]);
  const section = await sectionOf(rita.visitor);
  await begin(rita, 'A port reopens', ['The ferries are back.', 'So are the gulls.'], { section });
  await rita.fill('Standfirst', 'After a year.');
  await rita.button('Save and choose the picture');
  await rita.fill('What the picture shows', 'A ferry at a quay');
  await rita.fill('Picture credit', 'Rita');
  await rita.give('File', photo());
  await rita.button('Upload and use');
  assert.strictEqual(await rita.field('What the picture shows').inputValue(), 'A ferry at a quay');
  await rita.button('Submit for review');
  assert.strictEqual(await badge(rita), 'In review');

  await openFrom(edo, 'In review', 'A port reopens');
  await edo.fill('Note to the writer', 'Which ferries?');
  await edo.button('Give back to the writer');
  assert.strictEqual(await badge(edo), 'Draft');

  await openFrom(rita, 'Mine', 'A port reopens');
  assert.match(await rita.page.textContent('#notes'), /Which ferries\?/);
  await rita.fill('Standfirst', 'After a year, all of them.');
  await rita.button('Save');
  await rita.button('Submit for review');
  return { s, rita, edo };
}

async function walkOn({ s, edo }) {
  await openFrom(edo, 'In review', 'A port reopens');
  const due = 60000 * Math.ceil(edo.visitor.now() / 60000 + 10);
  await edo.time('Publish at', localMinute(due));
  await edo.button('Save');
  await edo.button('Publish');
  assert.strictEqual(await badge(edo), 'Scheduled');
  assert.ok(!(await s.visit('/en/')).body.includes('A port reopens'));
  s.later(Math.ceil((due - edo.visitor.now()) / 1000));
  assert.ok((await s.visit('/en/')).body.includes('A port reopens'));
  await openFrom(edo, 'Published', 'A port reopens');
  let read = await publicAt(edo, s);
  assert.match(read.body, /<p>The ferries are back\.<\/p>\s*<p>So are the gulls\.<\/p>/);
  assert.match(read.body, /alt="A ferry at a quay"/);
  assert.match(read.body, /After a year, all of them\./);
  await edo.fill('What was wrong, and what is right', 'It was one ferry.');
  await edo.button('Add a correction');
  assert.match((await publicAt(edo, s)).body, /It was one ferry\./);
  read = await publicAt(edo, s);
  await edo.fill('What readers are told at this address', 'This did not happen.');
  await edo.button('Withdraw');
  assert.strictEqual(await badge(edo), 'Withdrawn');
  read = await s.visit(read.target);
  assert.strictEqual(read.status, 410);
  assert.match(read.body, /This did not happen\./);
}

for (const [name, way] of Object.entries(ways))
  if (isLong || !way.mouse)
    test(`a text from its first line to its withdrawal, ${name}`, async (t) => walkOn(await walkToReaders(t, way)));

test('a text from its first line to its readers, without script on a small phone', async (t) => {
  const { s, edo } = await walkToReaders(t, without);
  await openFrom(edo, 'In review', 'A port reopens');
  await edo.button('Publish');
  assert.strictEqual(await badge(edo), 'Published');
  assert.match((await publicAt(edo, s)).body, /<p>The ferries are back\.<\/p>\s*<p>So are the gulls\.<\/p>/);
});

// A translation, and what becomes of it when its source changes.
async function walkTranslation(t, way) {
  const { s, edo, tari } = await newsroom(t, way, [['edo', 'editor', 'en id'], ['tari', 'translator', 'id']]);
  const section = await sectionOf(edo.visitor);
  await begin(edo, 'A port reopens', ['The ferries are back.'], { section });
  await edo.button('Save');
  await edo.button('Publish');
  const at = new URL(edo.page.url()).pathname;
  await tari.page.goto(s.origin + at); // the editor sends the address
  await tari.choose('Language', 'Bahasa Indonesia');
  await tari.button('Begin a translation');
  await tari.fill('Headline', 'Pelabuhan dibuka lagi');
  await tari.write('Body', ['Feri kembali.']);
  await tari.choose('Section', await tari.page.locator('#f-section option:not([value="0"])').first().textContent());
  await tari.button('Save');
  await tari.button('Submit for review');
  await openFrom(edo, 'In review', 'Pelabuhan dibuka lagi');
  await edo.button('Publish');
  assert.match((await publicAt(edo, s)).body, /<p>Feri kembali\.<\/p>/);
  await openFrom(edo, 'Published', 'A port reopens');
  await edo.write('Body', ['The ferries are back, all six.']);
  await edo.button('Save');
  await edo.button('Publish');
  await openFrom(tari, 'Translations to update', 'Pelabuhan dibuka lagi');
  assert.match(await tari.page.textContent('main'), /The source was published anew/);
  await tari.write('Body', ['Feri kembali, enam-enamnya.']);
  await tari.tick('I have compared it with the source as it is now.');
  await tari.button('Save');
  assert.doesNotMatch(await tari.page.textContent('main'), /The source was published anew/);
  await tari.menu('Articles');
  await tari.link('Translations to update');
  assert.match(await tari.page.textContent('main'), /Nothing here at the moment/);
  await openFrom(edo, 'Changed since publication', 'Pelabuhan dibuka lagi');
  assert.match((await publicAt(edo, s)).body, /<p>Feri kembali\.<\/p>/, 'readers have what an editor published');
  await edo.button('Publish');
  assert.match((await publicAt(edo, s)).body, /<p>Feri kembali, enam-enamnya\.<\/p>/);
}

// Two with the same text open: the later one chooses where they collide.
async function walkCollision(t, way) {
  const { edo, eva } = await newsroom(t, way, [['edo', 'editor'], ['eva', 'editor']]);
  const section = await sectionOf(edo.visitor);
  await begin(edo, 'A port reopens', ['One.', 'Two.', 'Three.'], { section });
  await edo.button('Save');
  await openFrom(eva, 'Drafts', 'A port reopens');
  assert.match(await eva.page.textContent('main'), /edo/, 'she sees who has it open');
  await openFrom(edo, 'Drafts', 'A port reopens');
  await edo.fill('Headline', 'A port opens again');
  await edo.write('Body', ['One, first.', 'Two.', 'Three.']);
  await edo.button('Save');
  await eva.fill('Headline', 'The port is open');
  await eva.write('Body', ['One.', 'Two.', 'Three, last.']);
  await eva.button('Save');
  assert.match(eva.page.url(), /\/aside\/\d+/);
  await eva.choose('Headline', 'The saved text');
  await eva.button('Save the merged text');
  assert.strictEqual(await eva.heading(), 'A port opens again');
  const body = await eva.page.textContent('main');
  for (const words of ['One, first.', 'Three, last.']) assert.ok(body.includes(words), words);
  assert.doesNotMatch(body, /Texts kept aside/, 'nothing is left to bring together');
}

// The session ends while somebody writes: what was typed waits behind the login.
async function walkSessionEnd(t, way) {
  const { s, rita } = await newsroom(t, way, [['rita', 'reporter']]);
  const section = await sectionOf(rita.visitor);
  await begin(rita, 'A port reopens', ['The ferries are back.'], { section });
  await rita.button('Save');
  s.later(13 * 3600);
  await rita.write('Body', ['Written while nobody looked.', 'And more.']);
  await rita.button('Save');
  assert.match(await rita.heading(), /Your session has ended/);
  await rita.link('Sign in');
  await rita.fill('E-mail address', 'rita@station.test');
  await rita.fill('Password', password);
  await rita.button('Continue');
  await rita.fill('Code', rita.visitor.nextCode());
  await rita.button('Continue');
  assert.match(await rita.page.textContent('main'), /Written while nobody looked\./);
  await rita.button('Send it again');
  assert.match(rita.page.url(), /said=saved/);
  assert.match(await rita.page.locator('main').innerHTML(), /Written while nobody looked\./);
  assert.doesNotMatch(await rita.page.textContent('main'), /Texts kept aside/);
}

const walks = { 'a translation follows its source': [walkTranslation, null], 'two editors collide and lose nothing': [walkCollision, null],
  'a session that ends mid-writing loses nothing': [walkSessionEnd, without] }; // and how a short run walks it, if it does
for (const [what, [walk, short]] of Object.entries(walks))
  for (const [name, way] of Object.entries({ ...ways, 'without script on a small phone': without }))
    if (isLong || way === short) test(`${what}, ${name}`, async (t) => walk(t, way));
