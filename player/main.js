// SPDX-License-Identifier: AGPL-3.0-or-later
// The player: what is played, by whom it is asked, and what every part of the page shows of it.
import { Bar, clockOf } from './bar.js';
import { kept, tab } from './memory.js';
import { Moves } from './moves.js';
import { Now } from './now.js';
import { Sound } from './sound.js';
import { Titles } from './titles.js';
import * as lockScreen from './lock_screen.js';

const STEP_MS = 30000, HEARD_MS = 12 * 3600 * 1000, TITLE_MS = 2000;

class Player {
  constructor({ style }) {
    this.style = style;
    this.sound = new Sound(() => this.changed(), () => this.joins());
    this.titles = new Titles();
    this.now = new Now(() => this.told());
    this.isShown = false; // the bar is on the page
    this.sleepAt = null;
    this.sentence = '';
    this.title = '';
    this.saves = kept.get('saver') ?? Boolean(navigator.connection?.saveData);
    this.sound.audio.volume = Math.min(1, Math.max(0, kept.get('volume') ?? 1));
    this.moves = new Moves(() => this.sound.wants, () => [this.bar.element, this.sound.audio], () => this.moved());
    this.others = 'BroadcastChannel' in globalThis ? new BroadcastChannel('siaran-player') : null;
    this.others?.addEventListener('message', () => this.sound.pause()); // another tab plays
    lockScreen.offer({ play: () => this.play(), pause: () => this.sound.pause(), stop: () => this.close(), seekbackward: () => this.step(-STEP_MS), seekforward: () => this.step(STEP_MS) });
    setInterval(() => this.tick(), 1000);
    document.addEventListener('visibilitychange', () => this.follow());
    addEventListener('pagehide', () => this.remember());
  }

