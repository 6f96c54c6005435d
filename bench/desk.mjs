// SPDX-License-Identifier: AGPL-3.0-or-later
// The newsroom's desk with 200,000 articles, each with its manuscript: a hundred people signed in, each of whom walks
// through lists, searches, opens texts, writes and is saved; how long each page takes, with the pauses that people make
// and without any. Then readers, with and without ten editors at work.
// ARTICLES=N makes another number; STATION=DIR measures a station that `siaran bench-data` made before, and keeps who is
// signed in beside it (DIR.people). SECONDS=20 is the length of a stretch, ROUNDS=5 how often readers are measured.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Client, cpuSeconds, get, hammer, line, median, percentile, scratchDir, serve, siaran, stop, table } from "./lib.mjs";

const { Visitor } = createRequire(import.meta.url)("../tests/support/desk.js");
const { Station } = createRequire(import.meta.url)("../tests/support/station.js");

const count = Number(process.env.ARTICLES || 200000), seconds = Number(process.env.SECONDS || 20), rounds = Number(process.env.ROUNDS || 5);
const PEOPLE = 100, EDITORS = 10, OWN_TEXTS = 20;
const parts = (process.env.PARTS || "desk readers").split(" ");
const dir = process.env.STATION || join(scratchDir("desk"), "s");
if (!existsSync(dir)) execFileSync(siaran, ["bench-data", dir, String(count)], { stdio: ["ignore", "ignore", "inherit"] });

const settings = join(dir, "siaran.conf"); // a hundred people join from one address
if (!existsSync(settings) || !readFileSync(settings, "utf8").includes("public_posts_per_minute"))
  writeFileSync(settings, "\npublic_posts_per_minute = 100000\n", { flag: "a" });

let seed = 4711;
const random = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return Math.floor((seed / 2 ** 32) * n); };
const one = (list) => list[random(list.length)];
const words = JSON.parse(execFileSync(siaran, ["bench-data", "--words"], { encoding: "utf8" }));
const anyWord = () => one(one([words.common, words.middle, words.rare]));

// ---- who works there ---------------------------------------------------------------------------------------------------

// A third reports in one language, a tenth translates, one keeps the station running, the rest edits.
const roleOf = (i) => (i === PEOPLE - 1 ? "admin" : i < EDITORS || i % 10 > 4 ? "editor" : i % 10 === 4 ? "translator" : "reporter");

async function joinAll(station) {
  const clock = join(scratchDir("clock"), "clock");
  writeFileSync(clock, Buffer.alloc(8));
  const face = { port: station.port, origin: `http://localhost:${station.port}`, clock, request: Station.prototype.request };
  const people = [];
  for (let i = 0; i < PEOPLE; i++) {
    const login = `person${i}-${Date.now()}@station.test`, lang = roleOf(i) === "reporter" ? ["--lang", "en"] : [];
    const out = execFileSync(siaran, ["user", dir, "add", login, "--name", `Person ${i}`, "--role", roleOf(i), ...lang], { encoding: "utf8" });
    const visitor = new Visitor(face);
    await visitor.join(/\/desk\/link\/[A-Za-z0-9_-]+/.exec(out)[0]);
    people.push({ role: roleOf(i), cookies: visitor.cookies, token: visitor.token, texts: [] });
  }
  return people;
}

