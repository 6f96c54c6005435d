// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files of this folder share. A *client* is a connection whose request is being read or answered; it may become
// a *source*, that feeds a stream, a *listener*, that hears one, or a *watcher*, that is told what changes. All of it
// belongs to the loop's thread; only the keeper (keeper.h), the reader (reader.h) and the sessions are shared with theirs.
#ifndef RADIO_INSIDE_H
#define RADIO_INSIDE_H

#include <netinet/in.h>

#include "audio/audio.h"
#include "http/address_table.h"
#include "http/chunked.h"
#include "http/proxy.h"
#include "http/request_parser.h"
#include "radio/keeper.h"
#include "radio/radio.h"
#include "radio/reader.h"
#include "radio/ring.h"
#include "radio/sessions.h"
#include "service/service.h"

enum {
    HEAD_BYTES = 8192,
    HEADERS_MAX = 64,
    RING_BYTES = 2 << 20,
    LAG_BYTES = SERVICE_BURST_MOST, // a listener who is further behind is given up
    BEGINS = 512,                   // places kept where a listener may begin
    BEGIN_STEP = 2048,              // bytes between them at least
    METAINT = 16000,                // bytes of sound between two titles
    ICY_BEGINS = 256,
    SLICES = 47, // of a turn of 1.41 s, in which each listener is served once; 1.5 s may be between two
    SLICE_MS = 30,
    ASK_ARENA = 32 << 20
};

// ---- streams -----------------------------------------------------------------------------------------------------------

// What a listener who joins needs before the first sound: shared by those who begin in the same chain.
struct headers {
    unsigned references;
    size_t n;
    uint8_t bytes[];
};
struct headers *headers_ref(struct headers *h); // NULL is fine
void headers_drop(struct headers **h);
void headers_take(struct headers **h, const struct audio_piece *piece); // of AUDIO_HEADER

struct begin {
    uint64_t at;             // in the ring
    struct headers *headers; // NULL: the format has none
    int64_t moment_us;       // of its first sound
    int64_t sound_us;        // that the stream had played before it
};
struct icy_begin {
    uint64_t at;   // in the ring with titles, right behind one
    uint32_t tail; // bytes there of a frame that began before
};

struct refusal {
    enum service_reason reason;
    char source[SERVICE_NAME_BYTES + 1], is[SERVICE_REASON_BYTES + 1], should[SERVICE_TYPE_BYTES + 1];
};
#define REFUSED_US (600 * US_PER_SECOND) // so long is it an alarm, and the same one nothing new

// What an encoder said of its sound when it connected: lines of UTF-8, empty where it said nothing.
struct said {
    char name[SERVICE_TEXT_BYTES + 1], description[SERVICE_TEXT_BYTES + 1], genre[SERVICE_TEXT_BYTES + 1];
    char url[SERVICE_TEXT_BYTES + 1]; // http:// or https:// only
    char audio_info[128];             // "ice-bitrate=128;ice-channels=2", in any order
    uint32_t kbps;                    // 0: not said
};

struct source;
struct listener;
struct stream {
    struct radio *radio;
    struct stream *next;
    uint64_t id;                   // another one when it is made anew under the same name
    const struct service *service; // of radio->services
    const struct service_stream *setup;
    char name[SERVICE_NAME_BYTES + 1];

    struct ring ring, icy; // the sound; the same with titles between, MPEG audio and ADTS only
    bool has_icy_ring;
    uint32_t icy_left; // bytes of sound until the next title
    struct begin begins[BEGINS];
    size_t begin_first, begin_count;
    struct icy_begin icy_begins[ICY_BEGINS];
    size_t icy_begin_first, icy_begin_count;
    struct headers *headers; // of the chain that plays
    struct headers *heard;   // WebM: that those who listen were given last
    struct audio_webm_joint joint;
    bool begun;       // a sound with which a listener may begin was published since the source changed
    uint64_t number;  // of sources that played
    int64_t next_us;  // moment of the next sound; 0: none was
    int64_t sound_us; // that was published, all in all; stays where the format does not say how long it lasts

