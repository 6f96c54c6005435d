// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk's addresses that name a thing, walked with things that exist: one's own and a colleague's, of one's own language
// and section and of others, by everybody who works there. What each may is written down here once more, apart from the
// program's own table.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { mustRun, startStation, until } = require('../support/station');
const { colleague, firstAdministrator } = require('../support/desk');
const { formBody, formType, png } = require('../support/upload');

// How far a hand reaches: what is one's own, what is of one's languages and sections too, everything.
const reaches = {
  reporter: { read: 'within', write: 'own', review: 'never', out: 'own', submit: 'own', decide: 'never', lease: 'own', media: 'own', pages: 'never', people: 'never' },
  editor: { read: 'always', write: 'within', review: 'within', out: 'within', submit: 'within', decide: 'within', lease: 'within', media: 'always', pages: 'within', people: 'always' },
  translator: { read: 'always', write: 'within', review: 'never', out: 'within', submit: 'within', decide: 'never', lease: 'own', media: 'within', pages: 'never', people: 'never' },
};
Object.assign(reaches.reporter, { see: 'always', numbers: 'always' });
Object.assign(reaches.editor, { see: 'always', numbers: 'always' });
Object.assign(reaches.translator, { see: 'always', numbers: 'always' });
reaches.chief = reaches.editor; // an editor of the whole language
reaches.engineer = { numbers: 'always', engine: 'always' };
reaches.integrity = {}; // whose work is elsewhere

function may(person, action, thing) {
  if (person.role === 'admin' || action === 'everybody') return true;
  const reach = reaches[person.role]?.[action] ?? 'never';
  const within = (!person.lang || person.lang === thing.lang) && (!person.section || person.section === thing.section);
  const own = thing.owner === person.role && (!person.lang || !thing.lang || person.lang === thing.lang) &&
    (!person.section || !thing.section || person.section === thing.section);
  return reach === 'always' || (reach === 'own' && own) || (reach === 'within' && (within || own));
}