// Somebody at one browser: one connection, one request at a time.
class Person {
  constructor(port, known) {
    Object.assign(this, known);
    this.client = new Client(port);
    this.headers = { Cookie: Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join("; "), "Accept-Language": "en",
      "Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin" };
  }
  async see(path) {
    const r = await this.client.get(path, { ...this.headers, "Accept-Encoding": "identity" });
    if (r.status !== 200) throw new Error(`${this.role} ${path}: ${r.status}`);
    return r;
  }
  async send(path, fields) {
    const body = new URLSearchParams({ token: this.token, ...fields }).toString();
    const r = await this.client.ask("POST", path, { ...this.headers, "Content-Type": "application/x-www-form-urlencoded" }, body);
    if (r.status !== 303 && r.status !== 200) throw new Error(`${this.role} POST ${path}: ${r.status} ${r.body.toString().slice(0, 2000)}`);
    return r;
  }
  async begin(headline) {
    const r = await this.send("/desk/articles/new", { lang: "en", headline });
    return { at: /^location: (\S+?)(\?|\s|$)/im.exec(r.head)[1], version: 1 };
  }
  save(text, fields, rest = "") {
    return this.send(`${text.at}${rest}`, { version: String(text.version++), section: this.section, headline: `${anyWord()} ${anyWord()} ${anyWord()}`,
      tags: `${anyWord()}\n${anyWord()}`, body: `<p>${Array.from({ length: 300 }, anyWord).join(" ")}</p>`, ...fields });
  }
}

// Texts of everybody's own, half of them handed in.
async function beginTexts(people) {
  for (const person of people) {
    for (let i = 0; i < OWN_TEXTS; i++) {
      const text = await person.begin(`${anyWord()} ${anyWord()} ${i}`);
      await person.save(text, {});
      if (i % 2 === 0) await person.send(`${text.at}/step`, { step: "submit", version: String(text.version), text: "" });
      else person.texts.push(text);
    }
  }
}

async function gather(station) {
  const file = process.env.STATION ? `${dir}.people` : "";
  const known = file && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : await joinAll(station);
  const people = known.map((k) => new Person(station.port, k));
  for (const person of people) await person.client.connect();
  if (!people[0].section) {
    const text = await people[0].begin("Which sections there are");
    const section = /<select id="f-section"[^>]*>[\s\S]*?<option value="(\d{3,})"/.exec((await people[0].see(text.at)).body.toString())[1];
    for (const person of people) person.section = section;
    await beginTexts(people);
  }
  if (file) keep(file, people);
  return people;
}
const keep = (file, people) => writeFileSync(file, JSON.stringify(people.map(({ role, cookies, token, texts, section }) => ({ role, cookies, token, texts, section }))));

// ---- what they do ------------------------------------------------------------------------------------------------------

