// SPDX-License-Identifier: AGPL-3.0-or-later
// Files from people: what is taken, what is refused and why, and what an upload may not do.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { mustRun, startStation, until, words } = require('../support/station');
const { Visitor, colleague, firstAdministrator, unescapeHtml } = require('../support/desk');
const { formBody, formType, png, sendForm, wav } = require('../support/upload');

const json = { Accept: 'application/json' };
const entries = (dir) => fs.readdirSync(dir, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).map((e) => e.name);
// Sizes in AVIF are still being made there behind an upload.
const nothingLeft = (s) => until(() => entries(path.join(s.dir, 'tmp')).length === 0, 30000, 'nothing is left in tmp');
// Files of DIR/tmp that a process of the station holds open, named or not.
const openUploads = (s) => {
  const pids = fs.readFileSync(`/proc/${s.pid}/task/${s.pid}/children`, 'utf8').trim().split(/\s+/);
  let n = 0;
  for (const pid of pids)
    for (const task of fs.readdirSync(`/proc/${pid}/task`))
      for (const fd of fs.readdirSync(`/proc/${pid}/task/${task}/fd`))
        try {
          if (fs.readlinkSync(`/proc/${pid}/task/${task}/fd/${fd}`).startsWith(path.join(s.dir, 'tmp'))) n++;
        } catch { /* closed meanwhile */ }
  return n;
};
const broken = png(600, 400);
// How many entries the library's first page has: the demo's drawings, and what was taken.
const shown = async (visitor) => (await visitor.get('/desk/media')).body.match(/class="media-name"/g)?.length ?? 0;

test('a reporter uploads pictures and sound, says what they show, and finds them again', async (t) => {
  const s = await startStation(t);
  const rita = await colleague(await firstAdministrator(s), 'rita@station.test', { roles: 'reporter' });
  await rita.get('/desk/media/new');
  const one = await rita.follow(await sendForm(rita, '/desk/media/new', { credit: 'Rita Reporter' }, [{ name: 'harbour at dawn.png', bytes: png(900, 600) }]));
  assert.match(one.target, /^\/desk\/media\/\d+\?said=uploaded$/);
  assert.match(one.body, /900 × 600/);
  const many = await sendForm(rita, '/desk/media/new', { credit: 'Both' }, [{ name: 'C:\\photos\\boat.png', bytes: png(400, 300, [200, 0, 0]) },
    { name: 'talk.wav', bytes: wav(3) }, { name: 'none.txt', bytes: Buffer.from('words\0') }]);
  assert.strictEqual(many.status, 200);
  assert.match(many.body, /neither a picture nor a sound, a video or a document/);
  const list = await rita.get('/desk/media');
  for (const name of ['harbour at dawn.png', 'boat.png', 'talk.wav']) assert.ok(list.body.includes(`<bdi>${name}</bdi>`), name);
  assert.ok(!list.body.includes('none.txt'));
  assert.ok(!(await rita.get('/desk/media?q=harbour')).body.includes('boat.png'));
  const sounds = (await rita.get('/desk/media?kind=sound')).body;
  assert.ok(sounds.includes('talk.wav') && sounds.includes('0:03') && !sounds.includes('boat.png'));

  const id = /\/desk\/media\/\d+/.exec(one.target)[0];
  const page = await rita.get(id);
  const version = /name="version" value="(\d+)"/.exec(page.body)[1];
  const said = { version, credit: 'Rita <R>', file_name: 'harbour.png', focal_x: '250', focal_y: '900', alt_en: 'A harbour & boats', alt_ar: 'ميناء' };
  const saved = await rita.post(id, said);
  assert.match(saved.target, /said=saved/);
  for (const text of ['A harbour &amp; boats', 'ميناء', 'value="250"', 'value="900"', 'Rita &lt;R&gt;']) assert.ok(saved.body.includes(text), text);
  const late = await rita.post(id, { ...said, alt_en: 'typed too late' });
  assert.strictEqual(late.status, 409);
  assert.ok(late.body.includes('typed too late'), 'what was typed is given back');
  const bad = await rita.post(id, { ...said, focal_x: '2000', alt_en: 'typed with a mistake' });
  assert.strictEqual(bad.status, 422);
  assert.ok(bad.body.includes('typed with a mistake'));
  const src = /<img src="(\/media\/[^"]+)"/.exec(saved.body)[1];
  assert.strictEqual((await s.get(src)).status, 200);
  await nothingLeft(s);
  await s.stop();
  mustRun('verify', s.dir);
});

