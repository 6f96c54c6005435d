// SPDX-License-Identifier: AGPL-3.0-or-later
// A station of 200,000 articles: start, memory, cold pages, deep lists, search, and how fast a change is public.
// ARTICLES=N makes another number of them; STATION=DIR measures a station that `siaran bench-data` made before.
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, get, hammer, line, memory, memoryOnce, percentile, scratchDir, serve, siaran, stop, table } from "./lib.mjs";

const count = Number(process.env.ARTICLES || 200000);
const dir = process.env.STATION || join(scratchDir("archive"), "s");
if (!existsSync(dir)) {
  const beganMaking = Date.now();
  execFileSync(siaran, ["bench-data", dir, String(count)], { stdio: ["ignore", "ignore", "inherit"] });
  line(`${count} articles made in ${((Date.now() - beganMaking) / 1000).toFixed(0)} s`);
}
const stat = () => Object.fromEntries(execFileSync(siaran, ["stat", dir], { encoding: "utf8" }).trim().split("\n")
  .map((l) => l.split(" ")).map(([name, value]) => [name, Number(value)]));

// Deterministic choice, so that two runs ask the same.
let seed = 12345;
const random = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return Math.floor((seed / 2 ** 32) * n); };
const sample = (list) => ({ p50: (percentile(list, 50) / 1000).toFixed(2), p99: (percentile(list, 99) / 1000).toFixed(2), max: (Math.max(...list) / 1000).toFixed(2) });

let station = await serve(dir);
const firstAnswer = await get(station.port, "/en/");
line(`start until ready: ${station.readyMs.toFixed(0)} ms, asked: below 500 (first page ${firstAnswer.status} in ${(firstAnswer.us / 1000).toFixed(1)} ms more)`);

const rows = [["", "median ms", "p99 ms", "max ms", "asked: p99 below"]];
const client = new Client(station.port);
await client.connect();

// Addresses of 20,000 different articles; a number without its slug is answered by one 301 to the canonical address.
const paths = [];
const seen = new Set();
while (paths.length < Math.min(20000, count)) {
  const number = 1 + random(count);
  if (seen.has(number)) continue;
  seen.add(number);
  const r = await client.get(`/n/${number}`);
  const m = /^location: (?:https?:\/\/[^/]+)?(\/\S+)/im.exec(r.head);
  if (!m) throw new Error(`/n/${number} answered ${r.status} without an address`);
  paths.push(m[1]);
}
const cold = [];
for (const p of paths.slice(0, 5000)) {
  const r = await client.get(p, { "Accept-Encoding": "gzip" });
  if (r.status !== 200) throw new Error(`${p} answered ${r.status}`);
  cold.push(r.us);
}
let s = sample(cold);
rows.push(["cold article page (5,000)", s.p50, s.p99, s.max, 3]);

const file = join(scratchDir("paths"), "paths");
writeFileSync(file, paths.join("\n") + "\n");
const load = await hammer(station.port, ["--paths", file, "--connections", "32", "--requests", "100000", "--header", "Accept-Encoding: gzip"]);
line(`RSS after 100,000 requests over ${paths.length} pages: ${(memory(station.pid) / 2 ** 20).toFixed(0)} MB, with what processes share counted once ${(memoryOnce(station.pid) / 2 ** 20).toFixed(0)} MB (${load.errors} errors), asked: below 250`);

// The sitemaps, whole: their index, and one file of 2,500 numbers.
for (const path of ["/sitemap.xml", "/sitemaps/en-1.xml", "/news-sitemap.xml"]) {
  const r = await client.get(path, { "Accept-Encoding": "gzip" });
  if (r.status !== 200) throw new Error(`${path} answered ${r.status}`);
  rows.push([path, ...Object.values(sample([r.us])), ""]);
}

// Section pages down to the 500th: the address of each stands on the one before.
const section = /href="(\/en\/desk-[0-9]+)"/.exec((await client.get("/en/")).body.toString().replace(/.*<main/s, "<main"))[1];
const deep = [];
let next = section;
for (let page = 1; page <= 500 && next; page++) {
  const r = await client.get(next);
  if (r.status !== 200) throw new Error(`${next} answered ${r.status}`);
  if (page > 400) deep.push(r.us);
  const m = /<a[^>]*rel="next"[^>]*href="([^"]+)"|<a[^>]*href="([^"]+)"[^>]*rel="next"/.exec(r.body.toString());
  next = m && (m[1] || m[2]).replaceAll("&amp;", "&");
}
s = sample(deep);
rows.push([`section pages 401 to 500 (${deep.length})`, s.p50, s.p99, s.max, 5]);

// Words by how many articles hold them: a third of the queries on words that stand in over 20 % of the articles.
const words = JSON.parse(execFileSync(siaran, ["bench-data", "--words"], { encoding: "utf8" }));
for (const sort of ["newest", "relevance"]) {
  const times = [];
  for (let i = 0; i < 600; i++) {
    const pool = i % 3 === 0 ? words.common : i % 3 === 1 ? words.middle : words.rare;
    const q = i % 5 === 4 ? `${pool[random(pool.length)]} ${words.middle[random(words.middle.length)]}` : pool[random(pool.length)];
    const r = await client.get(`/en/search?q=${encodeURIComponent(q)}&sort=${sort}`);
    if (r.status !== 200) throw new Error(`search for ${q} answered ${r.status}`);
    times.push(r.us);
  }
  s = sample(times);
  rows.push([`search by ${sort} (600)`, s.p50, s.p99, s.max, 25]);
}

// What one correction makes anew of two thousand pages in memory; each newest of its section has no newer neighbour.
for (const p of paths.slice(0, 2000)) await client.get(p);
const before = stat();
execFileSync(siaran, ["article", dir, "correct", /\/(\d+)-/.exec(paths[0])[1], "--text", "A correction of the bench."], { stdio: "ignore" });
for (const p of paths.slice(0, 2000)) await client.get(p);
line(`a correction rendered ${stat().renders - before.renders} of 2,000 pages again`);

// A correction: from the command's start until the reader's page shows it, and what was rendered again.
const visible = [];
for (let i = 0; i < 100; i++) {
  const path = paths[i], number = /\/(\d+)-/.exec(path)[1];
  await client.get(path);
  const began = process.hrtime.bigint();
  execFileSync(siaran, ["article", dir, "correct", number, "--text", `Correction ${i} of the bench.`], { stdio: "ignore" });
  const acknowledged = process.hrtime.bigint();
  const r = await client.get(path);
  if (!r.body.toString().includes(`Correction ${i} of the bench.`)) throw new Error("the correction does not show after it was acknowledged");
  visible.push({ command: Number(acknowledged - began) / 1e3, after: r.us });
}
s = sample(visible.map((v) => v.after));
rows.push(["corrected page after the acknowledgement (100)", s.p50, s.p99, s.max, ""]);
s = sample(visible.map((v) => v.command + v.after));
rows.push(["correction, whole command until visible (100)", s.p50, s.p99, s.max, 50]);
table(rows);
client.close();
await stop(station.child);
