// SPDX-License-Identifier: AGPL-3.0-or-later
// What can be tuned in to and who did, as files say it, which the site and the radio process share and nothing else:
//
//   DIR/services.json   the services of the station, written whole by whoever holds the station (the site process, or the
//                       command line), read by the radio process whenever it changes
//   DIR/run/radio.json  what is on the air, written each second by the radio process, read by the site
//   DIR/radio/sessions  how long was listened, appended by the radio process, read by the site (audience/)
//
// A *service* is what a listener tunes to. It has *streams*: one format and one bitrate each, heard at a *mount*. A stream
// is fed by *sources* in the order of their worth: the best that lives plays, and the listener never moves.
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "audio/audio.h"
#include "util/util.h"

// ---- services.json -----------------------------------------------------------------------------------------------------

enum {
    SERVICES_MAX = 32,
    SERVICE_STREAMS_MAX = 8,
    SERVICE_SOURCES_MAX = 8,
    SERVICE_NAME_BYTES = 32,  // [a-z0-9-], begins with a letter: of services, streams and sources
    SERVICE_MOUNT_BYTES = 96, // "/" and [A-Za-z0-9._-], or several such parts
    SERVICE_TEXT_BYTES = 256,
    SERVICE_ADDRESS_BYTES = 512,
    SERVICE_TYPE_BYTES = 96,
    SERVICE_CHARSET_BYTES = 40,
    SERVICE_SOUND_BYTES = 96, // [A-Za-z0-9._-], begins with a letter or digit: of files in DIR/radio/sounds
    SERVICES_FILE_BYTES = 1 << 20
};

enum service_source_kind {
    SERVICE_ENCODER, // connects to us with a password
    SERVICE_RELAY,   // we connect to it: a mount of an Icecast or another Siaran
    SERVICE_FILE,    // plays round and round
    SERVICE_SOURCE_KINDS
};
const char *service_source_kind_name(enum service_source_kind kind); // "encoder", "relay", "file"
bool service_source_kind_find(struct str name, enum service_source_kind *out);

// A password that was generated: 128 random bits, so one round of a hash holds. bytes: BLAKE2b-256 keyed with the salt.
enum { SERVICE_SALT_BYTES = 16, SERVICE_HASH_BYTES = 32 };
struct service_password {
    bool is_set;
    uint8_t salt[SERVICE_SALT_BYTES], hash[SERVICE_HASH_BYTES];
};

struct service_source {
    struct str name; // within its stream; the first is the main source
    enum service_source_kind kind;
    struct service_password password; // SERVICE_ENCODER
    struct str address; // SERVICE_RELAY: http://host[:port]/mount; SERVICE_FILE: a name in DIR/radio/sounds
};

enum { SERVICE_BURST_MOST = 512 << 10 }; // bytes; who is further behind is given up
struct service_stream {
    struct str name;       // of the station: no two streams of any service share one; its log's folder: DIR/radio/NAME
    struct str mount;      // of the station too: "/voice.mp3"
    struct str media_type; // "audio/mpeg", "audio/ogg; codecs=opus"
    enum audio_format format;
    uint32_t rate, channels, kbps; // of its sound; 0: whatever comes first
    bool is_low_data;              // the one for slow phones
    bool has_hls;                  // only AUDIO_MPEG and AUDIO_AAC can
    bool is_hidden;                // stands in no list
    uint32_t burst_bytes;          // 65536; what is sent at once to who joins
    uint32_t listeners_max;        // 0: no limit of its own
    uint32_t stall_ms;             // 5000: without enough sound for so long a source counts as dead
    uint32_t silence_s;            // 30: silent for so long is an alarm; 0: never
    bool silence_falls_back;       // and the next source plays
    uint32_t keep_hours, keep_mb;  // of its log, 168 and 0; 0: no such limit
    bool has_icy;                  // titles for players that ask for them
    struct str charset;            // of titles whose encoder does not say; empty: UTF-8 where it is valid, else Latin-1
    struct service_source *sources;
    size_t source_count;
};

// Languages of the site, in which a service can have words of its own: settings "title.de", "description.de".
enum { SERVICE_LANGS = 9 };
struct service_words {
    struct str title, description; // empty: the service's
};