test('a translator says what a colleague\'s picture shows in his language, and nothing else of it', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const tim = await colleague(admin, 'tim@station.test', { roles: 'translator', languages: 'de' });
  await admin.get('/desk/media/new');
  const id = /\/desk\/media\/\d+/.exec((await sendForm(admin, '/desk/media/new', { credit: 'Ada' }, [{ name: 'pier.png', bytes: png(500, 400) }])).headers.location)[0];
  const page = (await tim.get(id)).body;
  assert.deepStrictEqual([...page.matchAll(/name="(alt_[a-z]+|credit|file_name|focal_x)"/g)].map((m) => m[1]), ['alt_de']);
  assert.doesNotMatch(page, /\/replace"|\/delete"/);
  const version = /name="version" value="(\d+)"/.exec(page)[1];
  assert.strictEqual((await tim.post(`${id}/words`, { version, alt_en: 'A pier' })).status, 403);
  assert.strictEqual((await tim.post(id, { version, alt_de: 'Ein Steg', credit: 'Tim', file_name: 'x', focal_x: '0', focal_y: '0' })).status, 403);
  const saved = await tim.post(`${id}/words`, { version, alt_de: 'Ein Steg' });
  assert.match(saved.target, /said=saved/);
  assert.ok(saved.body.includes('>Ein Steg</textarea>'));
  const late = await tim.post(`${id}/words`, { version, alt_de: 'zu spät' });
  assert.strictEqual(late.status, 409);
  assert.ok(late.body.includes('zu spät'), 'what was typed is given back');
  const whole = (await admin.get(id)).body;
  assert.ok(whole.includes('>Ein Steg</textarea>') && whole.includes('value="Ada"') && whole.includes('value="pier.png"'));
});

test('whoever changes or wipes the words of a picture leaves what they were in the audit', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/media/new');
  const id = /\/desk\/media\/(\d+)/.exec((await sendForm(admin, '/desk/media/new', { credit: 'Ada' }, [{ name: 'pier.png', bytes: png(500, 400) }])).headers.location)[1];
  const save = async (fields) => {
    const version = /name="version" value="(\d+)"/.exec((await admin.get(`/desk/media/${id}`)).body)[1];
    assert.match((await admin.post(`/desk/media/${id}`, { version, file_name: 'pier.png', credit: 'Ada', focal_x: '500', focal_y: '500', alt_en: 'A pier', ...fields })).target, /said=saved/);
  };
  await save({});
  await save({ alt_en: '', alt_de: 'Ein Steg', credit: 'Bo', focal_x: '250' });
  const version = /name="version" value="(\d+)"/.exec((await admin.get(`/desk/media/${id}`)).body)[1];
  await admin.post(`/desk/media/${id}/delete`, { version, sure: '1' });
  const audit = words((await admin.get(`/desk/audit?kind=media&id=${id}`)).body);
  assert.ok(audit.includes('pier.png → pier.png; alt (en): A pier'), audit);
  assert.ok(audit.includes('pier.png; credit: Ada; focal point: 500, 500; alt (en): A pier → pier.png; credit: Bo; focal point: 250, 500; alt (de): Ein Steg'), audit);
  assert.ok(audit.includes('pier.png; credit: Bo; focal point: 250, 500; alt (de): Ein Steg'), audit);
});

