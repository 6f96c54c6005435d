// SPDX-License-Identifier: AGPL-3.0-or-later
// Services, streams and sources at the desk.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { makeStation, mustRun, siaran, startStation, until, words } = require('../support/station.js');
const { colleague, firstAdministrator } = require('../support/desk.js');
const { sendForm } = require('../support/upload.js');

const file = (s) => JSON.parse(fs.readFileSync(path.join(s.dir, 'services.json'), 'utf8'));
const secretIn = (answer) => /<code dir="ltr">([a-z2-7]{26})<\/code>/.exec(answer.body)?.[1];
const fieldOf = (answer, name) => new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(answer.body)?.[1];
const versionOf = (answer) => fieldOf(answer, 'version');

async function withVoice(t) {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  await admin.get('/desk/services');
  const made = await admin.post('/desk/services', { name: 'voice', title: 'Voice of Merantara' });
  return { s, admin, made };
}
// What a form of settings would send.
function typed(answer, changes) {
  const fields = {};
  const form = /<form[^>]*action="[^"]*"[^>]*>(?:(?!<\/form>)[^])*name="version"[^]*?<\/form>/.exec(answer.body)[0];
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(tag)?.[1];
    if (!name || (/type="checkbox"/.test(tag) && !/checked/.test(tag))) continue;
    fields[name] = (/ value="([^"]*)"/.exec(tag)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  }
  return { ...fields, ...changes };
}

test('an engineer makes a service, is shown its password once, and an encoder goes on the air with it', async (t) => {
  const { s, admin, made } = await withVoice(t);
  assert.equal(made.status, 200, made.body);
  const secret = secretIn(made);
  assert.ok(secret);
  assert.match(words(made.body), /It is shown this once/);
  assert.ok(!(await admin.get('/desk/streams/voice-mp3/sources/main')).body.includes(secret));
  assert.ok(!JSON.stringify(file(s)).includes(secret));
  const frame = Buffer.alloc(417, 0x55);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  await until(() => new Promise((resolve) => {
    const one = net.connect(s.radioPort, '127.0.0.1');
    one.on('error', () => resolve(false));
    one.once('data', (d) => resolve(/ 100 /.test(d) ? one : (one.destroy(), false)));
    one.write(`PUT /voice.mp3 HTTP/1.1\r\nHost: r\r\nAuthorization: Basic ${Buffer.from(`source:${secret}`).toString('base64')}\r\n` +
      'Content-Type: audio/mpeg\r\nExpect: 100-continue\r\n\r\n');
  }).then((one) => one && (t.after(() => one.destroy()), one.write(Buffer.concat(Array(400).fill(frame))), true)), 20000, 'the encoder is let in');
  await until(async () => /on air: main/.test(words((await admin.get('/desk/services')).body)), 20000, 'on the air at the desk');
  const page = words((await admin.get('/desk/streams/voice-mp3')).body);
  assert.match(page, /on air: main/);
  for (const below of ['services', 'services/voice', 'streams/voice-mp3', 'streams/voice-mp3/sources/main'])
    assert.match((await admin.get(`/desk/${below}`)).body, /<a href="\/desk\/services" aria-current="page">/, below);
});

test('a service gets words in a language of the site, and a language that is switched off keeps its own', async (t) => {
  const { s, admin } = await withVoice(t);
  let page = await admin.get('/desk/services/voice');
  assert.match(page.body, /<input[^>]*name="title\.ar"[^>]*placeholder="Voice of Merantara"[^>]*dir="rtl"|<input[^>]*name="title\.ar"[^>]*dir="rtl"[^>]*placeholder="Voice of Merantara"/);
  let saved = await admin.post('/desk/services/voice', typed(page, { 'title.de': 'Stimme', 'description.ar': 'أخبار' }));
  assert.match(saved.target, /said=saved/, saved.body);
  const service = () => file(s).services[0];
  assert.deepEqual([service().title, service()['title.de'], service()['description.ar'], service()['title.fr']], ['Voice of Merantara', 'Stimme', 'أخبار', undefined]);
  assert.match(words((await admin.get('/desk/audit')).body), /Title – Deutsch: Stimme/);
  await admin.get('/desk/station');
  await admin.send('/desk/station/languages', [['token', admin.token], ['languages', 'en'], ['languages', 'id'], ['default_lang', 'en']]);
  page = await admin.get('/desk/services/voice');
  assert.ok(!page.body.includes('name="title.de"'));
  saved = await admin.post('/desk/services/voice', typed(page, { title: 'Voice', 'title.id': 'Suara' }));
  assert.match(saved.target, /said=saved/, saved.body);
  assert.deepEqual([service().title, service()['title.de'], service()['title.id']], ['Voice', 'Stimme', 'Suara']);
});