// Weights of a working hour: mostly lists, texts, and the script's saving while somebody writes.
const langs = (p) => (p.role === "reporter" ? ["en"] : ["en", "id", "nl"]);
const lists = ["own", "review", "drafts", "scheduled", "out", "stale", "alt", "all"];
const works = [
  [12, "list of texts", (p) => p.see(`/desk/articles?list=${one(lists)}${one(["", ...langs(p).map((l) => `&lang=${l}`)])}`)],
  [6, "list, searched by one word", (p) => p.see(`/desk/articles?list=${one(["own", "all", "out", "review"])}&q=${anyWord()}`)],
  [4, "list, searched by two words and a language", (p) => p.see(`/desk/articles?list=${one(["all", "out"])}&lang=${one(langs(p))}&q=${anyWord()}+${anyWord()}`)],
  [12, "text", (p) => p.see(one(p.found))],
  [2, "preview of a text", (p) => p.see(`${one(p.found)}/preview${one(["", "?width=phone"])}`)],
  [1, "archived comments of a text", (p) => p.see(`${one(p.found)}/comments`), "editor"],
  [3, "versions of a text", (p) => p.see(`${one(p.texts).at}/versions`)],
  [8, "save", (p) => p.save(one(p.texts), {})],
  [25, "save while writing", (p) => p.save(one(p.texts), {}, "/autosave")],
  [10, "who has it open", (p) => p.send(`${one(p.texts).at}/lease`, {})],
  [3, "published articles", (p) => p.see(`/desk/published?lang=${one(langs(p))}`)],
  [3, "published, searched", (p) => p.see(`/desk/published?lang=${one(langs(p))}&q=${anyWord()}`)],
  [2, "statistics", (p) => p.see("/desk/statistics")],
  [3, "media library", (p) => p.see(`/desk/media${one(["", "?q=sea", "?kind=sound"])}`)],
  [4, "home", (p) => p.see("/desk/")],
  [2, "tags, searched", (p) => p.see(`/desk/tags?lang=${one(langs(p))}&q=${anyWord()}`), "editor"],
  [2, "people, searched", (p) => p.see(`/desk/people?q=${anyWord()}`), "editor"],
  [1, "sections", (p) => p.see("/desk/sections?lang=en"), "editor"],
  [2, "messages of readers", (p) => p.see("/desk/messages"), "editor"],
  [2, "redirects", (p) => p.see(`/desk/redirects${one(["", `?q=${anyWord()}`])}`), "editor"],
  [1, "import", (p) => p.see("/desk/import"), "editor"],
  [20, "extra fields", (p) => p.see("/desk/fields"), "admin"],
  [20, "parameters", (p) => p.see(`/desk/parameters${one(["", "/mail", "/readers"])}`), "admin"],
  [20, "backups", (p) => p.see("/desk/backups"), "admin"],
  [20, "menus", (p) => p.see("/desk/menus/en"), "admin"],
  [20, "front page's arrangement", (p) => p.see("/desk/front/en"), "admin"],
  [1, "standing pages", (p) => p.see("/desk/pages?lang=en"), "editor"],
  [20, "accounts", (p) => p.see("/desk/accounts"), "admin"],
  [20, "audit log", (p) => p.see("/desk/audit"), "admin"],
  [20, "system", (p) => p.see("/desk/system"), "admin"],
  [20, "station", (p) => p.see("/desk/station"), "admin"],
];
const worksOf = (p) => works.filter(([, , , role]) => !role || role === p.role);
function pick(p) {
  const mine = worksOf(p);
  let at = random(mine.reduce((sum, [weight]) => sum + weight, 0));
  return mine.find(([weight]) => (at -= weight) < 0);
}

// Texts to be opened, of all ages.
async function find(people) {
  const found = [];
  for (let i = 0; i < 30; i++)
    found.push(...(await people[0].see(`/desk/articles?list=all&lang=en&q=${one(words.common)}+${one(words.common)}`)).body.toString().matchAll(/href="(\/desk\/articles\/\d+)"/g));
  for (const person of people) person.found = [...new Set(found.map((m) => m[1]))];
  if (people[0].found.length < 20) throw new Error("too few texts were found");
}

// Pauses between two and eight seconds, as of somebody who reads what came; or none.
async function walk(people, { pauses }) {
  const times = {}, began = Date.now();
  await Promise.all(people.map(async (person) => {
    const rest = () => pauses && new Promise((done) => setTimeout(done, 2000 + random(6000)));
    if (pauses) await new Promise((done) => setTimeout(done, random(5000)));
    while (Date.now() - began < seconds * 1000) {
      const [, name, work] = pick(person);
      (times[name] ??= []).push((await work(person)).us);
      await rest();
    }
  }));
  return times;
}

const ms = (us) => (us / 1000).toFixed(1);
function showTimes(times, elapsed) {
  const all = Object.values(times).flat();
  const row = (name, list) => [name, list.length, ms(percentile(list, 50)), ms(percentile(list, 95)), ms(percentile(list, 99)), ms(Math.max(...list))];
  table([["", "asked", "median ms", "p95 ms", "p99 ms", "max ms"], ...works.filter(([, name]) => times[name]).map(([, name]) => row(name, times[name])), row("all", all)]);
  line(`  ${(all.length / elapsed).toFixed(0)} answers a second; asked: p95 of each below 100 ms, with pauses`);
}

