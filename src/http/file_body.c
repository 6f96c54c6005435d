// SPDX-License-Identifier: AGPL-3.0-or-later
// Bodies from files. A loop never touches a file: a cold disk would hold up its readers. A worker reads the first piece
// beside the handler, and most pictures are no longer than that;
// what is longer comes piece by piece from the server's own threads, the next one asked for when the last has gone out.
#include "http/server.h"
#include "http/connection.h"
#include "http/negotiate.h"

#include <errno.h>
#include <unistd.h>

enum { FILE_PIECE = 64 * 1024 };

static void file_close(struct exchange *ex) {
    close(ex->reply.file_fd);
    ex->reply.file_fd = -1;
}

// Reads the next piece; closes behind the last one. An empty piece: the file became shorter than promised.
static void read_piece(struct exchange *ex) {
    struct file_body *f = &ex->file;
    size_t want = f->left < FILE_PIECE ? (size_t)f->left : FILE_PIECE;
    f->piece_bytes = 0;
    if (f->piece == NULL && want > 0)
        f->piece = mem_new(want);
    while (f->piece_bytes < want) {
        ssize_t n = pread(ex->reply.file_fd, f->piece + f->piece_bytes, want - f->piece_bytes, f->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        f->piece_bytes += (size_t)n;
        f->at += n;
    }
    f->left = f->piece_bytes == want ? f->left - want : 0;
    if (f->piece_bytes < want)
        f->piece_bytes = 0;
    if (f->left == 0)
        file_close(ex);
}

bool file_body_begin(struct exchange *ex) {
    struct file_body *f = &ex->file;
    f->given = true;
    response_plan_file(ex);
    f->promised = f->left;
    if (ex->head.req.method != HTTP_GET || ex->reply.status == 304 || f->left == 0) {
        f->left = 0;
        file_close(ex);
        return true;
    }
    read_piece(ex);
    return f->piece_bytes > 0;
}

static void piece_read(void *arg) {
    struct exchange *ex = arg;
    if (ex->connection == NULL)
        exchange_free(ex);
    else
        connection_send_more(ex->connection);
}

static void run_piece(struct net_job *job, void *worker) {
    (void)worker;
    struct exchange *ex = (struct exchange *)job; // the first member
    read_piece(ex);
    net_loop_post(ex->loop->net, piece_read, ex);
}

void file_body_next(struct exchange *ex) {
    ex->job.run = run_piece;
    must(net_pool_add(ex->loop->server->files, &ex->job, false) == RC_OK);
}

bool file_body_drop(struct exchange *ex) {
    mem_free(ex->file.piece);
    ex->file.piece = NULL;
    if (ex->reply.file_fd < 0)
        return true;
    ex->file.left = 0; // nothing is read, and the file closed
    ex->connection = NULL;
    file_body_next(ex);
    return false;
}