// What each address demands of the thing it names; {} is its number. A form may be incomplete or late: only whether it is
// looked at is asked. `state`: of texts, where the demand differs.
const edit = (text) => ({ draft: 'write', review: 'review', out: 'out' })[text.state];
const late = { version: '999' };
const WAIT = 20000;
const demands = {
  text: [
    ['GET', '/desk/articles/{id}', 'read'],
    ['POST', '/desk/articles/{id}', edit],
    ['POST', '/desk/articles/{id}/autosave', edit],
    ['POST', '/desk/articles/{id}/lease', edit],
    ['POST', '/desk/articles/{id}/note', 'read'],
    ['POST', '/desk/articles/{id}/step', 'decide', { step: 'publish', ...late }],
    ['GET', '/desk/articles/{id}/preview', 'read'],
    ['GET', '/desk/articles/{id}/versions', 'read'],
    ['GET', '/desk/articles/{id}/versions/{version}', 'read'],
    ['POST', '/desk/articles/{id}/versions/{version}', edit, late],
    ['GET', '/desk/articles/{id}/aside/{aside}', edit],
    ['POST', '/desk/articles/{id}/aside/{aside}', edit, late],
    ['POST', '/desk/articles/{id}/aside/{aside}/drop', edit],
    ['GET', '/desk/articles/{id}/picture', edit],
    ['POST', '/desk/articles/{id}/picture', edit],
    ['GET', '/desk/articles/{id}/list/{list}', edit],
    ['POST', '/desk/articles/{id}/list/{list}', edit],
    ['GET', '/desk/articles/{id}/list/{list}/add', edit],
    ['POST', '/desk/articles/{id}/list/{list}/add', edit],
    ['GET', '/desk/articles/{id}/comments', 'review'],
    ['GET', '/desk/articles/{id}/comments/{comment}', 'review'],
    ['POST', '/desk/articles/{id}/comments/{comment}', 'review'],
    ['POST', '/desk/articles/{id}/comments/{comment}/delete', 'review'],
  ],
  medium: [
    ['GET', '/desk/media/{id}', 'see'],
    ['POST', '/desk/media/{id}', 'media'],
    ['POST', '/desk/media/{id}/words', 'see'],
    ['POST', '/desk/media/{id}/replace', 'media'],
    ['POST', '/desk/media/{id}/earlier', 'media', { earlier: '1', ...late }],
    ['POST', '/desk/media/{id}/delete', 'media', late],
  ],
  page: [
    ['GET', '/desk/pages/{id}', 'pages'],
    ['POST', '/desk/pages/{id}', 'pages'],
    ['POST', '/desk/pages/{id}/move', 'pages'],
    ['POST', '/desk/pages/{id}/state', 'pages'],
    ['POST', '/desk/pages/{id}/delete', 'pages'],
    ['GET', '/desk/pages/{id}/versions/{version}', 'pages'],
    ['POST', '/desk/pages/{id}/versions/{version}', 'pages', late],
  ],
  front: [
    ['GET', '/desk/front/{lang}', 'pages'],
    ['POST', '/desk/front/{lang}', 'pages'],
    ['POST', '/desk/front/{lang}/pins', 'pages'],
    ['POST', '/desk/front/{lang}/sections', 'pages'],
  ],
  section: [
    ['GET', '/desk/sections/{id}', 'pages'],
    ['POST', '/desk/sections/{id}', 'pages'],
    ['POST', '/desk/sections/{id}/delete', 'pages'],
  ],
  tag: [
    ['GET', '/desk/tags/{id}', 'pages'],
    ['POST', '/desk/tags/{id}', 'pages'],
    ['POST', '/desk/tags/{id}/merge', 'pages'],
    ['POST', '/desk/tags/{id}/delete', 'pages'],
  ],
  person: [
    ['GET', '/desk/people/{id}', 'people'],
    ['POST', '/desk/people/{id}', 'people'],
    ['POST', '/desk/people/{id}/merge', 'people'],
    ['POST', '/desk/people/{id}/delete', 'people'],
    ['POST', '/desk/people/{id}/restore', 'people'],
  ],
  redirect: [
    ['GET', '/desk/redirects/{id}', 'pages'],
    ['POST', '/desk/redirects/{id}', 'pages'],
    ['POST', '/desk/redirects/{id}/delete', 'pages'],
  ],
  message: [
    ['GET', '/desk/messages/{id}', 'pages'],
    ['POST', '/desk/messages/{id}', 'pages'],
    ['POST', '/desk/messages/{id}/delete', 'pages'],
  ],
  account: [
    ['GET', '/desk/accounts/{id}', 'admin'],
    ['POST', '/desk/accounts/{id}', 'admin'],
    ['POST', '/desk/accounts/{id}/link', 'admin'],
    ['POST', '/desk/accounts/{id}/delete', 'admin'],
  ],
  parameters: [
    ['GET', '/desk/parameters/{name}', 'engine'],
    ['POST', '/desk/parameters/{name}', 'engine', { version: 'of nothing' }],
  ],
  statistics: [
    ['GET', '/desk/statistics/{name}', 'numbers'],
  ],
  listening: [
    ['GET', '/desk/audience/{name}', 'numbers'],
  ],
  backup: [
    ['GET', '/desk/backups/{name}', 'engine'],
    ['GET', '/desk/backups/{name}/file', 'admin'],
    ['POST', '/desk/backups/{name}/delete', 'engine'],
  ],
  service: [
    ['GET', '/desk/services/{service}', 'engine'],
    ['POST', '/desk/services/{service}', 'engine', late],
    ['POST', '/desk/services/{service}/order', 'engine'],
    ['POST', '/desk/services/{service}/streams', 'engine'],
    ['POST', '/desk/services/{service}/delete', 'engine'],
    ['GET', '/desk/streams/{stream}', 'engine'],
    ['POST', '/desk/streams/{stream}', 'engine', late],
    ['POST', '/desk/streams/{stream}/order', 'engine'],
    ['POST', '/desk/streams/{stream}/sources', 'engine'],
    ['POST', '/desk/streams/{stream}/sounds', 'engine'],
    ['GET', '/desk/streams/{stream}/sounds/{sound}', 'engine'],
    ['POST', '/desk/streams/{stream}/sounds/{sound}/delete', 'engine'],
    ['POST', '/desk/streams/{stream}/spans', 'engine'],
    ['POST', '/desk/streams/{stream}/spans/remove', 'engine'],
    ['POST', '/desk/streams/{stream}/delete', 'engine'],
    ['GET', '/desk/streams/{stream}/sources/{source}', 'engine'],
    ['POST', '/desk/streams/{stream}/sources/{source}', 'engine', late],
    ['POST', '/desk/streams/{stream}/sources/{source}/password', 'engine'],
    ['POST', '/desk/streams/{stream}/sources/{source}/delete', 'engine'],
  ],
  field: [
    ['GET', '/desk/fields/{id}', 'admin'],
    ['POST', '/desk/fields/{id}', 'admin', late],
    ['POST', '/desk/fields/{id}/delete', 'admin'],
  ],
  menu: [
    ['GET', '/desk/menus/{lang}', 'admin'],
    ['POST', '/desk/menus/{lang}', 'admin'],
    ['POST', '/desk/menus/{lang}/move', 'admin'],
  ],
  secret: [ // known to whom it was given; a form that was kept, to who typed it
    ['GET', '/desk/link/{token}', 'everybody'],
    ['POST', '/desk/link/{token}', 'everybody'],
    ['GET', '/desk/origin/{token}', 'everybody'],
    ['GET', '/desk/kept/{id}', 'everybody'],
  ],
};

