// SPDX-License-Identifier: AGPL-3.0-or-later
// Connections that send nothing, and some that never finish their request's head: readers beside them are served, each
// slow one is told 408 when its time is over however it trickles, and all of them leave nothing behind. What the readers
// feel of it in milliseconds is measured by bench/run idle.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { childrenOf, makeStation, mustRun, times, until } = require('../support/station');

const IDLE = times(5000);
const SLOW = times(200);
const EACH_AT_MOST = 1024; // bytes of process memory

// From many addresses of the loopback, a hundred connections each, as the station's limits allow.
function connect(s, i) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port: s.port, host: '127.0.0.1', localAddress: `127.0.1.${1 + Math.floor(i / 100)}` });
    socket.received = '';
    socket.ended = new Promise((done) => socket.on('close', done));
    socket.on('data', (d) => (socket.received += d.toString('latin1')));
    socket.on('connect', () => resolve(socket));
    socket.on('error', reject);
  });
}

// Of all threads: each loop has a descriptor table of its own.
const openFiles = (pid) => fs.readdirSync(`/proc/${pid}/task`)
  .reduce((sum, thread) => sum + fs.readdirSync(`/proc/${pid}/task/${thread}/fd`).length, 0);
const anonymous = (pid) => Number(/RssAnon:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

test(`${IDLE} idle connections and ${SLOW} that trickle their heads: readers are served, the slow ones end with 408`,
  async (t) => {
    const s = makeStation();
    t.after(() => s.remove());
    fs.writeFileSync(path.join(s.dir, 'siaran.conf'), 'head_seconds = 3\nidle_seconds = 300\n');
    await s.serve();
    const site = s.siteProcess();
    const sockets = [];
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    for (let i = 0; i < 50; i++) assert.strictEqual((await s.get('/en/')).status, 200);
    const before = anonymous(site);

    // An idle reader is one that has read something.
    for (let i = 0; i < IDLE; i++) {
      const socket = await connect(s, i);
      sockets.push(socket);
      socket.write(`GET /robots.txt HTTP/1.1\r\nHost: localhost:${s.port}\r\n\r\n`);
      await until(() => socket.received.includes('\n\n') || socket.received.endsWith('\n'), 10000, 'an idle reader’s page');
    }
    const each = (anonymous(site) - before) / IDLE;
    assert.ok(each <= EACH_AT_MOST, `${each} bytes for an idle connection`);

    const slow = [];
    for (let i = 0; i < SLOW; i++) slow.push(await connect(s, IDLE + i));
    sockets.push(...slow);
    slow.forEach((socket) => socket.write('GET /en/ HTTP/1.1\r\n'));

    // A byte from each slow one for every page that a reader gets, until the station has had enough of all of them.
    let pages = 0;
    await until(async () => {
      slow.forEach((socket) => socket.writable && !socket.received && socket.write('X'));
      assert.strictEqual((await s.get('/en/')).status, 200);
      pages++;
      return slow.every((socket) => socket.received);
    }, 30000, 'the end of the slow senders');
    await Promise.all(slow.map((socket) => socket.ended));
    assert.ok(pages > 10, `${pages} pages read meanwhile`);
    for (const socket of slow) assert.match(socket.received, /^HTTP\/1\.1 408 /);

    // The idle ones were not touched, and can go on where they were.
    for (const socket of sockets.slice(0, IDLE)) {
      assert.ok(!socket.destroyed);
      socket.received = '';
      socket.write(`GET /robots.txt HTTP/1.1\r\nHost: localhost:${s.port}\r\n\r\n`);
      await until(() => socket.received.startsWith('HTTP/1.1 200 '), 10000, 'an idle reader’s second page');
    }
    const full = openFiles(site);
    sockets.forEach((socket) => socket.destroy());
    await until(() => openFiles(site) <= full - IDLE, 10000, 'the end of all descriptors');
    assert.ok(childrenOf(s.pid).includes(site), 'the site process is the one that it was');
    await s.stop();
    assert.match(mustRun('verify', s.dir).out, /./);
  });
