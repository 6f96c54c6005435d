// SPDX-License-Identifier: AGPL-3.0-or-later
// What is on the air, as the radio says it: by its events, and where these do not come through, by asking again and again.
// While nobody looks and nobody listens it is not asked.
const ASK_MS = 15000, EVENTS_AGAIN_MS = 60000;

export class Now {
  constructor(changed) {
    this.changed = changed;
    this.services = new Map();
    this.at = 0; // by the radio's clock, when it told the last time
    this.skew = 0; // milliseconds that the radio's clock is ahead of this one
    this.run = 0; // another one where changes may have been missed before
    this.isBroken = true;
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
    this.isOn = this.isBroken = true;
    clearTimeout(this.timer);
    this.source = new EventSource(this.events);
    this.source.addEventListener('now', (event) => this.take(event.data));
    this.source.addEventListener('error', () => {
      this.isBroken = true;
      if (this.source?.readyState === EventSource.CLOSED) this.askInstead();
    });
  }

  stop() {
    this.isOn = false;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  // Once, beside the events.
  async ask() {
    try {
      const answer = await fetch(this.now, { credentials: 'omit' });
      if (!answer.ok) return false;
      this.take(await answer.text());
      return true;
    } catch {
      return false; // the radio is away
    }
  }

  async askInstead() {
    this.source?.close();
    this.source = null;
    this.since ??= Date.now();
    await this.ask();
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
    if (Number.isNaN(at)) return;
    if (this.isBroken) this.run++;
    Object.assign(this, { at, isBroken: false });
    this.skew = Math.abs(at - Date.now()) < 2000 ? 0 : at - Date.now();
    this.services = new Map(told.services.map((service) => [service.name, service]));
    this.changed();
  }

  // What is known of a service, whichever of its streams plays: { isOn, title, since, from, joins }, or undefined.
  of(name, stream) {
    const service = this.services.get(name);
    if (!service) return undefined;
    const streams = service.streams ?? [], on = streams.filter((s) => s.on_air);
    const told = on.find((s) => s.name === stream) ?? on.find((s) => s.title) ?? on[0];
    const from = Date.parse((streams.find((s) => s.name === stream) ?? streams[0])?.rewind_from ?? '');
    const joins = (streams.find((s) => s.name === stream)?.joins ?? []).map((one) => ({ ms: one.sound_ms, at: Date.parse(one.at) }));
    return { isOn: on.length > 0, title: told?.title ?? '', since: told?.title_since ?? null, from: Number.isNaN(from) ? null : from, joins };
  }
}
