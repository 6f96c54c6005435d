// SPDX-License-Identifier: AGPL-3.0-or-later
// The station behind nginx as dist/nginx-siaran.conf sets it up: TLS, whose request it is, the desk's login.
'use strict';
const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { links, makeStation, root, until, words } = require('../support/station');
const { Visitor, firstAdministrator } = require('../support/desk');
const { Radio } = require('../support/radio');

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

// The shipped file with this test's ports and paths put in: every replacement must find its place.
function configuration(dir, station, port, plain) {
  let text = fs.readFileSync(path.join(root, 'dist/nginx-siaran.conf'), 'utf8');
  const put = (from, to) => {
    assert.ok(text.includes(from), from);
    text = text.replaceAll(from, to);
  };
  put('server 127.0.0.1:8080;', `server 127.0.0.1:${station.port};`);
  put('proxy_pass http://127.0.0.1:8000/;', `proxy_pass http://127.0.0.1:${station.radioPort}/;`);
  put('listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`);
  put('listen 80;', `listen 127.0.0.1:${plain};`);
  put('www.example.org$request_uri', `localhost:${port}$request_uri`);
  put('server_name www.example.org;', 'server_name localhost;');
  put('/etc/ssl/certs/siaran.pem', path.join(dir, 'cert.pem'));
  put('/etc/ssl/private/siaran.key', path.join(dir, 'key.pem'));
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${dir}/${n};`).join('\n');
  return `pid ${dir}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temp}\n${text}}\n`;
}

async function startProxy(t, station, port) {
  const dir = path.join(path.dirname(station.clock), 'nginx');
  const plain = await freePort();
  fs.mkdirSync(dir);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost',
    '-days', '2', '-keyout', path.join(dir, 'key.pem'), '-out', path.join(dir, 'cert.pem')], { stdio: 'ignore' });
  fs.writeFileSync(path.join(dir, 'nginx.conf'), configuration(dir, station, port, plain));
  const nginx = spawn('/usr/sbin/nginx', ['-c', path.join(dir, 'nginx.conf'), '-p', dir, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  nginx.stderr.on('data', (d) => (log += d));
  const ended = new Promise((resolve) => nginx.on('exit', resolve));
  t.after(() => { nginx.kill('SIGTERM'); return ended; });
  const front = { origin: `https://localhost:${port}`, plain, clock: station.clock, dir: station.dir, setClock: (us) => station.setClock(us),
    request: (method, target, { headers = {}, body = '' } = {}) => new Promise((resolve, reject) => {
      const request = https.request({ host: '127.0.0.1', port, method, path: target, rejectUnauthorized: false, agent: false,
        headers: { Host: `localhost:${port}`, 'User-Agent': 'Reader/1.0', ...headers, ...(body && { 'Content-Length': Buffer.byteLength(body) }) } }, (r) => {
        const parts = [];
        r.on('data', (d) => parts.push(d));
        r.on('end', () => resolve({ status: r.statusCode, headers: r.headers, body: Buffer.concat(parts).toString() }));
      });
      request.on('error', reject);
      request.end(body);
    }) };
  await until(() => front.request('GET', '/robots.txt').then((r) => r.status === 200, () => false), 10000, `nginx: ${log}`);
  return front;
}

