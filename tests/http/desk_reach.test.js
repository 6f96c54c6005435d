// SPDX-License-Identifier: AGPL-3.0-or-later
// What people of one language, one section or another trade find at the desk: their menu, their lists, and nothing that is
// not theirs.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { startStation } = require('../support/station');
const { colleague, firstAdministrator } = require('../support/desk');
const { formBody, formType, png } = require('../support/upload');

// The sections of a language as the form of an account offers them.
async function sectionsOf(admin, lang) {
  const form = (await admin.get('/desk/accounts/new')).body;
  return [...form.matchAll(/name="sections" value="(\d+)">[^<]*<label[^>]*>[^<(]*\((\w+)\)/g)].filter((m) => m[2] === lang).map((m) => m[1]);
}

const menuOf = (body) => [...new Set([...body.matchAll(/href="(\/desk\/[a-z]*)"/g)].map((m) => m[1]))];
const choicesOf = (body, name) => [...(new RegExp(`<select[^>]*name="${name}"[\\s\\S]*?</select>`).exec(body)?.[0] ?? '').matchAll(/<option value="([^"]*)"/g)].map((m) => m[1]);

test('every link of somebody\'s menu opens, whoever they are', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const [en] = await sectionsOf(admin, 'en');
  const people = {
    'an editor of one section': { roles: 'editor', languages: 'en', sections: en },
    'a reporter of one section': { roles: 'reporter', languages: 'en', sections: en },
    'a reporter of one section whose desk speaks another language': { roles: 'reporter', sections: en, lang: 'id' },
    'a reporter whose desk speaks a language that is not theirs': { roles: 'reporter', languages: 'ja', lang: 'de' },
    'a translator whose desk speaks a language that is not theirs': { roles: 'translator', languages: 'ar', lang: 'fr' },
    'an integrity officer': { roles: 'integrity' },
    'an engineer': { roles: 'engineer' },
    'an editor of one language': { roles: 'editor', languages: 'en' },
  };
  const menus = {};
  for (const [name, fields] of Object.entries(people)) {
    const who = await colleague(admin, `p${Object.keys(menus).length}@station.test`, fields);
    const home = await who.get('/desk/');
    menus[name] = menuOf(home.body);
    assert.ok(menus[name].includes('/desk/account'), name);
    for (const link of menus[name]) assert.strictEqual((await who.get(link)).status, 200, `${name}: ${link}`);
  }
  const whole = ['/desk/pages', '/desk/front', '/desk/sections', '/desk/tags', '/desk/messages', '/desk/redirects'];
  const newsroom = ['/desk/articles', '/desk/published', '/desk/media'];
  for (const link of whole) {
    assert.ok(!menus['an editor of one section'].includes(link), `${link} is of a whole language`);
    assert.ok(menus['an editor of one language'].includes(link), `${link} is an editor's`);
  }
  for (const link of newsroom) {
    assert.ok(menus['a reporter of one section'].includes(link), link);
    assert.ok(!menus['an integrity officer'].includes(link), `${link} is the newsroom's`);
    assert.ok(!menus['an engineer'].includes(link), `${link} is the newsroom's`);
  }
});

test('a reporter of one section finds what was published in it, and is offered nothing else', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const [first, second] = await sectionsOf(admin, 'en');
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter', sections: second, lang: 'de' });
  const list = await rita.get('/desk/published');
  assert.strictEqual(list.status, 200);
  assert.deepStrictEqual(choicesOf(list.body, 'lang'), ['en']);
  assert.deepStrictEqual(choicesOf(list.body, 'section'), [second]);
  assert.deepStrictEqual(choicesOf((await rita.get(`/desk/published?lang=en&section=${first}`)).body, 'section'), [second]);
  assert.strictEqual((await rita.get('/desk/published?lang=de')).status, 403);
  assert.strictEqual((await rita.get('/desk/published?lang=en&q=radio')).status, 200);
});

test('the page of a picture names no headline of a text that one may not read', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const [en] = await sectionsOf(admin, 'en'), [de] = await sectionsOf(admin, 'de');
  const body = formBody([['token', admin.token]], [{ field: 'files', name: 'harbour.png', bytes: png(40, 30, [1, 2, 3]) }]);
  const made = await admin.request('POST', '/desk/media/new', { headers: { 'Content-Type': formType, Origin: s.origin, 'Sec-Fetch-Site': 'same-origin' }, body });
  const picture = /\/desk\/media\/(\d{6,})/.exec(made.headers.location || made.body)[1];
  const texts = [['en', en, 'The harbour opens', 'draft'], ['de', de, 'Geheimer Entwurf', 'draft'], ['de', de, 'Morgen erst bekannt', 'scheduled']];
  for (const [lang, section, headline, state] of texts) {
    await admin.get('/desk/articles/new');
    const at = (await admin.post('/desk/articles/new', { lang, headline })).target.split('?')[0];
    await admin.post(at, { version: '1', headline, section, body: '<p>Words.</p>', ...(state === 'scheduled' && { publish_at: '2099-01-01T10:00' }) });
    const chosen = await admin.send(`${at}/picture`, { token: admin.token, version: '2', media: picture });
    assert.strictEqual(chosen.status, 303, chosen.body);
    if (state !== 'scheduled') continue;
    await admin.post(at, { version: '3', headline, section, body: '<p>Words.</p>', image_alt: 'Ein Hafen', image_credit: 'Ayu', publish_at: '2099-01-01T10:00' });
    const out = await admin.send(`${at}/step`, { token: admin.token, step: 'publish', version: '4', text: '', sure: '1' });
    assert.strictEqual(out.status, 303, out.body);
  }
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter', languages: 'en' });
  const seen = (await rita.get(`/desk/media/${picture}`)).body;
  assert.ok(seen.includes('The harbour opens'));
  assert.ok(!/Geheimer Entwurf|Morgen erst/.test(seen), seen);
  assert.ok(seen.includes('A text outside your languages and sections'));
  const all = (await admin.get(`/desk/media/${picture}`)).body;
  assert.ok(all.includes('Geheimer Entwurf') && all.includes('Morgen erst'), all);
});