    struct source *sources[SERVICE_SOURCES_MAX];   // by the order of setup->sources; NULL: not there
    struct source *newcomers[SERVICE_SOURCES_MAX]; // who waits beside each of them (source_newcomer.c)
    int active;                                    // of `sources`; -1: none
    int64_t active_since_us, off_since_us;
    struct str title, url; // own copies, UTF-8
    int64_t title_since_us;
    char *title_memory, *url_memory;
    char block[AUDIO_ICY_BLOCK_MAX];
    size_t block_bytes;
    uint32_t rate, channels, kbps; // as heard
    // What the first source had last, also before this process; 0 and "": it was not heard yet, or the format has one codec.
    uint32_t main_rate;
    char main_codec[AUDIO_CODEC_BYTES + 1];
    uint64_t bit_bytes;           // of the seconds being measured
    int64_t bit_us, bit_lasts_us; // when they began, monotonic; of their sound
    struct said said;             // by the source that plays, or that played last

    struct keep *keep;
    uint64_t listeners, hls_listeners, peak, joined, slow, refused, bytes_in, bytes_out, source_connects, falls;
    int64_t refused_us;     // monotonic
    struct refusal refusal; // of a source, the last one
    bool alarm_silent;
    // How the sources at each place kept pace, over connections: stalls lately in which one gave too little, and the last.
    struct pace {
        unsigned stalls;
        int64_t stalled_us; // monotonic
    } paces[SERVICE_SOURCES_MAX];
    int64_t make_again_us; // relays and files that are not there, monotonic
};

struct stream *stream_new(struct radio *r, const struct service *service, const struct service_stream *setup);
void stream_free(struct stream **s); // its listeners and sources are closed
// A piece of the active source. Its moment goes on from the last one, or is now after lost time.
void stream_publish(struct stream *s, const struct audio_piece *piece);
void text_keep(struct str *to, char **memory, struct str text);        // a copy of its own in place of the last one
void stream_title(struct stream *s, struct str title, struct str url); // UTF-8, copied
// Chooses who plays; after anything about a source changed, and some times a second.
void stream_choose(struct stream *s);
void stream_off(struct stream *s); // nobody plays
// The source that plays begins another chain, and nothing of the one before: what was published stays for those who listen.
void stream_go_on_with(struct stream *s, const struct source *source);
int64_t piece_lasts_us(const struct audio_piece *piece); // 0: not known, or not to be believed
int64_t stream_ahead_us(const struct stream *s);         // of the sound published before the clock
// The place to begin at for this much in the ring; false: there is no sound yet.
bool stream_begin(const struct stream *s, size_t burst, struct begin *out);
// Where who joins now begins, behind it each place where sound goes on after a gap, and the newest place. How many: 0, there
// is no sound yet; 1, the first is the newest too.
enum { JOINS_MAX = 8 };
size_t stream_joins(const struct stream *s, struct begin out[JOINS_MAX]);
// A part of a listening session: what the stream is, is filled in.
void stream_count(const struct stream *s, struct session_who *who, struct session_part *part);
// As the service says, else as it was heard last; until there is something to measure, as its encoder says.
uint32_t stream_kbps(const struct stream *s);
uint64_t stream_listeners(const struct stream *s); // of all kinds
void stream_note_peak(struct stream *s);
bool stream_icy_begin(const struct stream *s, size_t burst, struct icy_begin *out);
bool stream_is_stalled(const struct stream *s);                    // what plays, or would if it kept pace
unsigned stream_alarms(const struct stream *s);                    // bits of enum service_alarm
struct stream *stream_of_mount(struct radio *r, struct str mount); // NULL: none
struct stream *stream_of_name(struct radio *r, struct str name);

// ---- sources -----------------------------------------------------------------------------------------------------------