test('who replaced a picture with a wrong one takes the earlier file back', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/media/new');
  const id = /\/desk\/media\/\d+/.exec((await sendForm(admin, '/desk/media/new', { credit: 'Ada' }, [{ name: 'right.png', bytes: png(500, 400) }])).headers.location)[0];
  const version = async () => /name="version" value="(\d+)"/.exec((await admin.get(id)).body)[1];
  assert.doesNotMatch((await admin.get(id)).body, /\/earlier"/);
  await admin.follow(await sendForm(admin, `${id}/replace`, { version: await version() }, [{ name: 'wrong.png', bytes: png(300, 200) }]));
  const wrong = (await admin.get(id)).body;
  assert.match(wrong, /300 × 200/);
  const earlier = /<option value="(\d+)"[^>]*>[^<]*right\.png/.exec(wrong)[1];
  const old = await version();
  assert.strictEqual((await admin.post(`${id}/earlier`, { version: old, earlier: '1' })).status, 409, 'no such file');
  const back = await admin.post(`${id}/earlier`, { version: old, earlier });
  assert.match(back.target, /said=replaced/);
  assert.match(back.body, /500 × 400/);
  assert.match(back.body, /<option value="\d+"[^>]*>[^<]*wrong\.png/);
  assert.strictEqual((await admin.post(`${id}/earlier`, { version: old, earlier })).status, 409, 'a stale form');
  assert.strictEqual(entries(path.join(s.dir, 'originals')).length, 2);
  const audit = words((await admin.get(`/desk/audit?kind=media&id=${id.split('/').pop()}`)).body);
  assert.ok(audit.includes('right.png → wrong.png') && audit.includes('wrong.png → right.png'), audit);
  await admin.post(`${id}/delete`, { version: await version(), sure: '1' });
  assert.deepStrictEqual(entries(path.join(s.dir, 'originals')), []);
  await nothingLeft(s);
  await s.stop();
  mustRun('verify', s.dir);
});

test('broken and hostile files are refused with a reason, and the site stays up', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const corpus = [
    ['empty.jpg', Buffer.alloc(0), /empty/],
    ['wide.png', png(30000, 10, undefined, 1), /too wide or too high/],
    ['bomb.png', png(12000, 9000, undefined, 1), /too many pixels/],
    ['cut.png', broken.subarray(0, broken.length - 40), /damaged or incomplete/],
    ['text.jpg', Buffer.from('just words\x01 and more, whatever the name says'), /neither a picture nor a sound/],
    ['page.png', Buffer.from('<!doctype html><script>alert(1)</script>'), /This is a web page/],
    ['logo.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), /Drawings \(SVG\)/],
    ['paper.jpg', Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj'), /damaged or incomplete/],
    ['program.png', Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.alloc(200)]), /neither|This is/],
    ['cut.wav', wav(2).subarray(0, 30), /sound|damaged|neither/],
    ['half head.jpg', Buffer.from('ffd8ffe000104a464946', 'hex'), /damaged|neither/],
  ];
  const before = await shown(admin);
  await admin.get('/desk/media/new');
  for (const [name, bytes, why] of corpus) {
    const one = await sendForm(admin, '/desk/media/new', { credit: 'kept <words>' }, [{ name, bytes }], json);
    assert.strictEqual(one.status, 422, name);
    const answer = JSON.parse(one.body);
    assert.strictEqual(answer.taken, false, name);
    assert.match(answer.why, why, name);
  }
  const page = await sendForm(admin, '/desk/media/new', { credit: 'kept <words>' }, corpus.map(([name, bytes]) => ({ name, bytes })));
  assert.strictEqual(page.status, 422);
  assert.ok(page.body.includes('kept &lt;words&gt;'), 'what was typed is given back');
  for (const [name] of corpus) assert.ok(page.body.includes(name), name);
  assert.strictEqual((await s.get('/en/')).status, 200);
  assert.strictEqual(await shown(admin), before, 'nothing was taken');
  assert.deepStrictEqual(entries(path.join(s.dir, 'originals')), []);
  await nothingLeft(s);
});

test('the file chooser offers every kind that is taken', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const accept = / accept="([^"]*)"/.exec((await admin.get('/desk/media/new')).body)[1].split(',');
  for (const kind of ['image/jpeg', 'image/avif', 'image/heic', 'audio/mpeg', '.opus', 'video/webm', 'application/pdf', '.docx',
    'application/vnd.oasis.opendocument.text', '.zip', '.txt'])
    assert.ok(accept.includes(kind), kind);
  for (const kind of ['image/svg+xml', '.svg', '.html', '*/*']) assert.ok(!accept.includes(kind), kind);
});