struct service {
    struct str name;
    struct str title, description, genre, url; // title: one line, as listeners see it; never empty
    struct str languages;                      // "en ar zh": what is spoken, may be empty
    bool is_public;                            // icy-pub
    struct service_words words[SERVICE_LANGS];
    struct service_stream *streams; // the first is the one that plays unless a listener chooses
    size_t stream_count;
};

struct services {
    uint64_t number;               // of changes
    struct service_password admin; // of Icecast's admin pages; user "admin"
    bool shows_addresses;          // of listeners, to whoever knows that password
    struct service *rows;
    size_t count;
};

// Empty ones with every number as it is when nobody says otherwise; a stream of MP3.
void service_first(struct service *out);
void service_stream_first(struct service_stream *out);
// One setting by its key in services.json, as somebody typed it ("on", "65536"); also keep_days. Text is borrowed.
// RC_INVALID with a sentence: there is no such setting, or it is of another kind. Rules are services_check's.
enum rc service_set(struct service *s, struct str key, struct str value, struct problem *p) MUST_USE;
enum rc service_stream_set(struct service_stream *s, struct str key, struct str value, struct problem *p) MUST_USE;
// What its listeners are told that it has: as it is set, else as it was heard, of which a moment may differ.
uint32_t service_stream_kbps(const struct service_stream *s, uint32_t heard);
// In a language of the site ("de"), else in the service's own words.
struct str service_title(const struct service *s, struct str lang);
struct str service_description(const struct service *s, struct str lang);
bool service_url_ok(struct str url); // http:// or https://, in printable characters without a space
// Of a setting "title.de": "title" and "de". False: it is no such one.
bool service_setting_in(struct str key, struct str *what_out, struct str *lang_out);
// Within what a number of a stream has to be, by its key. False: there is no such number.
bool service_limits(struct str key, uint32_t *least_out, uint32_t *most_out);

// What they say of themselves, name and what they hold aside: keys and values as they are typed, in the file's order. Arena.
struct service_setting {
    const char *key;
    struct str value; // of a flag "on" or "off"
    bool is_flag, is_number;
    bool is_spare; // a text that stands for another where it says something
    uint32_t most; // of a text: bytes
};
size_t service_settings(struct arena *a, const struct service *s, struct service_setting **out);
size_t service_stream_settings(struct arena *a, const struct service_stream *s, struct service_setting **out);

// Arena text. RC_INVALID with a sentence that names the service, the stream and what is wrong; never half of it.
enum rc services_parse(struct arena *a, struct str json, struct services *out, struct problem *p) MUST_USE;
void services_write(const struct services *services, struct buf *out); // what services_parse reads
// The same of DIR/services.json. A missing file is no service.
enum rc services_load(struct arena *a, const char *dir, struct services *out, struct problem *p) MUST_USE;
// Checks, raises `number` and replaces the file. RC_CONFLICT: its number is not `services->number` any more.
enum rc services_save(const char *dir, struct services *services, struct problem *p) MUST_USE;
// Every rule: names, mounts, formats, that nothing is there twice, that what falls back can. A file's sound is compared with
// its stream: RC_INVALID when it is of another format, rate or number of channels than the stream says. A file that is new in
// DIR is compared with its first source too, as the radio heard it last: with its codec, and where the stream says no rate with
// that. Where it never was heard, the stream is given the rate of the file (services_settle), so an encoder of another one is
// refused by the radio and told why.
enum rc services_check(const char *dir, const struct services *services, struct problem *p) MUST_USE;
// Gives each stream that says no rate, and whose first source was never heard, the rate of a file that was not there
// `before`. Those that were given one, with names borrowed from the services, in an arena. services_save does it too, for
// whoever did not.
struct service_settled {
    struct str stream, file;
    uint32_t rate; // samples a second
};
size_t services_settle(struct arena *a, const char *dir, const struct services *before, struct services *services,
                       struct service_settled **out);

