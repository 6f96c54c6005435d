// SPDX-License-Identifier: AGPL-3.0-or-later
// The fields that a station defines for its articles: made, filled in, read, renamed, deleted, and no value lost.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { mustRun, startStation } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');

const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
const label = (body, id) => unescapeHtml(new RegExp(`<label for="${id}">([^<]*)</label>`).exec(body)?.[1] || '');
const value = (body, id) => unescapeHtml(new RegExp(`id="${id}"[^>]* value="([^"]*)"`).exec(body)?.[1] || '');
const details = (body) => /<dl class="extras"[\s\S]*?<\/dl>/.exec(body)?.[0] || '';

async function newsroom(t) {
  const s = await startStation(t, { demo: false });
  const admin = await firstAdministrator(s);
  const edo = await colleague(admin, 'edo@station.test', { roles: 'editor' });
  return { s, admin, edo };
}

async function define(admin, fields) {
  const form = await admin.get('/desk/fields/new');
  const page = await admin.post('/desk/fields/new', { version: hidden(form.body, 'version'), kind: 'line', shown: '1', everywhere: '1', ...fields });
  assert.match(page.target, /^\/desk\/fields\/\d+\?said=saved/, page.body);
  return page.target.replace(/\?.*/, '');
}

async function begin(who, headline, lang = 'en') {
  await who.get('/desk/articles/new');
  let page = await who.post('/desk/articles/new', { lang, headline });
  const at = page.target.replace(/\?.*/, '');
  const section = /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec(page.body)[1];
  page = await who.post(at, { version: hidden(page.body, 'version'), section, headline, body: 'Words.' });
  assert.match(page.target, /said=saved/, page.body);
  return { at, section };
}

// Sends the text's form with the extra fields that are given by their labels.
async function fill(who, text, values, more = {}) {
  const page = await who.get(text.at);
  const form = { version: hidden(page.body, 'version'), section: text.section, headline: 'A fair', body: 'Words.', extra_names: hidden(page.body, 'extra_names'), ...more };
  const n = form.extra_names.split(' ').length;
  for (let i = 1; i <= n; i++) {
    const name = label(page.body, `f-extra-${i}`);
    assert.ok(name, `field ${i}`);
    form[`extra-${i}`] = values[name] ?? value(page.body, `f-extra-${i}`);
  }
  return who.post(text.at, form);
}

async function publish(who, at) {
  const page = await who.get(at);
  const out = await who.post(`${at}/step`, { step: 'publish', version: hidden(page.body, 'version') });
  const address = /href="(\/n\/\d+)"/.exec(out.body)?.[1];
  assert.ok(address, out.body);
  const answer = await who.station.get(address);
  return answer.headers.location;
}

const ALL = {
  venue: { label: 'Venue', 'label-id': 'Tempat' },
  about: { label: 'How to get there', kind: 'text' },
  price: { label: 'Price', kind: 'number' },
  opens: { label: 'Opens', kind: 'date', 'label-ar': 'الافتتاح' },
  more: { label: 'More', kind: 'link' },
  entry: { label: 'Entry', kind: 'choice', choices: 'free = Free of charge\nBy ticket\n' },
  wheelchairs: { label: 'Wheelchairs', kind: 'flag' },
};

async function defineAll(admin) {
  const made = {};
  for (const [name, fields] of Object.entries(ALL)) made[name] = await define(admin, { name, ...fields });
  return made;
}

