// SPDX-License-Identifier: AGPL-3.0-or-later
// The way of an upload through a connection. Its sender waits for two things that a loop may not do: a worker looks who
// it is, before a byte of the body is read; and each piece of the body is taken apart and written by the server's own
// threads, while the connection reads nothing.
#include "http/connection.h"
#include "http/upload.h"

// ---- a piece -----------------------------------------------------------------------------------------------------------

static void piece_taken(void *arg) {
    struct exchange *ex = arg;
    if (ex->connection == NULL)
        exchange_free(ex);
    else
        connection_body_taken(ex->connection);
}

static void run_piece(struct net_job *job, void *worker) {
    struct exchange *ex = (struct exchange *)job; // the first member
    struct upload *u = ex->upload;
    (void)worker;
    ex->status = upload_feed(u, buf_view(&ex->body), ex->body_left == 0);
    if (u->token_refused)
        ex->head.req.refusal = HTTP_REFUSED_TOKEN;
    u->before += ex->body.n;
    buf_clear(&ex->body);
    net_loop_post(ex->loop->net, piece_taken, ex);
}

void body_upload_next(struct exchange *ex) {
    ex->job.run = run_piece;
    must(net_pool_add(ex->loop->server->files, &ex->job, false) == RC_OK);
}

// ---- the end -----------------------------------------------------------------------------------------------------------

static void files_closed(void *arg) {
    exchange_free(arg);
}

static void run_close(struct net_job *job, void *worker) {
    struct exchange *ex = (struct exchange *)job;
    (void)worker;
    upload_close(ex->upload);
    net_loop_post(ex->loop->net, files_closed, ex);
}

bool body_upload_drop(struct exchange *ex) {
    if (ex->upload == NULL)
        return true;
    if (ex->upload->file_count > 0) {
        ex->connection = NULL;
        ex->job.run = run_close;
        must(net_pool_add(ex->loop->server->files, &ex->job, false) == RC_OK);
        return false;
    }
    upload_free(&ex->upload);
    atomic_fetch_sub(&ex->loop->server->uploads, 1);
    return true;
}
