// SPDX-License-Identifier: AGPL-3.0-or-later
// The courier process: waits for an order, delivers, reports. In a sandbox that lets it look up names and connect to the
// ports of its servers, and little else. Ends with 0 after a batch, so that nothing it heard lives long.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "courier/inside.h"
#include "net/net.h"

enum { BATCH = 200, ANSWER_MS = 5000, ARENA_BYTES = 1 << 20, FILES = 64, REPORT_MAX = COURIER_ERROR_MAX + 1 };

static void work(struct courier_postman *postman, struct arena *a, int channel_fd, const struct net_message *m) {
    struct courier_order order;
    if (m->kind != COURIER_KIND_ASK || m->fd_count != 0 || courier_order_read(m->body, &order) != RC_OK) {
        log_warn("an order that breaks the form was thrown away");
        return;
    }
    struct courier_report report = courier_deliver(postman, a, &order);
    if (report.outcome != COURIER_DONE)
        log_warn("%.*s could not be delivered: %.*s", STR_ARG(order.kind), STR_ARG(report.error));
    struct buf bytes;
    buf_init(&bytes, REPORT_MAX);
    courier_report_write(&bytes, &report);
    struct net_message answer = {.kind = COURIER_KIND_REPORT, .number = m->number, .body = buf_view(&bytes)};
    if (net_message_send(channel_fd, &answer, ANSWER_MS) != RC_OK)
        log_warn("a report could not be sent");
    buf_fini(&bytes);
}

static void serve(struct courier_postman *postman, int channel_fd) {
    struct arena *a = arena_new(ARENA_BYTES);
    for (int i = 0; i < BATCH; i++) {
        struct net_message m;
        arena_reset(a);
        enum rc rc = net_message_receive(a, channel_fd, &m, -1);
        if (rc == RC_OK) {
            work(postman, a, channel_fd, &m);
            net_message_close(&m);
            if (courier_is_worn(postman))
                break;
        } else if (rc == RC_IO)
            break; // the channel itself is gone
    }
    arena_free(&a);
}

// Names are looked up with what stands in /etc; a resolver's file there may be a link to /run.
static enum rc enter_sandbox(const struct courier_process *c, struct problem *p) {
    uint16_t ports[4] = {0};
    size_t count = 0;
    struct courier_server server;
    const char *urls[] = {c->smtp_server, c->hook_url};
    for (size_t i = 0; i < 2; i++)
        if (urls[i][0] != '\0' && courier_server_of(urls[i], &server) == RC_OK)
            ports[count++] = server.port;
    ports[count++] = 53; // answers that are too long for a datagram
    const char *const paths[] = {"/etc", file_exists("/run/systemd/resolve") ? "/run/systemd/resolve" : NULL, NULL};
    struct net_sandbox sandbox = {.keep = &c->channel_fd,
                                  .keep_count = 1,
                                  .read_paths = paths,
                                  .connect_ports = ports,
                                  .threads = true,
                                  .file_bytes = LETTER_MAX,
                                  .files = FILES};
    return net_sandbox_enter(&sandbox, p);
}

int courier_process_main(void *context) {
    const struct courier_process *c = context;
    struct courier_postman *postman = NULL;
    struct problem problem = {""};
    log_name("courier");
    prctl(PR_SET_NAME, "siaran-courier");
    signal(SIGPIPE, SIG_IGN);
    enum rc rc = courier_postman_new(c, &postman, &problem);
    if (rc == RC_OK)
        rc = enter_sandbox(c, &problem);
    if (rc != RC_OK) {
        log_error("%s", problem.text[0] != '\0' ? problem.text : rc_name(rc));
        return 1;
    }
    serve(postman, c->channel_fd);
    return 0;
}