test('nobody uploads without a session, the role, and the token of the session', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  const erik = await colleague(admin, 'erik@station.test', { roles: 'engineer' });
  const file = [{ name: 'a.png', bytes: png(200, 200) }];
  const send = (who, token, headers = {}) => {
    const fields = token === undefined ? [] : [['token', token]];
    return who.request('POST', '/desk/media/new', { headers: { 'Content-Type': formType, Origin: s.origin, 'Sec-Fetch-Site': 'same-origin', ...headers }, body: formBody(fields, file) });
  };
  for (const who of [admin, rita, erik]) await who.get('/desk/');
  const before = await shown(admin);
  for (const [what, who, token, headers] of [['nobody', new Visitor(s), rita.token], ['an engineer', erik, erik.token], ['no token', rita, undefined],
    ['an empty token', rita, ''], ['another\'s token', rita, admin.token], ['a longer token', rita, `${rita.token}x`], ['a huge token', rita, 'x'.repeat(100000)],
    ['another\'s token in the head', rita, rita.token, { 'X-Token': admin.token }]])
    assert.strictEqual((await send(who, token, headers)).status, 403, what);
  const late = await rita.request('POST', '/desk/media/new', { headers: { 'Content-Type': formType, Origin: s.origin, 'Sec-Fetch-Site': 'same-origin' },
    body: formBody([['credit', 'first'], ['token', rita.token]], file) });
  assert.strictEqual(late.status, 403, 'the token is not the first part');
  for (const site of ['cross-site', 'same-site', 'none']) {
    const answer = await send(rita, rita.token, { 'Sec-Fetch-Site': site });
    assert.deepStrictEqual([answer.status, answer.body], [403, '403 Forbidden\n'], site);
  }
  assert.strictEqual(await shown(admin), before, 'nothing was taken');
  assert.strictEqual((await send(rita, undefined, { 'X-Token': rita.token, ...json })).status, 200, 'the head\'s token is enough');
  s.later(13 * 3600);
  assert.strictEqual((await send(rita, rita.token)).status, 403, 'the session is over');
  await nothingLeft(s);
});