struct source {
    struct stream *stream;
    unsigned index;
    enum service_source_kind kind;
    struct net_watch watch;
    struct net_timer timer; // of the connection: silence of bytes; of a relay: the next try
    struct audio_scanner *scanner;
    struct buf waiting; // what the scanner wants more of
    struct buf plain;   // of a body in chunks
    struct chunked chunked;
    bool is_chunked, has_length, paused;
    uint64_t length_left;
    uint64_t bytes, noise_at;
    int64_t came_us, heard_us;   // monotonic
    int64_t lead_us, lead_at_us; // sound it gave ahead of the clock; the worse, the nearer to a stall
    int64_t delivered_us;        // sound since it came
    int64_t began_us, sound_us;  // monotonic: its first sound, and its last
    // It fell behind the clock by its stream's stall limit; until it keeps pace again, and shows that for a while.
    bool is_stalled;
    int64_t trial_from_us;  // monotonic; 0: it is not on trial
    bool is_silent;         // for longer than its stream allows; until it has been heard again for a while
    int64_t loud_us;        // sound since then, that can be heard, without a silence between
    int64_t quiet_since_us; // sound is silent since; 0: it is not
    struct str title, url;
    char *title_memory, *url_memory;
    struct headers *headers; // of its chain, also while it does not play
    char peer[64], agent[128];
    struct said said;
    struct file_loop *file;
    struct relay *relay;
};
struct client;
struct ask;
void source_begin(struct ask *ask, struct stream *s, unsigned index); // takes the connection over
void source_close(struct source **s, const char *why);                // of its stream's array too
bool source_plays(const struct source *s);                            // its stream chose it
bool source_limps(const struct source *s, int64_t now_us); // it stalled or is silent, but gives sound: better than none
// Bytes of sound that came, wherever from. False: the source was closed.
bool source_feed(struct source *s, const void *p, size_t n);
void source_title(struct source *s, struct str typed, struct str url, struct str charset);
// For whoever looks after it; the source itself stays. is, should: as its reason wants them, or STR_NONE.
void stream_note_refused(struct stream *s, unsigned source, enum service_reason reason, struct str is,
                         struct str should);
struct service_refusal stream_refusal(const struct stream *s);
// Whether sound of that rate may be in a stream of the other; 0: nobody says.
bool rate_fits(enum audio_format format, uint32_t heard, uint32_t wanted);
// False: it does not fit its stream, which was noted; whoever plays it ends that.
bool source_piece_fits(struct source *s, const struct audio_piece *piece);
// What falls back is held against what the first source was heard with, not against what it sends while it waits.
void source_note_heard(const struct source *s, const struct audio_piece *piece);
// Whether that would fit; nothing is noted. A codec of NULL is not known.
bool source_sound_is(const struct source *s, uint32_t rate, const char *codec);
const char *source_codec(const struct source *s);       // of the chain that comes; or NULL
const char *source_refused_why(const struct source *s); // when it did not fit
void source_check(struct source *s, int64_t now_us);    // some times a second: stalls
void stream_check_silence(struct stream *s);            // some times a second
bool source_may_play(const struct source *s);
bool source_is_aloud(const struct source *s); // or nobody minds
struct source *source_new(struct stream *s, unsigned index);
void source_adopt_fd(struct source *s, int fd, const char *already, size_t n);
// A connection that just came takes its place, or waits beside who has it and is heard.
void newcomer_come(struct source *fresh);
bool newcomer_waits(const struct source *source);
void newcomer_take_over(struct source *fresh); // who waits, with its first sound
// Some times a second, and when the place is empty: who waits takes it, goes on waiting, or has waited long enough.
void newcomer_check(struct stream *s, unsigned index, int64_t now_us);
void source_file_turn(struct source *s); // plays on as far as time has come
void source_file_open(struct source *s);
void source_file_look(struct source *s);           // has it read where it is another file than the last time
bool source_file_is_there(const struct source *s); // it was read, and nothing is known against it
void source_file_close(struct source *s);
void source_relay_start(struct source *s);
void source_relay_close(struct source *s);
bool source_relay_feed(struct source *s, const char *p, size_t n); // as it came from the other server
// What a relay fetches: http[s]://host[:port]/path.
struct relay_address {
    bool is_tls;
    char host[256], port[8], path[SERVICE_ADDRESS_BYTES]; // of IPv6 without brackets; the path begins with /
};
enum { RELAY_ORIGIN_BYTES = 256 + 8 + sizeof "https://[]:" };
// False: it is none of these.
bool relay_address_read(struct str text, struct relay_address *out);
// As a redirect or a playlist at `from` names it, which may leave out what is as there; may be the same as `out`.
bool relay_address_follow(const struct relay_address *from, struct str text, struct relay_address *out);
void relay_address_origin(const struct relay_address *address, char out[RELAY_ORIGIN_BYTES]); // "https://[::1]:443"
// What a server's head says, up to its empty line, of what was asked for at `path`; texts are borrowed from it.
enum relay_verdict {
    RELAY_STREAM,    // sound of that format comes
    RELAY_ELSEWHERE, // it is at `location`
    RELAY_PLAYLIST,
    RELAY_NOTHING // `why` not
};
struct relay_answer {
    uint32_t metaint; // bytes between two titles; 0: it sends none
    struct str type, location;
    uint64_t length; // UINT64_MAX: not said
    bool is_chunked;
    enum service_reason why; // nothing comes of it
};
enum relay_verdict relay_head(struct str head, struct str path, enum audio_format format, struct relay_answer *out);
bool source_relay_ended(struct source *s, const char *why); // true: it tries again by itself