test('an administrator defines fields of every kind; an editor fills them in; readers of both editions have them', async (t) => {
  const { s, admin, edo } = await newsroom(t);
  const made = await defineAll(admin);
  const list = await admin.get('/desk/fields');
  assert.ok(list.body.indexOf('Venue') < list.body.indexOf('Wheelchairs'));
  assert.strictEqual((await edo.get('/desk/fields')).status, 403, 'only administrators define');
  const text = await begin(edo, 'A fair');
  const page = await fill(edo, text, { Venue: 'The <old> harbour', 'How to get there': ' Bus 7\n\nor on foot ', Price: '١٢٥٠٫٥٠', Opens: '1945-08-17', More: 'www.fair.test/en the fair', Entry: 'by-ticket', Wheelchairs: 'yes' });
  assert.match(page.target, /said=saved/, page.body);
  assert.match(page.body, /<option value="by-ticket" selected>By ticket/);
  const address = await publish(edo, text.at);
  let shown = details((await s.get(address)).body);
  assert.match(shown, /<dt>Venue<\/dt><dd><bdi>The &lt;old&gt; harbour<\/bdi><\/dd>/);
  assert.match(shown, /<dd><p>Bus 7<\/p>\n<p>or on foot<\/p>/);
  assert.match(shown, /<dt>Price<\/dt><dd><bdi>1,250\.50<\/bdi>/);
  assert.match(shown, /<time datetime="1945-08-17">17 August 1945<\/time>/);
  assert.match(shown, /<a rel="nofollow noopener ugc" href="https:\/\/www\.fair\.test\/en"><bdi>the fair<\/bdi><\/a>/);
  assert.match(shown, /<dt>Entry<\/dt><dd><bdi>By ticket<\/bdi>/);
  assert.match(shown, /<dt>Wheelchairs<\/dt><dd><bdi>Yes<\/bdi>/);
  const lite = (await s.get(`/lite${address}`)).body;
  assert.match(lite, /<dt>Opens<\/dt><dd><bdi>17 August 1945<\/bdi><\/dd>/);
  assert.match(lite, /Bus 7<br>\n?or on foot<\/dd>/);

  // Words are the definition's: pages follow at once, and no article was touched.
  const { price } = made;
  let form = await admin.get(price);
  const before = (await edo.get(text.at)).body;
  await admin.post(price, { version: hidden(form.body, 'version'), kind: 'number', label: 'Entrance fee', shown: '1', everywhere: '1' });
  shown = details((await s.get(address)).body);
  assert.match(shown, /<dt>Entrance fee<\/dt>/);
  assert.strictEqual(hidden((await edo.get(text.at)).body, 'version'), hidden(before, 'version'));
  const late = await admin.post(price, { version: hidden(form.body, 'version'), kind: 'number', label: 'Too late', shown: '1', everywhere: '1' });
  assert.strictEqual(late.status, 409);
  assert.ok(late.body.includes('Too late'), 'what was typed is given back');
  form = await admin.get(price);
  await admin.post(price, { version: hidden(form.body, 'version'), kind: 'number', label: 'Entrance fee', everywhere: '1' });
  assert.ok(!(await s.get(address)).body.includes('Entrance fee'), 'for staff only from now on');
  assert.ok((await edo.get(text.at)).body.includes('Readers do not see this field.'));
  await admin.post('/desk/fields/move', { id: /\d+$/.exec(price)[0], way: 'up' });
  const audit = await admin.get('/desk/audit?kind=field');
  for (const verb of ['begin', 'save', 'move']) assert.ok(audit.body.includes(verb), verb);
  await s.stop();
  mustRun('verify', s.dir);
});