test('an engineer sets a stream, gives it a relay and puts the relay first; the audit log says so', async (t) => {
  const { s, admin } = await withVoice(t);
  let page = await admin.get('/desk/streams/voice-mp3');
  const saved = await admin.post('/desk/streams/voice-mp3', typed(page, { stall_ms: '1500', keep_hours: '48', charset: 'windows-1256' }));
  assert.match(saved.target, /said=saved/, saved.body);
  const stream = () => file(s).services[0].streams[0];
  assert.deepEqual([stream().stall_ms, stream().keep_hours, stream().charset, stream().hls, stream().icy], [1500, 48, 'windows-1256', true, true]);
  await admin.post('/desk/streams/voice-mp3/sources', { name: 'far', kind: 'relay', address: 'http://radio.example/x.mp3' });
  await admin.post('/desk/streams/voice-mp3/order', { id: 'far', way: 'up' });
  assert.deepEqual(stream().sources.map((x) => x.name), ['far', 'main']);
  await admin.post('/desk/streams/voice-mp3/order', { id: 'far', way: 'after', beside: 'main' });
  assert.deepEqual(stream().sources.map((x) => x.name), ['main', 'far']);
  page = await admin.get('/desk/streams/voice-mp3/sources/far');
  await admin.post('/desk/streams/voice-mp3/sources/far', { version: versionOf(page), address: 'http://radio.example/y.mp3' });
  assert.equal(stream().sources[1].address, 'http://radio.example/y.mp3');
  const hash = stream().sources[0].password.hash;
  await admin.get('/desk/streams/voice-mp3/sources/main');
  assert.ok(secretIn(await admin.post('/desk/streams/voice-mp3/sources/main/password')));
  assert.notEqual(stream().sources[0].password.hash, hash);
  await admin.get('/desk/services');
  assert.ok(secretIn(await admin.post('/desk/radio/admin')));
  await admin.get('/desk/services');
  await admin.post('/desk/radio/addresses', { shows_addresses: '1' });
  assert.equal(file(s).shows_addresses, true);
  const audit = words((await admin.get('/desk/audit')).body);
  for (const told of [/Show listeners’ addresses on these pages: on/, /Kind: Relay that is fetched/, /Hours that can be replayed: 48/, /password set[^]*voice-mp3\/main/])
    assert.match(audit, told);
  await admin.get('/desk/streams/voice-mp3/sources/far');
  await admin.post('/desk/streams/voice-mp3/sources/far/delete', { sure: '1' });
  assert.deepEqual(stream().sources.map((x) => x.name), ['main']);
  await admin.post('/desk/services/voice/streams', { name: 'low', mount: '/low.ogg', type: 'audio/ogg; codecs=opus' });
  assert.deepEqual(file(s).services[0].streams.map((x) => x.name), ['voice-mp3', 'low']);
  await admin.post('/desk/services/voice/order', { id: 'low', way: 'up' });
  assert.deepEqual(file(s).services[0].streams.map((x) => x.name), ['low', 'voice-mp3']);
  await admin.post('/desk/streams/low/delete', { sure: '1' });
  await admin.get('/desk/services');
  await admin.post('/desk/services', { name: 'music', title: 'Music' });
  await admin.get('/desk/services');
  await admin.post('/desk/radio/order', { id: 'music', way: 'up' });
  assert.deepEqual(file(s).services.map((x) => x.name), ['music', 'voice']);
  await admin.get('/desk/services/music');
  await admin.post('/desk/services/music/delete', { sure: '1' });
  assert.deepEqual(file(s).services.map((x) => x.name), ['voice']);
});