// ---- what is said of a stream (words.c) --------------------------------------------------------------------------------

// Of the heads of a request; `charset` names what texts are in, empty: UTF-8 where it is valid, else Latin-1.
void said_read(const struct ask *ask, struct str charset, struct said *out);
// A number of its audio_info, as it stands there ("2.5"); STR_NONE: it says none by that name.
struct str said_number(const struct said *said, struct str name);
// The station's words, and where it has none (a title that is still the service's name is none) those of the encoder.
struct str words_name(const struct stream *s); // never empty
struct str words_description(const struct stream *s);
struct str words_genre(const struct stream *s);
struct str words_url(const struct stream *s);

// ---- clients -----------------------------------------------------------------------------------------------------------

enum client_state { CLIENT_HEAD, CLIENT_WRITE, CLIENT_LINGER, CLIENT_TAKEN, CLIENT_PARKED };
struct client {
    struct net_watch watch;
    struct net_timer timer;
    struct radio *radio;
    struct client *next, **prev;
    char *in;
    uint32_t in_bytes, interest; // epoll bits
    uint64_t address;            // of the table of addresses
    struct net_address peer;
    struct client_job *job;
    uint8_t state;
    bool keep_alive;
    bool has_more; // requests that have come wait for a later turn
    bool job_over;
    struct buf out;
    size_t out_at;
    int64_t answer_until_us; // monotonic
    uint32_t lingered;
};
// One request. Everything is borrowed until the handler returns.
struct ask {
    struct client *client;
    struct request_head *head;
    struct arena *arena;
    struct str path;           // decoded
    struct str password, user; // of Basic; NONE: none
    bool is_head, is_admin;
    struct stream *stream;               // of a row with {mount}
    const struct service_source *source; // whose password it was
    unsigned source_index;
    struct str ending; // behind {mount}: "m3u"
};
void client_open(struct radio *r, int fd, const struct net_address *peer, uint64_t address);
void client_close(struct client *c);
// Answers whole; `more` are complete header lines. Bodies of HEAD are left out, their length is said.
void client_answer(struct ask *ask, int status, const char *type, const char *more, struct str body);
void client_refuse(struct ask *ask, int status, const char *more, const char *sentence);
// Gives the connection away: the client is freed, what was read behind the head is handed over (owned).
struct taken {
    int fd;
    char *rest;
    size_t rest_bytes;
    uint64_t address;
};
struct taken client_take(struct ask *ask);
// What a request wants read of the logs. Embedded first in what its handler makes of it.
struct client_job {
    struct read_job read; // its `read` is the handler's
    struct client *client;
    void (*free)(struct client_job *job);
};
// Nothing is answered yet: the handler is called again with the same request when the job is over, and finds it there.
// `urgent` as in reader_ask; where too many wait it is refused, and the job freed.
void client_park(struct ask *ask, struct client_job *job, bool urgent);
struct client_job *client_job(const struct ask *ask);          // NULL: the handler is called for the first time
struct str ask_field(const struct ask *ask, const char *name); // of the query, decoded; NONE
struct str ask_header(const struct ask *ask, const char *name);
struct str ask_origin(const struct ask *ask); // "https://radio.example.org", arena
void routes_answer(struct ask *ask);
#define CORS_LINES                                                                                                     \
    "Access-Control-Allow-Origin: *\r\n"                                                                               \
    "Access-Control-Expose-Headers: Icy-MetaInt, Icy-Br, Icy-Name, Icy-Genre, Icy-Url, Icy-Description, Icy-Sr, "      \
    "Ice-Audio-Info, Content-Range\r\n"

