// SPDX-License-Identifier: AGPL-3.0-or-later
// A station on the air with three streams, shared by the tests of a file, and what its clients ask of it.
'use strict';
const { spawn } = require('node:child_process');
const http = require('node:http');
const { makeStation, mustRun, until } = require('./station.js');
const { Feed } = require('./feed.js');
const { mp3, tune } = require('./tune.js');

let s;
const file = mp3({ seconds: 20 });
const at = (target) => `http://127.0.0.1:${s.radioPort}${target}`;

// A program of somebody else's, to its end.
const run = (command, args) => new Promise((resolve) => {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (d) => (stderr += d));
  child.on('close', (status) => resolve({ status, stderr }));
});

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
function ask(method, target, headers = {}) {
  return new Promise((resolve, reject) => {
    const q = http.request(at(target), { method, headers, agent }, (r) => {
      let body = '';
      r.setEncoding('utf8').on('data', (d) => (body += d)).on('end', () => resolve({ status: r.statusCode, headers: r.headers, body })).on('error', reject);
    });
    // A connection that was kept may end, after ten seconds of nothing, just when it is used again.
    q.on('error', (e) => (q.reusedSocket && e.code === 'ECONNRESET' ? ask(method, target, headers).then(resolve, reject) : reject(e)));
    q.end();
  });
}
const now = async () => JSON.parse((await ask('GET', '/api/now.json')).body);
const stream = async (name) => (await now()).services.flatMap((x) => x.streams).find((x) => x.name === name);
const onAir = (name, source) => until(async () => (await stream(name))?.source === source, 10000, `${name} plays ${source}`);
const feed = async (mount, password, options = {}) => {
  const f = new Feed({ port: s.radioPort, mount, password, bytes: file, ...options });
  feeds.add(f);
  return f.start();
};

// What a failed test left connected would be on the air in the next.
const feeds = new Set();
const stopFeeds = () => Promise.all([...feeds].map((f) => f.socket.destroyed || f.stop()));

// The station, the passwords of its sources, and its administrator's.
async function begin() {
  s = await makeStation().serve();
  const main = tune(s, 'voice', 'voice', { mount: '/voice.mp3', type: 'audio/mpeg', rate: 44100, kbps: 128, stall_ms: 1000 }, { main: 'encoder', backup: 'encoder' });
  Object.assign(main, { aac: tune(s, 'voice', 'aac', { mount: '/voice.aac', type: 'audio/aac' }, { main: 'encoder' }).main });
  Object.assign(main, { ogg: tune(s, 'voice', 'ogg', { mount: '/voice.ogg', type: 'audio/ogg' }, { main: 'encoder' }).main });
  const admin = /password +(\S+)/.exec(mustRun('service', s.dir, 'admin-password').out)[1];
  await until(async () => (await now()).services.flatMap((x) => x.streams).length === 3, 10000, 'the radio knows its streams');
  return { s, main, admin };
}
function end() {
  agent.destroy();
  return s.remove();
}

module.exports = { ask, at, begin, end, feed, file, now, onAir, run, stopFeeds, stream };