test('what a form refuses is given back with a sentence at its field', async (t) => {
  const { s, admin } = await withVoice(t);
  const before = JSON.stringify(file(s));
  const rows = [
    ['/desk/services', { name: 'Voice!', title: 'Mine' }, /A name has up to 32/, 'title', 'Mine'],
    ['/desk/services', { name: 'voice', title: 'Mine' }, /There is another of that name/, 'title', 'Mine'],
    ['/desk/services/voice/streams', { name: 'b', mount: '/voice.mp3', type: 'audio/mpeg' }, /Another stream has that mount/, 'name', 'b'],
    ['/desk/services/voice/streams', { name: 'b', mount: '/admin/x', type: 'audio/mpeg' }, /The radio itself answers there/, 'mount', '/admin/x'],
    ['/desk/streams/voice-mp3/sources', { name: 'far', kind: 'relay', address: 'ftp://x/y' }, /A relay’s address is http/, 'address', 'ftp://x/y'],
    ['/desk/streams/voice-mp3/sources', { name: 'loop', kind: 'file', address: 'gone.mp3' }, /There is no such file in radio\/sounds/, 'address', 'gone.mp3'],
    ['/desk/streams/voice-mp3/spans', { span: 'mask', from: 'noon', to: '2026-11-23T13:00:00Z' }, /Please write a day and a time/, 'from', 'noon'],
    ['/desk/streams/voice-mp3/spans', { span: 'mask', from: '2026-11-23T14:00:00Z', to: '2026-11-23T13:00:00Z' }, /It ends before it begins/, 'from', '2026-11-23T14:00:00Z'],
  ];
  for (const [target, fields, says, name, value] of rows) {
    const answer = await admin.post(target, fields);
    assert.equal(answer.status, 422, target);
    assert.match(words(answer.body), says);
    assert.equal(fieldOf(answer, name), value, target);
  }
  const page = await admin.get('/desk/streams/voice-mp3');
  for (const [change, says] of [[{ stall_ms: 'soon' }, /A number from 250 to 600000/], [{ rate: '1' }, /A number from 7350 to 192000/],
    [{ type: 'audio/ogg' }, /HLS takes MP3 and AAC only/], [{ charset: 'klingon' }, /There is no such charset/]]) {
    const answer = await admin.post('/desk/streams/voice-mp3', typed(page, change));
    assert.equal(answer.status, 422, JSON.stringify(change));
    assert.match(words(answer.body), says);
    const [[name, value]] = Object.entries(change);
    assert.equal(fieldOf(answer, name), value);
  }
  assert.equal(JSON.stringify(file(s)), before);
});

// MP3 of 128 kbit/s, 44100 or 48000 samples a second.
const mp3 = (rate = 44100, frames = 40) => {
  const frame = Buffer.alloc(rate === 44100 ? 417 : 384, 0x55);
  frame.set([0xff, 0xfb, rate === 44100 ? 0x90 : 0x94, 0x00]);
  return Buffer.concat(Array(frames).fill(frame));
};

