// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, cookieOf, numberOf, startStation, votesOf } = require('../support/station');

test('a reader who rates an article twice changes the vote', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const number = numberOf(address);
  const before = votesOf((await s.get(address)).body);
  const first = await s.vote(number, 5);
  assert.strictEqual(first.status, 303);
  assert.ok(first.headers.location.includes(address));
  const cookie = cookieOf(first);
  assert.match(first.headers['set-cookie'][0], /Path=\/vote/);
  assert.strictEqual(votesOf((await s.get(address)).body), before + 1);
  assert.strictEqual((await s.vote(number, 1, { cookie })).status, 303);
  assert.strictEqual(votesOf((await s.get(address)).body), before + 1);
  await s.vote(number, 3);
  assert.strictEqual(votesOf((await s.get(address)).body), before + 2);
});

test('a vote sent from another site is refused', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const number = numberOf(address);
  const before = votesOf((await s.get(address)).body);
  for (const headers of [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }])
    assert.strictEqual((await s.vote(number, 1, { headers })).status, 403, JSON.stringify(headers));
  assert.strictEqual(votesOf((await s.get(address)).body), before);
});

test('a vote of six stars, or for no article, changes nothing', async (t) => {
  const s = await startStation(t);
  const address = articleLinks((await s.get('/en/')).body)[0];
  const before = votesOf((await s.get(address)).body);
  for (const value of ['0', '6', 'x', '-1', ''])
    assert.match((await s.vote(numberOf(address), value)).headers.location, /#rating$/, `"${value}" leads back to the stars`);
  assert.strictEqual((await s.vote(9999999, 3)).status, 404);
  assert.strictEqual(votesOf((await s.get(address)).body), before);
});

test('one address that votes without end is slowed down', async (t) => {
  const s = await startStation(t);
  const number = numberOf(articleLinks((await s.get('/en/')).body)[0]);
  const seen = new Set();
  for (let i = 0; i < 60; i++) seen.add((await s.vote(number, 4)).status);
  assert.ok(seen.has(303) && seen.has(429), [...seen].join());
});
