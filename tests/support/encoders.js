// SPDX-License-Identifier: AGPL-3.0-or-later
// The encoders that Debian has, each told by its own configuration to send our clips. What each row says:
//   formats  of peers.js that it can send
//   titles   how the title gets to the server: 'own' (it tells the server), 'inside' (in the stream's own comments),
//            'told' (by whoever automates the station, with a request of its own), 'beside' (it tells the server, of a stream
//            whose players look for titles inside), per format
//   untitled why there is no title, or none that players hear of, per format
//   ends     the players that end with its first chain, per format, beside those who always do
//   why      it sends no other formats, or somebody ends
//   copies   that it sends the bytes of the clip as they are
//   start    gives the peers; `at` has dir (for its files), clips, host, port and mounts: format -> { mount, password }
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { Peer, formats, title } = require('./peers');

const inOgg = { vorbis: 'inside', opus: 'inside', flac: 'inside' };
const clip = (at, format) => path.join(at.clips, formats[format].file);
const each = (at, start) => Object.entries(at.mounts).map(([format, m]) => start(format, m));

function write(at, name, text, mode = 0o600) {
  const file = path.join(at.dir, name);
  fs.writeFileSync(file, text, { mode });
  return file;
}

function ffmpeg(name, extra, run = (...command) => command) {
  return {
    name, copies: true, formats: ['mp3', 'aac', 'vorbis', 'opus', 'flac', 'native', 'webm'], titles: { mp3: 'told', aac: 'told', ...inOgg, native: 'inside', webm: 'inside' },
    start: (at) => each(at, (format, m) => new Peer(name, ...run('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'warning', '-re', '-stream_loop', '-1', '-i', clip(at, format),
      '-c', 'copy', '-metadata', `title=${title}`, '-f', formats[format].muxer, ...(format === 'mp3' ? ['-write_xing', '0', '-id3v2_version', '0'] : []),
      ...(format === 'webm' ? ['-live', '1', '-cluster_time_limit', '500'] : []), '-content_type', formats[format].type, '-ice_name', 'Peers', ...extra,
      `icecast://source:${m.password}@${at.host}:${at.port}${m.mount}`]))),
  };
}

// As engineers have it come back, because it does not by itself.
const ffmpegInALoop = ffmpeg('ffmpeg in a loop', [], (command, args) => ['sh', ['-c', 'while :; do "$@"; sleep 1; done', 'sh', command, ...args]]);

const ezstream = {
  name: 'ezstream', why: 'its libshout knows neither AAC nor WebM, and of FLAC not how long it lasts: a whole file would be sent in a moment', copies: true, formats: ['mp3', 'vorbis', 'opus'], titles: { mp3: 'own', ...inOgg },
  start: (at) => each(at, (format, m) => {
    const program = write(at, `title-${format}`, `#!/bin/sh\ncase "$1" in artist) ;; *) echo '${title}' ;; esac\n`, 0o700);
    const kind = format === 'mp3' ? 'MP3' : 'Ogg';
    return new Peer('ezstream', 'ezstream', ['-v', '-c', write(at, `ezstream-${format}.xml`, `<ezstream><servers><server><protocol>HTTP</protocol>
<hostname>${at.host}</hostname><port>${at.port}</port><user>source</user><password>${m.password}</password><reconnect_attempts>20</reconnect_attempts></server></servers>
<streams><stream><mountpoint>${m.mount}</mountpoint><format>${kind}</format><stream_name>Peers</stream_name></stream></streams>
<intakes><intake><type>file</type><filename>${clip(at, format)}</filename><stream_once>No</stream_once></intake></intakes>
${format === 'mp3' ? `<metadata><program>${program}</program><refresh_interval>1</refresh_interval></metadata>` : ''}</ezstream>\n`)]);
  }),
};

const ices2 = {
  name: 'ices2', why: 'knows Vorbis alone', copies: false, formats: ['vorbis'], titles: { vorbis: 'inside' },
  start: (at) => each(at, (format, m) => new Peer('ices2', 'ices2', [write(at, 'ices.xml', `<?xml version="1.0"?><ices><background>0</background><logpath>${at.dir}</logpath>
<logfile>ices.log</logfile><loglevel>3</loglevel><consolelog>1</consolelog><stream><metadata><name>Peers</name></metadata>
<input><module>playlist</module><param name="type">basic</param><param name="file">${write(at, 'list', `${clip(at, format)}\n`)}</param><param name="once">0</param></input>
<instance><hostname>${at.host}</hostname><port>${at.port}</port><password>${m.password}</password><mount>${m.mount}</mount><reconnectdelay>1</reconnectdelay>
<reconnectattempts>-1</reconnectattempts><maxqueuelength>80</maxqueuelength></instance></stream></ices>\n`)])),
};

