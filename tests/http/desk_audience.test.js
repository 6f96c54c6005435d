// SPDX-License-Identifier: AGPL-3.0-or-later
// The page of listening: its numbers are those of the sessions that the radio process wrote down, drawn, in tables and as CSV.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const { makeStation, mustRun, until, words } = require('../support/station');
const { colleague, firstAdministrator } = require('../support/desk');
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
  const name = new Date(midnight() - DAY).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
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

test('who has no numbers to see is refused', async (t) => {
  const { admin } = await station(t);
  const engineer = await colleague(admin, 'tech@station.test', { roles: 'engineer' });
  assert.strictEqual((await engineer.get('/desk/audience')).status, 200);
  const other = await colleague(admin, 'int@station.test', { roles: 'integrity' });
  assert.strictEqual((await other.get('/desk/audience')).status, 403);
});

