// SPDX-License-Identifier: AGPL-3.0-or-later
// The decoder as a process: in its sandbox it still reads every kind, answers in order, and ends after a batch.
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "corpus.h"

#include "net/net.h"

enum { PATIENCE_MS = 60000 };

struct process {
    int fd; // the asker's end
    pid_t pid;
    struct net_channel *channel;
    struct arena *arena;
};

static int setup(void **state) {
    int fds[2];
    struct process *p = MEM_NEW(struct process);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    struct media_process context = {fds[1]};
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0)
        _exit(media_process_main(&context));
    close(fds[1]);
    p->fd = fds[0];
    p->channel = net_channel_new(p->fd);
    p->arena = arena_new(1 << 20);
    *state = p;
    return 0;
}

static int teardown(void **state) {
    struct process *p = *state;
    if (p->pid > 0) {
        kill(p->pid, SIGTERM);
        assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
    }
    net_channel_free(&p->channel);
    close(p->fd);
    arena_free(&p->arena);
    mem_free(p);
    return 0;
}

static enum rc ask(struct process *p, struct str bytes, enum media_task task, struct media_report *out) {
    char body[MEDIA_REQUEST_BYTES];
    int in = corpus_file(bytes), output = corpus_file(STR(""));
    media_request_write(body, &(struct media_request){.task = task, .focal_x = 500, .focal_y = 500});
    struct net_message question = {
        .kind = MEDIA_KIND_ASK, .body = {body, sizeof body}, .fds = {in, output}, .fd_count = 2};
    struct net_message answer;
    enum rc rc = net_channel_ask(p->channel, p->arena, &question, &answer, PATIENCE_MS);
    if (rc == RC_OK) {
        assert_int_equal(answer.kind, MEDIA_KIND_REPORT);
        rc = media_report_read(answer.body, (uint64_t)lseek(output, 0, SEEK_END), out);
    }
    close(in);
    close(output);
    return rc;
}

// ---- the asker's side ------------------------------------------------------------------------------------------------

static enum media_reason intake_ask(struct media_intake *intake, struct str bytes, struct media_report *r) {
    int in = corpus_file(bytes), output = corpus_file(STR("left from before"));
    media_intake_ask(intake, in, output, &(struct media_request){.task = MEDIA_TASK_TAKE}, r);
    close(in);
    close(output);
    return r->reason;
}

// In the process of the first test: a decoder must be started before this one has threads of libvips.
static void one_call_is_an_upload(struct process *p) {
    struct media_intake *intake = media_intake_new(p->fd);
    struct media_report r;
    struct buf b;
    corpus_picture(&b, MEDIA_JPEG, 400, 300);
    assert_int_equal(intake_ask(intake, buf_view(&b), &r), MEDIA_TAKEN);
    assert_int_equal(r.output_count, 4);
    assert_int_equal(intake_ask(intake, STR("words\1, and what is none"), &r), MEDIA_NOT_KNOWN);
    assert_int_equal(intake_ask(intake, STR("words, nothing but words"), &r), MEDIA_TAKEN);
    assert_true(r.type == MEDIA_TXT && r.output_count == 0 && r.duration_ms == 0);
    buf_fini(&b);
    media_intake_free(&intake);
}

static void test_every_kind_is_read_in_the_sandbox(void **state) {
    static const enum media_type types[] = {MEDIA_JPEG, MEDIA_PNG, MEDIA_WEBP, MEDIA_GIF, MEDIA_AVIF, MEDIA_HEIC};
    struct process *p = *state;
    struct media_report r;
    struct buf b;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        corpus_picture(&b, types[i], 400, 300);
        assert_int_equal(ask(p, buf_view(&b), MEDIA_TASK_TAKE, &r), RC_OK);
        assert_int_equal(r.reason, MEDIA_TAKEN);
        assert_int_equal(r.output_count, 4);
        buf_fini(&b);
    }
    corpus_picture(&b, MEDIA_PNG, 400, 300);
    assert_int_equal(ask(p, buf_view(&b), MEDIA_TASK_AVIF, &r), RC_OK);
    assert_int_equal(r.output_count, 2);
    buf_fini(&b);
    corpus_sndfile(&b, SF_FORMAT_OGG | SF_FORMAT_OPUS);
    assert_int_equal(ask(p, buf_view(&b), MEDIA_TASK_TAKE, &r), RC_OK);
    assert_int_equal(r.type, MEDIA_OPUS);
    buf_fini(&b);
    corpus_mp3(&b, 50);
    assert_int_equal(ask(p, buf_view(&b), MEDIA_TASK_TAKE, &r), RC_OK);
    assert_int_equal(r.type, MEDIA_MP3);
    buf_fini(&b);
    assert_int_equal(ask(p, STR("<svg onload='x()'/>"), MEDIA_TASK_TAKE, &r), RC_OK);
    assert_int_equal(r.reason, MEDIA_DRAWING);
    one_call_is_an_upload(p);
}

static void test_it_ends_after_a_batch(void **state) {
    struct process *p = *state;
    struct media_report r;
    int status;
    for (int i = 0; i < MEDIA_BATCH; i++)
        assert_int_equal(ask(p, STR(""), MEDIA_TASK_TAKE, &r), RC_OK);
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    p->pid = 0;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

struct partner {
    int fd, crashes, questions;
};

// A decoder that ends over each question, as the parent tells it, some times, and then answers "empty".
static void *crash_and_answer(void *arg) {
    struct partner *p = arg;
    struct arena *a = arena_new(1 << 20);
    struct net_message m;
    char body[MEDIA_REPORT_BYTES];
    for (bool crashes = true; crashes && p->questions > 0; p->questions--) {
        assert_int_equal(net_message_receive(a, p->fd, &m, PATIENCE_MS), RC_OK);
        assert_int_equal(m.fd_count, 2);
        assert_int_equal(write(m.fds[0], "x", 1), -1); // for reading only
        assert_int_equal(lseek(m.fds[1], 0, SEEK_END), 0);
        assert_int_equal(write(m.fds[1], "half a size", 11), 11);
        struct net_message answer = {.kind = MEDIA_KIND_REPORT, .number = m.number, .body = {body, sizeof body}};
        crashes = p->crashes-- > 0;
        if (crashes)
            answer = (struct net_message){.kind = NET_KIND_PARTNER_ENDED};
        else
            media_report_write(body, &(struct media_report){.reason = MEDIA_EMPTY});
        net_message_close(&m);
        assert_int_equal(net_message_send(p->fd, &answer, PATIENCE_MS), RC_OK);
    }
    arena_free(&a);
    return NULL;
}

static void test_a_file_that_ends_the_decoder_is_tried_once_more(void **state) {
    static const struct {
        int crashes;
        enum media_reason reason;
    } rows[] = {{1, MEDIA_EMPTY}, {2, MEDIA_CRASHED}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        int fds[2];
        pthread_t thread;
        struct media_report r;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
        struct partner partner = {fds[1], rows[i].crashes, 2};
        struct media_intake *intake = media_intake_new(fds[0]);
        assert_int_equal(pthread_create(&thread, NULL, crash_and_answer, &partner), 0);
        assert_int_equal(intake_ask(intake, STR("?"), &r), rows[i].reason);
        pthread_join(thread, NULL);
        media_intake_free(&intake);
        close(fds[0]);
        close(fds[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_kind_is_read_in_the_sandbox, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_ends_after_a_batch, setup, teardown),
        cmocka_unit_test(test_a_file_that_ends_the_decoder_is_tried_once_more),
    };
    struct problem problem = {""};
    hash_start();
    must(media_decoder_start(&problem) == RC_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