test('an engineer uploads what plays when nobody does, chooses it, and deletes what nothing plays', async (t) => {
  const { s, admin } = await withVoice(t);
  const at = '/desk/streams/voice-mp3', folder = path.join(s.dir, 'radio', 'sounds'), sounds = () => fs.readdirSync(folder).sort();
  const before = sounds();
  await admin.post(at, typed(await admin.get(at), { rate: '44100' }));
  await admin.get(at);
  const one = await sendForm(admin, `${at}/sounds`, {}, [{ name: 'Vor dem Gespräch (neu).MP3', bytes: mp3() }]);
  assert.match(one.headers.location, /voice-mp3\?said=uploaded/);
  const name = sounds().find((x) => !before.includes(x));
  assert.match(name, /^vor-dem-gesprach-neu\.mp3$/);
  assert.deepEqual(fs.readFileSync(path.join(folder, name)), mp3());
  const several = await sendForm(admin, `${at}/sounds`, {}, [{ name: 'C:\\radio\\loop.mp3', bytes: mp3(44100, 50) }, { name: 'loop.mp3', bytes: mp3(44100, 60) }, { name: 'loop.mp3', bytes: mp3(44100, 60) },
    { name: 'fast.mp3', bytes: mp3(48000) }, { name: 'none.mp3', bytes: Buffer.alloc(9000, 7) }]);
  assert.equal(several.status, 200);
  assert.match(words(several.body), /Not taken[^]*fast\.mp3 The file has 48000 samples a second, and the stream 44100\.[^]*none\.mp3 The file is of no known format, and the stream is MP3\./);
  assert.deepEqual(sounds().filter((x) => /loop|fast|none/.test(x)), ['loop-2.mp3', 'loop.mp3'], 'what is there stays, the same twice is one');
  assert.equal(fs.statSync(path.join(folder, 'loop-2.mp3')).size, mp3(44100, 60).length);
  const json = await sendForm(admin, `${at}/sounds`, {}, [{ name: 'jingle.mp3', bytes: mp3() }], { Accept: 'application/json' });
  assert.deepEqual(JSON.parse(json.body), { taken: true, address: at, choice: 'jingle.mp3' });
  const refused = await sendForm(admin, `${at}/sounds`, {}, [{ name: 'x.mp3', bytes: mp3(48000) }], { Accept: 'application/json' });
  assert.equal(refused.status, 422);
  assert.match(JSON.parse(refused.body).why, /48000/);
  const nothing = await admin.post(`${at}/sounds`, {});
  assert.equal(nothing.status, 422);
  assert.match(words(nothing.body), /Please choose a file/);

  await admin.get(at);
  await admin.post(`${at}/sources`, { name: 'far', kind: 'relay', address: 'http://radio.example/x.mp3', sound: '' });
  await admin.get(at);
  const made = await admin.post(`${at}/sources`, { name: 'loop', kind: 'file', address: '', sound: 'loop.mp3' });
  assert.match(made.target, /said=saved/);
  assert.equal(file(s).services[0].streams[0].sources.at(-1).address, 'loop.mp3');
  let page = await admin.get(`${at}/sources/loop`);
  assert.match(page.body, /<select id="f-address"[^]*<option value="loop\.mp3" selected>/);
  await admin.post(`${at}/sources/loop`, { version: versionOf(page), address: 'jingle.mp3' });
  page = await admin.get(at);
  assert.match(page.body, /<a href="\/desk\/streams\/voice-mp3\/sources\/loop">(?:<bdi>)?voice-mp3\/loop/);
  assert.ok(!page.body.includes('/delete" method="post"><input type="hidden" name="id"'), 'no button deletes at once');
  assert.ok(!(await admin.get(`${at}/sounds/jingle.mp3`)).body.includes('name="sure"'));
  const remove = (name, sure = '1') => admin.post(`${at}/sounds/${name}/delete`, { ...(sure && { sure }) });
  const played = await remove('jingle.mp3');
  assert.equal(played.status, 409);
  assert.match(words(played.body), /A source plays this file/);
  for (const name of ['..%2F..%2Fsiaran.db', '.hidden']) assert.equal((await remove(name)).status, 404);
  assert.equal((await admin.get(`${at}/sounds/none.mp3`)).status, 404);
  assert.match((await admin.get(`${at}/sounds/loop.mp3`)).body, /<input type="checkbox"[^>]* name="sure"[^>]* required/);
  const unsure = await remove('loop.mp3', '');
  assert.match(unsure.target, /sounds\/loop\.mp3\?said=not_sure/);
  assert.ok(sounds().includes('loop.mp3'));
  for (const name of ['loop.mp3', 'loop-2.mp3', 'loop-2.mp3']) assert.match((await remove(name)).target, /said=deleted/);
  assert.deepEqual(sounds().filter((x) => /loop|jingle|fast|none/.test(x)), ['jingle.mp3']);
  const audit = words((await admin.get('/desk/audit')).body);
  for (const told of [/upload[^]*sound file[^]*jingle\.mp3/, /delete[^]*sound file[^]*loop-2\.mp3/]) assert.match(audit, told);
});