test('every address that names a thing is among those walked here', () => {
  const walked = new Set(Object.values(demands).flat().map(([method, pattern]) => `${method} ${pattern}`));
  const rows = mustRun('routes').out.trim().split('\n').map((line) => line.split(/\s+/)).filter(([, pattern]) => /^\/desk\/.*\{/.test(pattern));
  for (const [method, pattern] of rows) assert.ok(walked.has(`${method} ${pattern}`), `${method} ${pattern}`);
  assert.strictEqual(rows.length, walked.size, 'and no other');
});

// The first number of a kind on a list of the desk.
const firstOf = async (who, list, kind) => new RegExp(`/desk/${kind}/(\\d+)`).exec((await who.get(list)).body)[1];

async function begin(who, admin, { lang, section, state }) {
  await who.get('/desk/articles/new');
  const made = await who.send('/desk/articles/new', { token: who.token, lang, headline: 'Whose is it' });
  assert.strictEqual(made.status, 303, made.body);
  const at = made.headers.location.split('?')[0];
  const fields = { token: who.token, version: '1', headline: 'Whose is it', section, body: '<p>Mine.</p>' };
  assert.strictEqual((await who.send(at, fields)).status, 303);
  const steps = { draft: [], review: [[who, 'submit']], out: [[who, 'submit'], [admin, 'publish']] }[state];
  for (const [by, step] of steps)
    assert.strictEqual((await by.send(`${at}/step`, { token: by.token, step, version: '2', text: '' })).status, 303, `${step} of ${state}`);
  return at.split('/').pop();
}

async function upload(who, name, colour) {
  const body = formBody([['token', who.token]], [{ field: 'files', name, bytes: png(40, 30, colour) }]);
  const answer = await who.request('POST', '/desk/media/new', { headers: { 'Content-Type': formType, Origin: who.station.origin,
    'Sec-Fetch-Site': 'same-origin' }, body });
  const id = /\/desk\/media\/(\d{6,})/.exec(answer.headers.location || answer.body)?.[1];
  assert.ok(id, `${answer.status} ${answer.body}`);
  return id;
}

// A reader to the station.
async function write(s, lang) {
  const answer = await s.request('POST', `/${lang}/contact`, { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: s.origin },
    body: new URLSearchParams({ name: 'Rosa', email: '', topic: 'reception', message: 'Hello.', homepage: '' }).toString() });
  assert.strictEqual(answer.status, 303, answer.body);
}