// A connection that is written to by hand.
function open(s, visitor, length, more = {}) {
  const socket = net.connect(s.port, '127.0.0.1');
  const cookie = Object.entries(visitor.cookies).map(([k, v]) => `${k}=${v}`).join('; ');
  const head = { Host: `localhost:${s.port}`, Cookie: cookie, Origin: s.origin, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': formType, 'Content-Length': length, ...more };
  const state = { socket, got: '' };
  socket.on('data', (d) => (state.got += d.toString('latin1')));
  socket.on('error', () => {});
  socket.write(`POST /desk/media/new HTTP/1.1\r\n${Object.entries(head).filter(([, v]) => v !== undefined).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`);
  return state;
}
const answered = (c) => until(() => /^HTTP\/1\.1 (?!100)\d\d\d/m.test(c.got), 10000, 'an answer').then(() => Number(/HTTP\/1\.1 ((?!100)\d\d\d)/.exec(c.got)[1]));

test('who may not is told before the body, and who sends too much at once', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/');
  for (const [what, visitor, length, more, status] of [
    ['nobody', new Visitor(s), 1 << 20, {}, 403],
    ['another\'s token', admin, 1 << 20, { 'X-Token': 'x' }, 403],
    ['another site', admin, 1 << 20, { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['too much', admin, 3 * 2 ** 30, {}, 413],
    ['nothing', admin, 0, {}, 400],
    ['in chunks', admin, undefined, { 'Transfer-Encoding': 'chunked' }, 411],
    ['no boundary', admin, 10, { 'Content-Type': 'multipart/form-data', 'X-Token': admin.token }, undefined]]) {
    const c = open(s, visitor, length, more);
    if (status === undefined) { // read as any other body, and no form
      c.socket.write('0123456789');
      assert.strictEqual(await answered(c), 415, what);
    } else {
      assert.strictEqual(await answered(c), status, what);
    }
    c.socket.destroy();
  }
  const waits = open(s, admin, 1 << 20, { Expect: '100-continue', 'X-Token': admin.token });
  await until(() => waits.got.startsWith('HTTP/1.1 100'), 10000, 'the word to go on');
  waits.socket.destroy();
  const refused = open(s, new Visitor(s), 1 << 20, { Expect: '100-continue' });
  assert.strictEqual(await answered(refused), 403);
  assert.ok(!refused.got.includes('100 Continue'));
  refused.socket.destroy();
});

test('a form of parts that is not one is refused', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/');
  const before = await shown(admin);
  const send = (body) => admin.request('POST', '/desk/media/new', { headers: { 'Content-Type': formType, Origin: s.origin, 'Sec-Fetch-Site': 'same-origin', 'X-Token': admin.token }, body });
  const good = formBody([['credit', 'x']], [{ name: 'a.png', bytes: png(50, 50) }]);
  const file = { name: 'a.png', bytes: png(8, 8) };
  for (const [what, body, status] of [
    ['no delimiter', Buffer.from('hello'), 400],
    ['another boundary', Buffer.from(good.toString('latin1').replaceAll('siaranTest', 'otherThing'), 'latin1'), 400],
    ['cut off', good.subarray(0, good.length - 4), 400],
    ['text behind the end', Buffer.concat([good, Buffer.from('more')]), 400],
    ['a head without end', Buffer.concat([good.subarray(0, 40), Buffer.from(`X: ${'y'.repeat(10000)}`)]), 400],
    ['too many parts', formBody(Array.from({ length: 300 }, (_, i) => [`f${i}`, 'x'])), 413],
    ['too many files', formBody([], Array.from({ length: 41 }, () => file)), 413],
    ['words too long', formBody([['credit', 'x'.repeat(20000)]]), 413],
    ['no file', formBody([['credit', 'kept words']]), 422],
    ['a file field left empty', formBody([['credit', 'kept words']], [{ name: '', bytes: Buffer.alloc(0) }]), 422]]) {
    const answer = await send(body);
    assert.strictEqual(answer.status, status, what);
    if (status === 422) assert.ok(answer.body.includes('kept words'), what);
  }
  assert.strictEqual((await admin.send('/desk/media/new', { token: admin.token, credit: 'kept words' })).status, 422, 'a form without files');
  assert.strictEqual(await shown(admin), before, 'nothing was taken');
  await nothingLeft(s);
});

test('an upload that breaks off leaves nothing, and a slow one gets through beside others', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/');
  const body = formBody([['credit', 'slow']], [{ name: 'slow.png', bytes: Buffer.concat([png(300, 200), Buffer.alloc(200000, 7)]) }]);
  for (const share of [0.05, 0.5, 0.99]) {
    const c = open(s, admin, body.length, { 'X-Token': admin.token });
    c.socket.write(body.subarray(0, Math.floor(body.length * share)));
    if (share > 0.3) await until(() => openUploads(s) > 0, 10000, 'the file on disk');
    c.socket.destroy();
    await until(() => openUploads(s) === 0, 10000, 'the file is closed');
  }
  const c = open(s, admin, body.length, { 'X-Token': admin.token, ...json });
  for (let at = 0; at < body.length; at += 7001) {
    await new Promise((resolve) => c.socket.write(body.subarray(at, at + 7001), resolve));
    if (at % 5 === 0) assert.strictEqual((await s.get('/en/')).status, 200);
  }
  assert.strictEqual(await answered(c), 200);
  const address = /"address":"([^"]+)"/.exec(c.got.replaceAll('\\/', '/'))[1];
  assert.ok((await admin.get(address)).body.includes('slow.png'));
  c.socket.destroy();
  await until(() => openUploads(s) === 0, 10000, 'the file is closed');
  await nothingLeft(s);
  await s.stop();
  mustRun('verify', s.dir);
});

test('another file takes the place of one, and what is used cannot be deleted', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  await admin.get('/desk/media/new');
  const put = async (name, bytes) => JSON.parse((await sendForm(admin, '/desk/media/new', { credit: 'Ada' }, [{ name, bytes }], json)).body).address;
  const id = await put('first.png', png(320, 200));
  const version = async () => /name="version" value="(\d+)"/.exec((await admin.get(id)).body)[1];
  const old = /<img src="(\/media\/[^"]+)"/.exec((await admin.get(id)).body)[1];
  const wrong = await sendForm(admin, `${id}/replace`, { version: await version() }, [{ field: 'file', name: 'talk.wav', bytes: wav(1) }]);
  assert.strictEqual(wrong.status, 422);
  assert.match(unescapeHtml(wrong.body), /replaced by a picture only/);
  const refused = await sendForm(admin, `${id}/replace`, { version: await version() }, [{ field: 'file', name: 'x.svg', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }]);
  assert.strictEqual(refused.status, 422);
  const done = await sendForm(admin, `${id}/replace`, { version: await version() }, [{ field: 'file', name: 'second.png', bytes: png(500, 400, [9, 9, 9]) }]);
  assert.strictEqual(done.status, 303, done.body);
  assert.match((await admin.get(id)).body, /500 × 400/);
  assert.strictEqual((await s.get(old)).status, 404, 'the old file is gone');
  await rita.get(id);
  assert.strictEqual((await rita.post(`${id}/delete`, { version: '1', sure: '1' })).status, 403, 'another\'s');
  await admin.get(id);
  assert.match((await admin.post(`${id}/delete`, { version: await version() })).target, /not_sure/);
  assert.match((await admin.post(`${id}/delete`, { version: await version(), sure: '1' })).target, /^\/desk\/media\?said=deleted/);
  assert.strictEqual((await admin.request('GET', id)).status, 404);
  assert.deepStrictEqual(entries(path.join(s.dir, 'originals')), []);
  await nothingLeft(s);
});

