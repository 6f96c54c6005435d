// SPDX-License-Identifier: AGPL-3.0-or-later
// One stream being heard, live or from an instant on. A browser's element would go on with what it has kept after a pause,
// minutes old, or never: so each pause lets the stream go, and each going on opens it anew, live or by ?at=.
const PAUSES = [1, 2, 4, 8, 15, 30], STUCK_MS = 8000, LIVE_MS = 15000; // seconds between tries; without progress; what counts as live

export class Sound {
  constructor(changed) {
    this.changed = changed;
    this.audio = document.createElement('audio');
    this.audio.className = 'player-sound';
    this.audio.preload = 'none';
    this.state = 'paused'; // connecting, playing, again: it waits before it tries anew
    this.at = null; // the instant it was opened at; null: live
    this.base = null; // the instant of the element's second 0
    this.heard = null; // where to go on after a pause
    this.tries = this.skew = 0;
    this.audio.addEventListener('playing', () => this.plays());
    for (const kind of ['error', 'ended']) this.audio.addEventListener(kind, () => this.wants && this.audio.src && this.again());
    addEventListener('online', () => this.state === 'again' && this.open(this.at));
  }

  get wants() {
    return this.state !== 'paused';
  }

  now() {
    return Date.now() + this.skew;
  }

  // The instant that is heard.
  position() {
    if (this.base !== null) return this.base + this.audio.currentTime * 1000;
    return this.at ?? this.heard ?? this.now();
  }

  behind() {
    const late = this.now() - this.position();
    return (this.at === null && this.base === null && this.wants) || late < LIVE_MS ? 0 : late;
  }

  open(at = null) {
    this.let();
    this.at = at === null || at > this.now() - 2000 ? null : Math.floor(at / 1000) * 1000;
    const url = new URL(this.url, location.href);
    if (this.at !== null) url.searchParams.set('at', new Date(this.at).toISOString().replace(/\.\d+/, ''));
    this.audio.src = url;
    this.opened = this.moved = Date.now();
    this.last = 0;
    this.set('connecting');
    this.audio.play().catch((error) => error.name === 'NotAllowedError' && this.wants && this.pause());
  }

  plays() {
    if (!this.wants) return;
    this.base ??= (this.at ?? this.now()) - this.audio.currentTime * 1000;
    this.tries = 0;
    this.set('playing');
  }

  pause() {
    if (!this.wants) return;
    this.heard = this.position();
    this.let();
    this.at = null;
    this.set('paused');
  }

  // Where it was left, if that is kept from `from` on; else live.
  goOn(from) {
    const at = this.heard;
    this.open(at !== null && from !== null && at >= from ? at : null);
  }

  again() {
    const at = this.at === null ? null : this.position(), seconds = PAUSES[Math.min(this.tries++, PAUSES.length - 1)];
    this.let();
    this.at = at;
    this.timer = setTimeout(() => this.open(at), seconds * (800 + 400 * Math.random())); // not everybody at once
    this.set('again');
  }

  // Each second. A connection that is open and brings nothing has no event of its own.
  look() {
    if (this.state !== 'playing' && this.state !== 'connecting') return;
    if (this.audio.currentTime !== this.last) this.moved = Date.now();
    else if (Date.now() - this.moved > STUCK_MS) return this.again();
    this.last = this.audio.currentTime;
  }

  let() {
    clearTimeout(this.timer);
    this.base = null;
    this.audio.pause();
    this.audio.removeAttribute('src');
    this.audio.load();
  }

  set(state) {
    this.state = state;
    this.changed();
  }
}
