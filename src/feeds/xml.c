// SPDX-License-Identifier: AGPL-3.0-or-later
// libxml2's writer behind our own text type. Every text passes feed_text, so no character XML forbids gets through.
#include "feeds/xml.h"

#include <pthread.h>

#include "feeds/feed.h"

static pthread_once_t started = PTHREAD_ONCE_INIT;

static const xmlChar *x_chars(const char *s) {
    return (const xmlChar *)s;
}

static void note(struct xml *x, int written) {
    if (written < 0)
        x->failed = true;
}

void xml_begin(struct xml *x, struct arena *a) {
    (void)pthread_once(&started, xmlInitParser);
    *x = (struct xml){.arena = a, .buffer = xmlBufferCreate()};
    must(x->buffer != NULL);
    x->writer = xmlNewTextWriterMemory(x->buffer, 0);
    must(x->writer != NULL);
    note(x, xmlTextWriterStartDocument(x->writer, NULL, "UTF-8", NULL));
}

void xml_open(struct xml *x, const char *name) {
    note(x, xmlTextWriterStartElement(x->writer, x_chars(name)));
}

void xml_attr(struct xml *x, const char *name, struct str value) {
    char *clean = str_c(x->arena, feed_text(x->arena, value));
    note(x, xmlTextWriterWriteAttribute(x->writer, x_chars(name), x_chars(clean)));
}

void xml_attr_number(struct xml *x, const char *name, int64_t n) {
    xml_attr(x, name, str_fmt(x->arena, "%lld", (long long)n));
}

void xml_text(struct xml *x, struct str text) {
    char *clean = str_c(x->arena, feed_text(x->arena, text));
    note(x, xmlTextWriterWriteString(x->writer, x_chars(clean)));
}

void xml_close(struct xml *x) {
    note(x, xmlTextWriterEndElement(x->writer));
}

void xml_leaf(struct xml *x, const char *name, struct str text) {
    if (text.n == 0)
        return;
    xml_open(x, name);
    xml_text(x, text);
    xml_close(x);
}

enum rc xml_end(struct xml *x, struct render_out *o) {
    note(x, xmlTextWriterEndDocument(x->writer));
    xmlFreeTextWriter(x->writer); // flushes into the buffer
    if (!x->failed)
        render_raw(o, (const char *)xmlBufferContent(x->buffer), (size_t)xmlBufferLength(x->buffer));
    xmlBufferFree(x->buffer);
    return x->failed ? RC_IO : RC_OK;
}