// ---- listeners ---------------------------------------------------------------------------------------------------------

enum listener_kind { LISTEN_LIVE, LISTEN_ICY_RING, LISTEN_ICY, LISTEN_SHIFT };
struct listener {
    struct net_watch watch;
    struct stream *stream;
    struct listener *next, **prev; // of its slice
    uint64_t cursor;               // of the ring it hears
    uint64_t id, sent, address;
    int64_t since_us, part_us;     // joined; the part of the session that is being counted; onward
    int64_t moved_us;              // its socket took something last, monotonic
    uint64_t part_sent, half_sent; // of `sent`, when they began
    uint8_t *prefix;               // what goes out first, owned
    uint32_t prefix_bytes, prefix_at;
    const char *agent; // interned
    struct session_who who;
    uint8_t kind, lagging_slices, ip[16]; // IPv6, or IPv4 mapped
    uint8_t step;                         // slices from one time that it is served to the next
    bool half;                            // its other side sends nothing any more
    struct shift *shift;                  // LISTEN_SHIFT
    uint32_t title_in;                    // LISTEN_ICY: bytes of sound until its next title
};
void listener_join(struct ask *ask, struct stream *s);
void listeners_turn(struct radio *r); // one slice
void listeners_close(struct stream *s);
void listener_close(struct listener *l);
void listener_text(const struct listener *l, bool masked, char out[64]); // its address
int64_t listener_seconds(const struct listener *l);                      // that it has listened
// All who listen to a stream, one after the other; each may be closed when it was given. Begins with one of zeros.
struct listener_walk {
    unsigned slice;
    struct listener *next;
};
struct listener *listener_next(const struct stream *s, struct listener_walk *walk); // NULL: there is no other

// Sound with a title's block behind each METAINT bytes of it; *left: bytes until the next. NULL: without titles.
void sound_put(struct buf *out, uint32_t *left, struct str sound, struct str block);

// Earlier sound. First its place is looked for, for which the client waits; then it belongs to a listener.
void shift_find(struct ask *ask, const struct stream *s, int64_t at_us);
// NULL: nothing is kept of it, or only what came before, of a stream that is off: nobody waits for what may never come.
struct shift *shift_new(struct listener *l, const struct client_job *found, bool is_off, bool has_titles);
void shift_close(struct shift **shift);                      // NULL inside is fine
void shift_go_on(struct shift *shift);                       // has what is due made, unless that is being done
void listener_earlier(struct listener *l, struct str sound); // sends it; what waited before has gone. It may be no more

void mount_get(struct ask *ask);
void mount_put(struct ask *ask);

// ---- the process -------------------------------------------------------------------------------------------------------

// Which file stands at a path: another one differs in one of these.
struct file_stamp {
    bool is_known;             // false: nobody looked yet
    int64_t size, time, inode; // all 0: there is none
};
struct file_stamp file_stamp_of(const char *path); // on a thread that may wait
bool file_stamp_is(const struct file_stamp *a, const struct file_stamp *b);

