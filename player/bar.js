// SPDX-License-Identifier: AGPL-3.0-or-later
// The bar below every page. Its markup and words are templates/site/player.html in the language of the page; here it is
// found, shown and listened to. It decides nothing.
// Digits as the page has them.
const localeOf = (lang) => (lang === 'ar' ? 'ar-u-nu-arab' : lang);
// "13:39", as the site writes it.
export const clockOf = (lang) => new Intl.DateTimeFormat(localeOf(lang), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export class Bar {
  constructor(section, act) {
    this.element = document.importNode(section, true);
    this.words = this.element.dataset;
    this.services = [...this.element.querySelectorAll('[data-name]')].map((of) => ({
      name: of.dataset.name, title: of.dataset.title, start: of.dataset.start ?? null, now: of.dataset.now, isOn: 'on' in of.dataset,
      streams: [...of.querySelectorAll('[data-stream]')].map((s) => ({ name: s.dataset.stream, url: s.dataset.url, type: s.dataset.type, isLow: 'low' in s.dataset })),
    }));
    const locale = localeOf(this.element.lang);
    this.clock = clockOf(this.element.lang);
    this.one = new Intl.NumberFormat(locale);
    this.two = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
    for (const element of this.element.querySelectorAll('[data-do]')) {
      const input = element.matches('input, select'), what = element.dataset.do;
      element.addEventListener(input ? 'change' : 'click', () => act(what, this.value(element)));
      if (what === 'volume') element.addEventListener('input', () => act(what, this.value(element)));
      if (what === 'seek') element.addEventListener('input', () => this.drag(element));
    }
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.do('options').getAttribute('aria-expanded') !== 'true') return;
      this.options(false);
      this.do('options').focus();
    });
    this.do('service').parentElement.hidden = this.services.length < 2;
    this.do('saver').parentElement.hidden = !this.services.some((service) => service.streams.some((s) => s.isLow));
    this.sized = new ResizeObserver(() => this.make());
  }

  // "1:02:03", "12:34"
  span(ms) {
    const s = Math.round(ms / 1000), hours = Math.floor(s / 3600), minutes = Math.floor((s % 3600) / 60);
    return `${hours ? `${this.one.format(hours)}:${this.two.format(minutes)}` : this.one.format(minutes)}:${this.two.format(s % 60)}`;
  }

  value(element) {
    return element.type === 'checkbox' ? element.checked : element.type === 'range' ? Number(element.value) : element.value;
  }

  do(name) {
    return this.element.querySelector(`[data-do="${name}"]`);
  }

  say(name, text) {
    const element = this.element.querySelector(`[data-show="${name}"]`);
    if (element.textContent !== text) element.textContent = text; // a screen reader hears what changes
  }

  // Room for it below the page, and above it for what has the focus.
  make() {
    document.documentElement.style.setProperty('--player-height', `${this.element.isConnected ? this.element.offsetHeight : 0}px`);
  }

  enter(before) {
    if (before) before.replaceWith(this.element);
    else document.body.append(this.element);
    this.sized.observe(this.element);
    this.make();
  }

  leave() {
    this.sized.disconnect();
    this.element.remove();
    this.make();
  }

  options(isOpen) {
    this.do('options').setAttribute('aria-expanded', String(isOpen));
    this.element.querySelector('.player-options').hidden = !isOpen;
  }

  drag(range) {
    this.isDragged = true;
    this.time(Number(range.value) * 1000);
  }

  // The clock is the listener's own; it helps to find a place, and would only be in the way of what is heard.
  time(position) {
    const late = this.until - position, text = late < 15000 ? this.words.atLive : this.words.behind.replace('{}', this.span(late));
    const withClock = `${text} · ${this.clock.format(position)}`;
    this.do('seek').setAttribute('aria-valuetext', withClock);
    this.say('behind', this.isDragged ? withClock : late < 15000 ? '' : text);
  }

  // view: { service, title, isPlaying, isGoingOn, sentence, from, position, until, isLive, sleepMs, start }
  show(view) {
    const toggle = this.do('toggle'), hadFocus = document.activeElement === this.do('go-on');
    this.element.classList.toggle('is-playing', view.isPlaying);
    toggle.setAttribute('aria-label', view.isPlaying ? toggle.dataset.pause : toggle.dataset.play);
    this.do('go-on').hidden = !view.isGoingOn;
    if (hadFocus && !view.isGoingOn) toggle.focus();
    this.say('service', view.service.title);
    this.say('title', view.title);
    this.say('state', view.sentence);
    this.do('service').value = view.service.name;
    this.do('live').setAttribute('aria-pressed', String(view.isPlaying && view.isLive));
    this.do('live').hidden = view.isGoingOn;
    this.do('start').hidden = !view.start;
    this.element.querySelector('.player-time').hidden = view.from === null || view.isGoingOn;
    this.until = view.until;
    if (view.from !== null && !this.isDragged) {
      const seek = this.do('seek');
      seek.min = Math.floor(view.from / 1000);
      seek.max = Math.floor(view.until / 1000);
      seek.value = view.isLive ? seek.max : Math.floor(view.position / 1000);
      this.time(view.isLive ? view.until : view.position);
      this.do('forward').disabled = view.isLive;
    } else if (view.from === null) this.say('behind', '');
    this.say('sleep', view.sleepMs === null ? '' : this.words.sleeps.replace('{}', this.span(view.sleepMs)));
    if (view.sleepMs === null && this.do('sleep').value !== '0') this.do('sleep').value = '0';
  }
}