// Two saved the same text: the number of what was kept aside. It is put away as often as somebody may.
async function aside(admin, text) {
  await admin.get('/desk/articles');
  const answer = await admin.send(`/desk/articles/${text.id}`, { token: admin.token, version: '1', headline: 'Whose is it', section: text.section, body: '<p>Late.</p>' });
  return /\/aside\/(\d+)/.exec(answer.headers.location ?? '')?.[1] ?? assert.fail(`${text.name}: ${answer.status} ${answer.headers.location}`);
}

// Whether somebody is let at a thing. What it names is there: only comments come with an import, and secrets are secret.
async function isRefused(who, admin, [method, pattern, , fields], thing) {
  if (pattern.includes('{aside}')) thing.aside ??= await aside(admin, thing);
  const names = { id: thing.id, lang: thing.id, name: thing.id, token: thing.id, version: '1', aside: thing.aside, list: 'gallery', comment: '999',
    service: 'voice', stream: 'voice-mp3', source: 'main', sound: 'loop.mp3' };
  const target = pattern.replace(/\{(\w+)\}/g, (hole, name) => names[name]);
  const answer = method === 'GET' ? await who.request('GET', target) : await who.send(target, { token: who.token, ...fields });
  if (pattern.endsWith('/drop') && answer.status === 303) delete thing.aside;
  const missing = answer.status === 404 && !/\{(comment|token)\}|kept/.test(pattern);
  assert.ok(answer.status < 500 && !missing, `${method} ${target}: ${answer.status}`);
  return { refused: answer.status === 403, answer };
}

async function backup(admin) {
  await admin.get('/desk/backups');
  await admin.post('/desk/backups');
  const name = async () => /\/desk\/backups\/(\d{8}-\d{6}-\w+\.tar)/.exec((await admin.get('/desk/backups')).body)?.[1];
  return until(name, WAIT, 'a backup');
}

async function field(admin) {
  const form = await admin.get('/desk/fields/new');
  const version = /name="version" value="(\d+)"/.exec(form.body)[1];
  const made = await admin.post('/desk/fields/new', { version, kind: 'line', shown: '1', everywhere: '1', label: 'Priced at' });
  return /\/desk\/fields\/(\d+)/.exec(made.target)?.[1] ?? assert.fail(made.body);
}

