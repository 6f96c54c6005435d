// SPDX-License-Identifier: AGPL-3.0-or-later
// Relays that are fetched over https: from Debian's icecast2 behind nginx, and from servers that are not what they should be.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { freshDir, makeStation, mustRun, startStation, until } = require('../support/station.js');
const { Authority } = require('../support/certificates.js');
const { freePort, passwords, startIcecast } = require('../support/icecast.js');
const { Feed } = require('../support/feed.js');
const { basic, listen, mp3, tune, tuned } = require('../support/tune.js');

// `origin` is a mount of the station itself, which others of it relay by one way or another.
let s, file, dir, trusted, stranger, good, origin;
before(async () => {
  dir = freshDir();
  trusted = new Authority(dir, 'trusted');
  stranger = new Authority(dir, 'stranger');
  good = trusted.issue(['DNS:localhost', 'IP:127.0.0.1']);
  process.env.SSL_CERT_FILE = trusted.file; // of the stations
  file = mp3({ seconds: 20 });
  s = await makeStation().serve();
  const { main } = await tuned(s, 'origin', 'origin', { mount: '/origin.mp3', type: 'audio/mpeg' }, { main: 'encoder' });
  origin = await new Feed({ port: s.radioPort, mount: '/origin.mp3', password: main, bytes: file }).start();
});
after(async () => {
  await origin.stop();
  await s.remove();
  fs.rmSync(dir, { recursive: true, force: true });
});

const voice = (name) => ({ mount: `/${name}.mp3`, type: 'audio/mpeg' });
const get = (port, target, headers = {}) => new Promise((resolve, reject) => {
  http.get({ port, host: '127.0.0.1', path: target, headers, agent: false }, (r) => {
    let body = '';
    r.on('data', (d) => (body += d)).on('end', () => resolve(body));
  }).on('error', reject);
});
const stream = async (name) => JSON.parse(await get(s.radioPort, '/api/now.json')).services.flatMap((x) => x.streams).find((x) => x.name === name);
const stateOf = (name) => JSON.parse(fs.readFileSync(path.join(s.dir, 'run/radio.json'), 'utf8')).streams.find((x) => x.stream === name);
const onAir = (name, is = true) => until(async () => Boolean((await stream(name))?.on_air) === is, 20000, `${name} is ${is ? 'on' : 'off'} the air`);
const relayOf = (name, address) => tune(s, name, name, voice(name), { far: ['relay', address] });
async function hearsTheFile(name) {
  const l = listen(s.radioPort, `/${name}.mp3`);
  await l.bytes(60000);
  assert.ok(Buffer.concat([file, file, file]).includes(Buffer.from(l.body.subarray(30000, 50000))));
  await l.end();
}

