// SPDX-License-Identifier: AGPL-3.0-or-later
// One stream being heard, live or from an instant on. A browser's element would go on with what it has kept after a pause,
// minutes old, or never: so each pause lets the stream go, and each going on opens it anew, live or by ?at=.
//
// Live is some seconds old: the radio begins with what a browser needs to begin at once, and the element cannot say from when
// that is. So the radio is asked as the stream is opened (docs/now.md, joins). From there on the element's own time
// counts, which stands still with the sound; gaps of the stream are told as they come.
const PAUSES = [1, 2, 4, 8, 15, 30], STUCK_MS = 8000, LIVE_MS = 15000; // seconds between tries; without progress; what counts as live
const SHORT_MS = 2000, PLACES = 200; // who pauses no longer comes back to live sound; kept

export class Sound {
  // `joins`: asks the radio where one begins who joins now, a list that may be empty.
  constructor(changed, joins) {
    Object.assign(this, { changed, joins });
    this.audio = document.createElement('audio');
    this.audio.className = 'player-sound';
    this.audio.preload = 'none';
    this.state = 'paused'; // connecting, playing, again: it waits before it tries anew
    this.at = null; // the instant it was opened at; null: live
    // { ms, at }: the sound behind the first ms that the stream has played is of that instant.
    this.first = null; // where the element began
    this.places = []; // and where else it is known, the newest first
    this.start = null; // the element's own time when it began
    this.age = 0; // how much sound there is already when one joins live, as it was told last
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
    if (this.start === null) return this.at ?? this.heard ?? this.now() - this.age;
    const ms = this.first.ms + this.audio.currentTime * 1000 - this.start;
    const place = this.places.find((one) => one.ms <= ms) ?? this.first;
    return place.at + ms - place.ms;
  }

  behind() {
    const late = this.now() - this.position(), live = this.at === null ? LIVE_MS + this.age : LIVE_MS;
    return (this.at === null && this.start === null && this.wants) || late < live ? 0 : late;
  }

  open(at = null) {
    this.let();
    this.heard = null;
    this.at = at === null || at > this.now() - this.age - SHORT_MS ? null : Math.floor(at);
    this.first = { ms: 0, at: this.at ?? this.now() - this.age };
    this.places = [];
    const url = new URL(this.url, location.href);
    if (this.at !== null) url.searchParams.set('at', new Date(this.at).toISOString().replace('.000Z', 'Z'));
    this.audio.src = url;
    if (this.at === null) this.place();
    this.opened = this.moved = Date.now();
    this.last = 0;
    this.set('connecting');
    this.audio.play().catch((error) => error.name === 'NotAllowedError' && this.wants && this.pause());
  }

  // Where the radio cannot be asked it stays at what is likely: so old as it was the last time.
  async place() {
    const opening = (this.opening = {}), joins = await this.joins();
    if (this.opening !== opening || joins.length === 0) return;
    [this.first] = joins;
    this.places = joins.reverse();
    this.isPlaced = true;
    this.changed();
  }

  // Where one begins who joins, and where sound goes on up to the newest.
  tell(joins) {
    if (joins.length === 0) return;
    this.age = joins[joins.length - 1].ms - joins[0].ms;
    if (!this.isPlaced) return;
    for (const one of joins) if (one.ms > this.places[0].ms) this.places.unshift(one);
    this.places.length = Math.min(this.places.length, PLACES);
  }

  plays() {
    if (!this.wants) return;
    this.start ??= this.audio.currentTime * 1000;
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
    this.start = this.opening = null;
    this.isPlaced = false;
    this.audio.pause();
    this.audio.removeAttribute('src');
    this.audio.load();
  }

  set(state) {
    this.state = state;
    this.changed();
  }
}