// A text with a section, begun by somebody, handed in if asked for; its address.
async function begin(who, { lang, section, headline, submit = false }) {
  await who.get('/desk/articles/new');
  const at = (await who.post('/desk/articles/new', { lang, headline })).target.split('?')[0];
  const saved = await who.send(at, { token: who.token, version: '1', headline, section, body: '<p>Words.</p>' });
  assert.strictEqual(saved.status, 303, saved.body);
  if (submit) assert.strictEqual((await who.send(`${at}/step`, { token: who.token, step: 'submit', version: '2', text: '' })).status, 303);
  return at;
}

test('an editor of one section finds the queue of it at home and on the list, and other sections when asked for', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const [first, second] = await sectionsOf(admin, 'en');
  const edo = await colleague(admin, 'edo@station.test', { roles: 'editor', languages: 'en', sections: second });
  await begin(admin, { lang: 'en', section: second, headline: 'Mine to read', submit: true });
  for (let i = 0; i < 6; i++) await begin(admin, { lang: 'en', section: first, headline: `Of others ${i}`, submit: true });
  const home = (await edo.get('/desk/')).body;
  assert.ok(home.includes('Mine to read') && !home.includes('Of others'), home);
  const queue = (await edo.get('/desk/articles?list=review')).body;
  assert.ok(queue.includes('Mine to read') && !queue.includes('Of others'));
  assert.deepStrictEqual(choicesOf(queue, 'section').slice(0, 2), ['', '0']);
  const others = (await edo.get(`/desk/articles?list=review&section=${first}`)).body;
  assert.ok(!others.includes('Mine to read') && others.includes('Of others 0'));
  const all = (await edo.get('/desk/articles?list=review&section=0')).body;
  assert.ok(all.includes('Mine to read') && all.includes('Of others 0'));
  const of = (await admin.get(`/desk/articles?list=review&lang=en&section=${second}`)).body;
  assert.ok(of.includes('Mine to read') && !of.includes('Of others'), 'and so does whoever has no sections');
  assert.ok(choicesOf((await admin.get('/desk/articles?list=review')).body, 'section').length === 0, 'sections are of a language');
});

test('a reporter of one section turns the pages of a list past what others wrote', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const [first, second] = await sectionsOf(admin, 'en');
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter', sections: second });
  for (let i = 0; i < 31; i++) await begin(admin, { lang: 'en', section: second, headline: `Of mine ${i}.` });
  for (let i = 0; i < 31; i++) await begin(admin, { lang: 'en', section: first, headline: `Of others ${i}.` });
  await rita.get('/desk/articles/new');
  await rita.post('/desk/articles/new', { lang: 'en', headline: 'Without a section yet' });
  const page = (await rita.get('/desk/articles?list=drafts')).body;
  assert.ok(page.includes('Without a section yet') && page.includes('Of mine 30.') && !page.includes('Of others'));
  const older = /href="(\/desk\/articles\?list=drafts[^"]*after=[^"]*)"/.exec(page)[1].replaceAll('&amp;', '&');
  const rest = (await rita.get(older)).body;
  assert.ok(rest.includes('Of mine 0.') && !rest.includes('Of others'), rest);
  const forged = (await rita.get(`/desk/articles?list=drafts&lang=en&section=${first}`)).body;
  assert.ok(!forged.includes('Of others') && forged.includes('Of mine 30.'));
});

test('a translator finds a source that is not published yet, in a language that is not theirs', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const [de] = await sectionsOf(admin, 'de'), [en] = await sectionsOf(admin, 'en');
  await begin(admin, { lang: 'de', section: de, headline: 'Eine Quelle' });
  await begin(admin, { lang: 'en', section: en, headline: 'A text of mine' });
  const tara = await colleague(admin, 'tara@station.test', { roles: 'translator', languages: 'en', sections: en });
  const list = (await tara.get('/desk/articles?list=drafts')).body;
  assert.ok(list.includes('A text of mine') && !list.includes('Eine Quelle'));
  assert.strictEqual(choicesOf(list, 'lang').length, 9);
  const german = (await tara.get('/desk/articles?list=drafts&lang=de')).body;
  assert.ok(german.includes('Eine Quelle') && !german.includes('A text of mine'));
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter', languages: 'en' });
  assert.deepStrictEqual(choicesOf((await rita.get('/desk/articles?list=drafts')).body, 'lang'), ['en'], 'a reporter is offered what a reporter may read');
  assert.strictEqual((await rita.get('/desk/articles?list=drafts&lang=de')).status, 403);
});
