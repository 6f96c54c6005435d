// SPDX-License-Identifier: AGPL-3.0-or-later
// One article page with its live counter: Siaran beside nginx (the same bytes from a file) and beside a bare epoll
// loop, one core each, interleaved, medians. The load comes from many loopback addresses with default limits on.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync, gunzipSync } from "node:zlib";
import { join } from "node:path";
import { cpuSeconds, floorPath, firstLine, get, hammer, installed, line, median, scratchDir, serve, siaran, start, stop, table } from "./lib.mjs";

const rounds = Number(process.env.ROUNDS || 5), seconds = process.env.SECONDS || "2";

const cases = [
  { name: "plain, 64 connections", gzip: false, connections: 64 },
  { name: "gzip, 64 connections", gzip: true, connections: 64 },
  { name: "plain, 256 connections", gzip: false, connections: 256 },
  { name: "gzip, 256 connections", gzip: true, connections: 256 },
];

function nginxConf(dir, port) {
  return `daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 4096; }
http { access_log off; sendfile on; tcp_nopush off; tcp_nodelay on; open_file_cache max=100; open_file_cache_valid 60s;
  keepalive_requests 1000000000; keepalive_timeout 300s; types { text/html html; } default_type text/html; charset utf-8;
  client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  server { listen 127.0.0.1:${port} reuseport; root ${dir}/www; gzip_static on; } }\n`;
}

async function freePort() {
  const net = await import("node:net");
  return new Promise((done) => { const s = net.createServer().listen(0, "127.0.0.1", () => { const p = s.address().port; s.close(() => done(p)); }); });
}

async function startNginx(plain) {
  const dir = scratchDir("nginx"), port = await freePort();
  mkdirSync(join(dir, "www"));
  writeFileSync(join(dir, "www/article.html"), plain);
  writeFileSync(join(dir, "www/article.html.gz"), gzipSync(plain, { level: 9 }));
  writeFileSync(join(dir, "conf"), nginxConf(dir, port));
  const child = start("/usr/sbin/nginx", ["-c", join(dir, "conf"), "-p", dir, "-e", join(dir, "error.log")], { stdio: ["ignore", "ignore", "ignore"] });
  for (;;) try { await get(port, "/article.html"); break; } catch { await new Promise((r) => setImmediate(r)); }
  return { child, pid: child.pid, port };
}

async function startFloor(head, body) {
  const file = join(scratchDir("floor"), "answer");
  writeFileSync(file, Buffer.concat([Buffer.from(head + "\r\n\r\n", "latin1"), body]));
  const child = start(floorPath, ["--port", "0", file]);
  const m = await firstLine(child, /(\d+)\s*$/m);
  return { child, pid: child.pid, port: Number(m[1]) };
}

async function findArticle(port) {
  const front = (await get(port, "/en/")).body.toString();
  const m = /href="(\/en\/[^/"]+\/\d+-[^"]+)"/.exec(front);
  if (!m) throw new Error("the demo station's front page links no article");
  return m[1];
}

const reads = (html) => Number(/Read ([\d,]+) times?/.exec(html)[1].replaceAll(",", ""));

const dir = join(scratchDir("station"), "s");
execFileSync(siaran, ["init", dir, "--demo"], { stdio: "ignore" });
writeFileSync(join(dir, "siaran.conf"), "loops = 1\n", { flag: "a" });
const station = await serve(dir);
const path = await findArticle(station.port);
const browser = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", Accept: "text/html,application/xhtml+xml",
  "Accept-Language": "en-GB,en;q=0.5" };
const plainAnswer = await get(station.port, path, browser);
const gzipAnswer = await get(station.port, path, { ...browser, "Accept-Encoding": "gzip" });
if (!gunzipSync(gzipAnswer.body).toString().includes("Read ")) throw new Error("the gzip body does not unpack to the article");
const servers = { siaran: station, "bare epoll loop": null, nginx: null };
servers["bare epoll loop"] = { plain: await startFloor(plainAnswer.head, plainAnswer.body), gzip: await startFloor(gzipAnswer.head, gzipAnswer.body) };
if (installed("nginx") || installed("/usr/sbin/nginx")) servers.nginx = await startNginx(plainAnswer.body);

line(`article page: ${plainAnswer.body.length} bytes plain, ${gzipAnswer.body.length} gzip; ${rounds} rounds of ${seconds} s each, one core a server`);
const before = reads((await get(station.port, path, browser)).body.toString());
let sent = 1; // the request that read `before` is itself counted
const results = {};
for (let round = 0; round < rounds; round++) {
  for (const c of cases) {
    for (const [name, server] of Object.entries(servers)) {
      if (!server) continue;
      const s = server.plain ? (c.gzip ? server.gzip : server.plain) : server;
      const headers = Object.entries(browser).concat(c.gzip ? [["Accept-Encoding", "gzip, deflate, br"]] : []).flatMap(([k, v]) => ["--header", `${k}: ${v}`]);
      const cpu = cpuSeconds(s.pid);
      const r = await hammer(s.port, ["--path", name === "nginx" ? "/article.html" : path, "--connections", String(c.connections), "--seconds", seconds, ...headers]);
      if (r.errors > 0) throw new Error(`${name}: ${r.errors} errors`);
      ((results[c.name] ??= {})[name] ??= []).push({ us: ((cpuSeconds(s.pid) - cpu) / r.requests) * 1e6, rate: r.requests_per_second });
      if (name === "siaran") sent += r.requests;
    }
  }
}
const counted = reads((await get(station.port, path, browser)).body.toString()) - before;
for (const c of cases) {
  const us = Object.fromEntries(Object.entries(results[c.name]).map(([n, list]) => [n, median(list.map((x) => x.us))]));
  const rate = Object.fromEntries(Object.entries(results[c.name]).map(([n, list]) => [n, median(list.map((x) => x.rate))]));
  line(`\n${c.name}`);
  table([["", "CPU us/request", "requests/s", "requests per CPU-second, Siaran's = 1"],
    ...Object.keys(us).map((n) => [n, us[n].toFixed(2), Math.round(rate[n]), (us.siaran / us[n]).toFixed(2)])]);
  if (us.nginx) line(`  Siaran answers ${(us.nginx / us.siaran).toFixed(2)}x nginx's requests per CPU-second`);
  line(`  and ${(us["bare epoll loop"] / us.siaran).toFixed(2)} of the bare epoll loop's`);
}
const of = (c, server) => median(results[c.name][server].map((x) => x.us));
line("\nrequests per CPU-second with 256 connections, those with 64 = 1");
const among = Object.keys(servers).filter((name) => servers[name]);
table([["", "plain", "gzip"], ...among.map((name) => [name, ...[0, 1].map((i) => (of(cases[i], name) / of(cases[i + 2], name)).toFixed(2))])]);
line(`reads counted: ${counted}, requests sent: ${sent}: ${counted === sent ? "the same" : "DIFFERENT"}`);
for (const s of [station, servers["bare epoll loop"].plain, servers["bare epoll loop"].gzip, servers.nginx]) if (s) await stop(s.child);
process.exitCode = counted === sent ? 0 : 1;
