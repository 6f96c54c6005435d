// SPDX-License-Identifier: AGPL-3.0-or-later
// Writing XML with libxml2 (xmlTextWriter): well-formed whatever the text. A failure is remembered until xml_end.
#ifndef FEEDS_XML_H
#define FEEDS_XML_H

#include <libxml/xmlwriter.h>

#include "render/render.h"

struct xml {
    xmlTextWriter *writer;
    xmlBuffer *buffer;
    struct arena *arena;
    bool failed;
};
void xml_begin(struct xml *x, struct arena *a);
void xml_open(struct xml *x, const char *name);
void xml_attr(struct xml *x, const char *name, struct str value);
void xml_attr_number(struct xml *x, const char *name, int64_t n);
void xml_text(struct xml *x, struct str text);
void xml_close(struct xml *x);
void xml_leaf(struct xml *x, const char *name, struct str text); // nothing when the text is empty
enum rc xml_end(struct xml *x, struct render_out *o) MUST_USE;   // moves the document to o and frees the rest

#endif
