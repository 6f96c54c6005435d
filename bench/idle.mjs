// SPDX-License-Identifier: AGPL-3.0-or-later
// Idle and slow clients: 5,000 idle connections and 200 that trickle their request heads; what they cost in process
// memory, and what other readers feel of it.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import net from "node:net";
import { Client, get, line, memory, percentile, scratchDir, serve, siaran, stop } from "./lib.mjs";

const idleCount = Number(process.env.IDLE || 5000), slowCount = 200;
const dir = join(scratchDir("idle"), "s");
execFileSync(siaran, ["init", dir, "--demo"], { stdio: "ignore" });
const station = await serve(dir);

const open = (i) => new Promise((done, fail) => {
  const s = net.connect({ port: station.port, host: "127.0.0.1", localAddress: `127.0.${1 + (i >> 7)}.${1 + (i & 127)}` }, () => done(s));
  s.on("error", fail);
});
async function readers() {
  const c = new Client(station.port), times = [];
  await c.connect();
  for (let i = 0; i < 5000; i++) times.push((await c.get("/en/")).us);
  c.close();
  return percentile(times, 99) / 1000;
}
await readers(); // warm
const alone = [await readers(), await readers(), await readers()].sort((a, b) => a - b)[1];
const before = memory(station.pid, "RssAnon");
const sockets = [];
for (let i = 0; i < idleCount; i++) {
  const s = await open(i);
  // One whole request first: an idle reader is one that has read something.
  await new Promise((done) => { s.once("data", done); s.write("GET /robots.txt HTTP/1.1\r\nHost: localhost:" + station.port + "\r\n\r\n"); });
  sockets.push(s);
}
const each = (memory(station.pid, "RssAnon") - before) / idleCount;
const slow = [];
for (let i = 0; i < slowCount; i++) slow.push(await open(i + 200));
const trickle = setInterval(() => { for (const s of slow) if (!s.destroyed) s.write("G"); }, 100);
const crowded = [await readers(), await readers(), await readers()].sort((a, b) => a - b)[1];
clearInterval(trickle);
line(`${idleCount} idle connections: ${each.toFixed(0)} bytes of process memory each`);
line(`other readers' p99: ${alone.toFixed(2)} ms alone, ${crowded.toFixed(2)} ms beside ${idleCount} idle and ${slowCount} slow ones (${(crowded / alone).toFixed(2)}x)`);
for (const s of [...sockets, ...slow]) s.destroy();
if ((await get(station.port, "/en/")).status !== 200) throw new Error("the station does not answer any more");
await stop(station.child);