test('an engineer is told where a stream takes the rate of a file, and the audit log tells it of whoever added the file', async (t) => {
  const { s, admin } = await withVoice(t);
  const at = '/desk/streams/voice-mp3', slow = path.join(path.dirname(s.dir), 'slow.mp3');
  await admin.get(at);
  await sendForm(admin, `${at}/sounds`, {}, [{ name: 'loop.mp3', bytes: mp3() }, { name: 'other.mp3', bytes: mp3(44100, 50) }]);
  await admin.get(at);
  const made = await admin.post(`${at}/sources`, { name: 'loop', kind: 'file', address: '', sound: 'loop.mp3' });
  assert.match(made.target, /said=settled/);
  assert.match(words(made.body), /The stream said no sampling rate and has that of the file now/);
  assert.equal(fieldOf(made, 'rate'), '44100');
  const source = await admin.get(`${at}/sources/loop`);
  assert.match((await admin.post(`${at}/sources/loop`, { version: versionOf(source), address: 'other.mp3' })).target, /said=saved/);
  fs.writeFileSync(slow, mp3(48000));
  mustRun('service', s.dir, 'stream', 'voice', 'low', 'mount=/low.mp3');
  assert.match(mustRun('service', s.dir, 'source', 'voice', 'low', 'loop', 'file', slow).out, /stream low said no rate and has that of slow\.mp3 now: 48000/);
  const audit = words((await admin.get('/desk/audit?kind=stream')).body), told = 'rate taken from the file stream';
  for (const row of [`command line ${told} low Samples a second: 48000 File: slow.mp3`, `${told} voice-mp3 Samples a second: 44100 File: loop.mp3`]) assert.ok(audit.includes(row), audit);
  assert.equal(audit.split(told).length, 3, 'and of nobody else');
});

test('half a file that a killed process left behind is gone at the next start, and one that may still be written is not', async (t) => {
  const s = makeStation(), folder = path.join(s.dir, 'radio', 'sounds'), hours = (n) => new Date(Date.now() - n * 3600000);
  t.after(() => s.remove());
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, age] of [['.1234.part', 2], ['.5678.part', 0.5], ['.notes.part', 2], ['.hidden', 2], ['1234.part', 2]]) {
    fs.writeFileSync(path.join(folder, name), 'x');
    fs.utimesSync(path.join(folder, name), hours(age), hours(age));
  }
  await s.serve();
  const left = fs.readdirSync(folder).filter((x) => /part|hidden/.test(x)).sort();
  assert.deepEqual(left, ['.5678.part', '.hidden', '.notes.part', '1234.part']);
  assert.match(s.log, /radio\/sounds: 1 half files/);
});