test('everybody reaches what is theirs, their language\'s and their section\'s, as far as their role goes', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const form = (await admin.get('/desk/accounts/new')).body;
  const sectionOf = (lang, at) => [...form.matchAll(/name="sections" value="(\d+)">[^<]*<label[^>]*>[^<(]*\((\w+)\)/g)].filter((m) => m[2] === lang)[at][1];
  const en = sectionOf('en', 0), other = sectionOf('en', 2), de = sectionOf('de', 0);
  const people = { admin: { role: 'admin', who: admin } };
  for (const role of ['reporter', 'editor', 'translator'])
    people[role] = { role, lang: 'en', section: en, who: await colleague(admin, `${role}@station.test`, { roles: role, languages: 'en', sections: en }) };
  people.chief = { role: 'chief', lang: 'en', who: await colleague(admin, 'chief@station.test', { roles: 'editor', languages: 'en' }) };
  for (const role of ['engineer', 'integrity']) people[role] = { role, who: await colleague(admin, `${role}@station.test`, { roles: role }) };

  const things = [];
  const add = (kind, name, thing) => things.push({ kind, name, ...thing });
  for (const state of ['draft', 'review', 'out']) {
    for (const [lang, section] of [['en', en], ['en', other], ['de', de]])
      add('text', `a colleague's ${state}, ${lang} ${section}`, { lang, section, state, owner: 'admin', id: await begin(admin, admin, { lang, section, state }) });
    for (const [role, { who }] of Object.entries(people))
      if (!['admin', 'engineer', 'integrity'].includes(role)) add('text', `the ${role}'s ${state}`, { lang: 'en', section: en, state, owner: role, id: await begin(who, admin, { lang: 'en', section: en, state }) });
  }
  for (const [n, owner] of ['reporter', 'translator'].entries())
    add('medium', `the ${owner}'s picture`, { owner, id: await upload(people[owner].who, 'own.png', [10 + n, 20, 30]) });
  add('medium', 'a colleague\'s picture', { owner: 'admin', id: await upload(admin, 'admin.png', [1, 2, 3]) });
  for (const lang of ['en', 'de']) {
    add('page', `a page, ${lang}`, { lang, section: 'all', id: await firstOf(admin, `/desk/pages?lang=${lang}`, 'pages') });
    add('section', `a section, ${lang}`, { lang, section: 'all', id: await firstOf(admin, `/desk/sections?lang=${lang}`, 'sections') });
    add('tag', `a tag, ${lang}`, { lang, section: 'all', id: await firstOf(admin, `/desk/tags?lang=${lang}`, 'tags') });
    await admin.get('/desk/redirects');
    await admin.post('/desk/redirects', { version: '0', from: `/${lang}/old`, into: `/${lang}/` });
    add('redirect', `a redirect, ${lang}`, { lang, section: 'all', id: await firstOf(admin, `/desk/redirects?q=/${lang}/old`, 'redirects') });
    await write(s, lang);
    add('message', `a message, ${lang}`, { lang, section: 'all', id: await firstOf(admin, '/desk/messages', 'messages') });
    add('front', `the front page, ${lang}`, { lang, section: 'all', id: lang });
    add('menu', `the menu, ${lang}`, { id: lang });
  }
  add('person', 'a byline', { id: await firstOf(admin, '/desk/people', 'people') });
  await colleague(admin, 'spare@station.test', { roles: 'reporter' });
  add('account', 'a colleague\'s account', { id: /\/desk\/accounts\/(\d+)">(?:<bdi>)?spare</.exec((await admin.get('/desk/accounts')).body)[1] });
  for (const [, name] of (await admin.get('/desk/parameters')).body.matchAll(/href="\/desk\/parameters\/([a-z_]+)"/g))
    add('parameters', `the parameters "${name}"`, { id: name });
  for (const name of ['days.csv', 'articles.csv', 'languages.csv']) add('statistics', name, { id: name });
  for (const name of ['days.csv', 'countries.csv']) add('listening', name, { id: name });
  add('backup', 'a backup', { id: await backup(admin) });
  assert.strictEqual((await admin.post('/desk/services', { name: 'voice', title: 'Voice' })).status, 200);
  fs.mkdirSync(path.join(s.dir, 'radio/sounds'), { recursive: true });
  fs.writeFileSync(path.join(s.dir, 'radio/sounds/loop.mp3'), 'x');
  add('service', 'a service of the radio', {});
  add('field', 'an extra field', { id: await field(admin) });
  add('secret', 'what nobody was given', { id: '999' });
  assert.deepStrictEqual([...new Set(things.map((thing) => thing.kind))].sort(), Object.keys(demands).sort());

  const wrong = [];
  let refusals = 0, asked = 0;
  for (const person of Object.values(people)) {
    for (const thing of things) {
      for (const row of demands[thing.kind]) {
        const [method, pattern, demand] = row;
        const action = typeof demand === 'function' ? demand(thing) : demand;
        const { refused, answer } = await isRefused(person.who, admin, row, thing);
        asked++;
        refusals += refused;
        if (refused !== !may(person, action, thing))
          wrong.push(`${person.role} ${method} ${pattern} of ${thing.name}: ${answer.status}`);
      }
    }
  }
  assert.deepStrictEqual(wrong, []);
  assert.ok(refusals > 100 && asked - refusals > 100, `${refusals} refused of ${asked}`);
});