test('behind nginx with TLS the desk lets people in, with cookies no other host can set', async (t) => {
  const s = makeStation();
  t.after(() => s.remove());
  const port = await freePort();
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), `\nsite_origin = https://localhost:${port}\ntrusted_proxies = 127.0.0.1\nconnections_per_address = 0\n`);
  await s.serve();
  const front = await startProxy(t, s, port);
  const page = await front.request('GET', '/en/');
  assert.strictEqual(page.status, 200);
  assert.match(page.headers['strict-transport-security'], /max-age=\d{7,}/);
  const admin = await firstAdministrator(front);
  assert.match(words((await admin.get('/desk/')).body), /Welcome, Ada Admin/);
  assert.deepStrictEqual(Object.keys(admin.cookies).sort(), ['__Host-siaran', '__Host-siaran-device']);
  const login = await new Visitor(front).send('/desk/login', { login: 'ada@station.test', password: 'corridor lantern pebble august' });
  for (const line of login.headers['set-cookie']) assert.match(line, /^__Host-.*Path=\/; HttpOnly; SameSite=Lax; Secure/);
  await admin.get('/desk/account');
  const fields = { token: admin.token, name: 'Ada Byron', lang: 'en' };
  for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://elsewhere.test', 'Sec-Fetch-Site': '' }])
    assert.strictEqual((await admin.send('/desk/account', fields, headers)).status, 403, JSON.stringify(headers));
  const old = await admin.request('POST', '/desk/account', { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: front.origin },
    body: new URLSearchParams(fields).toString() });
  assert.strictEqual(old.status, 303, 'a browser that says only Origin');
  const plain = await new Promise((resolve) => require('node:http').get({ host: '127.0.0.1', port: front.plain, path: '/desk/login',
    headers: { Host: 'localhost' }, agent: false }, resolve));
  plain.resume();
  assert.strictEqual(plain.statusCode, 308);
  assert.strictEqual(plain.headers.location, `https://localhost:${port}/desk/login`);
});

// An answer that does not end: what came of it until there is enough.
const begin = (port, target, headers, isEnough) => new Promise((resolve, reject) => {
  https.get({ host: '127.0.0.1', port, path: target, rejectUnauthorized: false, agent: false, headers: { Host: `localhost:${port}`, 'User-Agent': 'Radio/1.0', ...headers } }, (r) => {
    let bytes = Buffer.alloc(0);
    r.on('data', (d) => {
      bytes = Buffer.concat([bytes, d]);
      if (!isEnough(bytes)) return;
      r.destroy();
      resolve({ status: r.statusCode, headers: r.headers, bytes });
    });
    r.on('end', () => reject(new Error(`${target} ended with ${r.statusCode} after ${bytes.length} bytes`)));
  }).on('error', reject);
});

test('behind nginx with TLS a page of https gets its sound, titles and events by https', async (t) => {
  const s = makeStation(), radio = new Radio(t, s), port = await freePort();
  t.after(() => s.remove());
  const origin = `https://localhost:${port}`;
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'), `\nsite_origin = ${origin}\nradio_origin = ${origin}/radio\ntrusted_proxies = 127.0.0.1\nconnections_per_address = 0\n`);
  await s.serve();
  await radio.begin();
  const front = await startProxy(t, s, port);
  const get = async (target) => (await front.request('GET', target)).body;
  await until(async () => (await get('/en/live')).includes('Letters Across the Water'), 15000, 'what is on');
  const page = await get('/en/live');
  assert.ok(page.includes(`<audio controls preload="none" src="${origin}/radio/voice.mp3"`));
  assert.deepStrictEqual([...page.matchAll(/(?:src|href|data-copy)="(http:[^"]*)"/g)].map((m) => m[1]).filter((a) => !a.includes('merantara.example')), []);

  const heard = await begin(port, '/radio/voice.mp3', { 'Icy-MetaData': '1' }, (b) => b.length > 40000);
  assert.strictEqual(heard.headers['content-type'], 'audio/mpeg');
  assert.strictEqual(heard.headers['transfer-encoding'], undefined, 'no chunks, which old players take for sound');
  const at = Number(heard.headers['icy-metaint']);
  assert.match(heard.bytes.subarray(at + 1, at + 1 + 16 * heard.bytes[at]).toString(), /^StreamTitle='Letters Across the Water';/);
  const told = await begin(port, '/radio/api/events', {}, (b) => b.includes('\n\n') && b.includes('event: now'));
  const { services: [now] } = JSON.parse(/^data: (.*)$/m.exec(told.bytes.toString())[1]);
  assert.strictEqual(now.streams[0].url, `${origin}/radio/voice.mp3`);
  assert.match(await get('/radio/voice.mp3.m3u'), new RegExp(`^${origin}/radio/voice\\.mp3$`, 'm'));

  for (const address of links(page).filter((one) => /\.(m3u8?|pls)$/.test(one))) assert.ok(address.startsWith(`${origin}/radio/`), address);
});
