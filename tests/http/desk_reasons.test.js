// SPDX-License-Identifier: AGPL-3.0-or-later
// Why something is not taken: said in the language in which somebody uses the desk, whoever refuses it.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { root, startStation } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');
const { png, sendForm, wav } = require('../support/upload');

const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
const address = (answer) => answer.target.replace(/\?.*/, '');

// The sentence of a key, whatever stands in it.
function sentence(lang, key) {
  const line = new RegExp(`^${key} = (.*)$`, 'm').exec(fs.readFileSync(path.join(root, 'i18n', `${lang}.txt`), 'utf8'))[1];
  return new RegExp(line.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\d\}/g, '[^<]+'));
}

async function text(who, fields) {
  await who.get('/desk/articles/new');
  const page = await who.post('/desk/articles/new', { lang: 'en', headline: 'A port reopens' });
  const section = /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec(page.body)[1];
  const saved = await who.post(address(page), { version: hidden(page.body, 'version'), section, headline: 'A port reopens', body: 'Words.', ...fields });
  return { at: address(page), saved };
}

async function publish(who, at) {
  const page = await who.get(at);
  return who.post(`${at}/step`, { step: 'publish', version: hidden(page.body, 'version'), text: '' });
}

// A parameter's value that is none, in the form as it stands.
async function parameter(admin, value) {
  const page = await admin.get('/desk/parameters/readers');
  const fields = [...page.body.matchAll(/<input type="(?:text|hidden)"[^>]* name="([^"]+)"[^>]*? value="([^"]*)"/g)].map(([, name, was]) => [name, was]);
  const first = /<input type="text"[^>]* name="([^"]+)"/.exec(page.body)[1];
  return admin.post('/desk/parameters/readers', Object.fromEntries([...fields, [first, value]]));
}

for (const lang of ['de', 'ar']) {
  test(`an editor whose desk is in the language "${lang}" reads there why something is not taken`, async (t) => {
    const s = await startStation(t);
    const admin = await firstAdministrator(s);
    const who = await colleague(admin, 'editor@station.test', { roles: 'editor', lang });
    const refused = (answer, status, key) => {
      assert.strictEqual(answer.status, status, answer.body);
      assert.match(unescapeHtml(answer.body), sentence(lang, key));
    };

    await admin.get('/desk/account');
    await admin.post('/desk/account', { name: 'Ada Admin', lang });
    refused(await parameter(admin, 'for ever'), 422, 'param_wrong');

    refused((await text(who, { tags: Array.from({ length: 65 }, (_, i) => `Tag ${i}`).join('\n') })).saved, 422, 'reason_names_bad');
    const source = (await text(who, {})).at;
    assert.strictEqual((await publish(who, source)).status, 200);
    const translation = { lang: 'fr', headline: 'Un port', source: source.split('/').pop() };
    assert.strictEqual((await who.post('/desk/articles/new', translation)).status, 200);
    refused(await who.post('/desk/articles/new', translation), 409, 'reason_translated');

    await who.get('/desk/pages?lang=en');
    const page = await who.post('/desk/pages/new', { lang: 'en', headline: 'Studios', parent: '0' });
    const taken = { version: hidden(page.body, 'version'), headline: 'Studios', slug: 'company-profile', body: '', group: '0' };
    refused(await who.post(address(page), taken), 409, 'reason_page_taken');
    refused(await who.post('/desk/pages/new', { lang: 'en', headline: 'Studios', parent: '7' }), 422, 'reason_parent_none');

    await who.get('/desk/media/new');
    const put = await sendForm(who, '/desk/media/new', { credit: 'Ada' }, [{ name: 'a.png', bytes: png(40, 30) }]);
    const picture = /\/desk\/media\/\d{6,}/.exec(put.headers.location ?? put.body)[0];
    const version = hidden((await who.get(picture)).body, 'version');
    refused(await sendForm(who, `${picture}/replace`, { version }, [{ field: 'file', name: 'talk.wav', bytes: wav(1) }]), 422, 'reason_medium_kind');

    for (const [name, bytes, key] of [['none.jpg', Buffer.alloc(0), 'media_refused_empty'], ['wide.png', png(30000, 10, undefined, 1), 'media_refused_side'],
      ['page.png', Buffer.from('<!doctype html><p>Hello.'), 'media_refused_other_kind'], ['page.png', Buffer.from('<!doctype html><p>Hello.'), 'media_other_web_page']])
      refused(await sendForm(who, '/desk/media/new', {}, [{ name, bytes }]), 422, key);

    const form = (await who.get('/desk/import')).body;
    const section = /<select id="f-section"[\s\S]*?<option value="(\d{3,})"/.exec(form)[1];
    const files = [['milk.txt', 'milk\nbread\n', 'reason_no_date'], ['none.txt', ' ', 'reason_file_empty'], ['big.txt', 'x'.repeat((4 << 20) + 1), 'reason_file_big'],
      ['late.txt', 'Monday, 05 September 2022 13:39\n', 'reason_no_more'], ['page.html', '<html><p>Hello.</p></html>', 'reason_no_item'], ['half.zip', 'PK\x03\x04half', 'reason_pack_damaged']];
    const answer = await sendForm(who, '/desk/import', { section, site: '', old_id: '' },
      files.map(([name, bytes]) => ({ field: 'files', name, bytes: Buffer.from(bytes, 'latin1') })));
    for (const [, , key] of files) assert.match(unescapeHtml(answer.body), sentence(lang, key), key);

    const boss = await colleague(admin, 'boss@station.test', { roles: 'admin', lang });
    await boss.get('/desk/accounts/new');
    refused(await boss.post('/desk/accounts/new', { name: 'Rita', login: 'no address', roles: 'reporter', lang, version: '0' }), 422, 'reason_login_bad');
  });
}
