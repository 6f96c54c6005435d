// SPDX-License-Identifier: AGPL-3.0-or-later
// libcurl makes the connection as far as TLS goes (CURLOPT_CONNECT_ONLY) and gives and takes bytes. It neither looks up names
// nor connects: it is handed a descriptor that is connected, as relays over http have it.
#include "radio/tunnel.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/libcurl.h"

enum {
    ASK_BYTES = 2048,
    ORIGIN_BYTES = 320,
    TURN_MS = 60000,     // libcurl's own times are within; nothing hangs on it
    VERIFY_NOT_YET = 9,  // X509_V_ERR_CERT_NOT_YET_VALID
    VERIFY_EXPIRED = 10, // X509_V_ERR_CERT_HAS_EXPIRED
    VERIFY_OTHER = 1     // X509_V_ERR_UNSPECIFIED, or 0: the chain is fine, and the name is another
};

struct tunnel {
    pthread_mutex_t lock;
    unsigned holders; // who opened it, and the thread
    enum service_reason reason;
    char why[CURL_ERROR_SIZE]; // empty: nothing went wrong
    // The thread's end. Closed with the tunnel and not before: a pair that is closed says so at once, also to who has paused
    // with sound still to be read.
    int plain;
    // Of the thread alone from here on.
    int fd; // connected; -1: libcurl has it
    CURLM *multi;
    CURL *curl;
    char origin[ORIGIN_BYTES], error[CURL_ERROR_SIZE], ask[ASK_BYTES], sound[16384];
    size_t ask_bytes, asked; // of them
    size_t came, gone;       // of `sound`
};

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void let_go(struct tunnel *t) {
    pthread_mutex_lock(&t->lock);
    bool is_last = --t->holders == 0;
    pthread_mutex_unlock(&t->lock);
    if (!is_last)
        return;
    close_fd(&t->plain);
    must(pthread_mutex_destroy(&t->lock) == 0);
    mem_free(t);
}

// What is told first stands. False, for who returns it.
static bool failed(struct tunnel *t, enum service_reason reason, const char *why) {
    pthread_mutex_lock(&t->lock);
    if (t->why[0] == '\0') {
        t->reason = reason;
        (void)snprintf(t->why, sizeof t->why, "%s", why);
    }
    pthread_mutex_unlock(&t->lock);
    return false;
}

// Nobody writes into the other end, so what can be read there is its end.
static bool is_closed(const struct tunnel *t) {
    char byte;
    ssize_t n = recv(t->plain, &byte, 1, MSG_DONTWAIT);
    return !(n < 0 && (errno == EAGAIN || errno == EINTR));
}

// ---- the handshake -----------------------------------------------------------------------------------------------------

static curl_socket_t give_fd(void *arg, curlsocktype purpose, struct curl_sockaddr *to) {
    struct tunnel *t = arg;
    curl_socket_t fd = t->fd;
    (void)purpose;
    (void)to;
    t->fd = -1;
    return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int say_connected(void *arg, curl_socket_t fd, curlsocktype purpose) {
    (void)arg;
    (void)fd;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

#define SET(option, value) (is_set = libcurl.easy_setopt(t->curl, option, value) == CURLE_OK && is_set)

// Whatever the address, libcurl connects by our descriptor; it only must not look the name up.
static bool set_up(struct tunnel *t) {
    static char here[] = "::127.0.0.1:"; // host and port of an address, both left out: any
    static struct curl_slist connect_to = {.data = here};
    const char *trusted = libcurl_certificates();
    bool is_set = true;
    SET(CURLOPT_URL, t->origin);
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_CONNECT_TO, &connect_to);
    SET(CURLOPT_OPENSOCKETFUNCTION, give_fd);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_SOCKOPTFUNCTION, say_connected);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L); // HTTP/1.0 is spoken, whatever the other side would prefer
    if (trusted != NULL) {
        SET(CURLOPT_CAINFO, trusted);
        SET(CURLOPT_CAPATH, (char *)NULL);
    }
    return is_set && libcurl.multi_add_handle(t->multi, t->curl) == CURLM_OK;
}

static enum service_reason reason_of(const struct tunnel *t, CURLcode result) {
    long verified = 0;
    if (result == CURLE_SSL_CONNECT_ERROR)
        return SERVICE_REASON_NO_TLS;
    if (result == CURLE_SSL_CACERT_BADFILE)
        return SERVICE_REASON_UNTRUSTED;
    if (result != CURLE_PEER_FAILED_VERIFICATION)
        return SERVICE_REASON_NONE;
    (void)libcurl.easy_getinfo(t->curl, CURLINFO_SSL_VERIFYRESULT, &verified);
    if (verified == VERIFY_NOT_YET || verified == VERIFY_EXPIRED)
        return SERVICE_REASON_EXPIRED;
    return verified <= VERIFY_OTHER ? SERVICE_REASON_OTHER_NAME : SERVICE_REASON_UNTRUSTED;
}

static bool shake_over(struct tunnel *t, CURLcode result) {
    if (result == CURLE_OK)
        return true;
    return failed(t, reason_of(t, result), t->error[0] != '\0' ? t->error : libcurl.easy_strerror(result));
}

