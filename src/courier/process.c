// SPDX-License-Identifier: AGPL-3.0-or-later
// The courier process: waits for an order, delivers, reports. In a sandbox that lets it look up names and connect to the
// ports of its servers, and little else. Ends with 0 after a batch, so that nothing it heard lives long, and when it is asked to.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "courier/inside.h"
#include "net/net.h"

enum { BATCH = 200, ANSWER_MS = 5000, ARENA_BYTES = 1 << 20, FILES = 64, REPORT_MAX = COURIER_ERROR_MAX + 1 };

static void answer(int channel_fd, const struct net_message *m, uint32_t kind, struct str body) {
    struct net_message answer = {.kind = kind, .number = m->number, .body = body};
    if (net_message_send(channel_fd, &answer, ANSWER_MS) != RC_OK)
        log_warn("an answer could not be sent");
}

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
    answer(channel_fd, m, COURIER_KIND_REPORT, buf_view(&bytes));
    buf_fini(&bytes);
}

// True: it was the last.
static bool take(struct courier_postman *postman, struct arena *a, int channel_fd, struct net_message *m) {
    bool renew = m->kind == COURIER_KIND_RENEW;
    if (renew)
        answer(channel_fd, m, COURIER_KIND_RENEW, STR_NONE);
    else
        work(postman, a, channel_fd, m);
    net_message_close(m);
    return renew || courier_is_worn(postman);
}

static void serve(struct courier_postman *postman, int channel_fd) {
    struct arena *a = arena_new(ARENA_BYTES);
    for (int i = 0; i < BATCH; i++) {
        struct net_message m;
        arena_reset(a);
        enum rc rc = net_message_receive(a, channel_fd, &m, -1);
        if (rc == RC_IO || (rc == RC_OK && take(postman, a, channel_fd, &m)))
            break; // RC_IO: the channel itself is gone
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
