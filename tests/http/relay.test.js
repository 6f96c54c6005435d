// SPDX-License-Identifier: AGPL-3.0-or-later
// A station beside Debian's icecast2, each fetching a mount of the other.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { makeStation, until } = require('../support/station.js');
const { passwords, startIcecast } = require('../support/icecast.js');
const { Feed } = require('../support/feed.js');
const { basic, listen, mp3, tune, tuned } = require('../support/tune.js');

let s, file;
before(async () => {
  s = await makeStation().serve();
  file = mp3({ seconds: 20 });
});
after(() => s.remove());

const get = (port, path, headers = {}) => new Promise((resolve, reject) => {
  http.get({ port, host: '127.0.0.1', path, headers, agent: false }, (r) => {
    let body = '';
    r.on('data', (d) => (body += d)).on('end', () => resolve(body));
  }).on('error', reject);
});
const stream = async (name) => JSON.parse(await get(s.radioPort, '/api/now.json')).services.flatMap((x) => x.streams).find((x) => x.name === name);
const stateOf = (name) => JSON.parse(fs.readFileSync(path.join(s.dir, 'run/radio.json'), 'utf8')).streams.find((x) => x.stream === name);
const isOfFile = (bytes) => Buffer.concat([file, file, file]).includes(bytes);

test('icecast2 relays the station’s mount, and its listeners get the encoder’s bytes', async (t) => {
  const { main } = await tuned(s, 'voice', 'voice', { mount: '/voice.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  const source = await new Feed({ port: s.radioPort, mount: '/voice.mp3', password: main, bytes: file }).start();
  t.after(() => source.stop());
  await until(async () => (await stream('voice')).on_air, 10000, 'it is on the air');
  const icecast = await startIcecast(t, { relays: [{ port: s.radioPort, mount: '/voice.mp3', as: '/relayed.mp3' }] });
  const l = await until(async () => {
    const one = listen(icecast.port, '/relayed.mp3', {}, '1.0');
    if (/ 200 /.test(await one.head())) return one;
    await one.end();
    return null;
  }, 20000, 'icecast2 has the mount');
  await l.bytes(60000);
  assert.ok(isOfFile(Buffer.from(l.body.subarray(30000, 50000))));
  await l.end();
});

test('the station relays a mount of icecast2, its sound and its titles', async (t) => {
  const icecast = await startIcecast(t, { mounts: [{ name: '/far.mp3', charset: 'UTF-8' }] });
  const source = await new Feed({ port: icecast.port, mount: '/far.mp3', password: passwords.source, bytes: file }).start();
  t.after(() => source.stop());
  tune(s, 'voice', 'far', { mount: '/near.mp3', type: 'audio/mpeg' }, { far: ['relay', `${icecast.origin}/far.mp3`] });
  await until(async () => (await stream('far'))?.on_air, 20000, 'the relay is on the air');
  const said = await get(icecast.port, `/admin/metadata?mount=/far.mp3&mode=updinfo&charset=UTF-8&song=${encodeURIComponent('Far – 遠い')}`, { Authorization: basic(passwords.admin, 'admin') });
  assert.match(said, /<return>1</, said);
  await until(async () => (await stream('far')).title === 'Far – 遠い', 15000, 'the title has come');
  const l = listen(s.radioPort, '/near.mp3');
  await l.bytes(60000);
  assert.ok(isOfFile(Buffer.from(l.body.subarray(30000, 50000))));
  await l.end();
});

// A server that somebody else made: redirects and playlists, and at the end of the way our own encoder's sound.
async function signposts(t, rows) {
  const asked = [];
  const server = http.createServer((q, r) => {
    asked.push(q.url);
    const [status, headers, body = ''] = rows[q.url] ?? [404, {}];
    r.writeHead(status, { Connection: 'close', ...headers });
    r.end(body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return { asked, port: server.address().port };
}

test('a relay goes where redirects and playlists lead, and begins anew where it was told', async (t) => {
  const origin = () => `http://127.0.0.1:${s.radioPort}`;
  const { main } = await tuned(s, 'voice', 'origin', { mount: '/origin.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  const source = await new Feed({ port: s.radioPort, mount: '/origin.mp3', password: main, bytes: file }).start();
  t.after(() => source.stop());
  const far = await signposts(t, {
    '/old': [301, { Location: '/lists/now?x=1#top' }],
    '/lists/now?x=1': [200, { 'Content-Type': 'audio/x-scpls' }, '[playlist]\nNumberOfEntries=1\nFile1=next.m3u\n'],
    '/lists/next.m3u': [200, { 'Content-Type': 'text/plain' }, `#EXTM3U\n${origin()}/origin.mp3.xspf\n`],
  });
  tune(s, 'voice', 'led', { mount: '/led.mp3', type: 'audio/mpeg' }, { far: ['relay', `http://127.0.0.1:${far.port}/old`] });
  await until(async () => (await stream('led'))?.on_air, 20000, 'the relay is on the air');
  assert.deepStrictEqual(far.asked, ['/old', '/lists/now?x=1', '/lists/next.m3u']);
  const l = listen(s.radioPort, '/led.mp3');
  await l.bytes(60000);
  assert.ok(isOfFile(Buffer.from(l.body.subarray(30000, 50000))));
  await l.end();
});

test('who set a relay up reads why it cannot play', async (t) => {
  const far = await signposts(t, {
    '/round': [302, { Location: '/round' }],
    '/secret': [302, { Location: 'ftp://far.test/a.mp3' }],
    '/hls': [200, { 'Content-Type': 'application/vnd.apple.mpegurl' }, '#EXTM3U\n#EXT-X-TARGETDURATION:7\n#EXTINF:6,\n1.ts\n'],
    '/empty': [200, { 'Content-Type': 'audio/x-mpegurl' }, '#EXTM3U\n'],
    '/page': [200, { 'Content-Type': 'text/html' }, '<p>Not a stream'],
  });
  const why = { round: 'round', secret: 'no-address', hls: 'list-hls', empty: 'list-empty', page: 'other-sound', none: 'gone' };
  for (const name of Object.keys(why)) tune(s, 'signs', name, { mount: `/${name}.mp3`, type: 'audio/mpeg' }, { far: ['relay', `http://127.0.0.1:${far.port}/${name}`] });
  for (const [name, word] of Object.entries(why)) {
    await until(() => stateOf(name)?.refused_for === word, 20000, `${name} says why`);
    assert.ok(stateOf(name).alarms & 16, `${name} is an alarm`);
  }
});
