// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers' programs do on the wire: ask whether a page changed, fetch parts of a picture, send several requests
// at once.
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const test = require('node:test');
const { articleLinks, mustRun, numberOf, startStation } = require('../support/station');

const imageOf = (html) => /\/media\/[0-9a-f]{64}\.\w+/.exec(html)[0];

test('a browser that has the page is told that it did not change', async (t) => {
  const s = await startStation(t);
  const front = await s.get('/en/');
  const article = articleLinks(front.body)[0];
  for (const target of ['/en/', article, `/lite${article}`, '/feeds/en/all.rss', '/sitemap.xml', '/robots.txt']) {
    const page = await s.get(target);
    assert.match(page.headers.etag, /^W\/"[0-9a-f]+"$/, target);
    for (const match of [page.headers.etag, page.headers.etag.slice(2), `"other", ${page.headers.etag}`, '*']) {
      const same = await s.get(target, { 'If-None-Match': match });
      assert.strictEqual(same.status, 304, `${target} with ${match}`);
      assert.strictEqual(same.raw.length, 0);
      assert.strictEqual(same.headers.etag, page.headers.etag);
      assert.strictEqual(same.headers['cache-control'], page.headers['cache-control']);
    }
    assert.strictEqual((await s.get(target, { 'If-None-Match': 'W/"0"' })).status, 200, target);
    assert.strictEqual((await s.request('HEAD', target, { headers: { 'If-None-Match': page.headers.etag } })).status, 304);
  }
});

test('a browser with the page of before the correction gets the new one', async (t) => {
  const s = await startStation(t);
  const article = articleLinks((await s.get('/en/')).body)[0];
  const { etag } = (await s.get(article)).headers;
  mustRun('article', s.dir, 'correct', String(numberOf(article)), '--text', 'It was Tuesday.');
  const page = await s.get(article, { 'If-None-Match': etag });
  assert.strictEqual(page.status, 200);
  assert.ok(page.body.includes('It was Tuesday.'));
});

test('a picture can be fetched in parts, and the parts are the picture', async (t) => {
  const s = await startStation(t);
  const image = imageOf((await s.get('/en/')).body);
  const whole = await s.get(image);
  const size = whole.raw.length;
  assert.strictEqual(whole.headers['accept-ranges'], 'bytes');
  const part = async (range, headers = {}) => s.get(image, { Range: range, ...headers });
  const rows = [['bytes=0-99', 0, 100], ['bytes=100-', 100, size], ['bytes=-50', size - 50, size], ['bytes=0-0', 0, 1],
    [`bytes=10-${size + 1000}`, 10, size], [`bytes=-${size + 1000}`, 0, size]];
  for (const [range, from, to] of rows) {
    const answer = await part(range);
    assert.strictEqual(answer.status, 206, range);
    assert.strictEqual(answer.headers['content-range'], `bytes ${from}-${to - 1}/${size}`, range);
    assert.ok(answer.raw.equals(whole.raw.subarray(from, to)), range);
  }
  for (const range of [`bytes=${size}-`, 'bytes=-0']) {
    const answer = await part(range);
    assert.strictEqual(answer.status, 416, range);
    assert.strictEqual(answer.headers['content-range'], `bytes */${size}`, range);
    assert.strictEqual(answer.raw.length, 0);
  }
  for (const range of ['bytes=5-2', 'bytes=a-b', 'lines=1-2', 'bytes=', 'bytes=0-1,4-5'])
    assert.strictEqual((await part(range)).status, 200, `${range} is no single part: the whole is sent`);
  assert.strictEqual((await part('bytes=0-9', { 'If-Range': whole.headers['last-modified'] })).status, 206);
  assert.strictEqual((await part('bytes=0-9', { 'If-Range': 'Thu, 01 Jan 1970 00:00:00 GMT' })).status, 200);
  assert.strictEqual((await part('bytes=0-9', { 'If-Range': '"other"' })).status, 200);
  const head = await s.request('HEAD', image, { headers: { Range: 'bytes=0-9' } });
  assert.strictEqual(head.status, 200, 'a part is of GET only');
  assert.strictEqual((await s.get(image, { 'If-Modified-Since': whole.headers['last-modified'] })).status, 304);
});

