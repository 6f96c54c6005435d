// SPDX-License-Identifier: AGPL-3.0-or-later
// What every bench needs: processes started and ended by their own id, their CPU time and memory from /proc, raw HTTP
// requests with their latency, medians.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, existsSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve, dirname } from "node:path";
import net from "node:net";
import { fileURLToPath } from "node:url";

export const top = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const siaran = process.env.SIARAN || join(top, "build/siaran");
const tool = (name) => [join(top, "build/bench", name), join(top, "build", name)].find(existsSync) || join(top, "build/bench", name);
export const hammerPath = tool("hammer");
export const floorPath = tool("floor");

const scratch = mkdtempSync(join(tmpdir(), "siaran-bench-"));
const running = new Set();
process.on("exit", () => {
  // Whole families: a killed master of nginx or php-fpm would leave its workers behind.
  for (const p of running)
    for (const pid of familyOrNone(p.pid)) try { process.kill(pid, "SIGKILL"); } catch { /* it ended by itself */ }
  rmSync(scratch, { recursive: true, force: true });
});
process.on("SIGINT", () => process.exit(130));
export const scratchDir = (name) => mkdtempSync(join(scratch, name + "-"));

// The server's core and the client's core, so that they do not share one (two are enough).
const pin = (core, command, args) => ["taskset", ["-c", String(core), command, ...args]];

export function start(command, args, { core = 0, env = {}, stdio = ["ignore", "pipe", "inherit"] } = {}) {
  const [c, a] = pin(core, command, args);
  const child = spawn(c, a, { stdio, env: { ...process.env, ...env } });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

export function stop(child, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => { child.once("exit", done); child.kill(signal); });
}

export function firstLine(child, pattern) {
  return new Promise((done, fail) => {
    let text = "";
    child.once("exit", (code) => fail(new Error(`ended with ${code} before it was ready: ${text}`)));
    child.stdout.on("data", (d) => {
      text += d;
      const m = pattern.exec(text);
      if (m) done(m);
    });
  });
}

// A process and all below it.
export function family(pid) {
  const all = [pid];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const kids = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim();
    for (const kid of kids ? kids.split(" ") : []) all.push(...family(Number(kid)));
  }
  return all;
}

function familyOrNone(pid) {
  try { return family(pid); } catch { return []; }
}

export function cpuSeconds(pid) {
  let ns = 0;
  for (const p of family(pid))
    for (const task of readdirSync(`/proc/${p}/task`))
      ns += Number(readFileSync(`/proc/${p}/task/${task}/schedstat`, "utf8").split(" ")[0]);
  return ns / 1e9;
}

// Bytes of a field of /proc/PID/status, summed over the family.
// Of all processes of the station; a page that several of them have mapped counts in each.
export function memory(pid, field = "VmRSS") {
  let kib = 0;
  for (const p of family(pid)) {
    const m = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${p}/status`, "utf8"));
    if (m) kib += Number(m[1]);
  }
  return kib * 1024;
}

// The same with each such page counted once.
export function memoryOnce(pid) {
  return family(pid).reduce((sum, p) =>
    sum + 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${p}/smaps_rollup`, "utf8"))[1]), 0);
}

export const median = (list) => {
  const s = [...list].sort((a, b) => a - b);
  return s.length % 2 ? s[(s.length - 1) / 2] : (s[s.length / 2 - 1] + s[s.length / 2]) / 2;
};
export const percentile = (list, p) => {
  const s = [...list].sort((a, b) => a - b);
  return s[Math.min(s.length - 1, Math.ceil((p / 100) * s.length) - 1)];
};

export async function serve(dir, { core = 0, env = {}, args = [] } = {}) {
  const began = process.hrtime.bigint();
  const child = start(siaran, ["serve", dir, "--http", "127.0.0.1:0", "--radio", "127.0.0.1:0", ...args], { core, env });
  const m = await firstLine(child, /http:\/\/localhost:(\d+)\//);
  return { child, pid: child.pid, port: Number(m[1]), readyMs: Number(process.hrtime.bigint() - began) / 1e6 };
}

// One client connection that asks one request after another and times each.
export class Client {
  constructor(port) { this.port = port; this.waiting = null; this.chunks = []; this.size = 0; }
  connect() {
    return new Promise((done, fail) => {
      this.socket = net.connect(this.port, "127.0.0.1", done);
      this.socket.setNoDelay(true);
      this.socket.on("error", fail);
      this.socket.on("data", (d) => this.arrived(d));
      this.socket.on("close", () => { if (this.waiting) this.waiting.fail(new Error("connection closed")); });
    });
  }
  arrived(d) {
    this.chunks.push(d);
    this.size += d.length;
    if (!this.waiting) return;
    const w = this.waiting;
    if (w.total === undefined) {
      const all = Buffer.concat(this.chunks);
      this.chunks = [all];
      const end = all.indexOf("\r\n\r\n");
      if (end < 0) return;
      w.head = all.subarray(0, end).toString("latin1");
      const m = /^content-length: (\d+)/im.exec(w.head);
      w.total = end + 4 + (m ? Number(m[1]) : 0);
      w.bodyAt = end + 4;
    }
    if (this.size < w.total) return;
    const all = Buffer.concat(this.chunks);
    this.chunks = [all.subarray(w.total)];
    this.size = this.chunks[0].length;
    this.waiting = null;
    w.done({ us: Number(process.hrtime.bigint() - w.began) / 1e3, status: Number(w.head.slice(9, 12)), head: w.head,
      body: all.subarray(w.bodyAt, w.total) });
  }
  get(path, headers = {}) { return this.ask("GET", path, headers); }
  async ask(method, path, headers = {}, body = "") {
    // The server closes a connection that was idle for long; one asks again on a new one then.
    if (this.socket.destroyed || this.socket.readableEnded) { this.chunks = []; this.size = 0; await this.connect(); }
    const size = method === "GET" ? {} : { "Content-Length": Buffer.byteLength(body) };
    const lines = Object.entries({ Host: `localhost:${this.port}`, ...size, ...headers }).map(([k, v]) => `${k}: ${v}\r\n`).join("");
    return new Promise((done, fail) => {
      this.waiting = { done, fail, began: process.hrtime.bigint() };
      this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${body}`);
    });
  }
  close() { this.socket.destroy(); }
}

export async function get(port, path, headers = {}) {
  const c = new Client(port);
  await c.connect();
  const answer = await c.get(path, headers);
  c.close();
  return answer;
}

// The lean load client; resolves to its JSON line.
export function hammer(port, args, { core = 1 } = {}) {
  const [c, a] = pin(core, hammerPath, ["--to", `127.0.0.1:${port}`, "--from-many", ...args]);
  return new Promise((done, fail) => {
    const child = spawn(c, a, { stdio: ["ignore", "pipe", "inherit"] });
    running.add(child);
    let text = "";
    child.stdout.on("data", (d) => { text += d; });
    child.once("exit", (code) => {
      running.delete(child);
      code === 0 ? done(JSON.parse(text)) : fail(new Error(`hammer ended with ${code}: ${text}`));
    });
  });
}

export function installed(command) {
  try { return execFileSync("which", [command], { encoding: "utf8" }).trim(); } catch { return ""; }
}

export const line = (text = "") => process.stdout.write(text + "\n");
export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => String(r[i]).length)));
  for (const r of rows) line("  " + r.map((cell, i) => (i ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]))).join("  "));
}
export const waitFor = (dir, ready) => new Promise((done) => {
  if (ready()) return done();
  const w = watch(dir, () => { if (ready()) { w.close(); done(); } });
});
