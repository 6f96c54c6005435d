// SPDX-License-Identifier: AGPL-3.0-or-later
// The station itself, changed at the desk: readers see it at once.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { mustRun, startStation, words } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');
const { png, sendForm } = require('../support/upload');

// What the form of a page would send if nobody changed anything.
function formOf(body, action) {
  const form = new RegExp(`<form[^>]*action="${action}"[\\s\\S]*?</form>`).exec(body)?.[0];
  assert.ok(form, `no form to ${action}`);
  const fields = {};
  for (const [, name, value] of form.matchAll(/<input type="(?!checkbox|radio)[^"]*"[^>]*?name="([^"]+)" value="([^"]*)"/g)) fields[name] = unescapeHtml(value);
  for (const [, name, value] of form.matchAll(/<textarea[^>]*?name="([^"]+)"[^>]*>([\s\S]*?)<\/textarea>/g)) fields[name] = unescapeHtml(value);
  for (const [, name, options] of form.matchAll(/<select[^>]*?name="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g)) {
    fields[name] = /value="([^"]*)" selected/.exec(options)?.[1] ?? /value="([^"]*)"/.exec(options)?.[1];
  }
  for (const [, name, value] of form.matchAll(/<input type="checkbox"[^>]*?name="([^"]+)" value="([^"]*)" checked/g)) fields[name] = value;
  return fields;
}

async function change(visitor, target, action, fields) {
  const page = await visitor.get(target);
  return visitor.post(action, { ...formOf(page.body, action), ...fields });
}

// A form whose check boxes are sent as often as they are ticked.
function post(visitor, action, pairs) {
  return visitor.send(action, [['token', visitor.token], ...pairs]).then((answer) => visitor.follow(answer));
}

async function verified(s) {
  assert.doesNotMatch(mustRun('verify', s.dir).out, /FAULT/);
}

test('a new name stands on every page at once, also as a language\'s own', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await s.get('/en/');
  await s.get('/de/');
  const done = await change(admin, '/desk/station', '/desk/station', { station_name: 'Harbour Radio',
    'station_name-en': '', 'station_name-de': 'Hafenfunk', contact_phone: '+49 40 1234', contact_email: 'desk@harbour.test' });
  assert.match(words(done.body), /Saved\./);
  const english = await s.get('/en/');
  assert.match(english.body, /<title>Harbour Radio/);
  assert.match(english.body, /href="tel:\+49401234"/);
  assert.match(english.body, /href="mailto:desk@harbour\.test"/);
  assert.match((await s.get('/de/')).body, /<title>Hafenfunk/);
  assert.match((await s.get('/feeds/de/all.atom')).body, /Hafenfunk/);
  const audit = words((await admin.get('/desk/audit?kind=setting')).body);
  assert.match(audit, /→ Name of the station: Harbour Radio/);
  assert.match(audit, /Name of the station \(de\): Hafenfunk/);
  await verified(s);
});

test('a colour that cannot be read is refused with its contrast and a better one; what was typed stays', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  assert.doesNotMatch((await s.get('/en/')).body, /\/colours\//);
  const bad = await change(admin, '/desk/station', '/desk/station', { colour_brand: '#8fc7ec', station_name: 'Not yet' });
  assert.strictEqual(bad.status, 422);
  const [, ratio, better] = /the contrast is ([\d.]+) : 1, and 4\.50 : 1 is needed\. (#[0-9a-f]{6}) would do/.exec(words(bad.body));
  assert.ok(Number(ratio) > 1 && Number(ratio) < 4.5, ratio);
  assert.match(bad.body, /name="colour_brand" value="#8fc7ec"/);
  assert.match(bad.body, /name="station_name" value="Not yet"/);
  assert.doesNotMatch((await s.get('/en/')).body, /Not yet/);
  const good = await change(admin, '/desk/station', '/desk/station', { colour_brand: better, colour_accent_dark: '#ffb0a0' });
  assert.match(words(good.body), /Saved\./);
  const sheet = /href="(\/colours\/[^"]+)"/.exec((await s.get('/en/')).body)[1];
  const css = await s.get(sheet);
  assert.match(css.headers['content-type'], /^text\/css/);
  assert.match(css.headers['cache-control'], /immutable/);
  assert.ok(css.body.includes(`--brand:${better}`) && css.body.includes('--accent:#ffb0a0'), css.body);
  for (const name of ['none', 'x-x-x.css', 'x-x-x-x-x.css', 'x-x-x-}.css', 'x-x-x-12345g.css']) assert.strictEqual((await s.get(`/colours/${name}`)).status, 404, name);
  for (const fields of [{ station_zone: 'Mars/North' }, { contact_email: 'nobody' }, { logo_media: '999' }, { colour_accent: 'red' }, { station_name: '' }]) {
    const answer = await change(admin, '/desk/station', '/desk/station', fields);
    assert.strictEqual(answer.status, 422, JSON.stringify(fields));
    assert.match(answer.body, /class="problem"/);
  }
});