// The same for those who say it in other languages: the first rule that is broken, and where. Without a directory (NULL)
// files are not looked at. RC_INVALID: *out says which; its texts are borrowed from the services.
enum service_fault {
    SERVICE_FAULT_NAME,         // no name as they have to be
    SERVICE_FAULT_NAME_TAKEN,   // twice, of services, of streams or of a stream's sources
    SERVICE_FAULT_EMPTY,        // `field` has to say something
    SERVICE_FAULT_TEXT,         // `field` is longer than `most` bytes, or no line of text
    SERVICE_FAULT_NUMBER,       // `field` is not within `least` and `most`, nor 0 where that means something
    SERVICE_FAULT_LANGUAGES,    // no codes of languages
    SERVICE_FAULT_URL,          // begins with neither http:// nor https://
    SERVICE_FAULT_MOUNT,        // no mount as they have to be
    SERVICE_FAULT_MOUNT_OURS,   // an address that the radio itself answers at
    SERVICE_FAULT_MOUNT_TAKEN,  // twice
    SERVICE_FAULT_TYPE,         // no media type
    SERVICE_FAULT_HLS,          // of a format that cannot be cut into segments
    SERVICE_FAULT_CHARSET,      // there is no such one
    SERVICE_FAULT_MANY,         // more than `most` services, streams or sources
    SERVICE_FAULT_PASSWORD,     // an encoder without one, or something else with one
    SERVICE_FAULT_RELAY,        // no http://host[:port]/mount
    SERVICE_FAULT_BEHIND,       // stands behind a file, which never ends, so it would never play
    SERVICE_FAULT_SOUND_NAME,   // no name of a file as they have to be
    SERVICE_FAULT_SOUND_GONE,   // it cannot be read
    SERVICE_FAULT_SOUND_FORMAT, // is and should: names of formats
    SERVICE_FAULT_SOUND_RATE,   // is and should: numbers
    SERVICE_FAULT_SOUND_CHANNELS,
    SERVICE_FAULTS
};
struct service_wrong {
    enum service_fault fault;
    struct str service, stream, source; // where; empty: not so deep
    const char *field;                  // a key of services.json, or NULL
    uint32_t least, most;
    char is[32], should[32];
};
enum rc services_look(const char *dir, const struct services *services, struct service_wrong *out) MUST_USE;
void service_wrong_where(const struct service_wrong *w, char *out, size_t size); // "service voice, stream low: "
void service_wrong_say(const struct service_wrong *w, struct problem *p);        // services_check's sentence

const struct service *services_find(const struct services *services, struct str name); // NULL: none
// The stream of that name, which is the station's, and its service. NULL: none.
const struct service_stream *services_stream(const struct services *services, struct str name,
                                             const struct service **service_out);
// The stream of a mount, and its service. NULL: none.
const struct service_stream *services_mount(const struct services *services, struct str mount,
                                            const struct service **service_out);

// 26 characters of base32, in lower case, and what is kept of them.
enum { SERVICE_SECRET_CHARS = 26 };
void service_password_make(char secret_out[SERVICE_SECRET_CHARS + 1], struct service_password *out);
bool service_password_is(const struct service_password *kept, struct str secret); // in constant time

// The rows themselves, in an arena and without a check. What is added stands last; a source before a file, which never ends.
// Rows that were found before may be elsewhere afterwards.
struct service *services_add(struct arena *a, struct services *services, struct str name);
struct service_stream *service_stream_add(struct arena *a, struct service *s, struct str name);
struct service_source *service_source_add(struct arena *a, struct service_stream *s, struct str name,
                                          enum service_source_kind kind);
// One with all it needs to go on the air: its name as its title, a stream of MP3 and an encoder, whose password this is.
struct service *service_add_ready(struct arena *a, struct services *services, struct str name,
                                  char secret_out[SERVICE_SECRET_CHARS + 1]);
// False: there is none of that name. Moved: to the place `to`, counted from 0, or the last.
bool services_remove(struct services *services, struct str name);
bool service_stream_remove(struct service *s, struct str name);
bool service_source_remove(struct service_stream *s, struct str name);
bool services_move(struct services *services, struct str name, size_t to);
bool service_stream_move(struct service *s, struct str name, size_t to);
bool service_source_move(struct service_stream *s, struct str name, size_t to);
// To be changed; NULL: none.
struct service *services_find_in(struct services *services, struct str name);
struct service_stream *service_stream_in(struct service *s, struct str name);
struct service_source *service_source_in(struct service_stream *s, struct str name);