struct watcher;
struct now_texts;
struct radio {
    struct radio_process *setup;
    struct net_loop *loop;
    struct net_watch listen, signals, ticker, parent;
    struct net_timer second, checks, alone;
    bool is_alone; // the parent is gone
    pid_t parent_pid;
    int64_t alone_until_us; // monotonic
    struct arena *services_arena;
    struct services services;
    struct file_stamp services_seen;
    bool services_asked; // they are being looked at
    struct stream *streams;
    struct client *clients;
    struct watcher *watchers;
    uint64_t watcher_count;
    struct listener *slices[SLICES];
    unsigned slice, hurry; // slices that are served before their time
    bool ticking;
    uint64_t listeners, next_id, connections, accepts, refused_connections, wrong_passwords;
    struct address_table *addresses, *tries;
    struct keeper *keeper;
    struct sessions *sessions;
    int64_t started_us;
    char admin_token[33]; // stands in the forms of the administrator's pages
    bool stopping, accept_paused;
    struct agents *agents;
    struct reader *reader;     // of the logs
    struct reader *files;      // of services.json and of what sources play
    struct resolver *resolver; // of the servers that relays fetch from
    struct hls_listeners *hls_listeners;
    uint64_t change;             // of what now.json says
    struct now_texts *now_texts; // that were made of it; NULL: none
    char read[65536];
};
void alone_begin(struct radio *r);
void alone_hear(struct radio *r); // configure() may have named another parent
void alone_end(struct radio *r);
void radio_tick_need(struct radio *r); // listeners or files are there: the ticker runs
void radio_connection_over(struct radio *r, uint64_t address);
// As many are connected as may be, or more: whoever would stay is refused, so that an encoder that comes back and the
// administrator still find a place.
bool radio_is_full(const struct radio *r);
void radio_services_begin(struct radio *r); // reads services.json and waits for it: before anybody is heard
void radio_services_look(struct radio *r);  // each second: has it read where it is another one
// In place of those before; the arena is owned.
void radio_services_take(struct radio *r, struct services *fresh, struct arena *arena);
void radio_changed(struct stream *s);      // what is on the air: watchers are told
int64_t radio_now_us(void);                // the wall clock, which does not go back by less than a minute
int64_t radio_passed_us(int64_t since_us); // by that clock; at least 0
int64_t radio_onward_us(void); // by that clock, but as if it had never been put back: for how long something lasts

// ---- answers -----------------------------------------------------------------------------------------------------------

struct icecast_time {
    char date[64], iso[32]; // as Icecast writes moments: "Mon, 23 Nov 2026 13:00:00 +0000", "2026-11-23T13:00:00+0000"
};
struct icecast_time icecast_time(int64_t at_us);
// What Icecast says of a source, by its names and in its order.
struct icecast_fact {
    const char *name;
    struct str text; // also of a number
    bool is_number;
    bool is_private; // the administrator's
};
enum { ICECAST_FACTS = 48 };
// Of a stream that plays; texts are of the arena or borrowed from the stream. Says how many.
size_t icecast_facts(struct ask *ask, const struct stream *s, struct icecast_fact out[ICECAST_FACTS]);
void status_json_show(struct ask *ask);
void now_show(struct ask *ask);
void now_forget(struct radio *r); // the texts that are kept
void events_begin(struct ask *ask);
void watchers_tell(struct radio *r);
void watchers_beat(struct radio *r); // each second
void watchers_close(struct radio *r);
void metrics_show(struct ask *ask);
void playlist_show(struct ask *ask);
struct stream *admin_mount(struct ask *ask); // that the query names; NULL: none, and it was answered
void admin_page_show(struct ask *ask);
void list_clients_page_show(struct ask *ask);
void move_clients(struct ask *ask);
void fallbacks_set(struct ask *ask);
void build_m3u(struct ask *ask);
void update_metadata_show(struct ask *ask);
void stats_show(struct ask *ask);
void list_clients_show(struct ask *ask);
void list_mounts_show(struct ask *ask);
void stream_list_show(struct ask *ask);
void metadata_update(struct ask *ask);
void kill_source(struct ask *ask);
void kill_client(struct ask *ask);
void hls_show(struct ask *ask);
void hls_listeners_turn(struct radio *r); // each second: those who went are counted
void hls_listeners_close(struct stream *s);
void front_show(struct ask *ask);
void state_put(struct radio *r);                           // run/radio.json, by the keeper
const char *agent_keep(struct radio *r, struct str agent); // one copy of each, counted
void agent_drop(struct radio *r, const char *agent);

#endif
