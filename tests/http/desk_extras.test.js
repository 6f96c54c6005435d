// SPDX-License-Identifier: AGPL-3.0-or-later
// What an article carries beside its text: from the desk to the page, and back without a word lost.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { mustRun, startStation } = require('../support/station');
const { colleague, firstAdministrator, unescapeHtml } = require('../support/desk');
const { png, sendForm, wav } = require('../support/upload');

const hidden = (body, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
const allOf = (body, name) => [...body.matchAll(new RegExp(`name="${name}" value="([^"]*)"`, 'g'))].map((m) => unescapeHtml(m[1]));

async function newsroom(t) {
  const s = await startStation(t);
  const admin = await firstAdministrator(s);
  const edo = await colleague(admin, 'edo@station.test', { roles: 'editor' });
  return { s, admin, edo };
}

// A text that lacks nothing but what a test adds; its address at the desk.
async function begin(who, headline, lang = 'en') {
  await who.get('/desk/articles/new');
  let page = await who.post('/desk/articles/new', { lang, headline });
  const at = page.target.replace(/\?.*/, '');
  const section = /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec(page.body)[1];
  page = await who.post(at, { version: hidden(page.body, 'version'), section, headline, body: 'Words.' });
  assert.match(page.target, /said=saved/, page.body);
  return at;
}

// Sends the form of a list as a browser does: every name once for each row.
function sendList(who, target, page, change = (rows) => rows, then = '') {
  const names = ['item', 'alt', 'caption', 'credit', 'title', 'place'].filter((n) => page.body.includes(`name="${n}"`));
  const rows = change(allOf(page.body, 'item').map((_, i) => Object.fromEntries(names.map((n) => [n, allOf(page.body, n)[i]]))));
  const body = new URLSearchParams([['token', who.token], ['version', hidden(page.body, 'version')]]);
  rows.forEach((row, i) => {
    for (const n of names) body.append(n, row[n]);
    if (row.out) body.append('out', String(i + 1));
  });
  if (then) body.append('then', then);
  return who.request('POST', target, { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: who.station.origin, 'Sec-Fetch-Site': 'same-origin' },
    body: body.toString() }).then((answer) => who.follow(answer));
}

async function publish(who, at) {
  const page = await who.get(at);
  return who.post(`${at}/step`, { step: 'publish', version: hidden(page.body, 'version') });
}

const publicAddress = (page) => /href="(\/n\/\d+)"/.exec(page.body)[1];
const read = async (s, address) => {
  const answer = await s.get(address);
  return answer.headers.location ? s.get(answer.headers.location) : answer;
};

test('of several files sent at once the good ones are added, and of the others it is said by name why they are not', async (t) => {
  const { edo } = await newsroom(t);
  const at = await begin(edo, 'The fair');
  const list = `${at}/list/gallery`;
  let page = await edo.get(`${list}/add`);
  const version = hidden(page.body, 'version');
  page = await edo.follow(await sendForm(edo, `${list}/add`, { version, credit: 'Edo' },
    [{ name: 'wheel.png', bytes: png(600, 400) }, { name: 'notes.png', bytes: Buffer.from('no picture') }, { name: 'horn.wav', bytes: wav(1) }, { name: 'tent.png', bytes: png(400, 300) }]));
  assert.strictEqual(page.status, 422);
  assert.match(page.body, /2 files are added; the others are not\./);
  assert.match(page.body, /notes\.png: /);
  assert.match(page.body, /horn\.wav: It is in the library now, but it cannot stand in this list\./);
  assert.doesNotMatch(page.body, /(wheel|tent)\.png: /);
  assert.strictEqual(hidden(page.body, 'version'), String(Number(version) + 1)); // the next try is upon what was added
  assert.strictEqual(allOf((await edo.get(list)).body, 'item').length, 2);
  page = await edo.follow(await sendForm(edo, `${list}/add`, { version: hidden(page.body, 'version') }, [{ name: 'none.png', bytes: Buffer.from('no') }]));
  assert.strictEqual(page.status, 422);
  assert.doesNotMatch(page.body, /is added/);
  assert.match(page.body, /none\.png: /);
});

