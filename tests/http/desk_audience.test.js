// SPDX-License-Identifier: AGPL-3.0-or-later
// The page of listening: its numbers are those of the sessions that the radio process wrote down, drawn, in tables and as CSV.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const { makeStation, mustRun, until, words } = require('../support/station');
const { colleague, firstAdministrator } = require('../support/desk');
const { runSql } = require('../support/kill');
const { dayOf, fileOf, listen } = require('../support/listening');

const WAIT = 30000, DAY = 86400000, HOUR = 3600000;

async function station(t) {
  const s = makeStation();
  t.after(() => s.remove());
  await s.serve();
  return { s, admin: await firstAdministrator(s) };
}

const csv = (body) => body.trimEnd().split('\r\n').map((row) => row.split(',').map((c) => c.replace(/^"|"$/g, '')));
const rowOf = (body, name) => body.split('<tr>').map((row) => [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map((m) => words(m[1]))).find((row) => row[0] === name);
const fileAt = (page, name) => new RegExp(`href="(/desk/audience/${name}\\.csv[^"]*)"`).exec(page)[1].replaceAll('&amp;', '&');
const dayName = (ms) => new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const midnight = () => Math.floor(Date.now() / DAY) * DAY;

// Yesterday in the voice of the station: 2 hours of one, an hour of another and half a minute of a third; music for 20 minutes.
function yesterday(dir) {
  const from = midnight() - DAY + 10 * HOUR;
  listen(dir, { from, seconds: 3600, session: 1 }, { from: from + HOUR, seconds: 3600, before: 3600, session: 1 },
    { from, seconds: 3600, listener: 2, player: 'chromium', country: 'NL' }, { from, seconds: 30, listener: 3, country: 'DE' },
    { from, seconds: 1200, listener: 2, service: 'music', kind: 'shift', format: 'aac', player: 'firefox', country: '-' },
    { from, seconds: 7200, listener: 4, player: 'bot' });
}
const numbers = async (admin, query, sum) => until(async () => {
  const page = await admin.get(`/desk/audience${query}`);
  return rowOf(page.body, 'In all')?.[1] === sum && page;
}, WAIT, `${sum} hours`);

test('the numbers are those of the sessions that were listened to', async (t) => {
  const { s, admin } = await station(t);
  const before = await admin.get('/desk/audience');
  assert.match(words(before.body), /Nobody listened in these days/);
  yesterday(s.dir);
  const page = await numbers(admin, '', '3.3');
  const name = dayName(midnight() - DAY);
  // Hours, sessions, average at a time, minutes, of 15 minutes, different listeners, peak.
  assert.deepStrictEqual(rowOf(page.body, name), [name, '3.3', '3', '0.1', '66.7', '3', '2', '3']);
  assert.deepStrictEqual(rowOf(page.body, 'voice').slice(1), ['3.0', '2', '0.1', '90.0', '2', '1.0']);
  assert.deepStrictEqual(rowOf(page.body, 'VLC').slice(1, 3), ['2.0', '1']);
  assert.deepStrictEqual(rowOf(page.body, 'Indonesia').slice(1, 3), ['2.0', '1']);
  assert.deepStrictEqual(rowOf(page.body, 'Netherlands').slice(1, 3), ['1.0', '1']);
  assert.deepStrictEqual(rowOf(page.body, 'Not known').slice(1, 3), ['0.3', '1']);
  assert.deepStrictEqual(rowOf(page.body, 'AAC').slice(1, 3), ['0.3', '1']);
  assert.deepStrictEqual(rowOf(page.body, 'Later').slice(1, 3), ['0.3', '1']);
  assert.strictEqual(rowOf(page.body, 'Germany'), undefined); // half a minute is no session
  assert.match(page.body, /<svg[^>]* aria-label="Listening from /);
  assert.match(page.body, /<rect class="plot-bar"/);
  assert.match(words(page.body), /It counts from 60 seconds on/);

  const music = await admin.get('/desk/audience?service=music');
  assert.deepStrictEqual(rowOf(music.body, 'In all').slice(1, 3), ['0.3', '1']);
  assert.strictEqual(rowOf(music.body, 'VLC'), undefined);
  for (const step of ['week', 'month']) {
    const other = await admin.get(`/desk/audience?step=${step}`);
    assert.deepStrictEqual(rowOf(other.body, 'In all').slice(1, 3), ['3.3', '3'], step);
  }
  assert.match(words((await admin.get('/desk/audience?from=2025-01-01&to=2025-12-31')).body), /Nobody listened in these days/);

  const days = await admin.get(fileAt(page.body, 'days'));
  assert.match(days.headers['content-type'], /^text\/csv; charset=utf-8/);
  assert.strictEqual(days.headers['content-disposition'], 'attachment; filename="days.csv"');
  assert.deepStrictEqual(csv(days.body), [
    ['day', 'service', 'tlh', 'ss', 'aas', 'atsl_minutes', 'qhs', 'cume', 'peak'],
    [dayOf(midnight() - DAY), 'voice', '3.0000', '2', '0.1250', '90.00', '2', '2.00', '2'],
    [dayOf(midnight() - DAY), 'music', '0.3333', '1', '0.0139', '20.00', '1', '1.00', '1'],
  ]);
  const countries = csv((await admin.get(fileAt(page.body, 'countries'))).body);
  assert.deepStrictEqual(countries.map((row) => row.slice(0, 2)), [['name', 'tlh'], ['ID', '2.0000'], ['NL', '1.0000'], ['unknown', '0.3333']]);
  const periods = csv((await admin.get(fileAt(page.body, 'periods'))).body);
  assert.strictEqual(periods.length, 31);
  assert.deepStrictEqual(periods[29].slice(2), ['3.3333', '3', '0.1389', '66.67', '3', '2.00', '3']);
  const hours = csv((await admin.get(fileAt(page.body, 'hours'))).body);
  assert.deepStrictEqual(hours[11], ['10', '2.3333', '3']);
  for (const name of ['services', 'streams', 'kinds', 'formats', 'players']) {
    const rows = csv((await admin.get(fileAt(page.body, name))).body).slice(1);
    assert.ok(Math.abs(rows.reduce((sum, row) => sum + Number(row[1]), 0) - 10 / 3) < 0.001, name);
  }
  assert.strictEqual((await admin.get('/desk/audience/secrets.csv')).status, 404);
});

test('what was read is counted once, also when the site process is killed, and verify agrees', async (t) => {
  const { s, admin } = await station(t);
  yesterday(s.dir);
  await numbers(admin, '', '3.3');
  const from = midnight() - DAY + 15 * HOUR;
  process.kill(s.siteProcess(), 'SIGKILL');
  listen(s.dir, { from, seconds: 3600, listener: 9 });
  fs.appendFileSync(fileOf(s.dir, from), 'v1\t17644\n');
  listen(s.dir, { from, seconds: 1800, listener: 9 });
  const page = await until(async () => {
    const answer = await admin.get('/desk/audience').catch(() => null);
    return answer && rowOf(answer.body, 'In all')?.[1] === '4.8' && answer;
  }, WAIT, 'the numbers after the new start');
  assert.deepStrictEqual(rowOf(page.body, 'In all').slice(1, 3), ['4.8', '5']);
  assert.match(mustRun('verify', s.dir).out, /ok {4}audience-sums/);
});

test('a stretch of days that cannot be is refused, and what was typed stays', async (t) => {
  const { admin } = await station(t);
  for (const query of ['from=2026-11-20&to=2026-11-19', 'from=2016-01-01&to=2026-01-01', 'from=yesterday']) {
    const page = await admin.get(`/desk/audience?${query}`);
    assert.strictEqual(page.status, 422, query);
    assert.match(words(page.body), /at most 1,100 days together/);
    assert.ok(page.body.includes(`value="${/from=([^&]*)/.exec(query)[1]}"`), page.body);
  }
  assert.strictEqual((await admin.get('/desk/audience/days.csv?from=2026-11-20&to=2026-11-19')).status, 422);
  assert.match(words((await admin.get('/desk/audience?service=nothing')).body), /Nobody listened/);
});

// Two formats of the voice, to two listeners of one country; music to one of another.
function formats(dir) {
  const from = midnight() - DAY + 10 * HOUR;
  listen(dir, { from, seconds: 3600, format: 'mpeg', player: 'vlc', country: 'ID', listener: 1 },
    { from: from + HOUR, seconds: 1800, format: 'aac', player: 'vlc', country: 'ID', listener: 1 },
    { from, seconds: 1800, format: 'aac', player: 'firefox', country: 'ID', listener: 2 },
    { from, seconds: 7200, service: 'music', format: 'aac', player: 'vlc', country: 'NL', listener: 3 });
}
const removal = (body, label) => new RegExp(`<a href="([^"]*)" aria-label="Remove the filter: ${label}"`).exec(body)?.[1].replaceAll('&amp;', '&');

test('service, format, player, country and period are asked for together, and each can be taken away', async (t) => {
  const { s, admin } = await station(t);
  formats(s.dir);
  await numbers(admin, '', '4.0');
  const day = dayOf(midnight() - DAY);
  const all = await admin.get(`/desk/audience?step=day&from=${day}&to=${day}&service=voice&format=aac&player=vlc&country=ID`);
  // Hours, sessions, average, minutes, of 15 minutes, different listeners; no peak.
  assert.deepStrictEqual(rowOf(all.body, 'In all').slice(1), ['0.5', '1', '0.0', '30.0', '1', '1']);
  assert.match(words(all.body), /are counted for services as a whole only/);
  for (const chosen of ['<option value="aac" selected>', '<option value="vlc" selected>', '<option value="ID" selected>', '<option value="voice" selected>'])
    assert.ok(all.body.includes(chosen), chosen);
  for (const name of ['streams', 'kinds', 'hours']) assert.ok(!all.body.includes(`/desk/audience/${name}.csv`), name);

  let page = all;
  const left = { Player: ['1.0', '2', '2'], Service: ['1.0', '2', '2'], Format: ['2.0', '3', '2'], Country: ['4.0', '4', '3'] };
  for (const [label, [tlh, sessions, unique]] of Object.entries(left)) {
    page = await admin.get(removal(page.body, `${label}: [^"]*`));
    const row = rowOf(page.body, 'In all');
    assert.deepStrictEqual([row[1], row[2], row[6]], [tlh, sessions, unique], label);
    assert.strictEqual(removal(page.body, `${label}: [^"]*`), undefined, label);
  }
  page = await admin.get(removal(page.body, 'From: [^"]*'));
  page = await admin.get(removal(page.body, 'To: [^"]*'));
  assert.ok(!page.body.includes('Remove the filter'));
});

test('the files follow what is chosen', async (t) => {
  const { s, admin } = await station(t);
  formats(s.dir);
  await numbers(admin, '', '4.0');
  const page = await admin.get('/desk/audience?format=aac&country=ID');
  const rows = async (name) => csv((await admin.get(fileAt(page.body, name))).body).slice(1);
  assert.deepStrictEqual(await rows('days'), [[dayOf(midnight() - DAY), 'voice', '1.0000', '2', '0.0417', '30.00', '2', '2.00', '']]);
  assert.deepStrictEqual((await rows('players')).map((row) => row.slice(0, 3)), [['firefox', '0.5000', '1'], ['vlc', '0.5000', '1']]);
  assert.deepStrictEqual((await rows('periods'))[28].slice(2), ['1.0000', '2', '0.0417', '30.00', '2', '2.00', '']);
  for (const [name, only] of [['formats', 'aac'], ['countries', 'ID'], ['services', 'voice']]) {
    const file = await admin.get(`/desk/audience/${name}.csv?format=aac&country=ID`);
    assert.deepStrictEqual(csv(file.body).slice(1).map((row) => row.slice(0, 2)), [[only, '1.0000']], name);
  }
  assert.strictEqual((await admin.get('/desk/audience/hours.csv?format=aac')).status, 404);
});

test('what never was is said to have no listeners, and the form says what was asked for', async (t) => {
  const { s, admin } = await station(t);
  formats(s.dir);
  await numbers(admin, '', '4.0');
  for (const [field, value] of [['service', 'nothing'], ['format', 'flac'], ['player', 'gramophone'], ['country', 'XX']]) {
    const page = await admin.get(`/desk/audience?${field}=${value}`);
    assert.strictEqual(page.status, 200);
    assert.match(words(page.body), /Nobody listened/, field);
    assert.ok(page.body.includes(`<option value="${value}" selected>`), field);
  }
  assert.strictEqual((await admin.get('/desk/audience?country=%3Cb%3E')).status, 422);
});

test('who asks for a format of days that were counted by service only is told from which day on it is known', async (t) => {
  const { s, admin } = await station(t);
  const from = midnight() - 2 * DAY + 10 * HOUR, since = /have been counted together since ([^.]*)\. What was listened to before/;
  listen(s.dir, { from, seconds: 7200 }, { from: from + DAY, seconds: 3600 });
  const narrow = '?format=mpeg&service=voice', said = async (query) => since.exec(words((await admin.get(`/desk/audience${query}`)).body))?.[1];
  await numbers(admin, narrow, '3.0');
  assert.strictEqual(await said(narrow), undefined, 'nothing is left out');
  await s.stop();
  // As a station of before schema 018 has it: that day was counted, and is in no cell.
  runSql(s.dir, `DELETE FROM audience_cells WHERE day = ${midnight() / DAY - 2}`);
  await s.serve();
  assert.strictEqual(await said(''), undefined, 'all of it is known of services');
  await numbers(admin, '?service=voice', '3.0');
  await numbers(admin, narrow, '1.0');
  assert.strictEqual(await said(narrow), dayName(midnight() - DAY));
  assert.strictEqual(await said(`${narrow}&from=${dayOf(midnight() - DAY)}&to=${dayOf(midnight())}`), undefined, 'these days are whole');
});

test('who has no numbers to see is refused', async (t) => {
  const { admin } = await station(t);
  const engineer = await colleague(admin, 'tech@station.test', { roles: 'engineer' });
  assert.strictEqual((await engineer.get('/desk/audience')).status, 200);
  const other = await colleague(admin, 'int@station.test', { roles: 'integrity' });
  assert.strictEqual((await other.get('/desk/audience')).status, 403);
});

