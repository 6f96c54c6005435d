// SPDX-License-Identifier: AGPL-3.0-or-later
// A relay whose server first gives too little and is gone then: what is said of it is what is so now.
'use strict';
const { test } = require('node:test');
const http = require('node:http');
const { makeStation, until } = require('../support/station.js');
const { mp3, tune } = require('../support/tune.js');

const RATE = 16000; // bytes a second of what mp3() makes

// Gives so much of each second, from when it is asked on.
async function server(t, bytes, part) {
  const s = http.createServer((q, r) => {
    r.writeHead(200, { 'Content-Type': 'audio/mpeg' });
    const began = Date.now();
    let sent = 0;
    const turn = setInterval(() => {
      const to = Math.floor((Date.now() - began) / 1000 * RATE * part);
      r.write(bytes.subarray(sent, to));
      sent = to;
    }, 50);
    r.on('close', () => clearInterval(turn));
  });
  await new Promise((done) => s.listen(0, '127.0.0.1', done));
  const gone = () => new Promise((done) => {
    s.close(done);
    s.closeAllConnections();
  });
  t.after(() => s.listening && gone());
  return { port: s.address().port, gone };
}

test('a relay that stalled is said to be off the air, and not slow, when its server is gone', async (t) => {
  const s = await makeStation({ demo: false }).serve();
  t.after(() => s.remove());
  const far = await server(t, mp3({ seconds: 60 }), 0.5);
  tune(s, 'voice', 'near', { mount: '/near.mp3', type: 'audio/mpeg', stall_ms: 1000 }, { far: ['relay', `http://127.0.0.1:${far.port}/far.mp3`] });
  const alarms = async () => (await (await fetch(`http://127.0.0.1:${s.radioPort}/api/now.json`)).json()).services.flatMap((x) => x.streams)[0]?.alarms.join();
  await until(async () => (await alarms()) === 'stalled', 20000, 'it is heard, for it is better than none, and said to be slow');
  await far.gone();
  await until(async () => (await alarms()) === 'off_air', 5000, 'it is off the air and nothing else');
});
