// SPDX-License-Identifier: AGPL-3.0-or-later
// An authority of a test's own and what it vouches for, made by openssl, in a folder that the test removes.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

class Authority {
  constructor(dir, name) {
    this.base = path.join(dir, name);
    this.file = `${this.base}.pem`;
    fs.mkdirSync(this.base);
    openssl('req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-days', '2', '-keyout', `${this.base}.key`, '-out', this.file);
  }

  // A certificate for these names ("DNS:localhost"), and its key: the files, and what stands in them.
  issue(names, { days = 2 } = {}) {
    const at = path.join(this.base, `${fs.readdirSync(this.base).length}`);
    const files = { cert: `${at}.pem`, key: `${at}.key` };
    fs.writeFileSync(`${at}.ext`, `subjectAltName=${names.join(',')}\n`);
    openssl('req', ...newKey, '-subj', '/CN=issued', '-keyout', files.key, '-out', `${at}.csr`);
    openssl('x509', '-req', '-in', `${at}.csr`, '-CA', this.file, '-CAkey', `${this.base}.key`, '-CAcreateserial', '-days', `${days}`,
      '-extfile', `${at}.ext`, '-out', files.cert);
    return { files, cert: fs.readFileSync(files.cert), key: fs.readFileSync(files.key) };
  }
}

module.exports = { Authority };
