// SPDX-License-Identifier: AGPL-3.0-or-later
// Deliveries by libcurl: one try, within its time, over nothing but the protocol that the parameter names. To another
// machine only encrypted, and only with a certificate that this system trusts.
#include "courier/inside.h"
#include "net/libcurl.h"

enum { CERTIFICATES_MAX = 4 << 20, ANSWER_MAX = 1 << 16 };

struct courier_postman {
    const struct courier_process *c;
    struct buf certificates; // this system's, as PEM
    struct buf password;     // without its line's end; a NUL follows
    bool no_password;        // its file could not be read
};

// ---- what is read before the sandbox --------------------------------------------------------------------------------

static void read_certificates(struct courier_postman *postman) {
    const char *file = libcurl_certificates();
    struct problem problem = {"this system has no list of trusted certificates"};
    buf_init(&postman->certificates, CERTIFICATES_MAX);
    if (file == NULL || file_read(file, &postman->certificates, &problem) != RC_OK)
        log_warn("%s: only servers on this machine can be reached", problem.text);
}

static void read_password(struct courier_postman *postman) {
    const char *file = postman->c->smtp_password_file;
    struct problem problem = {""};
    struct arena *a = arena_new(1 << 16);
    struct buf *b = &postman->password;
    buf_init(b, COURIER_PASSWORD_MAX);
    const char *path = file[0] == '/' ? file : str_fmt(a, "%s/%s", postman->c->dir, file).p;
    enum rc rc = file[0] != '\0' ? file_read(path, b, &problem) : RC_OK;
    if (rc != RC_OK && !(rc == RC_NOT_FOUND && strcmp(file, COURIER_PASSWORD_FILE) == 0)) {
        log_error("smtp_password_file: %s", problem.text);
        postman->no_password = true;
    }
    while (b->n > 0 && (b->p[b->n - 1] == '\n' || b->p[b->n - 1] == '\r'))
        b->n--;
    buf_char(b, '\0');
    arena_free(&a);
}

enum rc courier_postman_new(const struct courier_process *c, struct courier_postman **out, struct problem *p) {
    struct courier_postman *postman = MEM_NEW(struct courier_postman);
    postman->c = c;
    *out = postman;
    enum rc rc = libcurl_load(p);
    if (rc != RC_OK)
        return rc;
    read_certificates(postman);
    read_password(postman);
    return RC_OK;
}

// ---- where -----------------------------------------------------------------------------------------------------------

