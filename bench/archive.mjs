// SPDX-License-Identifier: AGPL-3.0-or-later
// A station of 200,000 articles: start, memory, cold pages, deep lists, search, and how fast a change is public.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, get, hammer, line, memory, percentile, scratchDir, serve, siaran, stop, table } from "./lib.mjs";

const count = Number(process.env.ARTICLES || 200000);
const dir = join(scratchDir("archive"), "s");
const beganMaking = Date.now();
execFileSync(siaran, ["bench-data", dir, String(count)], { stdio: ["ignore", "ignore", "inherit"] });
line(`${count} articles made in ${((Date.now() - beganMaking) / 1000).toFixed(0)} s`);

// Deterministic choice, so that two runs ask the same.
let seed = 12345;
const random = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return Math.floor((seed / 2 ** 32) * n); };
const sample = (list) => ({ p50: (percentile(list, 50) / 1000).toFixed(2), p99: (percentile(list, 99) / 1000).toFixed(2), max: (Math.max(...list) / 1000).toFixed(2) });

let station = await serve(dir);
const firstAnswer = await get(station.port, "/en/");
line(`start until ready: ${station.readyMs.toFixed(0)} ms (first page ${firstAnswer.status} in ${(firstAnswer.us / 1000).toFixed(1)} ms more)`);

const rows = [["", "median ms", "p99 ms", "max ms"]];
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
rows.push(["cold article page (5,000)", s.p50, s.p99, s.max]);

const file = join(scratchDir("paths"), "paths");
writeFileSync(file, paths.join("\n") + "\n");
const load = await hammer(station.port, ["--paths", file, "--connections", "32", "--requests", "100000", "--header", "Accept-Encoding: gzip"]);
line(`RSS after 100,000 requests over ${paths.length} pages: ${(memory(station.pid) / 2 ** 20).toFixed(0)} MB, of it anonymous ${(memory(station.pid, "RssAnon") / 2 ** 20).toFixed(0)} MB (${load.errors} errors)`);

// Section pages down to the 500th: the address of each stands on the one before.
const section = /href="(\/en\/desk-[0-9]+)"/.exec((await client.get("/en/")).body.toString().replace(/.*<main/s, "<main"))[1];
const deep = [];
let next = section;
for (let page = 1; page <= 500 && next; page++) {
  const r = await client.get(next);
  if (r.status !== 200) throw new Error(`${next} answered ${r.status}`);
  if (page > 480) deep.push(r.us);
  const m = /<a[^>]*rel="next"[^>]*href="([^"]+)"|<a[^>]*href="([^"]+)"[^>]*rel="next"/.exec(r.body.toString());
  next = m && (m[1] || m[2]).replaceAll("&amp;", "&");
}
s = sample(deep);
rows.push([`section pages 481 to 500 (${deep.length})`, s.p50, s.p99, s.max]);

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
  rows.push([`search by ${sort} (600)`, s.p50, s.p99, s.max]);
}

// A correction: from the command's start until the reader's page shows it, and what was rendered again.
const visible = [];
for (let i = 0; i < 20; i++) {
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
rows.push(["corrected page after the acknowledgement", s.p50, s.p99, s.max]);
s = sample(visible.map((v) => v.command + v.after));
rows.push(["correction, whole command until visible", s.p50, s.p99, s.max]);
table(rows);
client.close();
await stop(station.child);