static bool shake_hands(struct tunnel *t) {
    for (;;) {
        int running, waiting;
        CURLMcode rc = libcurl.multi_perform(t->multi, &running);
        const CURLMsg *said = libcurl.multi_info_read(t->multi, &waiting);
        if (said != NULL && said->msg == CURLMSG_DONE)
            return shake_over(t, said->data.result);
        struct curl_waitfd plain = {.fd = t->plain, .events = CURL_WAIT_POLLIN};
        if (rc == CURLM_OK)
            rc = libcurl.multi_poll(t->multi, &plain, 1, TURN_MS, NULL);
        if (rc != CURLM_OK)
            return failed(t, SERVICE_REASON_NONE, "libcurl cannot go on");
        if (is_closed(t))
            return false;
    }
}

// ---- what goes through -------------------------------------------------------------------------------------------------

static bool send_ask(struct tunnel *t) {
    while (t->asked < t->ask_bytes) {
        size_t n = 0;
        CURLcode rc = libcurl.easy_send(t->curl, t->ask + t->asked, t->ask_bytes - t->asked, &n);
        if (rc == CURLE_AGAIN)
            return true;
        if (rc != CURLE_OK)
            return failed(t, SERVICE_REASON_NONE, t->error[0] != '\0' ? t->error : "it takes no request");
        t->asked += n;
    }
    return true;
}

// False: it is over. Else nothing more came, or what came finds no room for now.
static bool pass_on(struct tunnel *t) {
    for (;;) {
        while (t->gone < t->came) {
            ssize_t n = send(t->plain, t->sound + t->gone, t->came - t->gone, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                return errno == EAGAIN;
            t->gone += (size_t)n;
        }
        t->came = t->gone = 0;
        CURLcode rc = libcurl.easy_recv(t->curl, t->sound, sizeof t->sound, &t->came);
        if (rc == CURLE_AGAIN)
            return true;
        if (rc != CURLE_OK)
            return failed(t, SERVICE_REASON_NONE, t->error[0] != '\0' ? t->error : libcurl.easy_strerror(rc));
        if (t->came == 0)
            return false;
    }
}

// While something waits to be read at the other end, nothing is read of what comes: the other server is to wait as well. Its
// descriptor is then left out, for its end would be told again and again.
static void carry(struct tunnel *t) {
    curl_socket_t fd = CURL_SOCKET_BAD;
    (void)libcurl.easy_getinfo(t->curl, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD) // it hung up already
        return;
    while (send_ask(t) && pass_on(t) && !is_closed(t)) {
        bool is_full = t->gone < t->came;
        struct pollfd both[2] = {
            {.fd = t->plain, .events = (short)(POLLIN | (is_full ? POLLOUT : 0))},
            {.fd = is_full ? -1 : fd, .events = (short)(POLLIN | (t->asked < t->ask_bytes ? POLLOUT : 0))}};
        if (poll(both, 2, -1) < 0 && errno != EINTR)
            return;
    }
}

// ---- the thread --------------------------------------------------------------------------------------------------------

static void curl_end(struct tunnel *t) {
    if (t->multi != NULL && t->curl != NULL)
        (void)libcurl.multi_remove_handle(t->multi, t->curl);
    if (t->curl != NULL)
        libcurl.easy_cleanup(t->curl);
    if (t->multi != NULL)
        (void)libcurl.multi_cleanup(t->multi);
}

static void *tunnel_run(void *arg) {
    struct tunnel *t = arg;
    struct problem problem = {""};
    prctl(PR_SET_NAME, "radio-tunnel");
    if (libcurl_load(&problem) != RC_OK)
        failed(t, SERVICE_REASON_NONE, problem.text);
    else {
        t->multi = libcurl.multi_init();
        t->curl = libcurl.easy_init();
        if (t->multi == NULL || t->curl == NULL || !set_up(t))
            failed(t, SERVICE_REASON_NONE, "libcurl lacks something");
        else if (shake_hands(t))
            carry(t);
        curl_end(t);
    }
    close_fd(&t->fd);
    (void)shutdown(t->plain, SHUT_WR);
    let_go(t);
    return NULL;
}

struct tunnel *tunnel_open(int fd, const char *origin, struct str ask, int *plain_out) {
    int pair[2];
    pthread_t thread;
    struct tunnel *t = MEM_NEW(struct tunnel);
    must(strlen(origin) < sizeof t->origin && ask.n <= sizeof t->ask);
    must(pthread_mutex_init(&t->lock, NULL) == 0);
    t->holders = 1;
    t->fd = fd;
    t->plain = -1;
    memcpy(t->origin, origin, strlen(origin));
    memcpy(t->ask, ask.p, ask.n);
    t->ask_bytes = ask.n;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        close_fd(&t->fd);
        let_go(t);
        return NULL;
    }
    t->plain = pair[0];
    t->holders = 2;
    if (pthread_create(&thread, NULL, tunnel_run, t) != 0) {
        t->holders = 1;
        close_fd(&t->fd);
        close(pair[1]);
        let_go(t);
        return NULL;
    }
    pthread_detach(thread);
    *plain_out = pair[1];
    return t;
}

const char *tunnel_why(struct tunnel *t, enum service_reason *reason_out) {
    pthread_mutex_lock(&t->lock);
    *reason_out = t->reason;
    const char *why = t->why[0] != '\0' ? t->why : NULL;
    pthread_mutex_unlock(&t->lock);
    return why;
}

void tunnel_drop(struct tunnel **ref) {
    if (*ref != NULL)
        let_go(*ref);
    *ref = NULL;
}