// 127.0.0.0/8 as numbers: a name may begin with "127." too.
static bool is_loopback_v4(struct str host) {
    for (size_t i = 0; i < host.n; i++)
        if (host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9'))
            return false;
    return str_starts(host, STR("127."));
}

static bool host_is_loopback(struct str host) {
    return str_eq(host, STR("localhost")) || str_eq(host, STR("[::1]")) || is_loopback_v4(host);
}

enum rc courier_server_of(const char *url, struct courier_server *out) {
    static const struct {
        const char *scheme;
        uint16_t port;
    } rows[] = {{"smtp", 587}, {"smtps", 465}, {"http", 80}, {"https", 443}};
    struct str s = str_from(url), host;
    uint64_t port = 0;
    size_t n = 0;
    if (!str_find(s, STR("://"), &n))
        return RC_INVALID;
    *out = (struct courier_server){.scheme = str_slice(s, 0, n)};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (str_eq(out->scheme, str_from(rows[i].scheme)))
            port = rows[i].port;
    s = str_slice(s, n + 3, s.n);
    if (port == 0 || !str_next(&s, '/', &host))
        return RC_INVALID;
    size_t colon = host.n;
    while (colon > 0 && host.p[colon - 1] != ':' && host.p[colon - 1] != ']')
        colon--;
    if (colon > 0 && host.p[colon - 1] == ':') {
        if (!str_to_u64(str_slice(host, colon, host.n), &port) || port == 0 || port > UINT16_MAX)
            return RC_INVALID;
        host = str_slice(host, 0, colon - 1);
    }
    out->host = host;
    out->port = (uint16_t)port;
    out->loopback = host_is_loopback(host);
    return host.n > 0 ? RC_OK : RC_INVALID;
}

bool courier_is_worn(const struct courier_postman *postman) {
    return postman->no_password;
}

static bool is_address(const char *url) {
    for (const char *c = url; *c != '\0'; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("@\"<>\\^`{|}", *c) != NULL)
            return false;
    return true;
}

bool courier_smtp_server_ok(const char *url) {
    struct courier_server server;
    struct str s = str_from(url);
    size_t at;
    return is_address(url) && courier_server_of(url, &server) == RC_OK && str_starts(server.scheme, STR("smtp")) &&
           !str_find_char(str_slice(s, server.scheme.n + 3, s.n), '/', &at);
}

bool courier_hook_url_ok(const char *url) {
    struct courier_server server;
    return is_address(url) && courier_server_of(url, &server) == RC_OK &&
           (str_eq(server.scheme, STR("https")) || (str_eq(server.scheme, STR("http")) && server.loopback));
}

bool courier_can(const struct courier_process *c, struct str kind) {
    if (str_eq(kind, STR("mail")))
        return c->smtp_server[0] != '\0' && c->mail_from[0] != '\0';
    return str_eq(kind, STR("hook")) && c->hook_url[0] != '\0';
}

// ---- one try -----------------------------------------------------------------------------------------------------------

struct attempt {
    CURL *curl;
    struct str rest; // still to be sent
    size_t answered; // bytes of the answer, which nobody reads
    char error[CURL_ERROR_SIZE];
    bool failed; // an option was refused
};

static size_t send_some(char *out, size_t size, size_t count, void *arg) {
    struct attempt *t = arg;
    size_t n = size * count < t->rest.n ? size * count : t->rest.n;
    memcpy(out, n > 0 ? t->rest.p : "", n);
    t->rest = str_slice(t->rest, n, t->rest.n);
    return n;
}

// What the other end answers is of no use; one that never stops is hung up on.
static size_t drop_some(char *in, size_t size, size_t count, void *arg) {
    struct attempt *t = arg;
    (void)in;
    t->answered += size * count;
    return t->answered <= ANSWER_MAX ? size * count : 0;
}

#define SET(t, option, value) ((t)->failed = libcurl.easy_setopt((t)->curl, option, value) != CURLE_OK || (t)->failed)

static void begin(struct attempt *t, const struct courier_postman *postman, const char *url, const char *protocols) {
    struct curl_blob trusted = {postman->certificates.p, postman->certificates.n, CURL_BLOB_NOCOPY};
    SET(t, CURLOPT_URL, url);
    SET(t, CURLOPT_PROTOCOLS_STR, protocols);
    SET(t, CURLOPT_PROXY, "");
    SET(t, CURLOPT_NOSIGNAL, 1L);
    SET(t, CURLOPT_CONNECTTIMEOUT, (long)COURIER_CONNECT_SECONDS);
    SET(t, CURLOPT_TIMEOUT, (long)COURIER_SECONDS);
    SET(t, CURLOPT_FOLLOWLOCATION, 0L);
    SET(t, CURLOPT_ERRORBUFFER, t->error);
    SET(t, CURLOPT_READFUNCTION, send_some);
    SET(t, CURLOPT_READDATA, t);
    SET(t, CURLOPT_WRITEFUNCTION, drop_some);
    SET(t, CURLOPT_WRITEDATA, t);
    SET(t, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (trusted.len > 0)
        SET(t, CURLOPT_CAINFO_BLOB, &trusted);
}

static struct courier_report never(const char *why) {
    return (struct courier_report){COURIER_NEVER, str_from(why)};
}

// 5xx is the server's last word about this one, unless it is about us: who we are, and whether we are let in.
static bool is_final(CURLcode result, long code) {
    return result != CURLE_LOGIN_DENIED && code >= 500 && code <= 599 && code != 530 && code != 535 && code != 538;
}

static struct courier_report end(struct attempt *t, struct arena *a, CURLcode result, bool http) {
    long code = 0;
    (void)libcurl.easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
    struct str why = str_dup(a, str_from(t->error[0] != '\0' ? t->error : libcurl.easy_strerror(result)));
    if (result == CURLE_OK && (!http || (code >= 200 && code <= 299)))
        return (struct courier_report){.outcome = COURIER_DONE};
    if (http && result == CURLE_OK) {
        // 408 and 429 ask for another try, and so does a server in trouble; any other 4xx is about what we sent.
        bool final = code >= 400 && code <= 499 && code != 408 && code != 429 && code != 401 && code != 403;
        return (struct courier_report){final ? COURIER_NEVER : COURIER_LATER,
                                       str_fmt(a, "the server answered %ld", code)};
    }
    if (!http && code > 0)
        why = str_fmt(a, "the server answered %ld: %.*s", code, STR_ARG(why));
    return (struct courier_report){!http && is_final(result, code) ? COURIER_NEVER : COURIER_LATER, why};
}

static struct courier_report try_mail(struct courier_postman *postman, struct arena *a, struct attempt *t,
                                      const struct letter *letter, struct str bytes) {
    const struct courier_process *c = postman->c;
    struct courier_server server;
    if (courier_server_of(c->smtp_server, &server) != RC_OK || postman->no_password)
        return (struct courier_report){COURIER_LATER, postman->no_password
                                                          ? STR("the file of smtp_password_file cannot be read")
                                                          : STR("smtp_server is no server")};
    // Behind the host stands the name by which we greet.
    const char *own = strchr(c->mail_from, '@') + 1;
    begin(t, postman, str_fmt(a, "%.*s://%.*s:%u/%s", STR_ARG(server.scheme), STR_ARG(server.host), server.port, own).p,
          "smtp,smtps");
    struct curl_slist *to = libcurl.slist_append(NULL, str_fmt(a, "<%s>", letter->to).p);
    t->rest = bytes;
    SET(t, CURLOPT_UPLOAD, 1L);
    SET(t, CURLOPT_MAIL_FROM, str_fmt(a, "<%s>", c->mail_from).p);
    SET(t, CURLOPT_MAIL_RCPT, to);
    SET(t, CURLOPT_USE_SSL, server.loopback ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    if (c->smtp_user[0] != '\0') {
        SET(t, CURLOPT_USERNAME, c->smtp_user);
        SET(t, CURLOPT_PASSWORD, postman->password.p);
    }
    struct courier_report report = {COURIER_LATER, STR("libcurl lacks something")};
    if (!t->failed && to != NULL)
        report = end(t, a, libcurl.easy_perform(t->curl), false);
    libcurl.slist_free_all(to);
    return report;
}

static struct courier_report deliver_mail(struct courier_postman *postman, struct arena *a, struct attempt *t,
                                          const struct courier_order *order) {
    struct letter letter;
    if (letter_read(a, order->payload, &letter) != RC_OK)
        return never("it is no letter");
    struct buf bytes;
    buf_init(&bytes, LETTER_MAX);
    letter_write(&bytes, &letter, postman->c->mail_from, order->key);
    struct courier_report report =
        bytes.failed ? never("the letter is too long") : try_mail(postman, a, t, &letter, buf_view(&bytes));
    buf_fini(&bytes);
    return report;
}

static struct courier_report deliver_hook(struct courier_postman *postman, struct arena *a, struct attempt *t,
                                          const struct courier_order *order) {
    struct courier_server server;
    const char *url = postman->c->hook_url;
    if (courier_server_of(url, &server) != RC_OK)
        return (struct courier_report){COURIER_LATER, STR("hook_url is no address")};
    struct curl_slist *headers = libcurl.slist_append(NULL, "Content-Type: application/json");
    // draft-ietf-httpapi-idempotency-key-header: a string in quotes. Keys are our own and hold nothing to escape.
    headers = libcurl.slist_append(headers, str_fmt(a, "Idempotency-Key: \"%.*s\"", STR_ARG(order->key)).p);
    begin(t, postman, url, server.loopback ? "http,https" : "https");
    SET(t, CURLOPT_POST, 1L);
    SET(t, CURLOPT_POSTFIELDS, order->payload.p);
    SET(t, CURLOPT_POSTFIELDSIZE, (long)order->payload.n);
    SET(t, CURLOPT_HTTPHEADER, headers);
    SET(t, CURLOPT_USERAGENT, "Siaran");
    struct courier_report report = {COURIER_LATER, STR("libcurl lacks something")};
    if (!t->failed && headers != NULL)
        report = end(t, a, libcurl.easy_perform(t->curl), true);
    libcurl.slist_free_all(headers);
    return report;
}

struct courier_report courier_deliver(struct courier_postman *postman, struct arena *a,
                                      const struct courier_order *order) {
    if (!courier_can(postman->c, order->kind))
        return (struct courier_report){COURIER_LATER, STR("the parameters name no server for it")};
    struct attempt t = {.curl = libcurl.easy_init()};
    if (t.curl == NULL)
        return (struct courier_report){COURIER_LATER, STR("libcurl cannot be started")};
    struct courier_report report =
        str_eq(order->kind, STR("mail")) ? deliver_mail(postman, a, &t, order) : deliver_hook(postman, a, &t, order);
    libcurl.easy_cleanup(t.curl);
    return report;
}