test('requests sent at once are answered in their order', async (t) => {
  const s = await startStation(t);
  const front = (await s.get('/en/')).body;
  const article = articleLinks(front)[0];
  const image = imageOf(front);
  const targets = ['/robots.txt', article, '/en/', '/en/none/such', image, '/de/', article, '/en/search?q=the', image, '/robots.txt'];
  const methods = targets.map((_, i) => (i % 5 === 3 ? 'HEAD' : 'GET'));
  const requests = targets.map((target, i) =>
    `${methods[i]} ${target} HTTP/1.1\r\nHost: localhost:${s.port}\r\nUser-Agent: Reader/1.0\r\n\r\n`);
  const single = [];
  for (let i = 0; i < targets.length; i++) single.push(await s.request(methods[i], targets[i]));
  const isHead = (i) => methods[i] === 'HEAD';
  const answers = await s.exchange(requests.join(''), { count: targets.length, isHead });
  assert.strictEqual(answers.length, targets.length);
  for (let i = 0; i < targets.length; i++) {
    assert.strictEqual(answers[i].status, single[i].status, targets[i]);
    assert.strictEqual(answers[i].headers['content-type'], single[i].headers['content-type'], targets[i]);
    assert.strictEqual(answers[i].headers.etag, single[i].headers.etag, targets[i]);
    if (!isHead(i) && targets[i] === image) assert.ok(answers[i].raw.equals(single[i].raw), 'the picture is whole');
  }
});

test('a vote among requests sent at once is taken once, and who follows it sees it', async (t) => {
  const s = await startStation(t);
  const article = articleLinks((await s.get('/en/')).body)[0];
  const votes = (html) => Number(/\(([\d,]+) votes?\)/.exec(html)[1].replaceAll(',', ''));
  const before = votes((await s.get(article)).body);
  const host = `Host: localhost:${s.port}\r\nUser-Agent: Reader/1.0\r\n`;
  const get = `GET ${article} HTTP/1.1\r\n${host}\r\n`;
  const post = `POST /vote/${numberOf(article)} HTTP/1.1\r\n${host}Origin: ${s.origin}\r\n` +
    'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nvalue=5';
  const [first, vote, second] = await s.exchange(get + post + get, { count: 3 });
  assert.deepStrictEqual([first.status, vote.status, second.status], [200, 303, 200]);
  assert.strictEqual(votes(first.body), before);
  assert.strictEqual(votes(second.body), before + 1);
});

test('after a request that two programs could read differently nothing more is read', async (t) => {
  const s = await startStation(t);
  const host = `Host: localhost:${s.port}\r\n`;
  const smuggled = `GET /robots.txt HTTP/1.1\r\n${host}\r\n`;
  for (const framing of ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 'Content-Length: 0, 5\r\n',
    'Transfer-Encoding: chunked, identity\r\n', 'Content-Length : 5\r\n']) {
    const answers = await s.exchange(`POST /vote/1 HTTP/1.1\r\n${host}${framing}\r\n0\r\n\r\n${smuggled}`);
    assert.deepStrictEqual(answers.map((a) => a.status), [400], framing);
  }
});

// The bytes as they are, one connection each; the answer is read until the server closes it.
const raw = (s, bytes) => new Promise((done, fail) => {
  const socket = net.connect(s.port, '127.0.0.1', () => socket.write(bytes));
  const parts = [];
  socket.on('data', (part) => parts.push(part));
  socket.on('close', () => done(Buffer.concat(parts).toString()));
  socket.on('error', fail);
});

test('somebody whose address is too long is told so in the language of that address, by the station', async (t) => {
  const s = await startStation(t);
  const front = await s.get('/de/');
  const name = /<meta property="og:site_name" content="([^"]+)"/.exec(front.body)[1];
  for (const more of [9000, 40000]) { // more than an address may have; more than a whole head may have
    const answer = await raw(s, `GET /de/${'x'.repeat(more)} HTTP/1.1\r\nHost: localhost:${s.port}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 414 /);
    assert.match(answer, /<html lang="de"/);
    assert.ok(answer.includes(name), 'the station is named');
  }
  const other = await raw(s, `GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: localhost:${s.port}\r\n\r\n`);
  assert.match(other, /<html lang="en"/);
});