const liquidsoap = {
  name: 'liquidsoap', ends: { opus: ['GStreamer'] }, why: 'has no WebM; its Opus begins with a chain of 0.1 s, in which GStreamer finds no sound and ends', copies: false, formats: ['mp3', 'aac', 'vorbis', 'opus', 'flac', 'native'], titles: { mp3: 'own', aac: 'own', ...inOgg, native: 'own' },
  start: (at) => {
    const encoders = { mp3: '%mp3(bitrate=128)', aac: '%ffmpeg(format="adts",%audio(codec="aac",b="96k"))', vorbis: '%vorbis', opus: '%opus', flac: '%ogg(%flac)', native: '%flac' };
    const outputs = each(at, (format, m) => `output.icecast(${encoders[format]}, host="${at.host}", port=${at.port}, password="${m.password}", mount="${m.mount}",
  name="Peers", format="${formats[format].type}", icy_metadata="${format in inOgg ? 'guess' : 'true'}", on_error=fun(_) -> 1., s)`);
    const script = write(at, 'radio.liq', `settings.init.allow_root.set(true)\nsettings.log.stdout.set(true)\nsettings.log.file.set(false)
s = mksafe(single("annotate:title=\\"${title}\\":${path.join(at.clips, 'clip.wav')}"))\n${outputs.join('\n')}\n`);
    return [new Peer('liquidsoap', 'liquidsoap', [script])];
  },
};

const gstreamer = {
  name: 'GStreamer', why: 'its shout2send takes no AAC', copies: true, formats: ['mp3', 'vorbis', 'opus', 'flac', 'webm'], titles: { mp3: 'own', vorbis: 'inside', flac: 'inside' },
  untitled: { opus: 'loses the comments in its opusparse', webm: 'writes bytes that are no ASCII as their octal numbers' },
  start: (at) => each(at, (format, m) => {
    const from = { mp3: ['id3demux', 'mpegaudioparse'], vorbis: ['oggdemux', 'vorbisparse', 'oggmux'], opus: ['oggdemux', 'opusparse', 'oggmux'],
      flac: ['oggdemux', 'flacparse', 'oggmux'], webm: ['matroskademux', 'opusparse', 'webmmux streamable=true'] }[format];
    const file = format === 'mp3' ? path.join(at.clips, 'tagged.mp3') : clip(at, format);
    const line = `filesrc location=${file} ! ${from.join(' ! ')} ! shout2send sync=true ip=${at.host} port=${at.port} password=${m.password} mount=${m.mount} streamname=Peers`;
    return new Peer('GStreamer', 'gst-launch-1.0', line.split(' '));
  }),
};

const curl = {
  name: 'curl -T', why: 'keeps no time of its own: only what has as many bytes in each second', copies: true, formats: ['mp3', 'aac'], titles: { mp3: 'told', aac: 'told' },
  start: (at) => each(at, (format, m) => new Peer('curl', 'curl', ['-sSf', '-T', clip(at, format), '--limit-rate', format === 'mp3' ? '16000' : '12300', '-u', `source:${m.password}`,
    '-H', `Content-Type: ${formats[format].type}`, '-H', 'Ice-Name: Peers', '-o', '/dev/null', `http://${at.host}:${at.port}${m.mount}`])),
};

// A pipe into curl, which then cannot know the length and sends chunks.
const chunked = {
  name: 'curl -T, a pipe', why: 'the same in chunks', copies: true, formats: ['mp3', 'native'], titles: { mp3: 'told', native: 'inside' },
  start: (at) => each(at, (format, m) => new Peer('curl', 'sh', ['-c', 'ffmpeg -v error -nostdin -re -stream_loop -1 -i "$1" -c copy $4 -f $5 -flush_packets 1 - | curl -sSf -T - -u "$2" -H "Content-Type: $6" -H "Ice-Name: Peers" -o /dev/null "$3"', 'sh',
    clip(at, format), `source:${m.password}`, `http://${at.host}:${at.port}${m.mount}`, format === 'mp3' ? '-write_xing 0 -id3v2_version 0' : '', formats[format].muxer, formats[format].type])),
};

