// SPDX-License-Identifier: AGPL-3.0-or-later
// The station beside Debian's icecast2: the same encoders send the same to both, and what panels, exporters and engineers
// ask of one is answered by the other, but for what the tables below name.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { Feed } = require('../support/feed.js');
const { passwords, startIcecast } = require('../support/icecast.js');
const { makeStation, mustRun, until } = require('../support/station.js');
const { adts, basic, listen, mp3, tune, tuned } = require('../support/tune.js');

let s, admin;
const get = async (origin, target, password) => {
  const r = await fetch(`${origin}${target}`, { headers: password ? { Authorization: basic(password, 'admin') } : {} });
  return { status: r.status, type: r.headers.get('content-type'), body: await r.text() };
};
const ours = (target, password) => get(`http://127.0.0.1:${s.radioPort}`, target, password);
const statusOf = async (origin, query = '') => JSON.parse((await get(origin, `/status-json.xsl${query}`)).body.replace('"location":-,', '"location":"-",')).icestats;
const status = (query) => statusOf(`http://127.0.0.1:${s.radioPort}`, query);

before(async () => {
  s = await makeStation().serve();
  admin = /password +(\S+)/.exec(mustRun('service', s.dir, 'admin-password').out)[1];
});
after(() => s.remove());

// The radio knows what was written before: it reads the file whole, and finds a name in it that was never there.
let marks = 0;
async function known(t) {
  const mark = `mark-${++marks}`;
  await tuned(s, mark, mark, { mount: `/${mark}.mp3`, type: 'audio/mpeg' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', mark));
}

// ---- the same encoders ----

// What is said of the sound: names of ffmpeg's own options.
const words = { ice_name: 'Evening Voice', ice_description: 'News at seven', ice_genre: 'News', ice_url: 'http://voice.example/', ice_public: '1' };
const comments = ['-metadata', 'artist=The Artist', '-metadata', 'title=The Title'];
const coded = { mp3: ['-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3'], vorbis: ['-c:a', 'libvorbis', '-b:a', '96k', ...comments, '-f', 'ogg'],
  opus: ['-c:a', 'libopus', '-ar', '48000', '-b:a', '96k', ...comments, '-f', 'ogg'], flac: ['-c:a', 'flac', ...comments, '-f', 'ogg'] };
const encoders = [
  { name: 'put', type: 'audio/mpeg', coded: coded.mp3, words },
  { name: 'source', type: 'audio/mpeg', coded: coded.mp3, words, legacy: true },
  { name: 'nameless', type: 'audio/mpeg', coded: coded.mp3, words: {} },
  { name: 'vorbis', type: 'application/ogg', coded: coded.vorbis, words },
  { name: 'opus', type: 'application/ogg', coded: coded.opus, words: {} },
  { name: 'oggflac', type: 'application/ogg', coded: coded.flac, words: {} },
  // Heads as butt and as libshout's programs (ices, ezstream, Liquidsoap) write them.
  { name: 'butt', type: 'audio/mpeg', heads: { 'ice-name': 'Butt', 'ice-description': 'd', 'ice-genre': 'Talk', 'ice-url': 'http://b.example',
    'ice-bitrate': 128, 'ice-audio-info': 'ice-bitrate=128;ice-channels=2;ice-samplerate=44100' } },
  { name: 'libshout', type: 'audio/mpeg', heads: { 'ice-name': 'Shout', 'ice-audio-info': 'bitrate=128;channels=2;samplerate=44100;quality=2.5' } },
  { name: 'shoutcast', type: 'audio/mpeg', heads: { 'icy-name': 'Old', 'icy-genre': 'Talk', 'icy-url': 'http://o.example', 'icy-br': 128 } },
];
const mountOf = (e) => `/${e.name}`;

// Encodes until the test is over, in real time.
function encode(t, e, port, password) {
  const options = Object.entries(e.words).flatMap(([name, value]) => [`-${name}`, value]);
  const child = spawn('ffmpeg', ['-v', 'error', '-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100', '-ac', '2', ...e.coded.slice(0, -2),
    ...options, '-content_type', e.type, ...(e.legacy ? ['-legacy_icecast', '1'] : []), ...e.coded.slice(-2),
    `icecast://source:${password}@127.0.0.1:${port}${mountOf(e)}`], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  t.after(() => (child.kill('SIGKILL'), gone));
}

async function send(t, e, port, password, sound) {
  if (e.coded) return void encode(t, e, port, password);
  const feed = new Feed({ port, mount: mountOf(e), password, type: e.type, bytes: sound, headers: e.heads });
  t.after(() => feed.stop());
  await feed.start();
}

// Icecast and the station, both with all of them on the air and all that their headers say known.
async function both(t) {
  const icecast = await startIcecast(t), sound = mp3({ seconds: 10 }), password = {};
  for (const e of encoders) {
    password[e.name] = tune(s, e.name, e.name, { mount: mountOf(e), type: e.type }, { main: 'encoder' }).main;
    t.after(() => mustRun('service', s.dir, 'remove', e.name));
  }
  await known(t);
  for (const e of encoders)
    await Promise.all([send(t, e, icecast.port, passwords.source, sound), send(t, e, s.radioPort, password[e.name], sound)]);
  const origins = [icecast.origin, `http://127.0.0.1:${s.radioPort}`];
  const byMount = (list) => Object.fromEntries([list.source ?? []].flat().map((x) => [new URL(x.listenurl).pathname, x]));
  return until(async () => {
    const [theirs, mine] = (await Promise.all(origins.map((o) => statusOf(o)))).map(byMount);
    const known = encoders.every((e) => theirs[mountOf(e)] && mine[mountOf(e)]);
    return known && theirs['/vorbis'].title && { icecast, theirs, mine };
  }, 60000, 'both know all encoders');
}

// ---- what is meant to differ ----

const left = { // Icecast has it, we have not
  FLAC_version: 'the version of a mapping that has only one; subtype says that it is FLAC',
  source_relay_connections: 'of the server: what we connect to is no connection to us',
};
const more = { // we have it, Icecast has not
  bitrate: 'measured, where the encoder does not say it', channels: 'as heard', samplerate: 'as heard',
  subtype: 'of FLAC in Ogg too', artist: 'of Opus and FLAC too', title: 'of Opus and FLAC too',
  audio_channels: 'of Opus and FLAC too', audio_samplerate: 'of Opus and FLAC too',
};
const unlike = { // both have it, and it says something else
  listenurl: 'another port', stream_start: 'another moment', stream_start_iso8601: 'another moment',
};
const unsaid = { // Icecast's words where the encoder has none, and ours
  server_name: ['Unspecified name', (e) => e.name, 'the service has a name'],
  server_description: ['Unspecified description', () => '', 'nothing is put into anybody’s mouth'],
  genre: ['various', () => '', 'nothing is put into anybody’s mouth'],
};

function compare(theirs, mine, e) {
  const what = e.name;
  const keys = (o) => Object.keys(o);
  assert.deepStrictEqual(keys(theirs).filter((k) => !(k in mine) && !(k in left)), [], `${what}: Icecast says it, we do not`);
  assert.deepStrictEqual(keys(mine).filter((k) => !(k in theirs) && !(k in more)), [], `${what}: we say it, Icecast does not`);
  for (const key of keys(theirs).filter((k) => k in mine)) {
    assert.strictEqual(typeof mine[key], typeof theirs[key], `${what}: ${key}`);
    if (key in unlike) continue;
    const isUnsaid = key in unsaid && theirs[key] === unsaid[key][0];
    assert.strictEqual(mine[key], isUnsaid ? unsaid[key][1](e) : theirs[key], `${what}: ${key}`);
  }
}

test('of the same encoder Icecast’s panels find the same names, kinds and values here', async (t) => {
  const { icecast, theirs, mine } = await both(t);
  for (const e of encoders) compare(theirs[mountOf(e)], mine[mountOf(e)], e);

  // One mount alone is an object, an unknown one nothing, and it is JSON either way.
  for (const query of ['?mount=/put', '?mount=/nowhere', '?mount='])
    assert.deepStrictEqual(Object.keys(await status(query)).sort(), Object.keys(await statusOf(icecast.origin, query)).sort(), query);
  assert.strictEqual((await status('?mount=/put')).source.server_name, 'Evening Voice');

  // The administrator's XML has the same elements, of the server and of each source.
  const names = (xml) => [...new Set([...xml.matchAll(/<([\w-]+)>/g)].map((m) => m[1]))];
  for (const e of encoders) {
    const [his, own] = await Promise.all([get(icecast.origin, `/admin/stats?mount=${mountOf(e)}`, passwords.admin), ours(`/admin/stats?mount=${mountOf(e)}`, admin)]);
    assert.strictEqual(own.type, his.type);
    assert.deepStrictEqual(names(his.body).filter((name) => !names(own.body).includes(name) && !(name in left)), [], e.name);
  }
  for (const server of [[icecast.origin, passwords.admin], [`http://127.0.0.1:${s.radioPort}`, admin]]) {
    assert.strictEqual((await get(server[0], '/admin/stats?mount=/nowhere', server[1])).status, 400);
    assert.match((await get(server[0], '/admin/stats?mount=/put', server[1])).body, /<source mount="\/put">.*<public>[01]<\/public>/s);
  }
});

test('the first panel that looks is told the rate that the encoder said, and no page says 0 kbit/s', async (t) => {
  const { main: loud } = await tuned(s, 'loud', 'loud', { mount: '/loud.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  const { main: silent } = await tuned(s, 'loud', 'untold', { mount: '/untold.aac', type: 'audio/aac' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'loud'));
  const begin = async (options) => { const f = await new Feed({ port: s.radioPort, ...options }).start(); t.after(() => f.stop()); };
  // Sent at 128 kbit/s, which a measurement would find; what is not measured yet is as it was said.
  await begin({ mount: '/loud.mp3', password: loud, bytes: mp3({ seconds: 10 }), headers: { 'ice-bitrate': '160' } });
  await begin({ mount: '/untold.aac', password: silent, type: 'audio/aac', bytes: adts({ seconds: 10 }), rate: 8000 });
  const first = await until(async () => (await status('?mount=/loud.mp3')).source, 10000, 'it is on the air');
  assert.ok([160, 128].includes(first.bitrate), `${first.bitrate}`);
  await until(async () => (await status('?mount=/untold.aac')).source, 10000, 'the other is on the air');
  const page = (await ours('/')).body;
  assert.match(page, /(160|128) kbit\/s/);
  assert.doesNotMatch(page, /\D0 kbit\/s/);
  const l = listen(s.radioPort, '/loud.mp3');
  assert.match(await l.head(), /icy-br: (160|128)\r\n/);
  await l.end();
  await until(async () => (await status('?mount=/loud.mp3')).source?.bitrate === 128, 20000, 'what is measured holds');
});

test('an engineer who points the encoder here and changes nothing else finds its words, until the station has its own', async (t) => {
  const { main } = tune(s, 'quiet', 'quiet', { mount: '/quiet.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'quiet'));
  const bytes = mp3({ seconds: 10 });
  await known(t);
  const long = 'word '.repeat(200).trim();
  const connect = async (lines) => {
    const feed = await new Feed({ port: s.radioPort, mount: '/quiet.mp3', password: main, bytes, headers: lines }).start();
    t.after(() => feed.stop());
    return feed;
  };
  const source = async () => (await status('?mount=/quiet.mp3')).source;
  const head = () => until(async () => {
    const l = listen(s.radioPort, '/quiet.mp3', { 'Icy-MetaData': '1' });
    const text = Buffer.from(await l.head(), 'latin1').toString('utf8');
    await l.end();
    return / 200 /.test(text) && text;
  }, 10000, 'there is sound');

  const old = await connect({ 'icy-name': 'Stimme\tvon Übersee', 'icy-genre': 'Kultur', 'icy-description': long, 'icy-url': 'javascript:alert(1)' });
  const said = await until(source, 10000, 'it is on the air');
  assert.strictEqual(said.server_name, 'Stimme von Übersee');
  assert.strictEqual(said.genre, 'Kultur');
  assert.ok(said.server_description.length > 200 && said.server_description.length <= 256 && long.startsWith(said.server_description.trim()));
  assert.strictEqual(said.server_url, undefined, 'no address of the web');
  const lines = await head();
  assert.match(lines, /\r\nicy-name: Stimme von Übersee\r\n/);
  assert.match(lines, /\r\nicy-genre: Kultur\r\n/);
  assert.doesNotMatch(lines, /icy-url/);
  await old.stop();

  await connect({ 'ice-name': 'Evening Voice & more', 'ice-url': 'https://voice.example/', 'icy-name': 'not this one' });
  await until(async () => (await source())?.server_url === 'https://voice.example/', 15000, 'the next encoder says something else');
  assert.match(await head(), /\r\nicy-name: Evening Voice & more\r\n(?:.*\r\n)*icy-url: https:\/\/voice\.example\/\r\n/);
  assert.match((await ours('/quiet.mp3.m3u')).body, /#EXTINF:-1,Evening Voice & more\r\n/);
  assert.match((await ours('/quiet.mp3.pls')).body, /Title1=Evening Voice & more\r\n/);
  assert.match((await ours('/quiet.mp3.xspf')).body, /<title>Evening Voice &amp; more<\/title>/);
  assert.match((await ours('/admin/stats?mount=/quiet.mp3', admin)).body, /<server_name>Evening Voice &amp; more<\/server_name>/);

  mustRun('service', s.dir, 'set', 'quiet', 'title=Voice of Merantara', 'url=http://station.example/', 'genre=World');
  const own = await until(async () => { const x = await source(); return x?.server_name === 'Voice of Merantara' && x; }, 10000, 'the station’s words stand before the encoder’s');
  assert.strictEqual(own.server_url, 'http://station.example/');
  assert.strictEqual(own.genre, 'World');
  assert.match(await head(), /\r\nicy-name: Voice of Merantara\r\n/);
});

test('a name in Latin-1 is read as titles are', async (t) => {
  const { main } = tune(s, 'old', 'old', { mount: '/old.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'old'));
  await known(t);
  const w = net.connect(s.radioPort, '127.0.0.1');
  t.after(() => w.destroy());
  w.write(Buffer.from(`SOURCE /old.mp3 HTTP/1.0\r\nAuthorization: ${basic(main)}\r\nContent-Type: audio/mpeg\r\nice-name: Radio Österreich\r\n\r\n`, 'latin1'));
  w.write(mp3({ seconds: 5 }));
  const source = await until(async () => (await status('?mount=/old.mp3')).source, 10000, 'it is on the air');
  assert.strictEqual(source.server_name, 'Radio Österreich');
  assert.strictEqual(source.title, undefined, 'nothing was said to play');
});

test('what an engineer knows by heart of Icecast’s addresses is answered, in its form, or says why it is otherwise here', async (t) => {
  const icecast = await startIcecast(t), bytes = mp3({ seconds: 10 });
  const { main } = tune(s, 'known', 'known', { mount: '/known.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'known'));
  await known(t);
  const origin = `http://127.0.0.1:${s.radioPort}`;
  for (const [port, password] of [[icecast.port, passwords.source], [s.radioPort, main]]) {
    const feed = await new Feed({ port, mount: '/known.mp3', password, bytes, headers: { 'ice-name': 'Known & loved' } }).start();
    t.after(() => feed.stop());
  }
  await until(async () => (await statusOf(icecast.origin)).source && (await status('?mount=/known.mp3')).source, 20000, 'both are on the air');
  // A listener, whom the page shows and disconnects.
  const l = listen(s.radioPort, '/known.mp3', { 'User-Agent': 'Old <Radio>' });
  await l.bytes(1000);

  const mount = 'mount=/known.mp3';
  const same = ['stats', 'stats.xml', `stats?${mount}`, 'listmounts', 'streamlist', `listclients?${mount}`, `updatemetadata?${mount}`,
    `metadata?mode=updinfo&${mount}&song=One`, `killclient?${mount}&id=1`];
  for (const page of same) {
    const [theirs, mine] = await Promise.all([get(icecast.origin, `/admin/${page}`, passwords.admin), ours(`/admin/${page}`, admin)]);
    assert.strictEqual(theirs.status, 200, page);
    assert.deepStrictEqual([mine.status, mine.type], [theirs.status, theirs.type], page);
    const root = (xml) => /<(\w+)>/.exec(xml.replace(/<\?.*?\?>/, ''))[1];
    assert.strictEqual(root(mine.body), root(theirs.body), page);
  }
  for (const page of ['', 'stats.xsl', 'listmounts.xsl', `updatemetadata.xsl?${mount}`, `listclients.xsl?${mount}`]) {
    const [theirs, mine] = await Promise.all([get(icecast.origin, `/admin/${page}`, passwords.admin), ours(`/admin/${page}`, admin)]);
    assert.deepStrictEqual([mine.status, theirs.status, mine.type], [200, 200, 'text/html; charset=utf-8'], page);
    assert.match(mine.body, /<h2>\/known\.mp3<\/h2>/, page);
  }
  for (const page of ['', 'stats', 'stats.xml', 'stats.xsl', 'listmounts.xsl', 'listclients.xsl', 'streamlist', 'moveclients', 'fallbacks', 'buildm3u', 'killsource.xsl'])
    for (const at of [icecast.origin, origin]) assert.strictEqual((await get(at, `/admin/${page}`)).status, 401, `${at}/admin/${page}`);
  assert.match((await ours('/admin/', admin)).body, /<th>server_name<td>Known &amp; loved\n/);
  assert.match((await ours('/status.xsl')).body, /<h2>Known &amp; loved<\/h2>/);
  assert.match((await ours(`/admin/buildm3u?${mount}&username=u&password=p`, admin)).body, /^#EXTM3U\r\n.*\r\nhttp:\/\/127\.0\.0\.1:\d+\/known\.mp3\r\n$/);
  for (const [page, why] of [[`moveclients?${mount}&destination=/known.mp3`, /not moved.*next source plays/], [`fallbacks?${mount}&fallback=/known.mp3`, /sources of its stream/]])
    assert.match((await ours(`/admin/${page}`, admin)).body, new RegExp(`<iceresponse><message>.*${why.source}.*</message><return>0</return></iceresponse>`));
  assert.strictEqual((await ours('/admin/listclients.xsl?mount=/nowhere', admin)).status, 400);

  const page = (await ours(`/admin/listclients.xsl?${mount}`, admin)).body;
  assert.match(page, /<td>127\.0\.0\.0<td>\d+<td>Old &lt;Radio&gt;<td>/);
  const [, action, token, id] = /<form action="(killclient)">.*?name="token" value="(\w+)".*?name="id" value="(\d+)"/.exec(page);
  // An engineer's browser that knows the password, on a page of somebody else's.
  const Authorization = basic(admin, 'admin'), browser = { Authorization, 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
  const lured = async (target, headers) => (await fetch(`${origin}/admin/${target}`, { headers })).status;
  for (const [target, headers] of [[`killsource?${mount}`, browser], [`killsource.xsl?${mount}&token=`, browser], [`killclient?${mount}&id=${id}`, browser],
    [`metadata?mode=updinfo&${mount}&song=Lured`, browser], [`killclient?${mount}&id=${id}&token=${'0'.repeat(32)}`, browser],
    [`killclient?${mount}&id=${id}`, { Authorization, 'User-Agent': 'curl/8', Origin: 'https://elsewhere.test' }]])
    assert.strictEqual(await lured(target, headers), 403, target);
  assert.strictEqual(l.isOver, false);
  assert.strictEqual((await fetch(`${origin}/admin/`, { headers: browser })).headers.get('content-security-policy').includes("frame-ancestors 'none'"), true);
  // A program that calls itself so is none; and whoever presses a button comes back to the page, where the title has changed.
  assert.strictEqual(await lured(`metadata?mode=updinfo&${mount}&song=Written`, { Authorization, 'User-Agent': 'Mozilla/3.0 (compatible; Indy Library)' }), 200);
  assert.strictEqual(await lured(`metadata?mode=updinfo&${mount}&song=Lured`, { Authorization, 'User-Agent': 'Mozilla/5.0 (compatible; Konqueror/4.14; Linux) KHTML/4.14 (like Gecko)' }), 403);
  const pressed = (target) => fetch(`${origin}/admin/${target}&${mount}&token=${token}`, { headers: browser });
  const set = await pressed('metadata?mode=updinfo&song=Pressed');
  assert.deepStrictEqual([set.redirected, set.url, set.status], [true, `${origin}/admin/stats.xsl`, 200]);
  assert.match(await set.text(), /<tr><th>source<td>main\n[^]*<td>Pressed\n/);
  const gone = await pressed(`${action}?id=${id}`);
  assert.strictEqual(gone.url, `${origin}/admin/listclients.xsl?${mount}`);
  assert.doesNotMatch(await gone.text(), /Old &lt;Radio&gt;/);
  await l.over;
});

test('a looped file is not disconnected, for it would only begin anew, and the page shows no button for it', async (t) => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'siaran-loop-')), 'loop.mp3');
  t.after(() => fs.rmSync(path.dirname(file), { recursive: true }));
  fs.writeFileSync(file, mp3({ seconds: 5 }));
  const { main } = await tuned(s, 'looped', 'looped', { mount: '/looped.mp3', type: 'audio/mpeg' }, { main: 'encoder', loop: ['file', file] });
  t.after(() => mustRun('service', s.dir, 'remove', 'looped'));
  const plays = (source) => until(async () => new RegExp(`<h2>/looped.mp3</h2><table>\\n<tr><th>source<td>${source}\n`).test(await section()), 10000, `${source} plays`);
  const section = async () => /<section><h2>\/looped\.mp3.*?<\/section>/s.exec((await ours('/admin/', admin)).body)[0];
  await plays('loop');
  assert.doesNotMatch(await section(), /killsource/);
  const l = listen(s.radioPort, '/looped.mp3');
  await l.bytes(1000);
  assert.match((await ours('/admin/killsource?mount=/looped.mp3', admin)).body, /A file plays round and round.*<return>0<\/return>/);
  const feed = await new Feed({ port: s.radioPort, mount: '/looped.mp3', password: main, bytes: mp3({ seconds: 5 }) }).start();
  t.after(() => feed.stop());
  await plays('main');
  assert.match(await section(), /killsource/);
  assert.match((await ours('/admin/killsource?mount=/looped.mp3', admin)).body, /<return>1<\/return>/);
  await plays('loop');
  assert.strictEqual(l.isOver, false);
  await l.end();
});

test('an old encoder that says its password in a header of its own, or none and no type, is answered as Icecast does', async (t) => {
  const { main } = tune(s, 'older', 'older', { mount: '/older.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  t.after(() => mustRun('service', s.dir, 'remove', 'older'));
  await known(t);
  const send = async (lines) => {
    const w = net.connect(s.radioPort, '127.0.0.1');
    t.after(() => w.destroy());
    w.write(`SOURCE /older.mp3 HTTP/1.0\r\n${lines}\r\n`);
    return new Promise((resolve) => w.once('data', (d) => resolve({ w, status: Number(d.toString().split(' ')[1]) })));
  };
  assert.strictEqual((await send('ice-password: wrong\r\n')).status, 401);
  const { w, status: code } = await send(`ice-password: ${main}\r\n`); // and no Content-Type
  assert.strictEqual(code, 200);
  w.write(mp3({ seconds: 5 }));
  await until(async () => (await status('?mount=/older.mp3')).source, 10000, 'it is on the air');
});