// ---- radio/sounds --------------------------------------------------------------------------------------------------------
// Files that sources of the kind SERVICE_FILE play.

enum { SERVICE_SOUND_MOST = 64000000, SERVICE_SOUNDS_MAX = 1000 }; // bytes of each, and how many there are
bool service_sound_name_ok(struct str name);                       // that a file there may have

struct service_sound {
    struct str name;
    uint64_t bytes;
};
// Those that are there, by name. No folder is no file.
enum rc service_sounds(struct arena *a, const char *dir, struct service_sound **out, size_t *count_out,
                       struct problem *p) MUST_USE;
// Brings a copy of an open file, from its beginning, under that name: all of it or nothing. RC_OK also when the same is
// there already, and *is_new_out says so; RC_CONFLICT: something else is. RC_TOO_BIG, RC_IO with a sentence.
enum rc service_sound_bring(const char *dir, int fd, struct str name, bool *is_new_out, struct problem *p) MUST_USE;
// Deletes what a process that was killed while it brought one left behind: of more than an hour ago. How many they were.
size_t service_sounds_tidy(const char *dir, int64_t now_us);
enum rc service_sound_remove(const char *dir, struct str name, struct problem *p) MUST_USE; // RC_NOT_FOUND: none there
// What services_look would say if it played in that stream.
enum rc service_sound_look(const char *dir, int fd, const struct service_stream *stream,
                           struct service_wrong *out) MUST_USE;
// The first source that plays it, and its stream. NULL: none does.
const struct service_source *service_sound_user(const struct services *services, struct str name,
                                                const struct service_stream **stream_out);

// ---- run/radio.json ----------------------------------------------------------------------------------------------------

enum { SERVICE_STATE_SECONDS = 10 }; // an older state says nothing of now
enum { SERVICE_STATE_BYTES = 2 << 20 };
enum service_alarm {
    SERVICE_OFF_AIR = 1,   // no source plays
    SERVICE_FELL_BACK = 2, // another than the first plays
    SERVICE_SILENT = 4,    // what plays is silent
    SERVICE_NOT_KEPT = 8,  // the log cannot be written
    SERVICE_REFUSED = 16,  // a source came and was refused in the last ten minutes: `refusal` says why
    SERVICE_STALLED = 32   // what plays, or should, gives less sound than time passes
};
// Why a source was refused. Of a relay: what is wrong with its address, which `is` tells.
enum service_reason {
    SERVICE_REASON_NONE,
    SERVICE_REASON_NOISE,      // what it sends is nothing that its stream plays
    SERVICE_REASON_RATE,       // is and should: samples a second
    SERVICE_REASON_TYPE,       // is and should: media types, or codecs
    SERVICE_REASON_NO_HTTP,    // from here on of a relay
    SERVICE_REASON_NO_TLS,     // over https; the next three are of its certificate
    SERVICE_REASON_UNTRUSTED,  // this system does not know who vouches for it
    SERVICE_REASON_EXPIRED,    // or is not valid yet
    SERVICE_REASON_OTHER_NAME, // of a host
    SERVICE_REASON_UNSAFE,     // leads from https to http
    SERVICE_REASON_NOWHERE,    // leads on, and does not say where to
    SERVICE_REASON_GONE,       // 404
    SERVICE_REASON_DENIED,     // another status
    SERVICE_REASON_CHUNKS,
    SERVICE_REASON_OTHER_SOUND,
    SERVICE_REASON_ROUND,      // leads on and on
    SERVICE_REASON_NO_ADDRESS, // leads to what cannot be asked
    SERVICE_REASON_ENDLESS,    // a head
    SERVICE_REASON_LIST_SHORT, // from here on a playlist: it ends too early
    SERVICE_REASON_LIST_EMPTY, // names no stream
    SERVICE_REASON_LIST_HLS,   // cannot be relayed
    SERVICE_REASON_LIST_ENDLESS,
    SERVICE_REASONS
};
enum { SERVICE_REASON_BYTES = 320 };
struct service_refusal {
    enum service_reason reason;
    struct str source, is, should; // the latter two: at most SERVICE_REASON_BYTES
};
// In English: "source main: its sound has 48000 samples a second, the stream 44100"; "" without a reason.
struct str service_refusal_text(struct arena *a, const struct service_refusal *r);
const char *service_reason_text(enum service_reason reason); // of a relay, behind its address: "is not there"