  // The bar in the language of the page; what it showed goes on.
  async bring(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address} was answered with ${answer.status}`);
    const section = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.player');
    const old = this.bar, bar = new Bar(section, (what, value) => this.act(what, value));
    this.address = address;
    this.bar = bar;
    bar.do('volume').value = Math.round(this.sound.audio.volume * 100);
    bar.do('saver').checked = this.saves;
    this.now.follow(bar.words.events, bar.words.now);
    this.choose(this.service?.name);
    if (this.isShown) {
      old.sized.disconnect();
      bar.enter(old.element);
    }
  }

  // A service by its name, the first of the page's language without one; and of its streams what this browser can play.
  choose(name) {
    const before = this.service, { services } = this.bar;
    this.service = services.find((service) => service.name === name) ?? services[0] ?? null;
    if (!this.service) return false;
    const plays = this.service.streams.filter((stream) => stream.url && this.sound.audio.canPlayType(stream.type) !== '');
    this.stream = (this.saves && plays.find((stream) => stream.isLow)) || plays.find((stream) => !stream.isLow) || plays[0] || null;
    this.sound.url = this.stream?.url;
    if (before?.name !== this.service.name) {
      this.sound.heard = null;
      this.titles = new Titles();
    }
    this.note();
    return true;
  }

  // What the radio told of the service last.
  note() {
    const is = this.now.of(this.service?.name, this.stream?.name);
    if (is) this.titles.note(this.now.run, this.now.at, is);
    return is;
  }

  // Where one begins who joins the stream now.
  async joins() {
    const { service, stream } = this;
    return (await this.now.ask()) ? (this.now.of(service.name, stream.name)?.joins ?? []) : [];
  }

  from() {
    return this.now.of(this.service?.name, this.stream?.name)?.from ?? null;
  }

  // ---- what is asked of it ------------------------------------------------------------------------------------------

  // By a button of a page: the service that plays pauses, another one begins. That of the masthead names none.
  listen(name) {
    if (this.isShown && this.sound.wants && (!name || name === this.service?.name)) return this.sound.pause();
    if (name && name !== this.service?.name) this.sound.pause();
    if (name || !this.service) this.choose(name);
    this.enter();
    this.play();
  }

  enter() {
    if (this.isShown || !this.service) return;
    this.isShown = true;
    const sheet = document.createElement('link');
    Object.assign(sheet, { rel: 'stylesheet', href: this.style });
    sheet.dataset.player = '';
    this.bar.element.dataset.player = '';
    this.sheet ??= document.head.appendChild(sheet);
    document.body.append(this.sound.audio);
    this.bar.enter();
  }

  play() {
    this.sentence = '';
    if (!this.stream) {
      this.sentence = this.bar.words.cannot;
      return this.changed();
    }
    this.isGoingOn = false;
    this.others?.postMessage('plays');
    this.sound.goOn(this.from());
  }

  seek(instant) {
    this.sentence = '';
    this.isGoingOn = false;
    this.sound.open(Math.max(instant, this.from() ?? instant));
  }

  step(ms) {
    if (this.from() !== null) this.seek(this.sound.position() + ms);
  }

  save(isSaving) {
    this.saves = isSaving;
    kept.set('saver', isSaving);
    const at = this.sound.behind() === 0 ? null : this.sound.position(), before = this.stream;
    this.choose(this.service.name);
    if (this.sound.wants && before !== this.stream) this.sound.open(at);
  }

  close() {
    this.sound.pause();
    this.sound.heard = null;
    this.sleepAt = null;
    this.isShown = this.isGoingOn = false;
    tab.set('heard', null);
    lockScreen.forget();
    this.bar.leave();
    this.sound.audio.remove();
    this.changed();
    document.querySelector('main').focus();
  }

  act(what, value) {
    if (what === 'toggle') return this.sound.wants ? this.sound.pause() : this.play();
    if (what === 'go-on') return this.play();
    if (what === 'live') return this.seek(Infinity);
    if (what === 'back') return this.step(-STEP_MS);
    if (what === 'forward') return this.step(STEP_MS);
    if (what === 'start') return this.seek(Date.parse(this.start()));
    if (what === 'seek') {
      this.bar.isDragged = false;
      return this.seek(value * 1000);
    }
    if (what === 'options') return this.bar.options(this.bar.do('options').getAttribute('aria-expanded') !== 'true');
    if (what === 'close') return this.close();
    if (what === 'saver') return this.save(value);
    if (what === 'service') return this.listen(value);
    if (what === 'volume') {
      this.sound.audio.volume = value / 100;
      return kept.set('volume', value / 100);
    }
    if (what === 'sleep') {
      this.sleepAt = Number(value) === 0 ? null : Date.now() + Number(value) * 60000;
      this.show();
    }
    return undefined;
  }

  // ---- what happens ----------------------------------------------------------------------------------------------------

  tick() {
    if (this.sleepAt !== null && Date.now() >= this.sleepAt) {
      this.sleepAt = null;
      if (this.sound.wants) {
        this.sentence = this.bar.words.slept;
        this.sound.pause();
      }
    }
    this.sound.look();
    if (!this.isShown) return;
    this.show();
    if (this.sound.wants) this.remember();
  }

  told() {
    this.sound.skew = this.now.skew;
    const is = this.note();
    if (is) this.sound.tell(is.joins);
    if (is?.isOn && this.wasOff && this.sound.state === 'again') this.sound.open(this.sound.at);
    this.wasOff = is ? !is.isOn : false;
    this.changed();
  }

  changed() {
    if (this.sound.state === 'playing') this.sentence = '';
    this.follow();
    this.page();
    if (this.isShown) this.show();
  }

  follow() {
    const looks = document.visibilityState === 'visible' && (this.isShown || document.querySelector('[data-service]') !== null);
    this.now.want(looks || this.sound.wants);
  }

  // Another page stands in place of the last.
  async moved() {
    const address = document.querySelector('meta[name="player"]')?.dataset.bar ?? this.address, lang = document.documentElement.lang;
    if (this.bar.element.lang !== lang) await this.bring(address.replace(/^\/[a-z]{2}\//, `/${lang}/`)).catch((error) => console.warn(error));
    this.changed();
    this.bar.say('page', document.title);
  }

  remember() {
    if (!this.isShown) return;
    const at = this.sound.wants ? (this.sound.behind() === 0 ? null : this.sound.position()) : this.sound.heard;
    tab.set('heard', { service: this.service.name, at, when: Date.now() });
  }

  // What a page before this one played: it cannot begin by itself, so it is offered.
  offer() {
    const heard = tab.get('heard');
    if (!heard || !(Date.now() - heard.when < HEARD_MS) || !this.bar.services.some((service) => service.name === heard.service)) return;
    this.choose(heard.service);
    this.sound.heard = heard.at;
    this.isGoingOn = true;
    this.enter();
    this.changed();
  }

  // ---- what is shown -----------------------------------------------------------------------------------------------------

  start() {
    return document.querySelector(`[data-service="${this.service.name}"][data-start]`)?.dataset.start ?? this.service.start;
  }

  state() {
    const { name, now, isOn } = this.service;
    return this.now.of(name, this.stream?.name) ?? { isOn, title: now, from: null };
  }

  // { title, since } of what is heard; undefined: not known. Before the radio told anything the page says what is on.
  heard(isLive) {
    const is = this.state();
    return this.titles.list.length === 0 && isLive && is.isOn ? is : this.titles.at(this.sound.position());
  }

  say() {
    const is = this.state(), { words } = this.bar;
    if (this.sound.state === 'again') return is.isOn ? words.again : words.offAir;
    if (this.sound.state === 'connecting') return is.isOn ? words.connecting : words.offAir;
    return this.sentence;
  }

  show() {
    const is = this.state(), isLive = this.sound.behind() === 0, start = this.start();
    const position = this.sound.position(), title = this.heard(isLive)?.title ?? '';
    // Titles that change faster than anybody could hear them are said once.
    if (title !== this.title && !(Date.now() - this.titleAt < TITLE_MS)) {
      this.title = title;
      this.titleAt = Date.now();
      this.page();
    }
    this.bar.show({ service: this.service, title: this.title, isPlaying: this.sound.wants, isGoingOn: Boolean(this.isGoingOn), sentence: this.say(), from: is.from,
      position, until: this.sound.now(), isLive, sleepMs: this.sleepAt === null ? null : this.sleepAt - Date.now(), start: is.from !== null && Date.parse(start ?? '') >= is.from ? start : null });
    const about = this.title ? [this.title, this.service.title] : [this.service.title, document.querySelector('.brand-name')?.textContent ?? ''];
    lockScreen.show(...about, this.sound.wants ? 'playing' : 'paused');
  }

  // The buttons and the titles on the page itself: of a service that is heard live, the title that is heard.
  page() {
    const heard = this.isShown && this.sound.wants && this.sound.behind() === 0 ? this.heard(true) : undefined;
    for (const button of document.querySelectorAll('[data-listen]')) {
      const plays = this.isShown && this.sound.wants && ['', this.service?.name].includes(button.dataset.listen); // "": whatever plays
      button.classList.toggle('is-playing', plays);
      button.querySelector('[data-word]').textContent = plays ? button.dataset.pause : button.dataset.play;
    }
    for (const element of document.querySelectorAll('[data-service]')) {
      const is = this.now.of(element.dataset.service);
      if (is) this.mark(element, heard && element.dataset.service === this.service.name ? { ...is, title: heard.title, since: heard.since } : is);
    }
  }

  mark(element, is) {
    const title = element.querySelector('[data-title]'), state = element.querySelector('[data-state]'), since = element.querySelector('[data-since]');
    const text = is.isOn ? is.title : (title.dataset.off ?? '');
    if (title.textContent !== text) title.textContent = text;
    if (since) this.since(since, text === '' ? null : is.since);
    const line = title.closest('.service-now');
    if (line) line.hidden = text === '';
    if (is.isOn) element.dataset.is = 'on';
    else delete element.dataset.is;
    if (state) state.textContent = is.isOn ? state.dataset.on : state.dataset.off;
  }

  // In the listener's own time; the page was written in the station's.
  since(element, instant) {
    element.hidden = instant === null;
    if (instant === null || element.dateTime === instant) return;
    element.dateTime = instant;
    element.textContent = element.dataset.since.replace('{}', clockOf(document.documentElement.lang).format(new Date(instant)));
  }
}

export async function begin(options) {
  const player = new Player(options);
  await player.bring(options.bar);
  player.offer();
  player.changed();
  return player;
}