test('a picture of the library becomes logo and icon', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const id = /\/picture\/(\d+)/.exec((await s.get('/en/')).body)?.[1] ?? '1';
  const done = await change(admin, '/desk/station', '/desk/station', { logo_media: id, icon_media: id });
  if (done.status === 422) return assert.match(words(done.body), /There is no picture with this number/);
  const front = (await s.get('/en/')).body;
  const logo = /<img class="brand-logo" src="([^"]+)"/.exec(front)[1];
  assert.strictEqual((await s.get(logo)).status, 200);
  assert.match(front, /<link rel="icon" href="\/media\//);
});

test('nobody deletes the picture that is the logo or the icon', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/media/new');
  const page = await admin.follow(await sendForm(admin, '/desk/media/new', { credit: 'Us' }, [{ name: 'mark.png', bytes: png(300, 200) }]));
  const id = /\/desk\/media\/(\d+)/.exec(page.target)[1];
  const remove = () => admin.get(`/desk/media/${id}`).then(({ body }) => admin.post(`/desk/media/${id}/delete`, { version: /name="version" value="(\d+)"/.exec(body)[1], sure: '1' }));
  await change(admin, '/desk/station', '/desk/station', { logo_media: id, icon_media: id });
  const shown = (await admin.get(`/desk/media/${id}`)).body;
  assert.match(shown, /<a href="\/desk\/station">/);
  assert.match(words(shown), /The station Logo[\s\S]*The station Icon in the browser/);
  assert.doesNotMatch(shown, /\/delete"/);
  assert.strictEqual((await remove()).status, 409);
  const logo = /<img class="brand-logo" src="([^"]+)"/.exec((await s.get('/en/')).body)[1];
  assert.strictEqual((await s.get(logo)).status, 200);
  await verified(s);
  await change(admin, '/desk/station', '/desk/station', { logo_media: '', icon_media: '' });
  assert.match((await remove()).target, /said=deleted/);
  assert.doesNotMatch((await s.get('/en/')).body, /brand-logo/);
  await verified(s);
});

test('the station\'s time zone moves the dates of all pages', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const today = async () => /<p class="today">([^<]*)/.exec((await s.get('/en/')).body)[1];
  await change(admin, '/desk/station', '/desk/station', { station_zone: 'Pacific/Kiritimati' });
  const east = await today();
  await change(admin, '/desk/station', '/desk/station', { station_zone: 'Pacific/Pago_Pago' });
  assert.notStrictEqual(await today(), east, '25 hours lie between the two: it is never the same day');
});

test('a language that is off is nowhere, and comes back whole; the last one stays', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const german = ['/de/', '/lite/de/', '/de/live', '/de/archive', '/feeds/de/all.rss', '/sitemaps/de-0.xml'];
  for (const target of german) assert.strictEqual((await s.get(target)).status, 200, target);
  await s.get('/sitemap.xml');
  const codes = ['en', 'id', 'ar', 'zh', 'ja', 'fr', 'es', 'nl'];
  await admin.get('/desk/station');
  const off = await post(admin, '/desk/station/languages', [...codes.map((c) => ['languages', c]), ['default_lang', 'en']]);
  assert.match(words(off.body), /Saved\./);
  for (const target of german) assert.strictEqual((await s.get(target)).status, 404, target);
  assert.doesNotMatch((await s.get('/en/')).body, /href="\/de\//);
  assert.doesNotMatch((await s.get('/sitemap.xml')).body, /\/de-/);
  assert.strictEqual((await s.get('/', { 'Accept-Language': 'de' })).headers.location, '/en/');
  const none = await post(admin, '/desk/station/languages', [['default_lang', 'en']]);
  assert.strictEqual(none.status, 422);
  assert.match(words(none.body), /last language cannot be switched off/);
  const wrong = await post(admin, '/desk/station/languages', [['languages', 'id'], ['default_lang', 'en']]);
  assert.strictEqual(wrong.status, 422);
  await post(admin, '/desk/station/languages', [...codes, 'de'].map((c) => ['languages', c]).concat([['default_lang', 'de']]));
  for (const target of german) assert.strictEqual((await s.get(target)).status, 200, target);
  assert.strictEqual((await s.get('/', { 'Accept-Language': 'xx' })).headers.location, '/de/');
  assert.match(words((await admin.get('/desk/audit?kind=setting')).body), /languages: en id ar zh ja fr es nl/);
  await verified(s);
});
