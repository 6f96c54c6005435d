// SPDX-License-Identifier: AGPL-3.0-or-later
// What is on the air, as the radio says it: by its events, and where these do not come through, by asking again and again.
// While nobody looks and nobody listens it is not asked.
const ASK_MS = 15000, EVENTS_AGAIN_MS = 60000;

export class Now {
  constructor(changed) {
    this.changed = changed;
    this.services = new Map();
    this.skew = 0; // milliseconds that the radio's clock is ahead of this one
    this.isOn = false;
  }

  follow(events, now) {
    if (events === this.events && now === this.now) return;
    this.stop();
    Object.assign(this, { events, now });
  }

  want(isWanted) {
    if (isWanted && !this.isOn) this.start();
    else if (!isWanted) this.stop();
  }

  start() {
    if (!this.events) return;
    this.isOn = true;
    clearTimeout(this.timer);
    this.source = new EventSource(this.events);
    this.source.addEventListener('now', (event) => this.take(event.data));
    this.source.addEventListener('error', () => this.source?.readyState === EventSource.CLOSED && this.askInstead());
  }

  stop() {
    this.isOn = false;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  async askInstead() {
    this.source?.close();
    this.source = null;
    this.since ??= Date.now();
    try {
      const answer = await fetch(this.now, { credentials: 'omit' });
      if (answer.ok) this.take(await answer.text());
    } catch {
      // the radio is away; it is asked again
    }
    if (!this.isOn || this.source) return;
    const eventsAgain = Date.now() - this.since > EVENTS_AGAIN_MS;
    if (eventsAgain) this.since = undefined;
    this.timer = setTimeout(() => (eventsAgain ? this.start() : this.askInstead()), ASK_MS);
  }

  take(text) {
    let told;
    try {
      told = JSON.parse(text);
    } catch {
      return;
    }
    if (!Array.isArray(told?.services)) return;
    const at = Date.parse(told.at);
    if (!Number.isNaN(at)) this.skew = Math.abs(at - Date.now()) < 2000 ? 0 : at - Date.now();
    this.services = new Map(told.services.map((service) => [service.name, service]));
    this.changed();
  }

  // What is known of a service, whichever of its streams plays: { isOn, title, since, from }, or undefined.
  of(name, stream) {
    const service = this.services.get(name);
    if (!service) return undefined;
    const streams = service.streams ?? [], on = streams.filter((s) => s.on_air);
    const told = on.find((s) => s.name === stream) ?? on.find((s) => s.title) ?? on[0];
    const from = Date.parse((streams.find((s) => s.name === stream) ?? streams[0])?.rewind_from ?? '');
    return { isOn: on.length > 0, title: told?.title ?? '', since: told?.title_since ?? null, from: Number.isNaN(from) ? null : from };
  }
}
