// SPDX-License-Identifier: AGPL-3.0-or-later
// Which program plays: the first row one of whose signs stands in its User-Agent. So what is built upon something else
// stands before it: apps before browsers, and browsers before the one they claim to be.
#include <stdlib.h>

#include "service/service.h"

enum { SIGNS_MOST = 6, AGENT_MOST = 512 };

struct player {
    const char *word, *name;
    const char *signs[SIGNS_MOST]; // lower case
};
static const struct player players[] = {
    // Nobody listens there. Not "bot" alone: telephones have it in their names.
    {"bot", "", {"+http", "bot/", "bot;", "bot)", "crawler", "spider"}},
    {"bot", "", {"slurp", "facebookexternalhit", "headlesschrome", "pingdom", "uptime", "check_http"}},
    {"relay", "Icecast relay", {"icecast", "rsas", "siaran"}},
    {"sonos", "Sonos", {"sonos"}},
    {"alexa", "Alexa", {"alexa", "amazonmusic"}},
    {"chromecast", "Chromecast", {"crkey"}},
    {"roku", "Roku", {"roku"}},
    {"tunein", "TuneIn", {"tunein"}},
    {"kodi", "Kodi", {"kodi/", "xbmc/"}},
    {"vlc", "VLC", {"vlc/", "libvlc"}},
    {"mpv", "mpv", {"mpv"}},
    {"mplayer", "MPlayer", {"mplayer"}},
    {"winamp", "Winamp", {"winamp"}},
    {"wmplayer", "Windows Media Player", {"nsplayer", "windows-media-player", "wmfsdk"}},
    {"foobar2000", "foobar2000", {"foobar2000"}},
    {"mpd", "Music Player Daemon", {"music player daemon"}},
    {"audacious", "Audacious", {"audacious"}},
    {"clementine", "Clementine", {"clementine", "strawberry"}},
    {"rhythmbox", "Rhythmbox", {"rhythmbox"}},
    {"streamripper", "Streamripper", {"streamripper"}},
    {"liquidsoap", "Liquidsoap", {"liquidsoap"}},
    {"mpg123", "mpg123", {"mpg123"}},
    {"gstreamer", "GStreamer", {"gstreamer", "souphttpsrc"}},
    {"ffmpeg", "FFmpeg", {"lavf/", "ffmpeg", "libavformat"}},
    {"itunes", "iTunes", {"itunes/"}},
    {"applecoremedia", "AppleCoreMedia", {"applecoremedia"}},
    {"android", "Android", {"stagefright", "exoplayer", "androidxmedia3", "dalvik/", "okhttp/"}},
    {"frontier", "Frontier Silicon", {"frontier", "fsradio", "undok", "airable"}},
    {"esp", "ESP32, VS1053", {"esp32", "esp8266", "vs1053"}},
    {"curl", "curl", {"curl/"}},
    {"wget", "Wget", {"wget/"}},
    {"python", "Python", {"python-", "python/", "aiohttp"}},
    {"edge", "Edge", {"edg/", "edga/", "edgios/", "edge/"}},
    {"opera", "Opera", {"opr/", "opera"}},
    {"samsung", "Samsung Internet", {"samsungbrowser/"}},
    {"firefox", "Firefox", {"firefox/", "fxios/"}},
    {"chromium", "Chrome, Chromium", {"chrome/", "chromium/", "crios/"}},
    {"safari", "Safari", {"safari/"}},
};
enum { PLAYERS = sizeof players / sizeof players[0] };

static bool has_sign(const struct player *player, const char *agent, size_t n) {
    for (size_t i = 0; i < SIGNS_MOST && player->signs[i] != NULL; i++)
        if (memmem(agent, n, player->signs[i], strlen(player->signs[i])) != NULL)
            return true;
    return false;
}

const char *player_word(struct str user_agent) {
    char agent[AGENT_MOST];
    size_t n = user_agent.n < sizeof agent ? user_agent.n : sizeof agent;
    for (size_t i = 0; i < n; i++)
        agent[i] = user_agent.p[i] >= 'A' && user_agent.p[i] <= 'Z' ? (char)(user_agent.p[i] | 32) : user_agent.p[i];
    for (size_t i = 0; i < PLAYERS; i++)
        if (has_sign(&players[i], agent, n))
            return players[i].word;
    return "other";
}

struct str player_name(struct str word) {
    for (size_t i = 0; i < PLAYERS; i++)
        if (str_eq(word, str_from(players[i].word)))
            return str_from(players[i].name);
    return STR_NONE;
}