test('an engineer masks what may not be replayed in the time of the station, or of UTC, and takes it back', async (t) => {
  const { s, admin } = await withVoice(t);
  const at = '/desk/streams/voice-mp3', spans = () => siaran('service', s.dir, 'spans', 'voice-mp3').out;
  await until(() => fs.existsSync(path.join(s.dir, 'radio', 'voice-mp3')), 15000, 'its log');
  const page = await admin.get(at);
  assert.match(words(page.body), /Moments are in the station’s time: Asia\/Jakarta\./);
  for (const name of ['from', 'to']) assert.match(page.body, new RegExp(`<input type="datetime-local"[^>]* name="${name}"[^>]* step="1"`));
  const masked = await admin.post(`${at}/spans`, { span: 'mask', from: '2026-11-23T13:00:05', to: '2026-11-23T13:10' });
  assert.match(words(masked.body), /2026-11-23 13:00:05 UTC\+7 2026-11-23 13:10:00 UTC\+7/);
  const pinned = await admin.post(`${at}/spans`, { span: 'pin', from: '2026-11-22T06:00:00Z', to: '2026-11-22T08:00:00+01:00' });
  assert.match(words(pinned.body), /2026-11-22 13:00:00 UTC\+7 2026-11-22 14:00:00 UTC\+7/);
  assert.match(spans(), /^mask 2026-11-23T06:00:05Z 2026-11-23T06:10:00Z$/m);
  assert.match(spans(), /^pin 2026-11-22T06:00:00Z 2026-11-22T07:00:00Z$/m);
  const wrong = await admin.post(`${at}/spans`, { span: 'mask', from: '2026-11-23T13:00:05', to: '2026-11-23T05:00:00Z' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.body, /<input type="datetime-local"[^>]* name="from" value="2026-11-23T13:00:05"/);
  assert.match(wrong.body, /<input type="text"[^>]* name="to" value="2026-11-23T05:00:00Z"/, 'what a field of days cannot show is shown as it was typed');
  const [, id] = /name="id" value="(mask\.[0-9.]+)"/.exec(wrong.body);
  await admin.post(`${at}/spans/remove`, { id });
  assert.doesNotMatch(spans(), /mask/);
  assert.match(words((await admin.get('/desk/audit')).body), /voice-mp3 2026-11-23 13:00:05 UTC\+7 – 2026-11-23 13:10:00 UTC\+7/);
});

test('an engineer reads in the own language why a source was refused, and where a form is wrong', async (t) => {
  const { s, admin } = await withVoice(t), at = '/desk/streams/voice-mp3';
  await admin.get(at);
  await admin.post(`${at}/sources`, { name: 'far', kind: 'relay', address: `http://127.0.0.1:${s.radioPort}/none.mp3`, sound: '' });
  await admin.get('/desk/account');
  await admin.post('/desk/account', { name: 'Ada', lang: 'de' });
  await until(async () => /Quelle abgewiesen far: http:\/\/127\.0\.0\.1:\d+\/none\.mp3 gibt es nicht\./.test(words((await admin.get(at)).body)), 20000, 'why');
  assert.match(words((await admin.get('/desk/services')).body), /none\.mp3 gibt es nicht\./);
  // What is wrong stands in no field of the form that was sent.
  await admin.get(at);
  const sound = await sendForm(admin, `${at}/sounds`, {}, [{ name: 'loop.mp3', bytes: mp3() }]);
  assert.equal(sound.status, 303);
  await admin.get(at);
  await admin.post(`${at}/sources`, { name: 'loop', kind: 'file', address: '', sound: 'loop.mp3' });
  await admin.get(at);
  const wrong = await admin.post(`${at}/order`, { id: 'loop', way: 'up' });
  assert.equal(wrong.status, 422);
  assert.match(words(wrong.body), /Programm voice, Stream voice-mp3, Quelle far: Was hinter einer Datei/);
});

test('of two who change a service at once, the second is shown both', async (t) => {
  const { s, admin } = await withVoice(t);
  const page = await admin.get('/desk/services/voice');
  assert.equal(siaran('service', s.dir, 'set', 'voice', 'title=Voice of a colleague').code, 0);
  const answer = await admin.post('/desk/services/voice', typed(page, { title: 'My own voice' }));
  assert.equal(answer.status, 409);
  assert.match(words(answer.body), /Voice of a colleague/);
  assert.equal(fieldOf(answer, 'title'), 'My own voice');
  const again = await admin.post('/desk/services/voice', typed(answer, {}));
  assert.match(again.target, /said=saved/, again.body);
  assert.equal(file(s).services[0].title, 'My own voice');
});

test('only those who look after the technical side see the radio at the desk', async (t) => {
  const { admin } = await withVoice(t);
  const engineer = await colleague(admin, 'eng@station.test', { roles: 'engineer' });
  const editor = await colleague(admin, 'ed@station.test', { roles: 'editor' });
  assert.match((await engineer.get('/desk/')).body, /href="\/desk\/services"/);
  assert.equal((await engineer.get('/desk/streams/voice-mp3')).status, 200);
  assert.doesNotMatch((await editor.get('/desk/')).body, /href="\/desk\/services"/);
  assert.equal((await editor.request('GET', '/desk/services')).status, 403);
  assert.equal((await engineer.get('/desk/streams/none')).status, 404);
});

test('a services.json that somebody damaged is told in the desk\'s words, and nothing is written over it', async (t) => {
  const { s, admin } = await withVoice(t);
  const place = path.join(s.dir, 'services.json');
  fs.writeFileSync(place, '{"number":1,"services":[{"name":"voice"}]}');
  const answer = await admin.get('/desk/services');
  assert.equal(answer.status, 500);
  assert.match(words(answer.body), /services\.json is damaged[^]*service voice: title must not be empty/);
  await admin.get('/desk/account');
  await admin.post('/desk/account', { name: 'Ada', lang: 'ar' });
  const arabic = await admin.get('/desk/services');
  const detail = /<p lang="en" dir="ltr">([^<]*)<\/p>/.exec(arabic.body)[1];
  assert.match(detail, /^services\.json: service voice: title must not be empty$/);
  assert.doesNotMatch(/<p class="block-text">([^<]*)<\/p>/.exec(arabic.body)[1], /title/);
  await admin.post('/desk/services', { name: 'x', title: 'X' });
  assert.equal(fs.readFileSync(place, 'utf8'), '{"number":1,"services":[{"name":"voice"}]}');
});
