// SPDX-License-Identifier: AGPL-3.0-or-later
// The table of addresses, walked by somebody without an account: each row answers as it says, and no form is taken
// without its guard.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { articleLinks, mustRun, numberOf, startStation } = require('../support/station');

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const cacheControl = { edition: 'private, no-cache', never: 'no-store', short: 'public, max-age=60',
  forever: 'public, max-age=31536000, immutable' };
const routes = () => mustRun('routes').out.trim().split('\n').map((line) => {
  const [method, pattern, cache] = line.split(/\s+/);
  return { method, pattern, cache };
});

// One address for each pattern that leads to something of the demo station; `null` for a row without one.
async function filler(s) {
  const front = (await s.get('/en/')).body;
  const address = articleLinks(front)[0];
  const [, , section, item] = address.split('/');
  const one = (pattern) => pattern.exec(front)?.[0];
  let day = '/en/archive';
  while (day.split('/').length < 6) day = new RegExp(`${day}/\\d+`).exec((await s.get(day)).body)[0];
  let embed = null;
  for (const link of articleLinks(front)) embed ??= /\/en\/embed\/\d+\/\d+/.exec((await s.get(link)).body)?.[0];
  assert.ok(embed, 'an article of the demo station carries one');
  const special = {
    '/{lang}/embed/{number}/{place}': embed,
    '/{lang}/{path*}': '/en/company-profile/history', '/lite/{lang}/{path*}': '/lite/en/company-profile/history',
    '/{lang}/contact/sent/{reference}': null, '/lite/{lang}/contact/sent/{reference}': null,
    '/{lang}/tag/{slug}': null, '/lite/{lang}/tag/{slug}': null, '/{lang}/author/{slug}': null,
    '/desk/link/{token}': null, '/desk/origin/{token}': null, '/lite/{lang}/author/{slug}': null, '/feeds/{lang}/author/{file}': null, '/feeds/{lang}/tag/{file}': null,
    '/sitemaps/{file}': /\/sitemaps\/[^<]+/.exec((await s.get('/sitemap.xml')).body)[0],
    '/feeds/{lang}/section/{file}': `/feeds/en/section/${section}.rss`,
    '/picture/{id}': null, '/colours/{name}': null, '/preview/{lang}/{token}': null,
    '/assets/{name}': one(/\/assets\/site\.[0-9a-f]+\.css/), '/media/{file}': one(/\/media\/[0-9a-f]{64}\.\w+/),
  };
  const fill = { lang: 'en', number: numberOf(address), slug: 'none', place: section, section, item, year: day.split('/')[3],
    month: day.split('/')[4], day: day.split('/')[5], file: 'all.rss', name: 'none', more: 'x', 'path*': 'x/y/z' };
  return (pattern) => ({ target: special[pattern] ?? pattern.replace(/\{([^}]*)\}/g, (_, name) => fill[name] ?? 'x'),
    mustBeThere: special[pattern] !== null });
}

test('every address of the table answers as its row says, whoever asks', async (t) => {
  const s = await startStation(t);
  const address = await filler(s);
  const rows = routes();
  assert.ok(rows.length > 30);
  for (const { method, pattern, cache } of rows) {
    if (method !== 'GET') continue;
    const { target, mustBeThere } = address(pattern);
    const answer = await s.get(target);
    assert.ok(answer.status < 500 && (answer.status < 400 || !mustBeThere), `${target}: ${answer.status}`);
    if (answer.status === 200) assert.strictEqual(answer.headers['cache-control'], cacheControl[cache], target);
    else assert.strictEqual(answer.headers['cache-control'], 'no-store', target);
    if (answer.status >= 300 && answer.status < 400) assert.ok(answer.headers.location, target);
    assert.ok(answer.headers.date && answer.headers['content-length'], target);
    const head = await s.request('HEAD', target);
    assert.strictEqual(head.status, answer.status, `HEAD ${target}`);
    assert.strictEqual(head.raw.length, 0, `HEAD ${target} has a body`);
    assert.strictEqual(head.headers['content-type'], answer.headers['content-type'], `HEAD ${target}`);
    assert.strictEqual(head.headers.etag, answer.headers.etag, `HEAD ${target}`);
    const options = await s.request('OPTIONS', target);
    assert.strictEqual(options.status, 204, `OPTIONS ${target}`);
    const allowed = options.headers.allow.split(', ');
    for (const word of ['GET', 'HEAD', 'OPTIONS']) assert.ok(allowed.includes(word), `${target}: ${options.headers.allow}`);
    for (const other of ['POST', 'PUT', 'DELETE']) {
      if (allowed.includes(other)) continue;
      const refused = await s.request(other, target, { headers: { ...form, Origin: s.origin }, body: 'a=b' });
      assert.strictEqual(refused.status, 405, `${other} ${target}`);
      assert.deepStrictEqual(refused.headers.allow.split(', ').sort(), [...allowed].sort(), `${other} ${target}`);
    }
  }
});

test('no form is taken without its guard, and nothing typed elsewhere is given back', async (t) => {
  const s = await startStation(t);
  const address = await filler(s);
  const rows = routes().filter((row) => row.method !== 'GET');
  assert.ok(rows.length > 0);
  for (const { method, pattern } of rows) {
    const { target } = address(pattern);
    const elsewhere = [{}, { Origin: 'https://evil.example' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'none' }, { Origin: `${s.origin}.evil.example` },
      { Origin: s.origin, 'Sec-Fetch-Site': 'cross-site' }];
    for (const headers of elsewhere) {
      const body = 'value=1&name=typed-elsewhere&q=typed-elsewhere';
      const refused = await s.request(method, `${target}?q=typed-elsewhere`, { headers: { ...form, ...headers }, body });
      assert.strictEqual(refused.status, 403, `${method} ${target} with ${JSON.stringify(headers)}`);
      assert.ok(!refused.body.includes('typed-elsewhere'), target);
      assert.ok(refused.body.length < 100, 'bare');
      assert.strictEqual(refused.headers['set-cookie'], undefined);
    }
  }
});

test('an address that asks for another host is told so at every row', async (t) => {
  const s = await startStation(t);
  const address = await filler(s);
  for (const { method, pattern } of routes()) {
    const { target } = address(pattern);
    for (const Host of ['evil.example', `localhost.evil.example:${s.port}`]) {
      const answer = await s.request(method, target, { headers: { Host, Origin: s.origin } });
      assert.strictEqual(answer.status, 421, `${method} ${target} at ${Host}`);
      assert.ok(!answer.body.includes('evil.example'), target);
    }
  }
});
