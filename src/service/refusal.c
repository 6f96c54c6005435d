// SPDX-License-Identifier: AGPL-3.0-or-later
// Why a source was refused, in English: for logs and other programs. The desk says it in its own words.
#include "service/inside.h"

static const char *const names[SERVICE_REASONS] = {
    [SERVICE_REASON_NONE] = "",
    [SERVICE_REASON_NOISE] = "noise",
    [SERVICE_REASON_RATE] = "rate",
    [SERVICE_REASON_TYPE] = "type",
    [SERVICE_REASON_NO_HTTP] = "no-http",
    [SERVICE_REASON_NO_TLS] = "no-tls",
    [SERVICE_REASON_UNTRUSTED] = "untrusted",
    [SERVICE_REASON_EXPIRED] = "expired",
    [SERVICE_REASON_OTHER_NAME] = "other-name",
    [SERVICE_REASON_UNSAFE] = "unsafe",
    [SERVICE_REASON_NOWHERE] = "nowhere",
    [SERVICE_REASON_GONE] = "gone",
    [SERVICE_REASON_DENIED] = "denied",
    [SERVICE_REASON_CHUNKS] = "chunks",
    [SERVICE_REASON_OTHER_SOUND] = "other-sound",
    [SERVICE_REASON_ROUND] = "round",
    [SERVICE_REASON_NO_ADDRESS] = "no-address",
    [SERVICE_REASON_ENDLESS] = "endless",
    [SERVICE_REASON_LIST_SHORT] = "list-short",
    [SERVICE_REASON_LIST_EMPTY] = "list-empty",
    [SERVICE_REASON_LIST_HLS] = "list-hls",
    [SERVICE_REASON_LIST_ENDLESS] = "list-endless",
};

const char *reason_name(enum service_reason reason) {
    return names[reason];
}

bool reason_find(struct str name, enum service_reason *out) {
    for (int i = 0; i < SERVICE_REASONS; i++)
        if (str_eq(name, str_from(names[i]))) {
            *out = (enum service_reason)i;
            return true;
        }
    return false;
}

const char *service_reason_text(enum service_reason reason) {
    static const char *const texts[SERVICE_REASONS] = {
        [SERVICE_REASON_NONE] = "",
        [SERVICE_REASON_NOISE] = "what it sends is not what its stream plays",
        [SERVICE_REASON_RATE] = "its sound has another number of samples a second",
        [SERVICE_REASON_TYPE] = "it sends another type",
        [SERVICE_REASON_NO_HTTP] = "answers with no HTTP",
        [SERVICE_REASON_NO_TLS] = "does not come to terms in TLS",
        [SERVICE_REASON_UNTRUSTED] = "has a certificate that this system does not trust",
        [SERVICE_REASON_EXPIRED] = "has a certificate that is not valid now",
        [SERVICE_REASON_OTHER_NAME] = "has a certificate for another name",
        [SERVICE_REASON_UNSAFE] = "leads from https to http, where nobody could verify it",
        [SERVICE_REASON_NOWHERE] = "leads nowhere",
        [SERVICE_REASON_GONE] = "is not there",
        [SERVICE_REASON_DENIED] = "refuses it",
        [SERVICE_REASON_CHUNKS] = "sends chunks, which HTTP/1.0 does not have",
        [SERVICE_REASON_OTHER_SOUND] = "gives something else than the sound of this stream",
        [SERVICE_REASON_ROUND] = "leads on and on",
        [SERVICE_REASON_NO_ADDRESS] = "leads to what is no http:// or https:// address",
        [SERVICE_REASON_ENDLESS] = "answers without an end",
        [SERVICE_REASON_LIST_SHORT] = "is a playlist that ends too early",
        [SERVICE_REASON_LIST_EMPTY] = "is a playlist that names no http:// or https:// stream",
        [SERVICE_REASON_LIST_HLS] = "is a playlist of HLS, which cannot be relayed",
        [SERVICE_REASON_LIST_ENDLESS] = "is a playlist without end",
    };
    return texts[reason];
}

struct str service_refusal_text(struct arena *a, const struct service_refusal *r) {
    if (r->reason == SERVICE_REASON_NONE)
        return STR_NONE;
    struct str what = str_from(service_reason_text(r->reason));
    if (r->reason == SERVICE_REASON_RATE)
        what = str_fmt(a, "its sound has %.*s samples a second, the stream %.*s", STR_ARG(r->is), STR_ARG(r->should));
    else if (r->reason == SERVICE_REASON_TYPE)
        what = str_fmt(a, "it sends %.*s, the stream plays %.*s", STR_ARG(r->is), STR_ARG(r->should));
    else if (r->reason >= SERVICE_REASON_NO_HTTP)
        what = str_fmt(a, "%.*s %.*s", STR_ARG(r->is), STR_ARG(what));
    return str_fmt(a, "source %.*s: %.*s", STR_ARG(r->source), STR_ARG(what));
}