test('a full gallery with the longest words there may be is kept whole', async (t) => {
  const { edo } = await newsroom(t);
  const at = await begin(edo, 'The fair');
  const list = `${at}/list/gallery`;
  for (let i = 0; i < 24; i += 8) {
    const page = await edo.get(`${list}/add`);
    const files = Array.from({ length: 8 }, (_, k) => ({ name: `${i + k}.png`, bytes: png(40, 30, [10 * k, 10 * i, 7]) }));
    assert.match((await edo.follow(await sendForm(edo, `${list}/add`, { version: hidden(page.body, 'version'), credit: 'Edo' }, files))).target, /said=added/);
  }
  let page = await edo.get(list);
  assert.strictEqual(allOf(page.body, 'item').length, 24);
  const wave = (n) => '🌊'.repeat(n);
  page = await sendList(edo, list, page, (rows) => rows.map((r) => ({ ...r, alt: wave(1000), caption: wave(1000), credit: wave(300) })));
  assert.match(page.target, /said=saved/, page.body.slice(0, 2000));
  assert.deepStrictEqual(new Set(allOf(page.body, 'caption')), new Set([wave(1000)]));
  assert.strictEqual(allOf(page.body, 'credit').filter((c) => c === wave(300)).length, 24);
  page = await edo.get(`${at}/list/gallery/add`);
  page = await edo.follow(await sendForm(edo, `${list}/add`, { version: hidden(page.body, 'version') }, [{ name: 'more.png', bytes: png(50, 50) }]));
  assert.match(page.body, /more\.png: The list is full\./);
});

