// SPDX-License-Identifier: AGPL-3.0-or-later
// What the radio process is told of the configuration.
#include "main/serve.h"
#include "radio/radio.h"

// In the radio process: from its start, and from the parent after each SIGHUP.
static void configure(void *context, struct radio_process *out) {
    struct serve *s = context;
    struct config *c = &s->config;
    config_board_get(s->board, c);
    out->origin = c->radio_origin;
    out->country_file = c->country_file;
    out->connections = c->radio_connections;
    out->connections_per_address = c->radio_connections_per_address;
    out->trusted_proxies = c->trusted_proxies.rows;
    out->trusted_proxy_count = c->trusted_proxies.count;
    out->log_level = (int)c->log_level;
}

int serve_radio_main(void *context) {
    struct serve *s = context;
    struct radio_process process = {
        .dir = s->dir, .listen_fd = s->radio_fd, .bound = s->radio_bound, .configure = configure, .context = s};
    return radio_process_main(&process);
}
