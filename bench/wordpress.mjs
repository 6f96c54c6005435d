// SPDX-License-Identifier: AGPL-3.0-or-later
// The rival a newsroom would otherwise install: WordPress from Debian on nginx, php-fpm and mariadb, all in a scratch
// directory on free ports. One article, bare and behind nginx's fastcgi_cache, beside Siaran's, and a rare word searched
// in 20,000 posts. Server CPU per request, medians of interleaved rounds.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { cpuSeconds, get, hammer, line, median, scratchDir, serve, siaran, start, stop, table, top } from "./lib.mjs";

const rounds = Number(process.env.ROUNDS || 3), posts = Number(process.env.POSTS || 20000);
execFileSync(join(top, "tools/need"), ["rival"], { stdio: "inherit" });

const freePort = () => new Promise((done) => { const s = net.createServer().listen(0, "127.0.0.1", () => { const p = s.address().port; s.close(() => done(p)); }); });
const dir = scratchDir("wordpress");
execFileSync("chmod", ["-R", "a+rX", dir, join(dir, "..")]);
const port = await freePort(), cachedPort = await freePort();
const user = process.getuid() === 0 ? "www-data" : "";

// ---- mariadb on a socket of its own
const data = join(dir, "mariadb"), socket = join(dir, "mariadb.sock");
mkdirSync(data);
const asRoot = process.getuid() === 0 ? ["--user=root"] : [];
execFileSync("mariadb-install-db", ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", ...asRoot], { stdio: "ignore" });
const mariadb = start("mariadbd", ["--no-defaults", `--datadir=${data}`, `--socket=${socket}`, "--skip-networking",
  "--innodb-buffer-pool-size=512M", ...asRoot], { stdio: ["ignore", "ignore", "ignore"] });
const sql = (text, database = "") => execFileSync("mariadb", ["--no-defaults", "-S", socket, "-u", "root", ...(database ? [database] : []), "--batch", "--skip-column-names"], { input: text, encoding: "utf8" });
for (;;) try { sql("select 1"); break; } catch { await new Promise((r) => setTimeout(r, 100)); }
sql("create database wp character set utf8mb4");

// ---- WordPress, php-fpm, nginx
const www = join(dir, "www");
cpSync("/usr/share/wordpress", www, { recursive: true, dereference: true });
writeFileSync(join(www, "wp-config.php"), `<?php define('DB_NAME','wp'); define('DB_USER','root'); define('DB_PASSWORD','');
define('DB_HOST','localhost:${socket}'); define('DB_CHARSET','utf8mb4'); define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true);
foreach (['AUTH','SECURE_AUTH','LOGGED_IN','NONCE'] as $k) { define($k.'_KEY','bench'); define($k.'_SALT','bench'); }
$table_prefix='wp_'; if (!defined('ABSPATH')) define('ABSPATH', __DIR__.'/'); require_once ABSPATH.'wp-settings.php';`);
// Its own redirects to the address it thinks canonical would send the cached port to the bare one.
mkdirSync(join(www, "wp-content/mu-plugins"), { recursive: true });
writeFileSync(join(www, "wp-content/mu-plugins/bench.php"), "<?php remove_action('template_redirect', 'redirect_canonical');\n");
writeFileSync(join(dir, "install.php"), `<?php define('WP_INSTALLING', true); $_SERVER['HTTP_HOST']='localhost:'.$argv[2]; $_SERVER['REQUEST_URI']='/';
require $argv[1].'/wp-config.php'; require ABSPATH.'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true'); wp_install('Bench','bench','bench@example.invalid', true, '', 'a long bench password');
update_option('permalink_structure','/%postname%/'); update_option('siteurl','http://localhost:'.$argv[2]); update_option('home','http://localhost:'.$argv[2]); flush_rewrite_rules(false);`);
execFileSync("php", [join(dir, "install.php"), www, String(port)], { stdio: ["ignore", "ignore", "inherit"] });
const pool = join(dir, "fpm.conf");
writeFileSync(pool, `[global]\nerror_log=${dir}/fpm.log\ndaemonize=no\n[www]\n${user ? `user=${user}\ngroup=${user}\n` : ""}listen=${dir}/fpm.sock\nlisten.mode=0666\npm=static\npm.max_children=4\nphp_admin_value[opcache.enable]=1\nclear_env=no\n`);
execFileSync("chmod", ["a+rwx", dir]);
chmodSync(socket, 0o777);
const php = start(execFileSync("sh", ["-c", "ls /usr/sbin/php-fpm* | head -n 1"], { encoding: "utf8" }).trim(), ["-y", pool, "-F"], { stdio: ["ignore", "ignore", "ignore"] });
const fastcgi = (extra) => `root ${www}; index index.php; location / { try_files $uri $uri/ /index.php?$args; }
 location ~ \\.php$ { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass unix:${dir}/fpm.sock; ${extra} }`;
writeFileSync(join(dir, "nginx.conf"), `daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/nginx.log; ${user ? `user ${user};` : ""}
events { worker_connections 2048; } http { access_log off; keepalive_requests 1000000000; include /etc/nginx/mime.types; fastcgi_cache_path ${dir}/cache keys_zone=c:10m;
client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
server { listen 127.0.0.1:${port}; ${fastcgi("")} }
server { listen 127.0.0.1:${cachedPort}; ${fastcgi(`fastcgi_param HTTP_HOST localhost:${port}; fastcgi_cache c; fastcgi_cache_key $request_uri; fastcgi_cache_valid 200 10m; fastcgi_ignore_headers Cache-Control Expires Set-Cookie;`)} } }\n`);
const nginx = start("/usr/sbin/nginx", ["-c", join(dir, "nginx.conf"), "-p", dir, "-e", join(dir, "nginx.log")], { stdio: ["ignore", "ignore", "ignore"] });

// ---- Siaran, and the same article on both
const stationDir = join(scratchDir("station"), "s");
execFileSync(siaran, ["init", stationDir, "--demo"], { stdio: "ignore" });
const station = await serve(stationDir);
const front = (await get(station.port, "/en/")).body.toString();
const path = /href="(\/en\/[^/"]+\/\d+-[^"]+)"/.exec(front)[1];
const html = (await get(station.port, path)).body.toString();
const paragraphs = [...html.matchAll(/<p>([^<]{80,})<\/p>/g)].map((m) => `<p>${m[1]}</p>`).join("\n");
const quote = (s) => "'" + s.replaceAll("\\", "\\\\").replaceAll("'", "''") + "'";
const row = (name, title, body) => `(1, now(), utc_timestamp(), ${quote(body)}, ${quote(title)}, '', 'publish', 'open', 'open', ${quote(name)}, '', '', now(), utc_timestamp(), '')`;
const columns = "(post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt, post_status, comment_status, ping_status, post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered)";
sql(`insert into wp_posts ${columns} values ${row("bench-article", "Bench article", paragraphs)};`, "wp");
for (let at = 0; at < posts; at += 500)
  sql(`insert into wp_posts ${columns} values ${Array.from({ length: Math.min(500, posts - at) }, (_, i) => row(`post-${at + i}`, `Post ${at + i}`, paragraphs + ((at + i) % 5000 === 7 ? " quokkaberry" : ""))).join(",")};`, "wp");

const ok = async (p, url, title = "Bench article") => { const r = await fetch(`http://localhost:${p}${url}`, { redirect: "manual" }); if (r.status !== 200) throw new Error(`${url} on ${p}: ${r.status} ${r.headers.get("location") ?? ""}`); if (!(await r.text()).includes(title)) throw new Error(`${url} on ${p}: 200 without ${title}`); };
for (const p of [port, cachedPort]) for (;;) try { await ok(p, "/bench-article/"); break; } catch (e) { if (/: \d+ /.test(e.message)) throw e; await new Promise((r) => setTimeout(r, 100)); }

const rivals = {
  siaran: { pids: [station.pid], port: station.port, url: path, requests: 20000 },
  "WordPress behind fastcgi_cache": { pids: [nginx.pid, php.pid, mariadb.pid], port: cachedPort, url: "/bench-article/", requests: 20000 },
  "WordPress bare": { pids: [nginx.pid, php.pid, mariadb.pid], port, url: "/bench-article/", requests: 200 },
};
const us = {};
for (let round = 0; round < rounds; round++)
  for (const [name, r] of Object.entries(rivals)) {
    const cpu = () => r.pids.reduce((s, p) => s + cpuSeconds(p), 0);
    const before = cpu();
    const result = await hammer(r.port, ["--path", r.url, "--connections", "8", "--requests", String(r.requests)]);
    if (result.errors > 0) throw new Error(`${name}: ${result.errors} errors`);
    (us[name] ??= []).push(((cpu() - before) / result.requests) * 1e6);
  }
line(`one article, ${rounds} rounds`);
table([["", "CPU us/request", "times Siaran's"], ...Object.entries(us).map(([n, list]) => [n, median(list).toFixed(1), (median(list) / median(us.siaran)).toFixed(1)])]);

const search = [];
for (let i = 0; i < 5; i++) {
  const began = process.hrtime.bigint();
  await ok(port, `/?s=quokkaberry&n=${i}`, "Post 7");
  search.push(Number(process.hrtime.bigint() - began) / 1e6);
}
await stop(station.child);
const archive = join(scratchDir("archive"), "s");
execFileSync(siaran, ["bench-data", archive, String(posts)], { stdio: "ignore" });
const rare = JSON.parse(execFileSync(siaran, ["bench-data", "--words"], { encoding: "utf8" })).rare;
const large = await serve(archive), ours = [];
for (let i = 0; i < 50; i++) {
  const r = await get(large.port, `/en/search?q=${encodeURIComponent(rare[i % rare.length])}`);
  if (r.status !== 200) throw new Error(`our search answered ${r.status}`);
  ours.push(r.us / 1000);
}
line(`a rare word in ${posts} posts: WordPress ${median(search).toFixed(0)} ms, Siaran ${median(ours).toFixed(2)} ms (${(median(search) / median(ours)).toFixed(0)} times)`);
await stop(large.child);
for (const p of [nginx, php, mariadb]) await stop(p);