test('a field that is deleted keeps what articles say in it, until an editor takes it out', async (t) => {
  const { s, admin, edo } = await newsroom(t);
  const venue = await define(admin, { name: 'venue', label: 'Venue' });
  await define(admin, { name: 'opens', label: 'Opens', kind: 'date' });
  const text = await begin(edo, 'A fair');
  await fill(edo, text, { Venue: 'The harbour', Opens: '2026-12-01' });
  const address = await publish(edo, text.at);
  assert.ok((await s.get(address)).body.includes('The harbour'));
  const sure = await admin.post(`${venue}/delete`, {});
  assert.match(sure.target, /said=not_sure/);
  await admin.post(`${venue}/delete`, { sure: '1' });
  assert.ok(!(await s.get(address)).body.includes('The harbour'));
  let page = await edo.get(text.at);
  assert.match(page.body, /venue: The harbour<\/label>[\s\S]*?No longer defined/);
  page = await fill(edo, text, { Opens: '2026-12-02' });
  assert.match(page.body, /venue: The harbour/, 'another save loses nothing');
  const where = await define(admin, { name: 'venue', label: 'Where' });
  await publish(edo, text.at);
  assert.match(details((await s.get(address)).body), /<dt>Where<\/dt><dd><bdi>The harbour/);

  // In another section it has no place: kept, not shown.
  const form = await admin.get('/desk/sections/new?lang=en');
  await admin.post('/desk/sections/new', { lang: 'en', version: hidden(form.body, 'version'), name: 'Fairs' });
  const definition = await admin.get(where);
  const fairs = /value="(\d+)"[^>]*> <label [^>]*>Fairs \(English\)/.exec(definition.body)[1];
  await admin.post(where, { version: hidden(definition.body, 'version'), kind: 'line', label: 'Where', shown: '1', sections: fairs });
  assert.ok(!(await s.get(address)).body.includes('The harbour'));
  page = await edo.get(text.at);
  assert.match(page.body, /Where: The harbour<\/label>[\s\S]*?A field of other sections/);
  page = await fill(edo, text, {}, { extra_out: 'venue' });
  assert.ok(!page.body.includes('The harbour'));
  page = await edo.get(`${text.at}/versions`);
  const versions = [...page.body.matchAll(/\/versions\/(\d+)"/g)].map((m) => Number(m[1]));
  page = await edo.get(`${text.at}/versions/${Math.max(...versions)}`);
  assert.match(page.body, /Where: The harbour/, 'the version says what went');
  await edo.post(`${text.at}/versions/${Math.max(...versions) - 1}`, { version: hidden((await edo.get(text.at)).body, 'version') });
  assert.ok((await edo.get(text.at)).body.includes('Where: The harbour'), 'and gives it back');
  await s.stop();
  mustRun('verify', s.dir);
});

test('a section that goes into another gives it its fields', async (t) => {
  const { s, admin, edo } = await newsroom(t);
  const form = await admin.get('/desk/sections/new?lang=en');
  const made = await admin.post('/desk/sections/new', { lang: 'en', version: hidden(form.body, 'version'), name: 'Fairs' });
  const fairs = /\/desk\/sections\/(\d+)/.exec(made.target)[1];
  await define(admin, { name: 'venue', label: 'Venue', everywhere: '', sections: fairs });
  const text = await begin(edo, 'A fair');
  const news = text.section;
  assert.ok(!(await edo.get(text.at)).body.includes('f-extra-1'), 'other sections do not offer it');
  await edo.post(text.at, { version: hidden((await edo.get(text.at)).body, 'version'), section: fairs, headline: 'A fair', body: 'Words.' });
  text.section = fairs;
  await fill(edo, text, { Venue: 'The harbour' });
  const before = await publish(edo, text.at);
  assert.ok((await s.get(before)).body.includes('The harbour'));
  await admin.post(`/desk/sections/${fairs}/delete`, { into: news, sure: '1' });
  const after = await s.visit(before);
  assert.match(details(after.body), /Venue[\s\S]*The harbour/);
  assert.ok((await edo.get(text.at)).body.includes('f-extra-1'));
  await s.stop();
  mustRun('verify', s.dir);
});

test('what does not fit its field is refused beside it with a sentence, and what was typed is given back', async (t) => {
  const { admin, edo } = await newsroom(t);
  const made = await defineAll(admin);
  const text = await begin(edo, 'A fair');
  let page = await fill(edo, text, { Price: '1,250', Opens: '2026-02-30', More: 'javascript:alert(1)', Entry: 'gold', Venue: 'x'.repeat(301) });
  assert.strictEqual(page.status, 422);
  for (const sentence of ['A number is written in digits', 'An address begins with https://', 'Please choose one of the list.', 'This text is too long.', 'Please enter a date'])
    assert.ok(page.body.includes(sentence), sentence);
  assert.strictEqual(value(page.body, 'f-extra-3'), '1,250');
  assert.match(page.body, /href="#f-extra-3">Price/, 'the list of problems names the field');
  page = await fill(edo, text, { Price: '-0012.50', More: '/en/live', Wheelchairs: 'no' });
  assert.match(page.target, /said=saved/, page.body);
  assert.strictEqual(value(page.body, 'f-extra-3'), '-12.50');
  assert.match(page.body, /<option value="no" selected>No/);

  // Another kind later: the value stays and is no obstacle to the next save.
  const { more } = made;
  const form = await admin.get(more);
  await admin.post(more, { version: hidden(form.body, 'version'), kind: 'number', label: 'More', shown: '1', everywhere: '1' });
  page = await fill(edo, text, { Venue: 'Here' });
  assert.match(page.target, /said=saved/, page.body);
  const address = await publish(edo, text.at);
  assert.match(details((await edo.station.get(address)).body), /<dt>More<\/dt><dd><bdi>\/en\/live<\/bdi>/);

  for (const [bad, sentence] of [[{ name: 'Venue' }, 'takes small Latin letters'], [{ name: 'venue' }, 'Another field has this name'], [{ label: '' }, 'required|needs a label|fill'],
    [{ kind: 'choice', choices: '' }, 'A list needs one choice'], [{ sections: '17', everywhere: '' }, 'is not there any more']]) {
    page = await admin.post('/desk/fields/new', { version: '0', kind: 'line', shown: '1', everywhere: '1', label: 'Another', ...bad });
    assert.ok(page.status === 422 || page.status === 409, JSON.stringify(bad));
    assert.match(page.body, new RegExp(sentence), JSON.stringify(bad));
  }
});

test('two people change two fields of one text at the same time: both are kept; of one field, one chooses', async (t) => {
  const { admin, edo } = await newsroom(t);
  await define(admin, { name: 'venue', label: 'Venue' });
  await define(admin, { name: 'opens', label: 'Opens', kind: 'date' });
  const text = await begin(edo, 'A fair');
  await fill(edo, text, { Venue: 'Here', Opens: '2026-12-01' });
  const version = hidden((await edo.get(text.at)).body, 'version');
  await fill(edo, text, { Venue: 'There' });
  let page = await fill(edo, text, { Venue: 'Here', Opens: '2026-12-24' }, { version });
  assert.match(page.target, /\/aside\/\d+/);
  assert.ok(!page.body.includes('type="radio"'), 'nothing to choose');
  page = await edo.post(page.target, { version: hidden(page.body, 'version') });
  assert.match(page.target, /said=merged/, page.body);
  assert.strictEqual(value(page.body, 'f-extra-1'), 'There');
  assert.strictEqual(value(page.body, 'f-extra-2'), '2026-12-24');
  const again = hidden(page.body, 'version');
  await fill(edo, text, { Venue: 'Elsewhere' });
  page = await fill(edo, text, { Venue: 'Nowhere' }, { version: again });
  assert.match(page.body, /Venue: Elsewhere[\s\S]*Venue: Nowhere|Venue: Nowhere[\s\S]*Venue: Elsewhere/);
});

test('a field speaks each language: its own label or the common one, numbers and dates in its digits', async (t) => {
  const { s, admin, edo } = await newsroom(t);
  await defineAll(admin);
  for (const [lang, expected] of [['ar', [/<dt>الافتتاح<\/dt>/, /<dt>Price<\/dt>/, /١٬٢٥٠٫٥/, /<bdi>نعم<\/bdi>/]], ['id', [/<dt>Tempat<\/dt>/, /1\.250,5/, /17 Agustus 1945/, /<bdi>Ya<\/bdi>/]], ['zh', [/1945年8月17日/, /<bdi>是<\/bdi>/]]]) {
    const text = await begin(edo, 'A fair', lang);
    const page = await edo.get(text.at);
    const form = { version: hidden(page.body, 'version'), section: text.section, headline: 'A fair', body: 'Words.', extra_names: 'venue price opens wheelchairs', 'extra-1': 'X', 'extra-2': '1250.5', 'extra-3': '1945-08-17', 'extra-4': 'yes' };
    assert.match((await edo.post(text.at, form)).target, /said=saved/);
    const shown = details((await s.get(await publish(edo, text.at))).body);
    for (const e of expected) assert.match(shown, e, lang);
  }
});
