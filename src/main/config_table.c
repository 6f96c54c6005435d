// SPDX-License-Identifier: AGPL-3.0-or-later
// Every parameter of DIR/siaran.conf. Columns: name, kind, unit, least, most, default, when a change counts, what it is
// about, whether the desk may set it, where it is kept, and what it means to whoever runs the station.
#include "main/config.h"

#define AT(field) offsetof(struct config, field)

const struct config_row config_rows[] = {
    {"http", CONFIG_ADDRESS, "", 0, 0, "127.0.0.1:8080", CONFIG_WITH_STATION, "address", false, AT(http),
     "Where readers' connections arrive: 127.0.0.1:8080, [::1]:8080, 8080 for all interfaces, or unix:/path for a "
     "proxy on this machine. Port 0 takes any free one; the one taken stands in DIR/run/addresses."},
    {"radio", CONFIG_ADDRESS, "", 0, 0, "127.0.0.1:8000", CONFIG_WITH_STATION, "address", false, AT(radio),
     "Where encoders and listeners of the live audio arrive, written like http. 8000 is the port that encoders and "
     "players expect. Port 0 takes any free one; the one taken stands in DIR/run/addresses."},
    {"site_origin", CONFIG_ORIGIN, "", 0, 0, "", CONFIG_WITH_SITE, "address", true, AT(site_origin),
     "The site's public origin, https://www.example.org. Canonical links, feeds and cookies use only this, and a "
     "request for another host is refused. Empty: http://localhost and the port."},
    {"radio_origin", CONFIG_BASE, "", 0, 0, "", CONFIG_WITH_SITE, "address", true, AT(radio_origin),
     "Where the public reaches the radio: https://radio.example.org, or https://www.example.org/radio where a proxy has it "
     "under a path. Browsers play it on a site of https only when it is https too. Empty: a site without site_origin plays "
     "the radio's port on this machine; any other offers no sound of its own."},
    {"loops", CONFIG_NUMBER, "threads", 0, 256, "0", CONFIG_WITH_STATION, "machine", true, AT(loops),
     "Threads that read requests and send pages from memory. 0: one for each processor."},
    {"workers", CONFIG_NUMBER, "threads", 0, 256, "0", CONFIG_WITH_SITE, "machine", true, AT(workers),
     "Threads that render pages which are not in memory. 0: one for each processor, and two at least."},
    {"search_workers", CONFIG_NUMBER, "threads", 1, 64, "2", CONFIG_WITH_SITE, "machine", true, AT(search_workers),
     "Threads that search. They have a queue of their own, so that searches starve no page."},
    {"write_workers", CONFIG_NUMBER, "threads", 1, 64, "8", CONFIG_WITH_SITE, "machine", true, AT(write_workers),
     "Threads that take votes. They wait for the disk together: many share one commit."},
    {"cache_mb", CONFIG_NUMBER, "MiB", 1, 1048576, "112", CONFIG_WITH_SITE, "machine", true, AT(cache_mb),
     "Memory for rendered pages. The pages least asked for give way."},
    {"access_log", CONFIG_SWITCH, "", 0, 0, "off", CONFIG_AT_ONCE, "log", true, AT(access_log),
     "A line for each request, on or off. It holds readers' addresses."},
    {"access_log_file", CONFIG_PATH, "", 0, 0, "", CONFIG_AT_ONCE, "log", false, AT(access_log_file),
     "The file the access log is added to, from DIR when the path does not begin with \"/\". It is opened again at each "
     "reload, as logrotate needs it. Empty: standard error."},
    {"trusted_proxies", CONFIG_ADDRESSES, "", 0, 0, "", CONFIG_AT_ONCE, "address", true, AT(trusted_proxies),
     "Addresses of proxies, separated by spaces, whose X-Forwarded-For and X-Forwarded-Proto are believed."},
    {"connections", CONFIG_NUMBER, "connections", 16, 1048576, "16384", CONFIG_AT_ONCE, "readers", true,
     AT(connections), "Connections in all. The limit of open files is raised to fit where the system allows."},
    {"connections_per_address", CONFIG_NUMBER, "connections", 0, 1048576, "256", CONFIG_AT_ONCE, "readers", true,
     AT(connections_per_address), "Connections from one address. 0: no limit, which is right behind a proxy."},
    {"radio_connections", CONFIG_NUMBER, "connections", 16, 1048576, "20000", CONFIG_AT_ONCE, "listeners", true,
     AT(radio_connections),
     "Listeners and other connections of the radio in all. The limit of open files is raised to fit where the system "
     "allows."},
    {"radio_connections_per_address", CONFIG_NUMBER, "connections", 0, 1048576, "1000", CONFIG_AT_ONCE, "listeners",
     true, AT(radio_connections_per_address),
     "Of these from one address: many listeners may share one, behind the router of a house or a mobile network. 0: no "
     "limit. Trusted proxies have none."},
    {"radio_alone_seconds", CONFIG_NUMBER, "seconds", 0, 86400, "600", CONFIG_AT_ONCE, "listeners", true,
     AT(radio_alone_seconds),
     "How long the radio plays on when the process that began it was killed. siaran serve, started meanwhile, finds it and "
     "goes on with it. 0: it ends at once."},
    {"public_posts_per_minute", CONFIG_NUMBER, "requests", 1, 100000, "30", CONFIG_AT_ONCE, "readers", true,
     AT(public_posts_per_minute),
     "Votes and other public forms that one address (IPv6: one /64) may send in a minute. Of messages on the contact page "
     "20 in an hour are taken from one address, whatever stands here; those that came back with a mistake do not count."},
    {"head_seconds", CONFIG_NUMBER, "seconds", 1, 300, "10", CONFIG_AT_ONCE, "readers", true, AT(head_seconds),
     "How long a request's head may take to arrive."},
    {"idle_seconds", CONFIG_NUMBER, "seconds", 1, 3600, "60", CONFIG_AT_ONCE, "readers", true, AT(idle_seconds),
     "How long a connection stays open without a request."},
    {"counter_flush_seconds", CONFIG_NUMBER, "seconds", 1, 3600, "30", CONFIG_AT_ONCE, "machine", true,
     AT(counter_flush_seconds),
     "How often read counts go to the database, where the most-read list finds them. The counters themselves are "
     "live and lose nothing in between."},
    {"message_days", CONFIG_NUMBER, "days", 1, 3650, "180", CONFIG_AT_ONCE, "readers", true, AT(message_days),
     "How long what readers write on the contact page is kept. The page says so to them."},
    {"country_file", CONFIG_PATH, "", 0, 0, "", CONFIG_WITH_STATION, "readers", false, AT(country_file),
     "A MaxMind database (.mmdb) by which the radio process knows the country of a listener's address, for the statistics; "
     "from DIR when the path does not begin with \"/\". A newer file in its place is used within a minute. Empty: no country "
     "is known."},
    {"smtp_server", CONFIG_SMTP, "", 0, 0, "", CONFIG_AT_ONCE, "mail", true, AT(smtp_server),
     "The server that takes the station's mail: smtp://mail.example.org:587 (encrypted by STARTTLS, which it must offer; "
     "not encrypted on this machine's own addresses) or smtps://mail.example.org:465 (encrypted from the start). Empty: "
     "no mail is sent; what is to be sent waits."},
    {"smtp_user", CONFIG_TEXT, "", 0, 0, "", CONFIG_AT_ONCE, "mail", true, AT(smtp_user),
     "The name with which the mail server lets the station in. Empty: it asks for none."},
    {"smtp_password_file", CONFIG_PATH, "", 0, 0, "smtp-password", CONFIG_AT_ONCE, "mail", false,
     AT(smtp_password_file),
     "The file whose first line is the password that belongs to smtp_user, from DIR when the path does not begin with "
     "\"/\". The courier's user must be able to read it, and nobody else should. The desk writes smtp-password."},
    {"mail_from", CONFIG_MAIL, "", 0, 0, "", CONFIG_AT_ONCE, "mail", true, AT(mail_from),
     "The address that the station's mail comes from. Without it no mail is sent."},
    {"hook_url", CONFIG_HOOK, "", 0, 0, "", CONFIG_AT_ONCE, "mail", true, AT(hook_url),
     "An address of another program of yours that is told by an HTTPS POST of a little JSON, with an Idempotency-Key, "
     "of each article that is published, corrected or withdrawn at the desk, and of each alarm of the radio when it begins "
     "and when it is over. Empty: nobody is."},
    {"backup_keep", CONFIG_NUMBER, "backups", 0, 60, "3", CONFIG_AT_ONCE, "backup", true, AT(backup_keep),
     "How many of the backups that the station makes by itself each day stay in DIR/backups; the oldest gives way. Those "
     "made by hand stay until somebody deletes them. 0: it makes none by itself."},
    {"backup_hour", CONFIG_NUMBER, "hour", 0, 23, "3", CONFIG_AT_ONCE, "backup", true, AT(backup_hour),
     "The hour of the day, in the station's time zone, at which it does so."},
    {"log_level", CONFIG_LEVEL, "", 0, 0, "info", CONFIG_AT_ONCE, "log", true, AT(log_level),
     "What is logged: debug, info, warn or error, and worse."},
    {"user", CONFIG_NAME, "", 0, 0, "", CONFIG_WITH_STATION, "machine", false, AT(user),
     "Started as root, every process but the first becomes this user, and the files in DIR but siaran.conf are given to "
     "it. Empty: they stay what they are."},
};
const size_t config_row_count = sizeof config_rows / sizeof config_rows[0];