// nginx with TLS, and HTTP/2 for who asks for it, in front of a port.
async function startNginx(t, to) {
  const home = path.join(dir, `nginx-${to}`), port = await freePort();
  fs.mkdirSync(home, { recursive: true });
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${home}/${n};`).join('\n');
  fs.writeFileSync(path.join(home, 'nginx.conf'), `pid ${home}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temp}
    server { listen 127.0.0.1:${port} ssl http2; server_name localhost; ssl_certificate ${good.files.cert}; ssl_certificate_key ${good.files.key};
      location / { proxy_pass http://127.0.0.1:${to}; proxy_buffering off; } } }\n`);
  const nginx = spawn('/usr/sbin/nginx', ['-c', path.join(home, 'nginx.conf'), '-p', home, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  nginx.stderr.on('data', (d) => (log += d));
  const ended = new Promise((resolve) => nginx.on('exit', resolve));
  t.after(() => { nginx.kill('SIGTERM'); return ended; });
  await until(() => new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1', () => { probe.destroy(); resolve(true); });
    probe.on('error', () => resolve(false));
  }), 10000, `nginx answers: ${log}`);
  return port;
}

// TLS of our own in front of a port, which can be cut.
async function startTerminator(t, to, certificate = good) {
  const open = new Set();
  const asked = [];
  const server = tls.createServer({ cert: certificate.cert, key: certificate.key }, (near) => {
    const far = net.connect(to, '127.0.0.1');
    asked.push(near.servername);
    for (const [one, other] of [[near, far], [far, near]]) {
      one.pipe(other);
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
    open.add(near);
    near.on('close', () => open.delete(near));
  });
  server.on('tlsClientError', () => {});
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const cut = () => open.forEach((one) => one.destroy());
  t.after(() => { server.close(); cut(); });
  return { asked, cut, port: server.address().port };
}

// Takes connections and says nothing.
async function startMute(t) {
  const open = new Set();
  const server = net.createServer((one) => { open.add(one); one.on('error', () => {}); one.on('close', () => open.delete(one)); one.resume(); });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => { server.close(); open.forEach((one) => one.destroy()); });
  return { open, server, port: server.address().port };
}

async function signpost(t, rows) {
  const server = http.createServer((q, r) => {
    const [status, headers, body = ''] = rows[q.url] ?? [404, {}];
    r.writeHead(status, { Connection: 'close', ...headers });
    r.end(body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return server.address().port;
}

test('the station relays a mount of icecast2 behind nginx with TLS, its sound and its titles', async (t) => {
  const icecast = await startIcecast(t, { mounts: [{ name: '/far.mp3', charset: 'UTF-8' }] });
  const source = await new Feed({ port: icecast.port, mount: '/far.mp3', password: passwords.source, bytes: file }).start();
  t.after(() => source.stop());
  const front = await startNginx(t, icecast.port);
  relayOf('far', `https://localhost:${front}/far.mp3`);
  await onAir('far');
  await get(icecast.port, `/admin/metadata?mount=/far.mp3&mode=updinfo&charset=UTF-8&song=${encodeURIComponent('Far – 遠い')}`, { Authorization: basic(passwords.admin, 'admin') });
  await until(async () => (await stream('far')).title === 'Far – 遠い', 15000, 'the title has come');
  await hearsTheFile('far');
});

test('a cut connection is made again, and the host is named in the handshake unless it is an address', async (t) => {
  const far = await startTerminator(t, s.radioPort);
  relayOf('cut', `https://localhost:${far.port}/origin.mp3`);
  relayOf('bare', `https://127.0.0.1:${far.port}/origin.mp3`);
  await onAir('cut');
  await onAir('bare');
  assert.deepStrictEqual(new Set(far.asked), new Set(['localhost', false]));
  far.cut();
  await onAir('cut', false);
  await onAir('cut');
  await hearsTheFile('cut');
});

test('the way from http may lead to https and not back', async (t) => {
  const far = await startTerminator(t, s.radioPort);
  const plain = await signpost(t, {
    '/old': [302, { Location: `https://localhost:${far.port}/origin.mp3` }],
    '/list': [200, { 'Content-Type': 'audio/x-mpegurl' }, `#EXTM3U\nhttps://localhost:${far.port}/origin.mp3\n`],
    '/back': [302, { Location: `http://127.0.0.1:${s.radioPort}/origin.mp3` }],
    '/on.m3u': [302, { Location: `//localhost:${far.port}/origin.mp3` }],
  });
  const safe = await startTerminator(t, plain);
  relayOf('led', `http://127.0.0.1:${plain}/old`);
  relayOf('listed', `http://127.0.0.1:${plain}/list`);
  relayOf('same', `https://localhost:${safe.port}/on.m3u`);
  relayOf('back', `https://localhost:${safe.port}/back`);
  for (const name of ['led', 'listed', 'same']) await onAir(name);
  await hearsTheFile('led');
  await until(() => stateOf('back')?.refused_for === 'unsafe', 20000, 'it is said why');
  assert.ok(!(await stream('back')).on_air);
});

test('a server that is not who it should be is not heard, and it is said why', async (t) => {
  const ports = {
    untrusted: (await startTerminator(t, s.radioPort, stranger.issue(['DNS:localhost']))).port,
    'other-name': (await startTerminator(t, s.radioPort, trusted.issue(['DNS:far.test']))).port,
    expired: (await startTerminator(t, s.radioPort, trusted.issue(['DNS:localhost'], { days: -1 }))).port,
    'no-tls': s.radioPort,
  };
  for (const [why, port] of Object.entries(ports)) relayOf(`bad-${why}`, `https://localhost:${port}/origin.mp3`);
  for (const [why, port] of Object.entries(ports)) {
    const name = `bad-${why}`;
    await until(() => stateOf(name)?.refused_for === why, 20000, `${name} says why: ${stateOf(name)?.refused_for}`);
    assert.ok(stateOf(name).alarms & 16, `${name} is an alarm`);
    assert.ok(!(await stream(name)).on_air);
    assert.match(s.log, new RegExp(`${name}: source far: https://localhost:${port}/origin.mp3 `));
  }
  assert.match(s.log, /bad-untrusted: relay https:\S+: .*certificate/);
});

test('a handshake that never ends hurts nobody, and is given up', async (t) => {
  const mute = await startMute(t);
  relayOf('mute', `https://localhost:${mute.port}/origin.mp3`);
  const first = await until(() => [...mute.open][0], 10000, 'it is tried');
  await hearsTheFile('origin');
  await until(() => first.destroyed, 20000, 'it is given up');
  await until(() => mute.open.size > 0, 10000, 'it is tried again');
  assert.match(s.log, new RegExp(`mute: relay https://localhost:${mute.port}/origin.mp3: it sent nothing for ten seconds`));
});

test('what is relayed no more hangs up in the middle of its handshake, and so does a station that ends', async (t) => {
  const mute = await startMute(t);
  const own = await startStation(t);
  tune(own, 'voice', 'mute', voice('mute'), { far: ['relay', `https://localhost:${mute.port}/a`], away: ['relay', `https://localhost:${mute.port}/b`] });
  await until(() => mute.open.size === 2, 20000, 'both are tried');
  mustRun('service', own.dir, 'remove', 'voice', 'mute', 'away');
  await until(() => mute.open.size === 1, 10000, 'the one that is gone hangs up');
  const { code } = await own.stop();
  assert.strictEqual(code, 0); // 1: one of its processes had to be killed
  await until(() => mute.open.size === 0, 10000, 'the other hangs up');
});
