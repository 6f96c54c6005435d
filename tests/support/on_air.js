// SPDX-License-Identifier: AGPL-3.0-or-later
// A station whose radio is on the air, and what its clients ask of it.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { makeStation, mustRun } = require('./station');
const { formats } = require('./peers');

// One whole answer.
function request(port, method, target, headers = {}) {
  return new Promise((resolve, reject) => {
    const q = http.request({ port, host: '127.0.0.1', method, path: target, headers, agent: false }, (r) => {
      let body = '';
      r.setEncoding('utf8').on('data', (d) => (body += d)).on('end', () => resolve({ status: r.statusCode, headers: r.headers, body })).on('error', reject);
    });
    q.on('error', reject);
    q.end();
  });
}

// What the command line says when it made something for an encoder.
const passwordIn = (out) => /^ {2}password {3}([a-z2-7]{26})$/m.exec(out)[1];

// The station's radio: its streams made, its passwords known.
class Radio {
  constructor(station) {
    this.station = station;
    this.passwords = new Map();
    this.admin = /([a-z2-7]{26})/.exec(this.service('admin-password'))[1];
  }

  service(...args) {
    return mustRun('service', this.station.dir, ...args).out;
  }

  // A service with a stream for each of `mounts`, { mount, format, settings }, each with an encoder named main.
  make(name, mounts) {
    this.service('set', name, `title=Radio ${name}`);
    for (const { mount, format, settings = [] } of mounts) {
      const stream = `at-${mount.slice(1).replace(/[^a-z0-9-]/g, '-')}`; // not the one that a service has from the beginning
      this.service('stream', name, stream, `mount=${mount}`, `type=${formats[format].type}`, ...settings);
      this.passwords.set(mount, passwordIn(this.service('source', name, stream, 'main', 'encoder')));
    }
    return this;
  }

  async serve(...args) {
    await this.station.serve('--radio', '127.0.0.1:0', ...args);
    this.port = Number(/radio .*:(\d+)/.exec(fs.readFileSync(path.join(this.station.dir, 'run/addresses'), 'utf8'))[1]);
    this.origin = `http://127.0.0.1:${this.port}`;
    return this;
  }

  password(mount) {
    return this.passwords.get(mount);
  }

  get pid() {
    return this.station.processNamed('siaran-radio');
  }

  request(method, target, headers) {
    return request(this.port, method, target, headers);
  }
  asAdmin(target) {
    return this.request('GET', target, { Authorization: `Basic ${Buffer.from(`admin:${this.admin}`).toString('base64')}` });
  }
}

// One that ends with the test. `services`: name -> mounts; see Radio.make.
async function startRadio(t, { services, args = [], station = makeStation({ demo: false }) }) {
  t.after(() => station.remove());
  const radio = new Radio(station);
  for (const [name, mounts] of Object.entries(services)) radio.make(name, mounts);
  return radio.serve(...args);
}

module.exports = { Radio, passwordIn, request, startRadio };