struct service_on_air {
    struct str service, stream, mount;
    struct str source;                // what plays; empty: nothing
    struct str title;                 // what it says that it plays; UTF-8, may be empty
    int64_t title_since_us;           // 0: nothing was said
    int64_t source_since_us;          // 0: nothing plays
    int64_t kept_from_us, kept_to_us; // what can be replayed; 0: nothing
    uint64_t listeners, peak;         // now, and the most since the process began
    uint32_t kbps, rate, channels;    // as heard
    uint32_t main_rate;               // of its first source, as heard last, also before this process; 0: never
    struct str main_codec;            // likewise ("Opus"); empty: never, or its format has one only
    unsigned alarms;                  // bits of enum service_alarm
    struct service_refusal refusal;   // the last one, which may be over
};
struct service_state {
    int64_t at_us;               // of writing; older than SERVICE_STATE_SECONDS it says nothing of now
    int64_t started_us;          // of the radio process
    struct str address;          // where it listens, "127.0.0.1:8000"
    struct service_on_air *rows; // each stream, in the order of services.json
    size_t count;
};
enum rc service_state_parse(struct arena *a, struct str json, struct service_state *out, struct problem *p) MUST_USE;
void service_state_write(const struct service_state *state, struct buf *out);
// RC_NOT_FOUND: the radio process never ran.
enum rc service_state_load(struct arena *a, const char *dir, struct service_state *out, struct problem *p) MUST_USE;
const struct service_on_air *service_state_find(const struct service_state *state, struct str stream); // NULL: none

// ---- radio/sessions/2026-11-30.tsv ---------------------------------------------------------------------------------------
// Sessions in parts, a line each, in the file of the UTC day in which the part lies. A session is written when it ends, each
// hour, and at midnight of UTC, so that a killed process takes an hour of it at most.

enum session_kind {
    SESSION_LIVE,  // what is on the air
    SESSION_SHIFT, // what was, at the pace of time
    SESSION_HLS,   // by playlist and segments
    SESSION_KINDS
};
const char *session_kind_word(enum session_kind kind);     // "live"
const char *session_format_word(enum audio_format format); // "mpeg"

struct session_part {
    int64_t from_us, to_us; // of one UTC day; to may be its end
    struct str service, stream;
    enum session_kind kind;
    enum audio_format format;
    uint64_t bytes;
    uint64_t listener; // hash of address and player with a key that lives for that day only
    int64_t before_us; // how long this session had listened before
    uint64_t session;
    struct str player; // a word of player_word
    char country[3];   // "ID"; "-": not known
};
enum { SESSION_LINE_BYTES = 320 };                                      // no line is longer, its end included
int64_t session_day(int64_t at_us);                                     // days since 1970 in UTC
struct str session_day_text(struct arena *a, int64_t day);              // "2026-11-30"
struct str session_file(struct arena *a, const char *dir, int64_t day); // the day's path
// A line with its end. Names and words are taken as they are (must: they are names and words).
void session_line_write(const struct session_part *part, struct buf *out);
// A line without its end, as session_line_write makes it; texts are borrowed from it. False: it is none, as when a crash tore
// it. What is taken can be counted on: the part lies in one day, is no shorter than nothing, and what was before it is no longer than there was time.
bool session_line_parse(struct str line, struct session_part *out);

// What plays, by its User-Agent: one word of a table that does not grow with what listeners send ("vlc", "chromium", "bot",
// "other"). Static.
const char *player_word(struct str user_agent);
struct str
player_name(struct str word); // as people know it: "VLC"; "bot", "other" and what is no word of the table: empty

#endif
