// SPDX-License-Identifier: AGPL-3.0-or-later
// The command line's end of DIR/control, and the choice between it and the lock.
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "main/control.h"
#include "main/lock.h"

static enum rc connect_to(const char *dir, int *fd_out, struct problem *p) {
    struct net_address addr;
    int dir_fd;
    enum rc rc = control_address(dir, &addr, &dir_fd, p);
    if (rc != RC_OK)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0);
    int error = connect(fd, (const struct sockaddr *)&addr.sa, addr.len) == 0 ? 0 : errno;
    if (dir_fd >= 0)
        close(dir_fd);
    if (error == 0) {
        *fd_out = fd;
        return RC_OK;
    }
    close(fd);
    if (error == EACCES || error == EPERM)
        return problem_set(p, RC_DENIED, "only the user who serves the station in %s may command it", dir);
    return problem_set(p, RC_NOT_FOUND, "nobody answers at %s/control", dir);
}

// Gives each frame to `out` until the exit code comes.
static enum rc read_answer(int fd, struct command_out *out, enum exit_code *code_out, struct problem *p) {
    uint8_t head[5];
    char text[CONTROL_LINE_MAX];
    while (control_read_all(fd, head, sizeof head)) {
        size_t size = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
        if (size > sizeof text || !control_read_all(fd, text, size))
            break;
        if (head[0] == 'x' && size == 1) {
            *code_out = (enum exit_code)(uint8_t)text[0];
            return RC_OK;
        }
        if (head[0] == COMMAND_PROGRESS)
            out->shown_us = clock_mono_us();
        out->write(out, (enum command_stream)head[0], (struct str){text, size});
    }
    return problem_set(p, RC_IO, "the station ended before the command did; look at its log, and verify");
}

enum rc control_send(const char *dir, const struct command_request *request, struct command_out *out,
                     enum exit_code *code_out, struct problem *p) {
    int fd = -1;
    enum rc rc = connect_to(dir, &fd, p);
    if (rc != RC_OK)
        return rc;
    struct buf bytes;
    buf_init(&bytes, COMMAND_BYTES + CONTROL_HEAD_BYTES);
    control_put(&bytes, request);
    if (bytes.failed)
        rc = problem_set(p, RC_TOO_BIG, "the files are more than %d MiB together; give fewer at a time",
                         COMMAND_BYTES >> 20);
    // What a refusing station says is worth reading also when it did not read all we had to say.
    if (rc == RC_OK) {
        (void)!control_write_all(fd, bytes.p, bytes.n);
        rc = read_answer(fd, out, code_out, p);
    }
    buf_fini(&bytes);
    close(fd);
    return rc;
}

// A station that is just being started or stopped holds its lock but does not answer: it is asked again for a while.
enum exit_code command_send(const char *dir, const struct command_request *request) {
    struct problem problem = {""}, unanswered;
    int64_t give_up = clock_mono_us() + 5 * US_PER_SECOND;
    for (;;) {
        int lock_fd = -1;
        enum rc rc = lock_take(dir, &lock_fd, &problem);
        if (rc == RC_OK) {
            enum exit_code code = command_run_stopped(dir, request);
            lock_release(&lock_fd);
            return code;
        }
        if (rc != RC_BUSY)
            return fail(exit_code_of(rc), "%s", problem.text);
        struct command_out out;
        enum exit_code code = EXIT_FAILED;
        command_out_terminal(&out);
        rc = control_send(dir, request, &out, &code, &unanswered);
        if (rc == RC_OK)
            return code;
        if (rc != RC_NOT_FOUND)
            return fail(exit_code_of(rc), "%s", unanswered.text);
        if (clock_mono_us() > give_up)
            return fail(EXIT_BUSY, "%s, and it does not answer", problem.text);
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    }
}