test('an editor makes a gallery: uploads, chooses, describes, puts in order, publishes, replaces', async (t) => {
  const { s, edo } = await newsroom(t);
  const at = await begin(edo, 'The fair');
  const list = `${at}/list/gallery`;
  let page = await edo.get(list);
  assert.match(page.body, /no picture in the gallery yet/);
  await edo.get(`${list}/add`);
  const version = hidden(page.body, 'version') || '2';
  page = await edo.follow(await sendForm(edo, `${list}/add`, { version, credit: 'Edo' }, [{ name: 'wheel.png', bytes: png(600, 400) }, { name: 'tent.png', bytes: png(400, 300) }]));
  assert.match(page.target, /\/list\/gallery\?said=added/, page.body);
  assert.deepStrictEqual(allOf(page.body, 'credit'), ['Edo', 'Edo']);
  const [wheel, tent] = allOf(page.body, 'item');

  page = await edo.get(`${list}/add`);
  assert.ok(page.body.includes('tent.png'));
  page = await edo.post(`${list}/add`, { version: hidden(page.body, 'version'), media: tent }); // it is there already
  assert.deepStrictEqual(allOf(page.body, 'item'), [wheel, tent]);

  assert.match((await publish(edo, at)).body, /each picture of the gallery shows/);
  page = await edo.get(list);
  page = await sendList(edo, list, page, (rows) => rows.map((r, i) => ({ ...r, alt: i ? 'A tent & a flag' : 'A wheel', caption: i ? 'At noon' : '', place: i ? '1' : '1' })));
  assert.match(page.target, /\/list\/gallery\?said=saved/, page.body);
  assert.deepStrictEqual(allOf(page.body, 'item'), [tent, wheel], 'the second asked for the first place');
  page = await publish(edo, at);
  assert.match(page.body, /badge-good">Published/);
  const address = publicAddress(page);
  let shown = await read(s, address);
  const gallery = /<section class="gallery"[\s\S]*?<\/section>/.exec(shown.body)[0];
  assert.deepStrictEqual([...gallery.matchAll(/<img [^>]*alt="([^"]*)"/g)].map((m) => m[1]), ['A tent &amp; a flag', 'A wheel']);
  assert.match(gallery, /<figcaption>At noon <span class="credit">Edo<\/span><\/figcaption>/);
  for (const [, src] of gallery.matchAll(/(?:src|href)="(\/media\/[^"]+)"/g)) assert.strictEqual((await s.get(src)).status, 200, src);
  const canonical = /rel="canonical" href="[^"]*(\/en\/[^"]+)"/.exec(shown.body)[1];
  const lite = await s.get(`/lite${canonical}`);
  assert.match(lite.body, /<a href="\/media\/[0-9a-f]{64}\.(png|jpg)">A tent &amp; a flag<\/a> At noon \(Edo\)/);
  assert.ok(!lite.body.includes('<img'));

  // Where it is used, and another file in its place: the page follows at once.
  const used = await edo.get(`/desk/media/${tent}`);
  assert.ok(used.body.includes('The fair'));
  const before = /(\/media\/[^"]+)"/.exec(gallery)[1];
  await sendForm(edo, `/desk/media/${tent}/replace`, { version: hidden(used.body, 'version') }, [{ field: 'file', name: 'new.png', bytes: png(500, 500, [9, 9, 9]) }]);
  shown = await s.get(canonical);
  assert.ok(!shown.body.includes(before));

  page = await sendList(edo, list, await edo.get(list), (rows) => rows.map((r, i) => ({ ...r, out: i === 0 })));
  assert.deepStrictEqual(allOf(page.body, 'item'), [wheel]);
  assert.ok((await s.get(canonical)).body.includes('A tent &amp; a flag'), 'readers have what was published');
  await publish(edo, at);
  assert.ok(!(await s.get(canonical)).body.includes('A tent &amp; a flag'));
  page = await edo.get(`${at}/versions/4`);
  assert.match(page.body, /tent\.png · A tent &amp; a flag · At noon · Edo|tent/);
  await s.stop();
  mustRun('verify', s.dir);
});

test('a translation says what pictures show in its own language: as the library has it, else it is asked for', async (t) => {
  const { admin, edo } = await newsroom(t);
  const at = await begin(edo, 'The fair');
  const version = hidden((await edo.get(`${at}/list/gallery/add`)).body, 'version');
  await edo.follow(await sendForm(edo, `${at}/list/gallery/add`, { version, credit: 'Edo' },
    [{ name: 'wheel.png', bytes: png(600, 400) }, { name: 'tent.png', bytes: png(400, 300) }]));
  const list = await edo.get(`${at}/list/gallery`);
  await sendList(edo, `${at}/list/gallery`, list, (rows) => rows.map((row, i) => ({ ...row, alt: `English words ${i}` })));
  const [wheel] = allOf(list.body, 'item');
  const medium = await admin.get(`/desk/media/${wheel}`);
  const described = await admin.post(`/desk/media/${wheel}`, { version: hidden(medium.body, 'version'), file_name: 'wheel.png', credit: 'Edo', alt_de: 'Ein Riesenrad', focal_x: '500', focal_y: '500' });
  assert.match(described.target, /said=/, described.body);
  await edo.get('/desk/articles/new');
  const german = (await edo.post('/desk/articles/new', { lang: 'de', source: at.split('/').pop() })).target.replace(/\?.*/, '');
  assert.deepStrictEqual(allOf((await edo.get(`${german}/list/gallery`)).body, 'alt'), ['Ein Riesenrad', '']);
  assert.match((await publish(edo, german)).body, /Say what each picture of the gallery shows/);
});

test('nothing that was typed into a list is lost: a mistake, a collision, a wrong number of rows', async (t) => {
  const { edo } = await newsroom(t);
  const at = await begin(edo, 'Two at once');
  const list = `${at}/list/gallery`;
  await edo.get(`${list}/add`);
  let page = await edo.follow(await sendForm(edo, `${list}/add`, { version: '2' }, [{ name: 'a.png', bytes: png(300, 200) }, { name: 'b.png', bytes: png(300, 201) }]));
  const stale = page;
  page = await sendList(edo, list, stale, (rows) => rows.map((r) => ({ ...r, caption: 'typed <here>', place: 'first' })));
  assert.strictEqual(page.status, 422);
  assert.deepStrictEqual(allOf(page.body, 'caption'), ['typed <here>', 'typed <here>']);
  assert.deepStrictEqual(allOf(page.body, 'place'), ['first', 'first']);
  page = await sendList(edo, list, stale, (rows) => rows.map((r, i) => ({ ...r, alt: i ? '' : 'mine' })), 'add');
  assert.match(page.target, /\/list\/gallery\/add/);
  page = await sendList(edo, list, stale, (rows) => rows.map((r, i) => ({ ...r, alt: i ? 'late' : '' })));
  assert.match(page.target, /\/aside\/\d+/, 'it came too late and is kept');
  page = await edo.post(page.target, { version: hidden(page.body, 'version') });
  assert.match(page.target, /said=merged/, page.body);
  page = await edo.get(list);
  assert.deepStrictEqual(allOf(page.body, 'alt'), ['mine', 'late'], 'rows of two people go together');
  const bad = await edo.post(list, { version: hidden(page.body, 'version'), item: '1\n2\n3', alt: 'x', caption: '', credit: '', place: '1\n2\n3' });
  assert.ok(bad.status >= 400, String(bad.status));
  assert.strictEqual((await edo.get(`${at}/list/nothing`)).status, 404);
});

const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');

test('an editor attaches sound and a document; readers hear and save them, and a document is never a page of ours', async (t) => {
  const { s, edo } = await newsroom(t);
  const at = await begin(edo, 'With sound');
  const list = `${at}/list/files`;
  await edo.get(`${list}/add`);
  const name = 'räport "one" \\ 2026.pdf';
  let page = await edo.follow(await sendForm(edo, `${list}/add`, { version: '2' }, [{ name: 'talk.one.wav', bytes: wav(3) },
    { name: 'r\u00e4port %22one%22 2026.pdf', bytes: pdf }, { name: 'words.jpg', bytes: Buffer.from('Plain words.') }]));
  assert.match(page.target, /said=added/, page.body);
  assert.deepStrictEqual(allOf(page.body, 'title')[0], 'talk.one', name);
  const refused = await sendForm(edo, `${list}/add`, { version: hidden(page.body, 'version') }, [{ name: 'a.png', bytes: png(200, 200) }]);
  assert.strictEqual(refused.status, 422);
  assert.match(refused.body, /cannot stand in this list/);
  page = await sendList(edo, list, await edo.get(list), (rows) => rows.map((r, i) => ({ ...r, title: ['A talk', '', 'The words'][i] })));
  assert.match((await publish(edo, at)).body, /each attached file a title/);
  page = await sendList(edo, list, await edo.get(list), (rows) => rows.map((r, i) => ({ ...r, title: ['A talk', 'The report', 'The words'][i] })));
  page = await publish(edo, at);
  const shown = await read(s, publicAddress(page));
  const sound = /<audio controls preload="none" src="(\/media\/[0-9a-f]{64}\.wav)" aria-label="A talk"><\/audio>/.exec(shown.body)[1];
  assert.ok(shown.body.includes('<b>A talk</b> <span>0:03</span>'));
  const part = await s.request('GET', sound, { headers: { Range: 'bytes=0-3' } });
  assert.strictEqual(part.status, 206);
  assert.strictEqual(part.headers['content-type'], 'audio/wav');
  assert.ok(!part.headers['content-disposition']);
  const document = /<a href="(\/media\/[0-9a-f]{64}\.pdf)" type="application\/pdf"[^>]*>The report<\/a> <span>PDF, 0\.1 kB<\/span>/.exec(shown.body)[1];
  const saved = await s.get(document);
  assert.strictEqual(saved.status, 200);
  assert.match(saved.headers['content-disposition'], /^attachment; filename="[ -~]*"; filename\*=UTF-8''[A-Za-z0-9%._~-]+$/);
  assert.strictEqual(saved.headers['x-content-type-options'], 'nosniff');
  assert.match(saved.headers['content-security-policy'], /default-src 'none'.*sandbox/);
  const words = await s.get(/href="(\/media\/[0-9a-f]{64}\.txt)"/.exec(shown.body)[1]);
  assert.match(words.headers['content-type'], /^text\/plain/);
  assert.match(words.headers['content-disposition'], /^attachment; filename="words\.jpg\.txt"; filename\*=UTF-8''words\.jpg\.txt$/);
  const lite = await s.get(`/lite${/rel="canonical" href="[^"]*(\/en\/[^"]+)"/.exec(shown.body)[1]}`);
  assert.match(lite.body, /<a href="\/media\/[0-9a-f]{64}\.wav">A talk<\/a> \(0:03\)/);
  assert.ok(!lite.body.includes('<audio'));
  assert.ok((await edo.get(`/desk/media?kind=document`)).body.includes('words.jpg'));
  assert.ok(!(await edo.get(`/desk/media?kind=sound`)).body.includes('words.jpg'));
  await s.stop();
  mustRun('verify', s.dir);
});

test('an editor embeds a video: the article asks nobody, the page behind the click lets that one site in', async (t) => {
  const { s, edo } = await newsroom(t);
  const at = await begin(edo, 'Seen elsewhere');
  const list = `${at}/list/embeds`;
  let page = await edo.get(list);
  assert.strictEqual(allOf(page.body, 'item').length, 1, 'one to be written');
  page = await sendList(edo, list, page, () => [{ item: 'https://evil.example/watch?v=aB3_-678901', title: 'A <title>', place: '1' }]);
  assert.strictEqual(page.status, 422);
  assert.match(page.body, /of no site that is known here/);
  assert.deepStrictEqual(allOf(page.body, 'title'), ['A <title>', '']);
  page = await sendList(edo, list, page, (rows) => [{ ...rows[0], item: 'http://youtu.be/aB3_-678901?si=me' }, rows[1]]);
  assert.match(page.target, /said=saved/, page.body);
  assert.deepStrictEqual(allOf(page.body, 'item'), ['https://www.youtube.com/watch?v=aB3_-678901', '']);
  page = await sendList(edo, list, page, (rows) => [rows[0], { ...rows[1], item: 'https://x.com/radio/status/123', title: 'A post' }]);
  page = await publish(edo, at);
  const shown = await read(s, publicAddress(page));
  assert.ok(!/<iframe|youtube-nocookie/.test(shown.body));
  assert.ok(!/frame-src/.test(shown.headers['content-security-policy']));
  const link = /<p class="embed"><a href="(\/en\/embed\/\d+\/1)" rel="nofollow noopener">/.exec(shown.body)[1];
  assert.match(shown.body, /<a href="https:\/\/x\.com\/radio\/status\/123"/);
  const frame = await s.get(link);
  assert.strictEqual(frame.status, 200);
  assert.match(frame.headers['content-security-policy'], /; frame-src https:\/\/www\.youtube-nocookie\.com;/);
  assert.match(frame.headers['x-robots-tag'], /noindex/);
  assert.match(frame.body, /<iframe class="embed-frame" src="https:\/\/www\.youtube-nocookie\.com\/embed\/aB3_-678901" title="A &lt;title&gt;" allow=/);
  assert.ok(!frame.body.includes('<script src'));
  for (const other of [link.replace(/1$/, '2'), link.replace(/1$/, '3'), link.replace(/1$/, '0'), link.replace('/en/', '/de/')])
    assert.strictEqual((await s.get(other)).status, 404, other);
  const lite = await s.get(`/lite${/rel="canonical" href="[^"]*(\/en\/[^"]+)"/.exec(shown.body)[1]}`);
  assert.match(lite.body, /<a href="https:\/\/www\.youtube\.com\/watch\?v=aB3_-678901"/);
  await publishWithout(edo, at, list);
  assert.strictEqual((await s.get(link)).status, 404, 'gone with the embed');
});

async function publishWithout(who, at, list) {
  await sendList(who, list, await who.get(list), (rows) => rows.map((r) => ({ ...r, out: r.item !== '' })));
  return publish(who, at);
}

// What a form that is given back holds, as a browser would send it again.
const given = (body) => Object.fromEntries([...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"|<input[^>]*\bname="([^"]+)"[^>]*value="([^"]*)"|<textarea[^>]*\bname="([^"]+)"[^>]*>([^<]*)<\/textarea>/g)]
  .map((m) => [m[1] ?? m[3] ?? m[5], unescapeHtml(m[2] ?? m[4] ?? m[6]).replace(/^\n/, '')]));

test('the session ended while somebody wrote: the text and the words of a list are given back, and can be sent again', async (t) => {
  const { s, edo } = await newsroom(t);
  const at = await begin(edo, 'Written late');
  const list = `${at}/list/gallery`;
  await edo.get(`${list}/add`);
  let page = await edo.follow(await sendForm(edo, `${list}/add`, { version: '2' }, [{ name: 'a.png', bytes: png(300, 200) }, { name: 'b.png', bytes: png(300, 201) }]));
  const text = await edo.get(at);
  const section = /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec(text.body)[1];
  const typed = { version: hidden(text.body, 'version'), section, headline: 'Written <late> & long', body: 'First line.\n\nSecond "paragraph".', tags: 'one\ntwo' };
  const rows = new URLSearchParams([['token', edo.token], ['version', typed.version]]);
  allOf(page.body, 'item').forEach((item, i) => { for (const [n, value] of Object.entries({ item, alt: `seen ${i}`, caption: i ? 'said' : '', credit: 'Edo', place: String(i + 1) })) rows.append(n, value); });
  s.later(2 * 3600);
  const late = await edo.send(at, { token: edo.token, ...typed });
  assert.strictEqual(late.status, 403);
  const lateList = await edo.request('POST', list, { headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: s.origin, 'Sec-Fetch-Site': 'same-origin' }, body: rows.toString() });
  assert.strictEqual(lateList.status, 403);
  page = await edo.signIn('edo@station.test');
  assert.strictEqual(page.target, '/desk/kept');
  const forms = [...page.body.matchAll(/href="(\/desk\/kept\/\d+)"/g)].map((m) => m[1]);
  assert.strictEqual(forms.length, 2);
  for (const one of forms) {
    const shown = await edo.get(one);
    const [, action] = new RegExp(`action="(${at}[^"]*)"`).exec(shown.body);
    const { token, id, ...fields } = given(/<form[^>]*action="\/desk\/articles[\s\S]*?<\/form>/.exec(shown.body)[0]);
    if (action === at) assert.deepStrictEqual([fields.headline, fields.body, fields.tags], [typed.headline, typed.body, typed.tags]);
    page = await edo.post(action, fields);
    if (page.target.includes('/aside/')) page = await edo.post(page.target, { version: hidden(page.body, 'version') });
    assert.match(page.target, /said=(saved|merged)/, page.body);
  }
  page = await edo.get(at);
  assert.match(page.body, /<h1>Written &lt;late&gt; &amp; long<\/h1>/);
  page = await edo.get(list);
  assert.deepStrictEqual([allOf(page.body, 'alt'), allOf(page.body, 'caption')], [['seen 0', 'seen 1'], ['', 'said']]);
});
