// SPDX-License-Identifier: AGPL-3.0-or-later
// Every address of the desk, one row each: who may come here at all, what the form may hold, how it proves that it is
// ours, and whether it changes something that the audit log keeps. What one may do to which object is decided by the
// handler with staff_may.
#include "desk/routes.h"
#include "desk/desk.h"
#include "news/news.h"
#include "service/service.h"
#include "staff/staff.h"

enum { TEXT_CHARS = 512 * 1024, TEXT_BODY = 4 * TEXT_CHARS }; // every byte may come as %XX
enum { WRITERS = STAFF_REPORTER | STAFF_EDITOR | STAFF_TRANSLATOR | STAFF_ADMIN };
enum { EDITORS = STAFF_EDITOR | STAFF_ADMIN };
enum { PASSKEY_CHARS = 16384, PASSKEY_BODY = 1 << 16, ID_MAX = 20 };
enum { TECHNICAL = STAFF_ENGINEER | STAFF_ADMIN };
enum { EVERYBODY = STAFF_EVERY_ROLE, HALF = STAFF_HALF_IN, ADMIN = STAFF_ADMIN };
enum { SYSTEM = STAFF_ENGINEER | STAFF_ADMIN };

#define FORM(name, bytes, ...)                                                                                         \
    static const struct http_field_rule name##_rules[] = {__VA_ARGS__};                                                \
    static const struct http_form name = {name##_rules, sizeof(name##_rules) / sizeof(name##_rules[0]), bytes}
#define SAID                                                                                                           \
    { "said", HTTP_FIELD_WORD, false, 1, 40, "what the last step did" }
#define NEXT                                                                                                           \
    { "next", HTTP_FIELD_TEXT, false, 0, 500, "where to go after" }
#define ID                                                                                                             \
    { "id", HTTP_FIELD_WORD, true, 1, ID_MAX, "which one" }
#define KEY(name, purpose)                                                                                             \
    { name, HTTP_FIELD_WORD, true, 1, PASSKEY_CHARS, purpose }

FORM(page_form, 0, SAID, NEXT);
FORM(no_form, 1024, {"nothing", HTTP_FIELD_WORD, false, 0, 1, "only the token counts"});
FORM(one_form, 1024, ID);
FORM(login_form, 4096, {"login", HTTP_FIELD_TEXT, true, 1, MAIL_MAX, "e-mail address"},
     {"password", HTTP_FIELD_SECRET, true, 1, 256, "password"}, NEXT);
FORM(forgot_form, 1024, {"login", HTTP_FIELD_TEXT, true, 1, MAIL_MAX, "e-mail address"});
FORM(proof_form, PASSKEY_BODY, KEY("credential", "which key"), KEY("client_data", "what it signed"),
     KEY("authenticator_data", "what it signed too"), KEY("signature", "and how"), NEXT);
FORM(code_form, 2048, {"code", HTTP_FIELD_SECRET, true, 1, 64, "of the app, or a recovery code"}, NEXT);
FORM(password_form, 4096, {"password", HTTP_FIELD_SECRET, true, 1, 256, "password"}, NEXT);
FORM(new_password_form, 4096,
     {"password", HTTP_FIELD_SECRET, true, PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX, "new password"});
FORM(link_form, 4096, {"name", HTTP_FIELD_TEXT, false, 1, 100, "of the first administrator"},
     {"login", HTTP_FIELD_TEXT, false, 3, MAIL_MAX, "of the first administrator"},
     {"password", HTTP_FIELD_SECRET, true, PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX, "new password"});
FORM(totp_form, 2048, {"code", HTTP_FIELD_SECRET, true, 1, 64, "the first code"},
     {"secret", HTTP_FIELD_WORD, false, 1, 64, "to show the same picture again"});
FORM(passkey_form_add, PASSKEY_BODY, KEY("client_data", "what the browser says"), KEY("attestation", "the new key"),
     {"key_name", HTTP_FIELD_TEXT, true, 1, PASSKEY_NAME_MAX, "the owner's word for it"});
FORM(person_form, 4096, {"name", HTTP_FIELD_TEXT, true, 1, 100, "as colleagues see it"},
     {"lang", HTTP_FIELD_WORD, true, 2, 8, "language of the desk"});
FORM(account_form, 16384, {"name", HTTP_FIELD_TEXT, true, 1, 100, "as colleagues see it"},
     {"login", HTTP_FIELD_TEXT, true, 3, MAIL_MAX, "e-mail address"},
     {"roles", HTTP_FIELD_WORDS, false, 0, 8, "what one may do"},
     {"languages", HTTP_FIELD_WORDS, false, 0, LANG_COUNT, "in which languages; none: all"},
     {"sections", HTTP_FIELD_WORDS, false, 0, STAFF_SECTIONS_MAX, "in which sections; none: all"},
     {"lang", HTTP_FIELD_WORD, true, 2, 8, "language of the desk"},
     {"blocked", HTTP_FIELD_WORD, false, 0, 1, "1: may not sign in"},
     {"version", HTTP_FIELD_WORD, false, 1, ID_MAX, "of the account shown"});
enum { READERS = WRITERS | STAFF_ENGINEER }; // of numbers
FORM(statistics_form, 0, {"from", HTTP_FIELD_DATE, false, 0, 0, "first day"},
     {"to", HTTP_FIELD_DATE, false, 0, 0, "last day"}, {"lang", HTTP_FIELD_WORD, false, 0, 8, "one language"},
     {"section", HTTP_FIELD_WORD, false, 0, ID_MAX, "one section of it"});
FORM(audience_form, 0, {"from", HTTP_FIELD_DATE, false, 0, 0, "first day"},
     {"to", HTTP_FIELD_DATE, false, 0, 0, "last day"}, {"step", HTTP_FIELD_WORD, false, 0, 8, "day, week or month"},
     {"service", HTTP_FIELD_WORD, false, 0, SERVICE_NAME_BYTES, "one service"},
     {"format", HTTP_FIELD_WORD, false, 0, SERVICE_NAME_BYTES, "one format"},
     {"player", HTTP_FIELD_WORD, false, 0, SERVICE_NAME_BYTES, "one player"},
     {"country", HTTP_FIELD_WORD, false, 0, SERVICE_NAME_BYTES, "one country"});
FORM(delete_form, 1024, {"sure", HTTP_FIELD_WORD, true, 1, 1, "ticked"});
FORM(audit_form, 0, SAID, {"account", HTTP_FIELD_WORD, false, 0, ID_MAX, "who"},
     {"kind", HTTP_FIELD_WORD, false, 0, AUDIT_WORD_MAX, "of the thing"},
     {"id", HTTP_FIELD_WORD, false, 0, ID_MAX, "of it"}, {"from", HTTP_FIELD_DATE, false, 0, 0, "first day"},
     {"to", HTTP_FIELD_DATE, false, 0, 0, "last day"},
     {"before", HTTP_FIELD_WORD, false, 0, ID_MAX, "number of the last row seen"});

// A common value and one for each language; empty: none. `name` ends in what stands before the language.
#define IN_LANG(name, code, max, purpose)                                                                              \
    { name code, HTTP_FIELD_TEXT, false, 0, max, purpose }
#define IN_EACH(name, max, purpose)                                                                                    \
    IN_LANG(name, "en", max, purpose), IN_LANG(name, "id", max, purpose), IN_LANG(name, "ar", max, purpose),           \
        IN_LANG(name, "zh", max, purpose), IN_LANG(name, "ja", max, purpose), IN_LANG(name, "fr", max, purpose),       \
        IN_LANG(name, "de", max, purpose), IN_LANG(name, "es", max, purpose), IN_LANG(name, "nl", max, purpose)
FORM(station_form, 1 << 17, {"station_name", HTTP_FIELD_TEXT, true, 1, 120, "in every language"},
     IN_EACH("station_name-", 120, "in that language"), {"station_tagline", HTTP_FIELD_TEXT, false, 0, 200, "below it"},
     IN_EACH("station_tagline-", 200, "below it"),
     {"footer_note", HTTP_FIELD_TEXT, false, 0, 300, "at every page's end"},
     IN_EACH("footer_note-", 300, "at every page's end"),
     {"station_zone", HTTP_FIELD_TEXT, true, 1, 60, "time zone, Asia/Jakarta"},
     {"contact_email", HTTP_FIELD_TEXT, false, 0, MAIL_MAX, "public address"},
     {"contact_phone", HTTP_FIELD_TEXT, false, 0, 60, "public number"},
     {"contact_address", HTTP_FIELD_TEXT, false, 0, 300, "where the station is"},
     IN_EACH("contact_address-", 300, "where the station is"),
     {"colour_brand", HTTP_FIELD_TEXT, false, 0, 7, "#0b3c5d, on light ground; empty: the built-in one"},
     {"colour_accent", HTTP_FIELD_TEXT, false, 0, 7, "the same"},
     {"colour_brand_dark", HTTP_FIELD_TEXT, false, 0, 7, "on dark ground"},
     {"colour_accent_dark", HTTP_FIELD_TEXT, false, 0, 7, "the same"},
     {"logo_media", HTTP_FIELD_TEXT, false, 0, ID_MAX, "number of a picture"},
     {"icon_media", HTTP_FIELD_TEXT, false, 0, ID_MAX, "number of a picture"});
FORM(languages_form, 4096, {"languages", HTTP_FIELD_WORDS, false, 0, LANG_COUNT, "that are on"},
     {"default_lang", HTTP_FIELD_WORD, true, 2, 8, "for readers of no other"});
#define PARAMETER(name)                                                                                                \
    { name, HTTP_FIELD_TEXT, false, 0, 255, "as in the file; empty: the default" }
FORM(parameters_form, 32768, {"version", HTTP_FIELD_WORD, true, 1, ID_MAX, "of what was shown"}, PARAMETER("p1"),
     PARAMETER("p2"), PARAMETER("p3"), PARAMETER("p4"), PARAMETER("p5"), PARAMETER("p6"), PARAMETER("p7"),
     PARAMETER("p8"), PARAMETER("p9"), PARAMETER("p10"), PARAMETER("p11"), PARAMETER("p12"),
     {"password", HTTP_FIELD_SECRET, false, 0, SITE_PASSWORD_MAX, "of the mail server; empty: as it is"},
     {"password_drop", HTTP_FIELD_WORD, false, 0, 1, "1: none any more"});
FORM(origin_form, 2048, {"origin", HTTP_FIELD_TEXT, true, 1, 200, "https://www.example.org"},
     {"sure", HTTP_FIELD_WORD, false, 0, 1, "ticked"});

#define MARK                                                                                                           \
    { "version", HTTP_FIELD_WORD, true, 1, ID_MAX, "the version that was before the writer's eyes" }
FORM(list_form, 0, SAID, {"list", HTTP_FIELD_WORD, false, 0, 20, "which list"},
     {"q", HTTP_FIELD_TEXT, false, 0, 100, "words of headline, byline and tags"},
     {"lang", HTTP_FIELD_WORD, false, 0, 8, "one language"},
     {"section", HTTP_FIELD_WORD, false, 0, ID_MAX, "one section of it; 0: all"},
     {"at", HTTP_FIELD_WORD, false, 0, ID_MAX, "time of the last row seen"},
     {"after", HTTP_FIELD_WORD, false, 0, ID_MAX, "the last row seen"});
FORM(versions_form, 0, SAID, {"before", HTTP_FIELD_WORD, false, 0, ID_MAX, "the last version seen"});
FORM(begin_form, 8192, {"lang", HTTP_FIELD_WORD, true, 2, 8, "language of the text"},
     {"headline", HTTP_FIELD_TEXT, false, 0, 300, "what it is about"},
     {"source", HTTP_FIELD_WORD, false, 0, ID_MAX, "the text that is translated"});
FORM(open_form, 1024, {"number", HTTP_FIELD_WORD, true, 1, ID_MAX, "of the article"});
#define EXTRA(n)                                                                                                       \
    { "extra-" #n, HTTP_FIELD_TEXT, false, 0, 4000, "value of the field that extra_names has at this place" }
#define EXTRA_8(a, b, c, d, e, f, g, h) EXTRA(a), EXTRA(b), EXTRA(c), EXTRA(d), EXTRA(e), EXTRA(f), EXTRA(g), EXTRA(h)
FORM(text_form, TEXT_BODY, MARK, {"headline", HTTP_FIELD_TEXT, false, 0, 300, "headline"},
     {"standfirst", HTTP_FIELD_TEXT, false, 0, 1000, "standfirst"},
     {"body", HTTP_FIELD_TEXT, false, 0, TEXT_CHARS, "HTML, or paragraphs with an empty line between"},
     {"section", HTTP_FIELD_WORD, true, 1, ID_MAX, "section"}, {"tags", HTTP_FIELD_TEXT, false, 0, 4000, "one a line"},
     {"byline", HTTP_FIELD_TEXT, false, 0, 300, "as printed"},
     {"people", HTTP_FIELD_TEXT, false, 0, 4000, "bylines with a page of their own, one a line"},
     {"dateline", HTTP_FIELD_TEXT, false, 0, 120, "place"}, {"agency", HTTP_FIELD_TEXT, false, 0, 120, "credit"},
     {"image_alt", HTTP_FIELD_TEXT, false, 0, 1000, "what the picture shows"},
     {"image_caption", HTTP_FIELD_TEXT, false, 0, 1000, "caption"},
     {"image_credit", HTTP_FIELD_TEXT, false, 0, 300, "whose picture"},
     {"publish_at", HTTP_FIELD_TEXT, false, 0, 30, "station's time; empty: at once"},
     {"embargo_until", HTTP_FIELD_TEXT, false, 0, 30, "station's time"},
     {"expires_at", HTTP_FIELD_TEXT, false, 0, 30, "station's time"},
     {"slug", HTTP_FIELD_TEXT, false, 0, 80, "the address's words; empty: the headline's"},
     {"featured", HTTP_FIELD_WORD, false, 0, 1, "1: may lead the front page"},
     {"breaking", HTTP_FIELD_WORD, false, 0, 1, "1: into the banner when it is published"},
     {"extra_names", HTTP_FIELD_WORDS, false, 0, 32, "names of the station's own fields in the form"},
     EXTRA_8(1, 2, 3, 4, 5, 6, 7, 8), EXTRA_8(9, 10, 11, 12, 13, 14, 15, 16), EXTRA_8(17, 18, 19, 20, 21, 22, 23, 24),
     EXTRA_8(25, 26, 27, 28, 29, 30, 31, 32),
     {"extra_out", HTTP_FIELD_WORDS, false, 0, 32, "names of those whose value goes"},
     {"then", HTTP_FIELD_WORD, false, 0, 20, "picture: on to the choice of one"},
     {"source_checked", HTTP_FIELD_WORD, false, 0, 1, "1: compared with the source as it is now"});
FORM(lease_form, 1024, {"over", HTTP_FIELD_WORD, false, 0, 1, "1: from another"},
     {"drop", HTTP_FIELD_WORD, false, 0, 1, "1: give it back"});
FORM(note_form, 16384, {"note", HTTP_FIELD_TEXT, true, 1, 2000, "what colleagues should know"});
FORM(step_form, 16384, MARK, {"step", HTTP_FIELD_WORD, true, 1, 20, "which"},
     {"text", HTTP_FIELD_TEXT, false, 0, 2000, "note, correction or notice"},
     {"sure", HTTP_FIELD_WORD, false, 0, 1, "1: to archive what readers have"});
FORM(preview_form, 0, SAID, {"width", HTTP_FIELD_WORD, false, 0, 10, "phone, tablet or desktop"});
FORM(mark_form, 1024, MARK);
FORM(merge_form, 16384, MARK, {"take", HTTP_FIELD_WORDS, false, 0, 200, "NUMBER-mine, NUMBER-theirs or NUMBER-both"});

FORM(lang_form, 0, SAID, {"lang", HTTP_FIELD_WORD, false, 0, 8, "of which language"});
FORM(page_begin_form, 8192, {"lang", HTTP_FIELD_WORD, true, 2, 8, "language of the page"},
     {"headline", HTTP_FIELD_TEXT, true, 1, 300, "its title"},
     {"parent", HTTP_FIELD_WORD, false, 0, ID_MAX, "the page it lies below; 0: none"});
FORM(page_text_form, TEXT_BODY, MARK, {"headline", HTTP_FIELD_TEXT, true, 1, 300, "its title"},
     {"body", HTTP_FIELD_TEXT, false, 0, TEXT_CHARS, "HTML, or paragraphs with an empty line between"},
     {"slug", HTTP_FIELD_TEXT, false, 0, 80, "the address's words; empty: the title's"},
     {"group", HTTP_FIELD_WORD, true, 1, ID_MAX, "of which pages it is a translation; 0: of none"});
#define WAY                                                                                                            \
    {"id", HTTP_FIELD_WORD, false, 0, ID_MAX, "which item"}, {"way", HTTP_FIELD_WORD, true, 1, 10, "where to"}, {      \
        "beside", HTTP_FIELD_WORD, false, 0, ID_MAX, "the item it fell beside"                                         \
    }
FORM(way_form, 1024, WAY);
FORM(menu_form, 0, SAID, {"entry", HTTP_FIELD_WORD, false, 0, ID_MAX, "the entry in the form"});
FORM(menu_entry_form, 8192, MARK, {"entry", HTTP_FIELD_WORD, false, 0, ID_MAX, "which, from 1; 0: a new one"},
     {"target", HTTP_FIELD_WORD, true, 1, ID_MAX + 1, "a place, s and a section or p and a page"},
     {"address", HTTP_FIELD_TEXT, false, 0, 1000, "of the place \"address\""},
     {"label", HTTP_FIELD_TEXT, false, 0, 100, "empty: the target's own name"});
FORM(marked_way_form, 1024, MARK, WAY);
FORM(front_form, 0, SAID, {"pin", HTTP_FIELD_WORD, false, 0, ID_MAX, "an article's number for the form"});
FORM(pin_form, 8192, {"article", HTTP_FIELD_TEXT, true, 1, 500, "its number or its address"},
     {"until", HTTP_FIELD_TEXT, false, 0, 30, "station's time; empty: until it is taken off"},
     {"leads", HTTP_FIELD_WORD, false, 0, 1, "1: it leads"});
FORM(published_form, 0, SAID, {"q", HTTP_FIELD_TEXT, false, 0, 200, "words of the text"},
     {"lang", HTTP_FIELD_WORD, false, 0, 8, "which language"},
     {"section", HTTP_FIELD_WORD, false, 0, ID_MAX, "which section"},
     {"before", HTTP_FIELD_WORD, false, 0, ID_MAX, "mark of the last row seen"});
FORM(messages_form, 0, SAID, {"list", HTTP_FIELD_WORD, false, 0, 20, "open, answered or trash"},
     {"lang", HTTP_FIELD_WORD, false, 0, 8, "one language"},
     {"at", HTTP_FIELD_WORD, false, 0, ID_MAX, "time of the last row seen"},
     {"after", HTTP_FIELD_WORD, false, 0, ID_MAX, "the last row seen"});
FORM(message_form, 1024, {"state", HTTP_FIELD_WORD, false, 0, 20, "of the button that was used"},
     {"otherwise", HTTP_FIELD_WORD, true, 1, 20, "of the form's own button"});
FORM(redirects_form, 0, SAID, {"q", HTTP_FIELD_TEXT, false, 0, 100, "a part of one of the addresses"},
     {"after", HTTP_FIELD_TEXT, false, 0, REDIRECT_BYTES_MAX, "the address of the last row seen"});
FORM(redirect_form, 1 << 15, MARK,
     {"from", HTTP_FIELD_TEXT, true, 1, 4 * REDIRECT_BYTES_MAX, "an address of this site"},
     {"into", HTTP_FIELD_TEXT, false, 0, 4 * REDIRECT_BYTES_MAX, "a path of the site or an https address"},
     {"gone", HTTP_FIELD_WORD, false, 0, 1, "1: it says 410 instead"});
FORM(lines_form, TEXT_BODY, {"lines", HTTP_FIELD_TEXT, true, 1, TEXT_CHARS, "FROM and TO, a line each"});
FORM(names_form, 0, SAID, {"lang", HTTP_FIELD_WORD, false, 0, 8, "of which language"},
     {"q", HTTP_FIELD_TEXT, false, 0, 100, "a part of name or address"},
     {"after", HTTP_FIELD_WORD, false, 0, 100, "address of the last row seen"});
#define SLUG                                                                                                           \
    { "slug", HTTP_FIELD_TEXT, false, 0, 80, "the address's words; empty: the name's" }
#define OF_LANG                                                                                                        \
    { "lang", HTTP_FIELD_WORD, false, 2, 8, "of a new one" }
FORM(section_form, 8192, MARK, OF_LANG, SLUG, {"name", HTTP_FIELD_TEXT, true, 1, 60, "as readers see it"},
     {"description", HTTP_FIELD_TEXT, false, 0, 300, "one sentence"},
     {"highlight", HTTP_FIELD_WORD, false, 0, 1, "1: Program Highlight"},
     {"on_front", HTTP_FIELD_WORD, false, 0, 1, "1: has a block on the front page"});
FORM(section_delete_form, 1024, {"into", HTTP_FIELD_WORD, true, 1, ID_MAX, "which section takes its articles; 0: none"},
     {"sure", HTTP_FIELD_WORD, true, 1, 1, "ticked"});
enum { CHOICES = 6000 };
FORM(field_form, 1 << 18, MARK, {"name", HTTP_FIELD_TEXT, false, 0, 40, "of a new one; empty: made from the label"},
     {"kind", HTTP_FIELD_WORD, true, 1, 20, "of its values"},
     {"label", HTTP_FIELD_TEXT, true, 1, 80, "in every language"}, IN_EACH("label-", 80, "in that language"),
     {"choices", HTTP_FIELD_TEXT, false, 0, CHOICES, "one a line: stored = words"},
     IN_EACH("choices-", CHOICES, "the same in that language"),
     {"shown", HTTP_FIELD_WORD, false, 0, 1, "1: readers see it"},
     {"everywhere", HTTP_FIELD_WORD, false, 0, 1, "1: of all sections"},
     {"sections", HTTP_FIELD_WORDS, false, 0, 400, "of these, unless of all"});
#define NAMED(name, purpose)                                                                                           \
    { name, HTTP_FIELD_TEXT, true, 1, SERVICE_NAME_BYTES, purpose }
#define FIGURE(name, purpose)                                                                                          \
    { name, HTTP_FIELD_TEXT, true, 1, 12, purpose }
#define TICK(name, purpose)                                                                                            \
    { name, HTTP_FIELD_WORD, false, 0, 1, purpose }
FORM(service_new_form, 8192, NAMED("name", "short"),
     {"title", HTTP_FIELD_TEXT, true, 1, SERVICE_TEXT_BYTES, "as listeners see it"});
FORM(service_way_form, 1024, {"id", HTTP_FIELD_WORD, true, 1, SERVICE_NAME_BYTES, "which item"},
     {"way", HTTP_FIELD_WORD, true, 1, 10, "where to"},
     {"beside", HTTP_FIELD_WORD, false, 0, SERVICE_NAME_BYTES, "the item it fell beside"});
FORM(addresses_form, 1024, TICK("shows_addresses", "1: of listeners, on the radio's own pages"));
FORM(service_form, 32768, MARK, {"title", HTTP_FIELD_TEXT, true, 1, SERVICE_TEXT_BYTES, "as listeners see it"},
     {"description", HTTP_FIELD_TEXT, false, 0, SERVICE_TEXT_BYTES, "one line"},
     {"genre", HTTP_FIELD_TEXT, false, 0, SERVICE_TEXT_BYTES, "one line"},
     {"url", HTTP_FIELD_TEXT, false, 0, SERVICE_ADDRESS_BYTES, "of its page"},
     {"languages", HTTP_FIELD_TEXT, false, 0, SERVICE_TEXT_BYTES, "codes"}, TICK("public", "1: in directories"),
     IN_EACH("title.", SERVICE_TEXT_BYTES, "in that language"),
     IN_EACH("description.", SERVICE_TEXT_BYTES, "in that language"));
FORM(stream_new_form, 8192, NAMED("name", "short"),
     {"mount", HTTP_FIELD_TEXT, true, 1, SERVICE_MOUNT_BYTES, "/voice.mp3"},
     {"type", HTTP_FIELD_TEXT, true, 1, SERVICE_TYPE_BYTES, "audio/mpeg"});
FORM(stream_form, 32768, MARK, {"mount", HTTP_FIELD_TEXT, true, 1, SERVICE_MOUNT_BYTES, "/voice.mp3"},
     {"type", HTTP_FIELD_TEXT, true, 1, SERVICE_TYPE_BYTES, "audio/mpeg"}, FIGURE("rate", "a second; 0: any"),
     FIGURE("channels", "0: any"), FIGURE("kbps", "0: any"), TICK("low_data", "1: the one for slow phones"),
     TICK("hls", "1: also as HLS"), TICK("hidden", "1: in no list"), FIGURE("burst_bytes", "at once"),
     FIGURE("listeners_max", "0: no limit"), FIGURE("stall_ms", "until a source is dead"),
     FIGURE("silence_seconds", "until the alarm; 0: never"), TICK("silence_falls_back", "1: to the next source"),
     FIGURE("keep_hours", "0: no limit"), FIGURE("keep_mb", "0: no limit"), TICK("icy", "1: titles"),
     {"charset", HTTP_FIELD_TEXT, false, 0, SERVICE_CHARSET_BYTES, "of titles"});
FORM(source_new_form, 8192, NAMED("name", "short"), {"kind", HTTP_FIELD_WORD, true, 1, 10, "encoder, relay, file"},
     {"address", HTTP_FIELD_TEXT, false, 0, SERVICE_ADDRESS_BYTES, "of a relay or a file"},
     {"sound", HTTP_FIELD_TEXT, false, 0, SERVICE_SOUND_BYTES, "a file that is there"});
FORM(source_form, 8192, MARK, {"address", HTTP_FIELD_TEXT, true, 1, SERVICE_ADDRESS_BYTES, "of a relay or a file"});
FORM(span_form, 2048, {"span", HTTP_FIELD_WORD, true, 1, 10, "mask or pin"},
     {"from", HTTP_FIELD_TEXT, true, 1, 40, "2026-11-23T13:00:00Z"},
     {"to", HTTP_FIELD_TEXT, true, 1, 40, "2026-11-23T14:00:00Z"});
FORM(span_remove_form, 1024, {"id", HTTP_FIELD_WORD, true, 1, 60, "kind.from.to, in microseconds"});
FORM(comments_form, 0, SAID, {"after", HTTP_FIELD_WORD, false, 0, ID_MAX, "the part seen last"});
FORM(comment_form, 4096, {"hidden", HTTP_FIELD_WORD, true, 1, 1, "1: from readers; 0: not"},
     {"reason", HTTP_FIELD_TEXT, false, 0, 300, "why, without a word of it"});
FORM(tag_form, 4096, MARK, OF_LANG, SLUG, {"name", HTTP_FIELD_TEXT, true, 1, 120, "as readers see it"});
FORM(name_merge_form, 4096, {"into", HTTP_FIELD_TEXT, true, 1, 120, "name or address of the one that stays"});
FORM(byline_form, 32768, MARK, SLUG, {"name", HTTP_FIELD_TEXT, true, 1, 120, "as printed"},
     {"bio", HTTP_FIELD_TEXT, false, 0, 1000, "public, plain"});
FORM(page_state_form, 1024, {"state", HTTP_FIELD_WORD, true, 1, 20, "published or withdrawn"});
#define ALT(code)                                                                                                      \
    { "alt_" code, HTTP_FIELD_TEXT, false, 0, 500, "what a picture shows, in this language" }
#define FOCAL(name)                                                                                                    \
    { name, HTTP_FIELD_NUMBER, false, 0, 1000, "of what must stay visible when it is cut, in thousandths" }
#define CREDIT                                                                                                         \
    { "credit", HTTP_FIELD_TEXT, false, 0, 300, "whose it is" }
FORM(media_list_form, 0, SAID, {"q", HTTP_FIELD_TEXT, false, 0, 100, "words of name, credit and description"},
     {"kind", HTTP_FIELD_WORD, false, 0, 10, "picture, sound, video, document"},
     {"missing", HTTP_FIELD_WORD, false, 0, 8, "a language: pictures used in it without a description"},
     {"before", HTTP_FIELD_WORD, false, 0, ID_MAX, "the last one seen"});
FORM(media_upload_form, 8192, CREDIT);
FORM(media_form, 65536, MARK, ALT("ar"), ALT("de"), ALT("en"), ALT("es"), ALT("fr"), ALT("id"), ALT("ja"), ALT("nl"),
     ALT("zh"), CREDIT, {"file_name", HTTP_FIELD_TEXT, true, 1, 255, "what it is called"}, FOCAL("focal_x"),
     FOCAL("focal_y"));
FORM(media_words_form, 65536, MARK, ALT("ar"), ALT("de"), ALT("en"), ALT("es"), ALT("fr"), ALT("id"), ALT("ja"),
     ALT("nl"), ALT("zh"));
FORM(media_replace_form, 1024, MARK);
FORM(media_earlier_form, 1024, MARK, {"earlier", HTTP_FIELD_WORD, true, 1, ID_MAX, "one of its earlier files"});
FORM(import_form, 8192,
     {"section", HTTP_FIELD_WORD, true, 1, ID_MAX, "where the articles go; it says the language too"},
     {"site", HTTP_FIELD_TEXT, false, 0, 40, "folder of the old install; empty: the root one"},
     {"old_id", HTTP_FIELD_WORD, false, 0, ID_MAX, "number on the old site, of one file"});
FORM(import_comments_form, 8192,
     {"site", HTTP_FIELD_TEXT, false, 0, 40, "folder of the old install; empty: the root one"});
FORM(media_delete_form, 1024, MARK, {"sure", HTTP_FIELD_WORD, false, 1, 1, "ticked"});
FORM(picture_form, 16384, MARK, {"media", HTTP_FIELD_WORD, false, 0, ID_MAX, "one of the library; 0: none"},
     {"alt", HTTP_FIELD_TEXT, false, 0, 500, "what an uploaded one shows"}, CREDIT);
#define CELL(name, max, purpose)                                                                                       \
    { name, HTTP_FIELD_LINES, false, 0, max, purpose ", a line for each" }
FORM(list_rows_form, 1 << 20, MARK, CELL("item", 1000, "what it is"), CELL("alt", 1000, "what the picture shows"),
     CELL("caption", 1000, "caption"), CELL("credit", 300, "whose it is"), CELL("title", 300, "what it is called"),
     CELL("place", 4, "its place"), {"out", HTTP_FIELD_WORDS, false, 0, 64, "the places of those to be left out"},
     {"then", HTTP_FIELD_WORD, false, 0, 20, "add: on to the choice of more"});
FORM(list_add_form, 8192, MARK, {"media", HTTP_FIELD_WORD, false, 0, ID_MAX, "one of the library"}, CREDIT);
static const struct http_upload many_files = {
    .files_max = 40, .file_bytes = MEDIA_AUDIO_BYTES, .body_bytes = 2ULL << 30};
static const struct http_upload sounds = {
    .files_max = 8, .file_bytes = SERVICE_SOUND_MOST, .body_bytes = 4ULL * SERVICE_SOUND_MOST};
static const struct http_upload exports = {.files_max = 8, .file_bytes = 64ULL << 20, .body_bytes = 256ULL << 20};
static const struct http_upload many_pages = {.files_max = 40, .file_bytes = 64ULL << 20, .body_bytes = 256ULL << 20};
static const struct http_upload one_file = {
    .files_max = 1, .file_bytes = MEDIA_AUDIO_BYTES, .body_bytes = MEDIA_AUDIO_BYTES + (1 << 20)};

// clang-format off
#define SHOW(pattern_, handler_, form_, roles_, purpose_)                                                              \
    {.method = HTTP_GET, .pattern = pattern_, .handler = handler_, .form = form_, .roles = roles_,                     \
     .cache = HTTP_CACHE_NEVER, .queue = HTTP_QUEUE_PAGE, .purpose = purpose_}
#define POST(pattern_, handler_, form_, roles_, queue_, audit_, purpose_)                                              \
    {.method = HTTP_POST, .pattern = pattern_, .handler = handler_, .form = form_, .roles = roles_,                    \
     .guard = (roles_) != 0 ? HTTP_GUARD_TOKEN : HTTP_GUARD_PUBLIC_FORM, .cache = HTTP_CACHE_NEVER,                      \
     .queue = HTTP_QUEUE_##queue_, .audit = audit_, .purpose = purpose_}

#define UPLOAD(pattern_, handler_, form_, upload_, roles_, purpose_)                                                   \
    {.method = HTTP_POST, .pattern = pattern_, .handler = handler_, .form = form_, .upload = upload_,                  \
     .roles = roles_, .guard = HTTP_GUARD_TOKEN, .cache = HTTP_CACHE_NEVER, .queue = HTTP_QUEUE_UPLOAD,                \
     .audit = true, .purpose = purpose_}

const struct http_route desk_routes[] = {
    //   pattern                          handler                form                roles             queue  audit  purpose
    SHOW("/desk",                         home_slash_get,        NULL,               0,                              "The desk without its slash."),
    SHOW("/desk/",                        home_show_get,         &page_form,         EVERYBODY,                      "Who one is here and what one may do."),
    SHOW("/desk/login",                   login_show_get,        &page_form,         0,                              "The way in."),
    POST("/desk/login",                   login_show_post,       &login_form,        0,                LOGIN, true,  "Address and password."),
    SHOW("/desk/forgot",                  forgot_show_get,       &page_form,         0,                              "A forgotten password."),
    POST("/desk/forgot",                  forgot_show_post,      &forgot_form,       0,                LOGIN, true,  "Sends its link by mail."),
    POST("/desk/login/challenge",         login_challenge_post,  NULL,               0,                PAGE,  false, "What a passkey is to sign, before there is a session."),
    POST("/desk/login/passkey",           login_passkey_post,    &proof_form,        0,                WRITE, true,  "A passkey alone: possession and PIN or finger."),
    SHOW("/desk/link/{token}",            link_show_get,         NULL,               0,                              "A one-time link: first administrator, invitation, reset."),
    POST("/desk/link/{token}",            link_show_post,        &link_form,         0,                LOGIN, true,  "The password that such a link leads to."),
    SHOW("/desk/second",                  second_show_get,       &page_form,         HALF,                           "The second proof of a login."),
    POST("/desk/second",                  second_show_post,      &code_form,         HALF,             WRITE, true,  "A code of the app, or a recovery code."),
    POST("/desk/second/passkey",          second_passkey_post,   &proof_form,        HALF,             WRITE, true,  "A passkey as second proof."),
    SHOW("/desk/setup",                   setup_show_get,        &page_form,         HALF | EVERYBODY,               "A new account's first second proof."),
    POST("/desk/challenge",               challenge_post,        NULL,               HALF | EVERYBODY, WRITE, false, "What a passkey of this session is to sign."),
    POST("/desk/totp",                    totp_begin_post,       &no_form,           HALF | EVERYBODY, WRITE, false, "A new secret for an authenticator app, as a QR code."),
    POST("/desk/totp/confirm",            totp_confirm_post,     &totp_form,         HALF | EVERYBODY, WRITE, true,  "The first code of it."),
    POST("/desk/passkey",                 passkey_add_post,      &passkey_form_add,  HALF | EVERYBODY, WRITE, true,  "A new passkey."),
    SHOW("/desk/prove",                   prove_show_get,        &page_form,         EVERYBODY,                      "A fresh proof, before something that matters."),
    POST("/desk/prove",                   prove_show_post,       &password_form,     EVERYBODY,        LOGIN, false, "... by password."),
    POST("/desk/prove/passkey",           prove_passkey_post,    &proof_form,        EVERYBODY,        WRITE, false, "... by passkey."),
    POST("/desk/out",                     sign_out_post,         &no_form,           HALF | EVERYBODY, WRITE, true,  "Ends this session."),
    SHOW("/desk/account",                 account_show_get,      &page_form,         EVERYBODY,                      "One's own account."),
    POST("/desk/account",                 account_show_post,     &person_form,       EVERYBODY,        WRITE, true,  "Name and language of the desk."),
    POST("/desk/account/password",        account_password_post, &new_password_form, EVERYBODY,        LOGIN, true,  "A new password; other sessions end."),
    POST("/desk/account/totp/remove",     totp_remove_post,      &no_form,           EVERYBODY,        WRITE, true,  "Takes the authenticator app away, if a passkey remains."),
    POST("/desk/account/passkey/remove",  passkey_remove_post,   &one_form,          EVERYBODY,        WRITE, true,  "Takes a passkey away, if another proof remains."),
    POST("/desk/account/recovery",        recovery_make_post,    &no_form,           EVERYBODY,        WRITE, true,  "New recovery codes; the old ones end."),
    POST("/desk/account/session/end",     session_end_post,      &one_form,          EVERYBODY,        WRITE, true,  "Ends another session of one's own."),
    POST("/desk/account/sessions/end",    sessions_end_post,     &no_form,           EVERYBODY,        WRITE, true,  "Ends all other sessions of one's own."),
    SHOW("/desk/kept",                    kept_list_get,         &page_form,         EVERYBODY,                      "What was typed when a session was over."),
    SHOW("/desk/kept/{id}",               kept_show_get,         &page_form,         EVERYBODY,                      "One such form, to be sent again."),
    POST("/desk/kept",                    kept_drop_post,        &one_form,          EVERYBODY,        WRITE, false, "Drops it."),
    SHOW("/desk/accounts",                accounts_show_get,     &page_form,         ADMIN,                          "Who may work here."),
    SHOW("/desk/accounts/new",            account_new_get,       &page_form,         ADMIN,                          "The form for one more."),
    POST("/desk/accounts/new",            account_new_post,      &account_form,      ADMIN,            WRITE, true,  "Adds an account and makes its invitation."),
    SHOW("/desk/accounts/{id}",           account_edit_get,      &page_form,         ADMIN,                          "One account."),
    POST("/desk/accounts/{id}",           account_edit_post,     &account_form,      ADMIN,            WRITE, true,  "Name, roles, languages, sections, blocked or not."),
    POST("/desk/accounts/{id}/link",      account_link_post,     &no_form,           ADMIN,            WRITE, true,  "A link for a forgotten password, or to join."),
    POST("/desk/accounts/{id}/delete",    account_delete_post,   &delete_form,       ADMIN,            WRITE, true,  "Deletes an account; bylines stay."),
    SHOW("/desk/statistics",              statistics_show_get,   &statistics_form,   READERS,                        "What was read and voted in a stretch of days."),
    SHOW("/desk/statistics/{name}",       statistics_csv_get,    &statistics_form,   READERS,                        "The same as CSV, for a spreadsheet."),
    SHOW("/desk/audience",                audience_show_get,     &audience_form,     READERS,                        "How many listen, how long, where and with what."),
    SHOW("/desk/audience/{name}",         audience_csv_get,      &audience_form,     READERS,                        "The same as CSV, for a spreadsheet."),
    SHOW("/desk/system",                  system_show_get,       &page_form,         SYSTEM,                         "Whether the station is well."),
    POST("/desk/system/retry",            system_retry_post,     &one_form,          SYSTEM,           WRITE, true,  "Tries once more to deliver a letter."),
    SHOW("/desk/backups",                 backups_list_get,      &page_form,         SYSTEM,                         "The backups there are, and whether one is being made."),
    POST("/desk/backups",                 backups_list_post,     &no_form,           SYSTEM,           WRITE, true,  "Makes one in the background."),
    SHOW("/desk/backups/{name}",          backup_show_get,       &page_form,         SYSTEM,                         "One of them, and how a station is made of it."),
    SHOW("/desk/backups/{name}/file",     backup_file_get,       NULL,               ADMIN,                          "Its file, to take along; written down in the audit log."),
    POST("/desk/backups/{name}/delete",   backup_delete_post,    &delete_form,       SYSTEM,           WRITE, true,  "Deletes it."),
    SHOW("/desk/audit",                   audit_show_get,        &audit_form,        ADMIN,                          "Who did what to which thing."),
    SHOW("/desk/station",                 station_show_get,      &page_form,         ADMIN,                          "Name, languages, colours, contact of the station."),
    POST("/desk/station",                 station_show_post,     &station_form,      ADMIN,            WRITE, true,  "Changes them; pages follow at once."),
    POST("/desk/station/languages",       station_languages_post, &languages_form,   ADMIN,            WRITE, true,  "Switches languages on and off."),
    SHOW("/desk/parameters",              parameters_show_get,   &page_form,         TECHNICAL,                      "Technical parameters, and what is in force."),
    SHOW("/desk/parameters/{name}",       parameter_show_get,    &page_form,         TECHNICAL,                      "A group of them."),
    POST("/desk/parameters/{name}",       parameter_show_post,   &parameters_form,   TECHNICAL,        WRITE, true,  "Sets them, or gives them back to the defaults."),
    POST("/desk/parameters/restart",      parameters_restart_post, &no_form,         TECHNICAL,        WRITE, true,  "Begins the site process anew."),
    POST("/desk/parameters/mail/test",    mail_test_post,        &no_form,           TECHNICAL,        WRITE, true,  "A letter of trial to oneself."),
    POST("/desk/parameters/address/wish", origin_wish_post,      &origin_form,       TECHNICAL,        WRITE, false, "A new address that has to prove itself."),
    POST("/desk/parameters/address/use",  origin_use_post,       &origin_form,       TECHNICAL,        WRITE, true,  "Makes it the site's."),
    SHOW("/desk/origin/{token}",          origin_reach_get,      NULL,               0,                              "Where a new address leads to, to prove itself."),
    SHOW("/desk/services",                services_list_get,     &page_form,         TECHNICAL,                      "What can be tuned in to, and what is on the air now."),
    POST("/desk/services",                services_list_post,    &service_new_form,  TECHNICAL,        WRITE, true,  "A new service, ready to go on the air; its password is shown once."),
    SHOW("/desk/services/{service}",      service_show_get,      &page_form,         TECHNICAL,                      "One service and its streams."),
    POST("/desk/services/{service}",      service_show_post,     &service_form,      TECHNICAL,        WRITE, true,  "What listeners see of it."),
    POST("/desk/services/{service}/order", service_order_post,   &service_way_form,  TECHNICAL,        WRITE, true,  "Puts one of its streams elsewhere."),
    POST("/desk/services/{service}/streams", service_streams_post, &stream_new_form, TECHNICAL,        WRITE, true,  "One more stream of it."),
    POST("/desk/services/{service}/delete", service_delete_post, &delete_form,       TECHNICAL,        WRITE, true,  "Deletes it; what was kept stays."),
    SHOW("/desk/streams/{stream}",        stream_show_get,       &page_form,         TECHNICAL,                      "One stream: what it plays, its settings, sources and spans."),
    POST("/desk/streams/{stream}",        stream_show_post,      &stream_form,       TECHNICAL,        WRITE, true,  "Its settings."),
    POST("/desk/streams/{stream}/order",  stream_order_post,     &service_way_form,  TECHNICAL,        WRITE, true,  "Puts one of its sources elsewhere."),
    POST("/desk/streams/{stream}/sources", stream_sources_post,  &source_new_form,   TECHNICAL,        WRITE, true,  "One more source; an encoder's password is shown once."),
    UPLOAD("/desk/streams/{stream}/sounds", stream_sounds_post,  &no_form,           &sounds,          TECHNICAL,    "Files that it can play round and round; with Accept: application/json one at a time, answered for script."),
    SHOW("/desk/streams/{stream}/sounds/{sound}", stream_sound_get, &page_form,      TECHNICAL,                      "Such a file: what plays it, or whether to delete it."),
    POST("/desk/streams/{stream}/sounds/{sound}/delete", stream_sound_delete_post, &delete_form, TECHNICAL, WRITE, true, "Deletes such a file that no source plays."),
    POST("/desk/streams/{stream}/spans",  stream_spans_post,     &span_form,         TECHNICAL,        WRITE, true,  "Masks or pins a span of its log."),
    POST("/desk/streams/{stream}/spans/remove", stream_span_remove_post, &span_remove_form, TECHNICAL, WRITE, true,  "The same no more."),
    POST("/desk/streams/{stream}/delete", stream_delete_post,    &delete_form,       TECHNICAL,        WRITE, true,  "Deletes it; what was kept stays."),
    SHOW("/desk/streams/{stream}/sources/{source}", source_show_get, &page_form,     TECHNICAL,                      "One source."),
    POST("/desk/streams/{stream}/sources/{source}", source_show_post, &source_form,  TECHNICAL,        WRITE, true,  "Where a relay or a file comes from."),
    POST("/desk/streams/{stream}/sources/{source}/password", source_password_post, &no_form, TECHNICAL, WRITE, true, "A new password for an encoder, shown once."),
    POST("/desk/streams/{stream}/sources/{source}/delete", source_delete_post, &delete_form, TECHNICAL, WRITE, true, "Deletes it; the next one takes over."),
    POST("/desk/radio/order",             radio_order_post,      &service_way_form,  TECHNICAL,        WRITE, true,  "Puts a service elsewhere."),
    POST("/desk/radio/admin",             radio_admin_post,      &no_form,           TECHNICAL,        WRITE, true,  "A new password for the radio's own pages, shown once."),
    POST("/desk/radio/addresses",         radio_addresses_post,  &addresses_form,    TECHNICAL,        WRITE, true,  "Whether these pages show listeners' addresses."),
    SHOW("/desk/articles",                       manuscripts_list_get,     &list_form,     WRITERS,                "Texts: one's own, in review, scheduled, in need of a hand."),
    SHOW("/desk/articles/new",                   manuscript_new_get,       &page_form,     WRITERS,                "The form for one more."),
    POST("/desk/articles/new",                   manuscript_new_post,      &begin_form,    WRITERS, WRITE, true,   "Begins a text, or a translation."),
    POST("/desk/articles/open",                  manuscript_open_post,     &open_form,     WRITERS, WRITE, true,   "The manuscript of an article that the public has."),
    SHOW("/desk/articles/{id}",                  manuscript_show_get,      &page_form,     WRITERS,                "One text: where it stands, the form, what comes next."),
    POST("/desk/articles/{id}",                  manuscript_save_post,     &text_form,     WRITERS, WRITE, true,   "Saves it as a new version."),
    POST("/desk/articles/{id}/autosave",         manuscript_autosave_post, &text_form,     WRITERS, WRITE, false,  "The same while somebody writes."),
    POST("/desk/articles/{id}/lease",            manuscript_lease_post,    &lease_form,    WRITERS, WRITE, true,   "Who has it open; taking it over."),
    POST("/desk/articles/{id}/note",             manuscript_note_post,     &note_form,     WRITERS, WRITE, true,   "A word among colleagues."),
    POST("/desk/articles/{id}/step",             manuscript_step_post,     &step_form,     WRITERS, WRITE, true,   "Submits, publishes, corrects, withdraws ..."),
    SHOW("/desk/articles/{id}/preview",          manuscript_preview_get,   &preview_form,  WRITERS,                "How it will look when published, in three widths, and the link to hand on."),
    SHOW("/desk/articles/{id}/versions",         versions_list_get,        &versions_form, WRITERS,                "Its versions."),
    SHOW("/desk/articles/{id}/versions/{version}", version_show_get,       &page_form,     WRITERS,                "What one changed."),
    POST("/desk/articles/{id}/versions/{version}", version_restore_post,   &mark_form,     WRITERS, WRITE, true,   "Takes it up again."),
    SHOW("/desk/articles/{id}/aside/{aside}",    aside_show_get,           &page_form,     WRITERS,                "Two texts that collided."),
    POST("/desk/articles/{id}/aside/{aside}",    aside_merge_post,         &merge_form,    WRITERS, WRITE, true,   "Brings them together."),
    POST("/desk/articles/{id}/aside/{aside}/drop", aside_drop_post,        &no_form,       WRITERS, WRITE, false,  "Puts the later one away."),
    SHOW("/desk/pages",                          standing_list_get,        &lang_form,       EDITORS,               "The standing pages of a language, as a tree."),
    SHOW("/desk/pages/new",                      standing_new_get,         &lang_form,       EDITORS,               "The form for one more."),
    POST("/desk/pages/new",                      standing_new_post,        &page_begin_form, EDITORS, WRITE, true,  "Begins a page."),
    SHOW("/desk/pages/{id}",                     standing_edit_get,        &page_form,       EDITORS,               "One page: its words, its versions."),
    POST("/desk/pages/{id}",                     standing_edit_post,       &page_text_form,  EDITORS, WRITE, true,  "Saves it as a new version."),
    POST("/desk/pages/{id}/move",                standing_move_post,       &way_form,        EDITORS, WRITE, true,  "To another place in its tree."),
    POST("/desk/pages/{id}/state",               standing_state_post,      &page_state_form, EDITORS, WRITE, true,  "For readers, or no more."),
    POST("/desk/pages/{id}/delete",              standing_delete_post,     &delete_form,     EDITORS, WRITE, true,  "Deletes it."),
    SHOW("/desk/pages/{id}/versions/{version}",  standing_version_get,     &page_form,       EDITORS,               "What one version changed."),
    POST("/desk/pages/{id}/versions/{version}",  standing_version_post,    &mark_form,       EDITORS, WRITE, true,  "Takes it up again."),
    SHOW("/desk/menus",                          menus_first_get,          &page_form,       ADMIN,                 "To the menu of one's own language."),
    SHOW("/desk/menus/{lang}",                   menus_show_get,           &menu_form,       ADMIN,                 "The menu of a language."),
    POST("/desk/menus/{lang}",                   menus_save_post,          &menu_entry_form, ADMIN,   WRITE, true,  "One more entry, or another one."),
    POST("/desk/menus/{lang}/move",              menus_move_post,          &marked_way_form, ADMIN,   WRITE, true,  "Puts one elsewhere, hides it, takes it out."),
    SHOW("/desk/front",                          fronts_first_get,         &page_form,       EDITORS,               "To the front page of one's own language."),
    SHOW("/desk/front/{lang}",                   fronts_show_get,          &front_form,      EDITORS,               "What leads, what is pinned, which sections have a block."),
    POST("/desk/front/{lang}",                   fronts_pin_post,          &pin_form,        EDITORS, WRITE, true,  "Pins an article."),
    POST("/desk/front/{lang}/pins",              fronts_pins_post,         &way_form,        EDITORS, WRITE, true,  "Puts a pinned article elsewhere, or takes it off."),
    POST("/desk/front/{lang}/sections",          fronts_sections_post,     &way_form,        EDITORS, WRITE, true,  "Puts a section's block elsewhere, shows or hides it."),
    SHOW("/desk/published",                      published_list_get,       &published_form,  WRITERS,               "The articles that the public has."),
    SHOW("/desk/articles/{id}/picture",          manuscript_picture_get,   &media_list_form, WRITERS,             "The choice of its lead picture."),
    UPLOAD("/desk/articles/{id}/picture",        manuscript_picture_post,  &picture_form, &one_file, WRITERS,     "Takes one of the library, or a new one, or none."),
    SHOW("/desk/articles/{id}/list/{list}",      manuscript_list_get,      &page_form,     WRITERS,                "A list it carries: pictures, files, embeds."),
    POST("/desk/articles/{id}/list/{list}",      manuscript_list_post,     &list_rows_form, WRITERS, WRITE, true,  "Their words and their order."),
    SHOW("/desk/articles/{id}/list/{list}/add",  manuscript_list_add_get,  &media_list_form, WRITERS,              "The choice of one more."),
    UPLOAD("/desk/articles/{id}/list/{list}/add", manuscript_list_add_post, &list_add_form, &many_files, WRITERS,  "Takes one of the library, or new ones."),
    SHOW("/desk/articles/{id}/comments",         comments_list_get,        &comments_form, EDITORS,                "What readers of the old site wrote under it."),
    SHOW("/desk/articles/{id}/comments/{comment}", comment_show_get,       &page_form,     EDITORS,                "One comment."),
    POST("/desk/articles/{id}/comments/{comment}", comment_show_post,      &comment_form,  EDITORS, WRITE, true,   "Hides it with a reason, or shows it again."),
    POST("/desk/articles/{id}/comments/{comment}/delete", comment_delete_post, &delete_form, EDITORS, WRITE, true, "Deletes it for good; no import brings it back."),
    SHOW("/desk/media",                          media_list_get,           &media_list_form, WRITERS,             "The media library."),
    SHOW("/desk/media/new",                      media_new_get,            &page_form,     WRITERS,                "The form to upload."),
    UPLOAD("/desk/media/new",                    media_new_post,           &media_upload_form, &many_files, WRITERS, "Uploads; with Accept: application/json one at a time, answered for script."),
    SHOW("/desk/media/{id}",                     media_show_one_get,       &page_form,     WRITERS,                "One medium: words, focal point, where it is used."),
    POST("/desk/media/{id}",                     media_edit_post,          &media_form,    WRITERS, WRITE, true,   "What people say of it."),
    POST("/desk/media/{id}/words",               media_words_post,         &media_words_form, WRITERS, WRITE, true, "What it shows, in the languages that somebody writes in."),
    UPLOAD("/desk/media/{id}/replace",           media_replace_post,       &media_replace_form, &one_file, WRITERS, "Another file in its place, everywhere."),
    POST("/desk/media/{id}/earlier",             media_earlier_post,       &media_earlier_form, WRITERS, WRITE, true, "One of its earlier files in its place again."),
    POST("/desk/media/{id}/delete",              media_delete_post,        &media_delete_form, WRITERS, WRITE, true, "Removes it, if it is used nowhere."),
    SHOW("/desk/import",                         import_show_get,          &page_form,       EDITORS,               "The form that brings in saved pages of the old site."),
    UPLOAD("/desk/import",                       import_show_post,         &import_form, &many_pages, EDITORS,    "Brings them in; says what became of each."),
    SHOW("/desk/import/comments",                import_comments_get,      &page_form,       EDITORS,               "The form that brings in exports of the old site's comments."),
    UPLOAD("/desk/import/comments",              import_comments_post,     &import_comments_form, &exports, EDITORS, "Brings them in; says what became of each, and which lines were left out."),
    SHOW("/desk/sections",                       sections_list_get,        &names_form,      EDITORS,               "The sections of a language, in order."),
    POST("/desk/sections/move",                  sections_move_post,       &way_form,        EDITORS, WRITE, true,  "Puts one elsewhere."),
    SHOW("/desk/sections/new",                   section_new_get,          &names_form,      EDITORS,               "The form for one more."),
    POST("/desk/sections/new",                   section_new_post,         &section_form,    EDITORS, WRITE, true,  "Makes it."),
    SHOW("/desk/sections/{id}",                  section_show_get,         &page_form,       EDITORS,               "One section."),
    POST("/desk/sections/{id}",                  section_show_post,        &section_form,    EDITORS, WRITE, true,  "Its name, address and words; the old address leads on."),
    POST("/desk/sections/{id}/delete",           section_delete_post,      &section_delete_form, EDITORS, WRITE, true, "Deletes it; its articles go to another one."),
    SHOW("/desk/fields",                         fields_list_get,          &page_form,       ADMIN,                 "The extra fields that the station defined, in order."),
    POST("/desk/fields/move",                    fields_move_post,         &way_form,        ADMIN,   WRITE, true,  "Puts one elsewhere."),
    SHOW("/desk/fields/new",                     field_new_get,            &page_form,       ADMIN,                 "The form for one more."),
    POST("/desk/fields/new",                     field_new_post,           &field_form,      ADMIN,   WRITE, true,  "Defines it."),
    SHOW("/desk/fields/{id}",                    field_show_get,           &page_form,       ADMIN,                 "One extra field."),
    POST("/desk/fields/{id}",                    field_show_post,          &field_form,      ADMIN,   WRITE, true,  "Its words, its kind, its sections; no article changes."),
    POST("/desk/fields/{id}/delete",             field_delete_post,        &delete_form,     ADMIN,   WRITE, true,  "Deletes it; articles keep what they say in it."),
    SHOW("/desk/tags",                           tags_list_get,            &names_form,      EDITORS,               "The tags of a language."),
    POST("/desk/tags",                           tags_list_post,           &tag_form,        EDITORS, WRITE, true,  "Makes one."),
    SHOW("/desk/tags/{id}",                      tag_edit_get,             &page_form,       EDITORS,               "One tag."),
    POST("/desk/tags/{id}",                      tag_edit_post,            &tag_form,        EDITORS, WRITE, true,  "Its name and address; the old ones lead on."),
    POST("/desk/tags/{id}/merge",                tag_merge_post,           &name_merge_form, EDITORS, WRITE, true,  "Gives its articles to another tag."),
    POST("/desk/tags/{id}/delete",               tag_delete_post,          &delete_form,     EDITORS, WRITE, true,  "Takes it off all articles."),
    SHOW("/desk/people",                         people_list_get,          &names_form,      EDITORS,               "Who signs articles."),
    POST("/desk/people",                         people_list_post,         &byline_form,     EDITORS, WRITE, true,  "Adds one."),
    SHOW("/desk/people/{id}",                    person_edit_get,          &page_form,       EDITORS,               "One person."),
    POST("/desk/people/{id}",                    person_edit_post,         &byline_form,     EDITORS, WRITE, true,  "Name, address, public words."),
    POST("/desk/people/{id}/merge",              person_merge_post,        &name_merge_form, EDITORS, WRITE, true,  "Two that are one: articles go to the other."),
    POST("/desk/people/{id}/delete",             person_delete_post,       &delete_form,     EDITORS, WRITE, true,  "Takes the page away; bylines stay."),
    POST("/desk/people/{id}/restore",            person_restore_post,      &delete_form,     EDITORS, WRITE, true,  "Brings the page back."),
    SHOW("/desk/messages",                       messages_list_get,        &messages_form,   EDITORS,               "What readers wrote to the station."),
    SHOW("/desk/messages/{id}",                  message_show_get,         &page_form,       EDITORS,               "One message; who opened it is written down."),
    POST("/desk/messages/{id}",                  message_put_post,         &message_form,    EDITORS, WRITE, true,  "Answered, open, or into the trash."),
    POST("/desk/messages/{id}/delete",           message_delete_post,      &delete_form,     EDITORS, WRITE, true,  "Deletes it for good."),
    SHOW("/desk/redirects",                      redirects_list_get,       &redirects_form,  EDITORS,               "Old addresses that lead on."),
    POST("/desk/redirects",                      redirects_list_post,      &redirect_form,   EDITORS, WRITE, true,  "Makes one lead on, or say that it is gone."),
    SHOW("/desk/redirects/import",               redirects_import_get,     &page_form,       EDITORS,               "The form for a list of them."),
    POST("/desk/redirects/import",               redirects_import_post,    &lines_form,      EDITORS, WRITE, true,  "Takes what can be taken of it, and says what not."),
    SHOW("/desk/redirects/{id}",                 redirect_show_get,        &page_form,       EDITORS,               "One such address."),
    POST("/desk/redirects/{id}",                 redirect_show_post,       &redirect_form,   EDITORS, WRITE, true,  "Leads it elsewhere."),
    POST("/desk/redirects/{id}/delete",          redirect_delete_post,     &delete_form,     EDITORS, WRITE, true,  "Deletes it."),
};
// clang-format on
const size_t desk_route_count = sizeof(desk_routes) / sizeof(desk_routes[0]);
