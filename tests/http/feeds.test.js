// SPDX-License-Identifier: AGPL-3.0-or-later
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const RssParser = require('rss-parser');
const { articleLinks, importText, root, startStation } = require('../support/station');

const langs = ['en', 'id', 'ar', 'zh', 'ja', 'fr', 'de', 'es', 'nl'];
function wellFormed(xml, what) {
  const r = spawnSync('xmllint', ['--noout', '--nonet', '-'], { input: xml, encoding: 'utf8' });
  assert.strictEqual(r.status, 0, `${what}: ${r.stderr}`);
}

test('a reader of feeds gets every language in three formats', async (t) => {
  const s = await startStation(t);
  const parser = new RssParser();
  for (const lang of langs) {
    const rss = await s.get(`/feeds/${lang}/all.rss`);
    const atom = await s.get(`/feeds/${lang}/all.atom`);
    const json = JSON.parse((await s.get(`/feeds/${lang}/all.json`)).body);
    wellFormed(rss.body, `${lang} rss`);
    wellFormed(atom.body, `${lang} atom`);
    const a = await parser.parseString(rss.body);
    const b = await parser.parseString(atom.body);
    assert.ok(a.items.length >= 8);
    assert.deepStrictEqual(a.items.map((i) => i.link), b.items.map((i) => i.link));
    assert.deepStrictEqual(a.items.map((i) => i.link), json.items.map((i) => i.url));
    assert.strictEqual(json.language, lang);
    for (const [feed, name] of [[rss.body, 'rss'], [atom.body, 'atom'], [JSON.stringify(json), 'json']])
      assert.ok(feed.includes(`"${s.origin}/feeds/${lang}/all.${name}"`), `${lang} ${name} names its own address`);
    assert.ok(a.items.every((i) => i.link.startsWith(s.origin) && i.enclosure.url.startsWith(`${s.origin}/media/`)));
    assert.ok(json.items.every((i) => i.content_html.startsWith('<p>') && !Number.isNaN(Date.parse(i.date_published))));
    assert.strictEqual((await s.get(new URL(a.items[0].link).pathname)).status, 200);
  }
});

test('a section, an author and a tag have feeds of their own', async (t) => {
  const s = await startStation(t);
  for (const target of ['section/science', 'author/jonas-veld', 'tag/coral'])
    for (const ext of ['rss', 'atom', 'json']) {
      const answer = await s.get(`/feeds/en/${target}.${ext}`);
      assert.strictEqual(answer.status, 200, target);
      if (ext === 'json') assert.ok(JSON.parse(answer.body).items.length > 0);
      else wellFormed(answer.body, target);
    }
  for (const target of ['/feeds/en/section/none.rss', '/feeds/xx/all.rss', '/feeds/en/all.xml', '/feeds/en/all'])
    assert.strictEqual((await s.get(target)).status, 404, target);
});

test('a headline full of brackets and control characters breaks no feed', async (t) => {
  const s = await startStation(t, { demo: false });
  const bad = ']]> <b> & " \' \u0001\u000b\ufffe </title>';
  try {
    importText(s.dir, path.dirname(s.clock), `== article\nlang: en\nsection: news\nheadline: x ${bad}\nstandfirst: ${bad}\n\n${bad}\n`);
  } catch (refused) {
    assert.match(refused.message, /ended with 3/); // control characters are no headline; the brackets are
    importText(s.dir, path.dirname(s.clock), '== article\nlang: en\nsection: news\nheadline: x ]]> <b> & </title>\n\n]]> & "\n');
  }
  wellFormed((await s.get('/feeds/en/all.rss')).body, 'rss');
  wellFormed((await s.get('/feeds/en/all.atom')).body, 'atom');
  assert.strictEqual(JSON.parse((await s.get('/feeds/en/all.json')).body).items.length, 1);
});

test('a search engine finds every article, and each names its translations', async (t) => {
  const s = await startStation(t);
  const robots = (await s.get('/robots.txt')).body;
  assert.ok(robots.includes(`Sitemap: ${s.origin}/sitemap.xml`));
  const index = (await s.get('/sitemap.xml')).body;
  wellFormed(index, 'index');
  const alternates = new Map();
  for (const [, loc] of index.matchAll(/<loc>([^<]*)<\/loc>/g)) {
    const file = (await s.get(new URL(loc).pathname)).body;
    wellFormed(file, loc);
    for (const [, url] of file.matchAll(/<url>([\s\S]*?)<\/url>/g))
      alternates.set(/<loc>([^<]*)/.exec(url)[1], [...url.matchAll(/href="([^"]*)"/g)].map((m) => m[1]));
  }
  const articles = [...alternates.keys()].filter((a) => /\/\d+-/.test(a));
  const written = langs.map((l) => fs.readFileSync(path.join(root, 'demo', `${l}.txt`), 'utf8').match(/^== article$/gm).length);
  assert.strictEqual(articles.length, written.reduce((a, b) => a + b));
  for (const [from, list] of alternates)
    for (const to of list) assert.ok(alternates.get(to)?.includes(from), `${to} does not name ${from}`);
  const news = (await s.get('/news-sitemap.xml')).body;
  wellFormed(news, 'news');
  assert.ok((news.match(/<news:title>/g) || []).length > 30);
});

test('a feed reader that is given a section, an author or a tag finds that list\'s own feeds', async (t) => {
  const s = await startStation(t);
  const article = (await s.get(articleLinks((await s.get('/en/')).body)[0])).body;
  for (const [kind, pattern] of [['section', /class="facts">[^]*?href="(\/en\/[^"]+)"/], ['author', /href="(\/en\/author\/[^"]+)"/],
    ['tag', /href="(\/en\/tag\/[^"]+)"/]]) {
    const page = (await s.get(pattern.exec(article)[1])).body;
    const feeds = [...page.matchAll(/<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)"/g)];
    assert.deepStrictEqual(feeds.map((m) => m[1].split('/')[1]), ['rss+xml', 'atom+xml', 'feed+json', 'rss+xml', 'atom+xml', 'feed+json']);
    for (const [, , address] of feeds.slice(3)) {
      assert.ok(address.startsWith(`/feeds/en/${kind}/`), address);
      assert.strictEqual((await s.get(address)).status, 200);
    }
  }
});
