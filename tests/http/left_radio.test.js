// SPDX-License-Identifier: AGPL-3.0-or-later
// Who starts a station whose port is taken is told by whom, as far as that can be known.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { isAlive, makeStation, siaran, until } = require('../support/station');

const serve = (s, port) => siaran('serve', s.dir, '--http', '127.0.0.1:0', '--radio', `127.0.0.1:${port}`, '--clock', s.clock);

test('a radio of this station that cannot be taken over is named where it has the port', async (t) => {
  const s = await makeStation({ demo: false }).serve();
  const radio = s.processNamed('siaran-radio');
  t.after(async () => {
    if (isAlive(radio)) process.kill(radio, 'SIGKILL');
    await until(() => !isAlive(radio), 5000, 'the end of the radio');
    await s.remove();
  });
  process.kill(radio, 'SIGSTOP'); // it would see that its place is no more, and end
  fs.rmSync(path.join(s.dir, 'run/radio.lock'));
  await s.kill();
  const { code, err } = serve(s, s.radioPort);
  assert.strictEqual(code, 1);
  assert.match(err, new RegExp(`port ${s.radioPort} is already in use, and the radio of an earlier start of this station still runs, process ${radio};.* "kill ${radio}"`));
});

test('another program at the radio’s port is called that, also while a station beside it has a radio', async (t) => {
  const beside = await makeStation({ demo: false }).serve();
  const s = makeStation({ demo: false });
  const other = net.createServer().listen(0, '127.0.0.1');
  t.after(async () => {
    other.close();
    await s.remove();
    await beside.remove();
  });
  await new Promise((done) => other.once('listening', done));
  for (const port of [other.address().port, beside.radioPort]) {
    const { code, err } = serve(s, port);
    assert.strictEqual(code, 1);
    assert.match(err, new RegExp(`port ${port} is already in use by another program; choose another with --radio ADDR:PORT`));
  }
});
