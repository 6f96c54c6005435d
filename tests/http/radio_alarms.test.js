// SPDX-License-Identifier: AGPL-3.0-or-later
// What goes wrong on the air is told: at the desk, by mail, to another program and as a number, once, and only when it lasts.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { makeStation, mustRun, siaran, until } = require('../support/station.js');
const { firstAdministrator } = require('../support/desk.js');
const { startFeed } = require('../support/feed.js');
const { startSmtp } = require('../support/smtp.js');
const { mp3, sound, tuned } = require('../support/tune.js');

// Another program that is called.
async function startHook(t) {
  const calls = [];
  const server = http.createServer((req, res) => {
    let body = '';
    req.on('data', (d) => (body += d));
    req.on('end', () => {
      calls.push(JSON.parse(body));
      res.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { calls, address: `http://127.0.0.1:${server.address().port}/` };
}

// ---- one station for all of them ----

let s, admin, hook, smtp;
const ends = [];
before(async () => {
  const t = { after: (fn) => ends.unshift(fn) };
  smtp = await startSmtp(t);
  hook = await startHook(t);
  s = makeStation();
  t.after(() => s.remove());
  fs.appendFileSync(path.join(s.dir, 'siaran.conf'),
    `\nsmtp_server = smtp://127.0.0.1:${smtp.port}\nmail_from = desk@station.test\nhook_url = ${hook.address}\n`);
  await s.serve();
  admin = await firstAdministrator(s);
});
after(async () => {
  for (const fn of ends) await fn();
});

const tone = mp3({ seconds: 20 }), silence = mp3({ input: 'anullsrc=r=44100:cl=stereo:d=20' }), half = tone.length / 20 / 2;
const otherRate = sound(['-c:a', 'libmp3lame', '-ar', '22050', '-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'], { seconds: 5 });

// A stream of a service of its own, which the site process knows; `play` connects an encoder.
async function made(t, name) {
  const passwords = await tuned(s, name, name, { mount: `/${name}`, type: 'audio/mpeg', stall_ms: 2500, silence_seconds: 1 }, { main: 'encoder', backup: 'encoder' });
  t.after(() => siaran('service', s.dir, 'remove', name));
  await atDesk(`${name} is off air`, true);
  return { name, play: (source, options = {}) => startFeed(t, { port: s.radioPort, mount: `/${name}`, password: passwords[source], bytes: tone, rate: tone.length / 20, ...options }) };
}
// With a main encoder that plays well.
async function onAir(t, name) {
  const x = await made(t, name);
  return { ...x, main: await x.play('main') };
}

const asked = async (target) => (await fetch(`http://127.0.0.1:${s.radioPort}${target}`)).text();
const now = async (name) => JSON.parse(await asked('/api/now.json')).services.flatMap((x) => x.streams).find((x) => x.name === name);
const hasAlarms = (name, alarms) => until(async () => (await now(name)).alarms.join() === alarms, 20000, `${name} has the alarms: ${alarms}`);
const number = async (metric, name) => Number(new RegExp(`^siaran_radio_${metric}\\{service="${name}",stream="${name}"\\} (\\d+)$`, 'm').exec(await asked('/metrics'))[1]);

// The desk's first page says what the site process knows: that must be so before time goes on. When time has gone on by more
// than ten seconds, what the radio said before is too old: so the site process has looked anew, at the alarms too.
const atDesk = (sentence, is) => until(async () => {
  const { body } = await admin.get('/desk/');
  return body.includes(sentence) === is && !/The radio is not running/.test(body);
}, 20000, `at the desk: ${sentence} ${is}`);
const callsOf = (name) => hook.calls.filter((call) => call.stream === name);
const lettersOf = (subject) => smtp.letters.filter((l) => l.headers.subject === subject);

// It went on the air for the first time: nobody has to be told.
async function quietly(name) {
  await hasAlarms(name, '');
  await atDesk(`${name} is off air`, false);
  s.later(11);
  await atDesk(`${name} is off air`, false);
  assert.deepEqual(callsOf(name), []);
}

// ---- each kind ----

// How it comes about and ends beside an encoder that plays well; what the radio, its numbers (well, and not) and the desk call it.
const kinds = {
  'off-air': { word: 'off_air', metric: ['on_air', 1, 0], name: 'off air', says: (of) => `${of} is off air: none of its sources plays.`,
    begin: (x) => x.main.stop(), end: (x) => x.play('main') },
  'fell-back': { word: 'fell_back', metric: ['fell_back', 0, 1], name: 'fallen back', says: (of) => `${of} has fallen back: its first source does not play.`,
    begin: async (x) => { await x.play('backup'); await x.main.stop(); }, end: (x) => x.play('main') },
  silent: { word: 'silent', metric: ['silent', 0, 1], name: 'silent', says: (of) => `${of} is silent: what plays cannot be heard.`,
    begin: (x) => { x.main.bytes = silence; }, end: (x) => { x.main.bytes = tone; } },
  stalled: { word: 'stalled', metric: ['stalled', 0, 1], name: 'too little sound', says: (of) => `${of} gets too little sound: its source does not keep pace.`,
    begin: (x) => x.main.keepPace(half), end: (x) => x.main.keepPace(2 * half) },
  'not-kept': { word: 'not_kept', metric: ['not_recorded', 0, 1], name: 'not kept', says: (of) => `${of} is not kept: its log cannot be written. It stays on the air.`,
    begin: breakLog, end: (x) => fs.rmdirSync(x.obstacle) },
  refused: { word: 'refused', metric: ['refused_total', 0, 1], name: 'source refused', says: (of) => `A source of ${of} was refused.`,
    detail: 'source backup: its sound has 22050 samples a second, the stream 44100', endIsNoLetter: true,
    begin: async (x) => (await x.play('backup', { bytes: otherRate, rate: otherRate.length / 5 })).ended, end: anotherRadio },
};

// With the next hour a file of the log begins, and something else has its name.
async function breakLog(x) {
  const folder = path.join(s.dir, 'radio', x.name);
  const numbers = fs.readdirSync(folder).map((f) => Number(/^(\d{8})\.index$/.exec(f)?.[1] ?? 0));
  x.obstacle = path.join(folder, `${String(Math.max(...numbers) + 1).padStart(8, '0')}.index`);
  fs.mkdirSync(x.obstacle);
  for (let i = 0; i < 2; i++) { // somebody looks in between, and stays signed in
    s.later(1800);
    await atDesk(`${x.name} is off air`, false);
  }
}

// It is said for ten minutes of a clock that no test moves; a radio that begins anew knows nothing of it.
async function anotherRadio(x) {
  const pid = s.processNamed('siaran-radio');
  process.kill(pid, 'SIGKILL');
  await x.main.ended;
  await until(() => x.play('main').catch(() => null), 20000, 'the encoder reconnects');
}

for (const [kind, k] of Object.entries(kinds))
  test(`an engineer is told at the desk, by mail, by the hook and as a number: ${k.name}, and that it is over`, async (t) => {
    const x = await onAir(t, kind), sentence = k.says(kind), [metric, well, not] = k.metric;
    await quietly(kind);
    assert.equal(await number(metric, kind), well);
    await k.begin(x);
    await hasAlarms(kind, k.word);
    assert.equal(await number(metric, kind), not);
    await atDesk(sentence, true);
    s.later(11);
    await until(() => callsOf(kind).length > 0, 30000, 'the hook is called');
    const letter = await until(() => lettersOf(`Radio alarm: ${kind}: ${k.name}`)[0], 20000, 'the letter');
    assert.ok(letter.text.includes(sentence), letter.text);
    assert.ok(letter.text.includes(`/desk/streams/${kind}`), letter.text);
    assert.equal(/22050[^]*44100/.test(letter.text), Boolean(k.detail), letter.text);

    await k.end(x);
    await hasAlarms(kind, '');
    assert.equal(await number(metric, kind), well);
    await atDesk(sentence, false);
    s.later(11);
    await until(() => callsOf(kind).length > 1, 30000, 'the hook is called again');
    const of = { event: 'radio-alarm', alarm: kind, service: kind, stream: kind };
    assert.deepEqual(callsOf(kind).map(({ at, detail, ...call }) => call), [{ ...of, state: 'began' }, { ...of, state: 'over' }], 'and nothing else was told');
    assert.equal(callsOf(kind)[0].detail, k.detail ?? '');
    assert.ok(Date.parse(callsOf(kind)[0].at) < Date.parse(callsOf(kind)[1].at));
    if (!k.endIsNoLetter) await until(() => lettersOf(`Radio alarm over: ${kind}: ${k.name}`)[0]?.text.includes(`It is over. ${kind}: ${k.name}.`), 20000, 'the other letter');
  });

const told = (name) => callsOf(name).map((call) => [call.alarm, call.state]);

test('what lasts less than ten seconds is told to nobody, and a site process that begins anew says nothing again', async (t) => {
  await made(t, 'sign');
  const x = await onAir(t, 'once'), sentence = 'once is off air';
  await quietly('once');
  await x.main.stop();
  await atDesk(sentence, true);
  mustRun('service', s.dir, 'remove', 'sign');
  await atDesk('sign is off air', false); // the site process has looked again
  const main = await x.play('main');
  await atDesk(sentence, false);
  s.later(11);
  await atDesk(sentence, false);

  await main.stop();
  await atDesk(sentence, true);
  s.later(11);
  await until(() => callsOf('once').length > 0, 30000, 'the alarm');
  const before = s.siteProcess();
  process.kill(before, 'SIGKILL');
  await until(() => s.get('/robots.txt').then((r) => r.status === 200 && s.siteProcess() !== before, () => false), 20000, 'the next one');
  await atDesk(sentence, true);
  s.later(11);
  await atDesk(sentence, true);

  await x.play('main');
  await atDesk(sentence, false);
  s.later(11);
  await until(() => told('once').at(-1)?.[1] === 'over', 30000, 'that it is over');
  assert.deepEqual(told('once'), [['off-air', 'began'], ['off-air', 'over']]);
});

// The state that the radio wrote last is of now.
const isWritten = () => until(() => {
  try {
    return JSON.parse(fs.readFileSync(path.join(s.dir, 'run/radio.json'), 'utf8')).at_us > (Date.now() - 2000) * 1000 + s.offset;
  } catch {
    return false; // it is being written over
  }
}, 20000, 'the radio writes what it does');

test('an engineer is told at the desk, by mail and by the hook that the radio itself does not run, and that it runs again', async (t) => {
  await onAir(t, 'stopped');
  await quietly('stopped');
  const radio = s.processNamed('siaran-radio'), sentence = 'The radio is not running: nobody hears the station.';
  process.kill(radio, 'SIGSTOP');
  t.after(() => process.kill(radio, 'SIGCONT'));
  let isAnswered = false;
  const scrape = asked('/metrics').then(() => { isAnswered = true; }, () => {});
  s.later(11);
  await until(async () => (await admin.get('/desk/')).body.includes(sentence), 20000, 'at the desk');
  s.later(11);
  await until(() => callsOf('').length > 0, 30000, 'the hook is called');
  const letter = await until(() => lettersOf('Radio alarm: radio: radio not running')[0], 20000, 'the letter');
  assert.ok(letter.text.includes(sentence) && letter.text.includes('/desk/services'), letter.text);
  assert.equal(isAnswered, false, 'who asks for numbers gets none');

  process.kill(radio, 'SIGCONT');
  await scrape; // which it had no time for
  assert.ok(Number.isInteger(await number('on_air', 'stopped')), 'numbers are given again');
  await atDesk(sentence, false);
  for (let i = 0; i < 2; i++) { // a state of more than ten seconds ago would be one of a radio that does not run
    await isWritten();
    s.later(6);
  }
  await until(() => callsOf('').length > 1, 30000, 'the hook is called again');
  assert.deepEqual(callsOf('').map(({ at, ...call }) => call), ['began', 'over'].map((state) =>
    ({ event: 'radio-alarm', alarm: 'radio-dead', state, service: '', stream: '', detail: '' })));
  await until(() => lettersOf('Radio alarm over: radio: radio not running').length, 20000, 'the other letter');
});