test('a text gets its picture from the library or on the spot, and is public only with its description and credit', async (t) => {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const rita = await colleague(admin, 'rita@station.test', { roles: 'reporter' });
  const value = (page, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.body)[1];
  await rita.get('/desk/media/new');
  const one = JSON.parse((await sendForm(rita, '/desk/media/new', { credit: 'Rita' }, [{ name: 'market.png', bytes: png(900, 600) }], json)).body).address;
  await rita.get('/desk/articles/new');
  const begun = await rita.post('/desk/articles/new', { lang: 'en', headline: 'The market opens' });
  const at = begun.target.replace(/\?.*/, '');
  const section = /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec(begun.body)[1];
  // The form's second button: what was typed is saved on the way.
  const choice = await rita.post(at, { version: value(begun, 'version'), headline: 'The market opens again', section, body: 'It does.', then: 'picture' });
  assert.match(choice.target, /\/picture\?said=saved$/);
  assert.ok(choice.body.includes('market.png'));

  const picked = await rita.post(`${at}/picture`, { version: value(choice, 'version'), media: one.split('/').pop() });
  assert.match(picked.target, /said=picture/);
  assert.ok(picked.body.includes('The market opens again'), 'the text is as it was');
  assert.match(picked.body, /name="image_credit" value="Rita"/, "the library's credit goes along");
  const early = await admin.get(at);
  assert.match(early.body, /Say what the picture shows\./);
  const refused = await admin.post(`${at}/step`, { step: 'publish', version: value(early, 'version'), text: '' });
  assert.ok(refused.status >= 400, `published without a description: ${refused.status}`);
  assert.match((await rita.get(one)).body, /The market opens again/, 'where it is used');
  const version = value(await rita.get(one), 'version');
  const kept = await rita.post(`${one}/delete`, { version, sure: '1' });
  assert.strictEqual(kept.status, 409);
  assert.strictEqual((await rita.get(one)).status, 200, 'what is used stays');

  const before = await rita.get(`${at}/picture`);
  const bad = await sendForm(rita, `${at}/picture`, { version: value(before, 'version'), alt: 'typed <before>', credit: 'Someone' },
    [{ field: 'file', name: 'x.svg', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }]);
  assert.strictEqual(bad.status, 422);
  assert.match(bad.body, /Drawings \(SVG\)/);
  assert.ok(bad.body.includes('typed &lt;before&gt;') && bad.body.includes('value="Someone"'), 'what was typed is given back');
  const fresh = await rita.follow(await sendForm(rita, `${at}/picture`, { version: value(before, 'version'), alt: 'Stalls in the rain', credit: 'Desk' },
    [{ field: 'file', name: 'rain.png', bytes: png(640, 360, [70, 70, 70]) }]));
  assert.match(fresh.body, />Stalls in the rain<\/textarea>/);
  assert.ok(!/Say what the picture shows|Say whose picture/.test((await admin.get(at)).body));
  const out = await admin.post(`${at}/step`, { step: 'publish', version: value(await admin.get(at), 'version'), text: '' });
  assert.match(out.target, /said=publish/, out.body);
  let page = await s.get(/href="(\/n\/\d+)"/.exec(out.body)[1]);
  if (page.headers.location) page = await s.get(page.headers.location);
  assert.match(page.body, /alt="Stalls in the rain"/);
  await s.stop();
  mustRun('verify', s.dir);
});
