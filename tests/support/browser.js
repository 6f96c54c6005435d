// SPDX-License-Identifier: AGPL-3.0-or-later
// Debian's Chromium by way of playwright-core, and one page of each kind.
'use strict';
const { after } = require('node:test');
const { chromium } = require('playwright-core');
const { articleLinks } = require('./station');

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// One browser for all the tests of a file, since to start it costs more than most of them; each has contexts of its own,
// which are closed behind it.
let started;
after(async () => (await started)?.close());
async function startBrowser(t) {
  started ??= chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: flags });
  const browser = await started;
  t.after(() => Promise.all(browser.contexts().map((context) => context.close())));
  return browser;
}

// Addresses of one page of every kind in a language.
async function pageKinds(station, lang) {
  const front = `/${lang}/`;
  const html = (await station.get(front)).body;
  const article = articleLinks(html)[0];
  const inside = (await station.get(article)).body;
  const one = (pattern) => pattern.exec(inside + html)?.[1];
  const kinds = { front, article, section: article.replace(/\/[^/]*$/, ''), tag: one(/href="(\/[a-z]{2}\/tag\/[^"]+)"/),
    author: one(/href="(\/[a-z]{2}\/author\/[^"]+)"/), archive: `/${lang}/archive`, search: `/${lang}/search?q=merantara`,
    live: `/${lang}/live`, contact: `/${lang}/contact`, liteContact: `/lite/${lang}/contact`, missing: `/${lang}/no-such-page`, lite: `/lite${article}`, liteFront: `/lite${front}` };
  const menu = [...html.matchAll(/href="(\/[a-z]{2}\/[a-z-]+)"/g)].map((m) => m[1]);
  for (const address of new Set(menu)) {
    const page = await station.get(address);
    if (!articleLinks(page.body).length && page.status === 200 && !/(live|search|archive|contact)$/.test(address)) kinds.page = address;
  }
  // Articles that carry more than text, and the page behind the click on an embed.
  for (const address of articleLinks(html)) {
    const { body } = await station.get(address);
    if (body.includes('<section class="gallery"')) Object.assign(kinds, { carrier: address, liteCarrier: `/lite${address}` });
    if (body.includes('<figure class="sound"')) kinds.sound = address;
    if (body.includes('<section class="comments"')) Object.assign(kinds, { archived: address, liteArchived: `/lite${address}` });
    if (body.includes('<dl class="extras"')) kinds.extras = address;
    kinds.embed ||= /href="(\/[a-z]{2}\/embed\/\d+\/\d+)"/.exec(body)?.[1];
  }
  return Object.fromEntries(Object.entries(kinds).filter(([, address]) => address));
}

module.exports = { flags, pageKinds, startBrowser };