async function measureDesk(station, people) {
  await find(people);
  for (const [, name, work, role] of works) { // each once, so that no first time is among them
    try { await work(role ? people.find((p) => p.role === role) : people[0]); } catch (error) { throw new Error(`${name}: ${error.message}`); }
  }
  const alone = [];
  for (let i = 0; i < 5; i++) alone.push((await people[0].see(`/desk/statistics?from=2026-01-0${i + 1}`)).us);
  line(`statistics, another stretch of days each time, one at a time: median ${ms(median(alone))} ms`);
  for (const pauses of [true, false]) {
    const cpu = cpuSeconds(station.pid), began = Date.now();
    const times = await walk(people, { pauses });
    const elapsed = (Date.now() - began) / 1000;
    line(`\n${people.length} people, ${pauses ? "2 to 8 s (5 on average) between two requests" : "no pause at all"}, ${elapsed.toFixed(0)} s; ` +
      `${((cpuSeconds(station.pid) - cpu) / elapsed).toFixed(2)} cores used`);
    showTimes(times, elapsed);
  }
}

// ---- readers meanwhile -------------------------------------------------------------------------------------------------

// An editor publishes now and then: pages are rendered anew.
async function edit(person, state) {
  let turns = 0;
  while (!state.over) {
    if (++turns % 10 === 0) {
      const text = await person.begin(`${anyWord()} is published`);
      await person.save(text, {});
      await person.send(`${text.at}/step`, { step: "publish", version: String(text.version), text: "" });
    } else {
      await pick(person)[2](person);
    }
    await Promise.race([new Promise((done) => setTimeout(done, 2000 + random(6000))), state.end]);
  }
}

async function withEditors(people, work) {
  const state = {};
  state.end = new Promise((done) => (state.stop = done));
  const editing = people.map((person) => edit(person, state));
  const result = await work();
  state.over = true;
  state.stop();
  await Promise.all(editing);
  return result;
}

async function measureReaders(station, people) {
  await find(people);
  const file = join(scratchDir("paths"), "paths"), paths = [];
  for (let number = count; number > count - 2000; number--)
    paths.push(/^location: (?:https?:\/\/[^/]+)?(\/\S+)/im.exec((await get(station.port, `/n/${number}`)).head)[1]);
  writeFileSync(file, ["/en/", "/id/", ...paths].join("\n") + "\n");
  const read = async () => {
    const cpu = cpuSeconds(station.pid);
    const r = await hammer(station.port, ["--paths", file, "--connections", "64", "--seconds", String(Math.min(seconds, 5)), "--latency", "--header", "Accept-Encoding: gzip"]);
    if (r.errors > 0) throw new Error(`${r.errors} errors`);
    return { perCpu: r.requests / (cpuSeconds(station.pid) - cpu), p99: r.p99_us, rate: r.requests_per_second };
  };
  await read(); // the pages are in memory then
  const results = { "readers alone": [], "and ten editors": [] };
  for (let round = 0; round < rounds; round++) {
    results["readers alone"].push(await read());
    results["and ten editors"].push(await withEditors(people.slice(0, EDITORS), read));
  }
  const of = (name, what) => median(results[name].map((r) => r[what]));
  line(`\nreaders of ${paths.length + 2} pages, 64 connections, one core; ${rounds} rounds in turn, medians`);
  table([["", "requests per CPU-second", "p99 ms", "requests/s"],
    ...Object.keys(results).map((name) => [name, Math.round(of(name, "perCpu")), ms(of(name, "p99")), Math.round(of(name, "rate"))])]);
  line(`  with editors ${(100 * (1 - of("and ten editors", "perCpu") / of("readers alone", "perCpu"))).toFixed(1)} % fewer per CPU-second, asked: below 10; ` +
    `p99 ${(of("and ten editors", "p99") / of("readers alone", "p99")).toFixed(2)} times, asked: below 2`);
}

for (const [part, core, measure] of [["desk", "0,1", measureDesk], ["readers", "0", measureReaders]]) {
  if (!parts.includes(part)) continue;
  const station = await serve(dir, { core });
  const people = await gather(station);
  await measure(station, people);
  if (process.env.STATION) keep(`${dir}.people`, people);
  for (const person of people) person.client.close();
  await stop(station.child);
}
