// SPDX-License-Identifier: AGPL-3.0-or-later
// Debian's icecast2 as a peer: in a folder of its own, on a port that was free, as somebody else than root, which it
// refuses to be. bench/radio.mjs measures the same one.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { freshDir, until } = require('./station');

const user = 'nobody', group = 'nogroup';
const passwords = { source: 'source-pass', relay: 'relay-pass', admin: 'admin-pass' };

function freePort() {
  return new Promise((resolve) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

const relayXml = (r) => `<relay><server>127.0.0.1</server><port>${r.port}</port><mount>${r.mount}</mount><local-mount>${r.as}</local-mount>
  <on-demand>0</on-demand><relay-shoutcast-metadata>1</relay-shoutcast-metadata></relay>`;
const mountXml = (m) => `<mount type="normal"><mount-name>${m.name}</mount-name>${m.charset ? `<charset>${m.charset}</charset>` : ''}
  ${m.fallback ? `<fallback-mount>${m.fallback}</fallback-mount><fallback-override>1</fallback-override>` : ''}</mount>`;

// The configuration, written into `dir`; gives the file's name.
function icecastConfig(dir, port, { clients = 20000, sources = 50, sourceTimeout = 10, relays = [], mounts = [] } = {}) {
  const file = path.join(dir, 'icecast.xml');
  fs.mkdirSync(path.join(dir, 'log'), { mode: 0o777 });
  fs.chmodSync(dir, 0o755);
  fs.chmodSync(path.join(dir, 'log'), 0o777);
  fs.writeFileSync(file, `<icecast><location>-</location><admin>-@localhost</admin><hostname>127.0.0.1</hostname>
  <limits><clients>${clients}</clients><sources>${sources}</sources><queue-size>524288</queue-size><client-timeout>30</client-timeout>
  <header-timeout>15</header-timeout><source-timeout>${sourceTimeout}</source-timeout><burst-size>65536</burst-size></limits>
  <authentication><source-password>${passwords.source}</source-password><relay-password>${passwords.relay}</relay-password>
  <admin-user>admin</admin-user><admin-password>${passwords.admin}</admin-password></authentication>
  <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  ${relays.map(relayXml).join('')}${mounts.map(mountXml).join('')}<fileserve>0</fileserve>
  <paths><basedir>/usr/share/icecast2</basedir><logdir>${dir}/log</logdir><webroot>/usr/share/icecast2/web</webroot>
  <adminroot>/usr/share/icecast2/admin</adminroot></paths><logging><accesslog>access</accesslog><errorlog>error</errorlog>
  <loglevel>2</loglevel></logging><security><chroot>0</chroot>${process.getuid() === 0 ?
    `<changeowner><user>${user}</user><group>${group}</group></changeowner>` : ''}</security></icecast>\n`);
  return file;
}

const answers = (port) => new Promise((resolve) => {
  const s = net.connect(port, '127.0.0.1', () => { s.destroy(); resolve(true); });
  s.on('error', () => resolve(false));
});

// `start(command, args)` gives the child process; it is ended by whoever started it.
async function serveIcecast(start, dir, options) {
  const port = await freePort();
  const child = start('icecast2', ['-c', icecastConfig(dir, port, options)]);
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`icecast2 ended with ${child.exitCode}: ${fs.readFileSync(path.join(dir, 'log/error'), 'utf8')}`);
    return answers(port);
  }, 20000, 'icecast2 answers');
  return { child, pid: child.pid, port, dir, origin: `http://127.0.0.1:${port}` };
}

// One that ends with the test.
async function startIcecast(t, options) {
  const dir = freshDir();
  let child;
  t.after(async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    fs.rmSync(dir, { recursive: true, force: true });
  });
  return serveIcecast((c, a) => (child = spawn(c, a, { stdio: 'ignore' })), dir, options);
}

module.exports = { freePort, passwords, serveIcecast, startIcecast };