// What butt takes for a sound card: a pipe that somebody fills at the pace of time. It reads in pieces of 50 and 100 ms, and
// what comes in longer ones is lost by a third.
const CARD_BYTES = 17640, CARD_MS = 100;
function soundCard(at, dir) {
  const fifo = path.join(dir, 'card');
  if (!fs.existsSync(fifo)) require('node:child_process').execFileSync('mkfifo', [fifo]);
  const fd = fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  const sound = fs.readFileSync(path.join(at.clips, 'clip.wav')).subarray(44);
  let from = 0;
  const timer = setInterval(() => {
    if (from + CARD_BYTES > sound.length) from = 0;
    try {
      fs.writeSync(fd, sound, from, CARD_BYTES);
    } catch { /* nobody takes it just now */ }
    from += CARD_BYTES;
  }, CARD_MS);
  write({ dir }, '.asoundrc', `pcm.card { type file; slave.pcm { type null } file /dev/null; infile ${fifo}; format raw }
pcm.!default { type plug; slave { pcm card; format S16_LE; rate 44100; channels 2 } }\nctl.!default { type null }\n`);
  return () => { clearInterval(timer); fs.closeSync(fd); };
}

// It begins a chain for each title, the first after half a second of sound: a player that is still finding out what it hears,
// or that ends with its first chain, ends there. Of FLAC, which players look at for longest, it has none to tell.
function buttConfig(at, format, m) {
  const codec = { mp3: 'mp3', vorbis: 'ogg', opus: 'opus', flac: 'flac', aac: 'aac' }[format];
  return write(at, `butt-${format}`, `[main]\nserver = Peers\nsrv_ent = Peers\nicy =\nicy_ent =\nnum_of_srv = 1\nnum_of_icy = 0\nsong_path = ${write(at, 'song', `${title}\n`)}
song_update = ${format === 'flac' ? 0 : 1}\nsong_delay = 0\nsong_prefix =\nsong_suffix =\nread_last_line = 0\napp_update = 0\napp_artist_title_order = 1\ngain = 1.0\nsignal_threshold = 0.0
silence_threshold = 0.0\nsignal_detection = 0\nsilence_detection = 0\ncheck_for_update = 0\nstart_agent = 0\nminimize_to_tray = 0\nconnect_at_startup = 1
force_reconnecting = 1\nreconnect_delay = 1\nic_charset = UTF-8\nlog_file = ${path.join(at.dir, 'butt.log')}\n\n[audio]\ndevice = 0\ndevice_name = default\nsamplerate = ${format === 'opus' ? 48000 : 44100}
bitrate = 128\nchannel = 2\nleft_ch = 1\nright_ch = 2\ncodec = ${codec}\nresample_mode = 0\nsilence_level = 50.0\nsignal_level = 50.0\ndisable_dithering = 0\nbuffer_ms = 50
dev_remember = 1\n\n[record]\nbitrate = 192\ncodec = mp3\nstart_rec = 0\nstop_rec = 0\nrec_after_launch = 0\noverwrite_files = 0\nsync_to_hour = 0\nsplit_time = 0
filename = rec.mp3\nfolder = ${at.dir}/\n\n[Peers]\naddress = ${at.host}\nport = ${at.port}\npassword = ${m.password}\ntype = 1\ntls = 0\ncert_hash =\nmount = ${m.mount.slice(1)}\nusr = source\n`);
}

const butt = {
  name: 'butt', why: 'has no WebM and FLAC in Ogg alone; Debian leaves AAC out of it', copies: false, formats: ['mp3', 'vorbis', 'opus', 'flac'], titles: { mp3: 'own', vorbis: 'beside', opus: 'inside' },
  untitled: { vorbis: 'writes none into it, but tells the server', flac: 'would begin a chain for it' },
  start: (at) => {
    const homes = Object.fromEntries(each(at, (format) => [format, path.join(at.dir, format)]));
    const cards = Object.values(homes).map((home) => {
      fs.mkdirSync(home, { recursive: true });
      return soundCard(at, home);
    });
    const screen = new Peer('Xvfb', 'Xvfb', ['-displayfd', '3', '-screen', '0', '640x480x24', '-nolisten', 'tcp']);
    const peers = [screen];
    screen.ended.then(() => cards.forEach((stop) => stop()));
    screen.once('line', (display) => {
      if (/^\d+$/.test(display)) peers.push(...each(at, (format, m) => new Peer('butt', 'butt', ['-x', '-c', buttConfig(at, format, m)], { env: { HOME: homes[format], DISPLAY: `:${display}` } })));
    });
    return peers;
  },
};

module.exports = { encoders: [ffmpeg('ffmpeg', []), ffmpeg('ffmpeg, SOURCE', ['-legacy_icecast', '1']), ezstream, ices2, liquidsoap, butt, gstreamer, curl, chunked], ffmpegInALoop, liquidsoap };
