// SPDX-License-Identifier: AGPL-3.0-or-later
// Articles at the desk, open in a browser with the rich-text editor.
'use strict';
const assert = require('node:assert');
const { startStation } = require('./station');
const { startBrowser } = require('./browser');
const { firstAdministrator, unescapeHtml } = require('./desk');

const text = '.rich-text', area = 'textarea[name="body"]';

// A station, its administrator, and a page of a browser in which that one is signed in. Problems of the page and of its
// policy are collected in `faults`.
async function atDesk(t, { lang = 'en', demo = false, ...options } = {}) {
  const s = await startStation(t, { demo });
  const admin = await firstAdministrator(s);
  await admin.get('/desk/account');
  await admin.post('/desk/account', { name: 'Ada Admin', lang });
  const context = await (await startBrowser(t)).newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.addCookies(Object.entries(admin.cookies).map(([name, value]) => ({ name, value, url: s.origin })));
  const page = await context.newPage(), faults = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  return { s, admin, page, faults };
}

// A fresh article whose body is what the server made of `body`; its address.
async function articleOf(admin, body = '', lang = 'en') {
  await admin.get('/desk/articles/new');
  const made = await admin.post('/desk/articles/new', { lang, headline: 'A port reopens' });
  const at = made.target.replace(/\?.*/, '');
  if (body) await saveBody(admin, at, body);
  return at;
}

const bodyIn = (html) => unescapeHtml(/name="body"[^>]*>([^<]*)<\/textarea>/.exec(html)[1]).replace(/^\n/, '');
const bodyOf = async (admin, at) => bodyIn((await admin.get(at)).body);

async function saveBody(admin, at, body) {
  const page = await admin.get(at);
  const one = (pattern) => pattern.exec(page.body)?.[1] ?? '';
  const saved = await admin.post(at, { version: one(/name="version" value="([^"]*)"/), headline: 'A port reopens',
    section: one(/<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/), body });
  assert.match(saved.target, /said=saved/, saved.body);
}

async function open(page, s, at) {
  await page.goto(s.origin + at);
  await page.waitForSelector(text);
}

const send = (page) => Promise.all([page.waitForURL(/said=saved/), page.click(`form:has(${area}) .form-end button[type="submit"] >> nth=0`)]);

module.exports = { area, articleOf, atDesk, bodyOf, open, saveBody, send, text };
