// SPDX-License-Identifier: AGPL-3.0-or-later
// While something plays, a link within the site does not load a page but fetches it, as a reader's browser would, and puts
// its content in place of this one's: so the sound goes on. Everything a load does is done here too: title, language,
// address, focus, place on the page, history. What cannot be shown this way is loaded as ever.
const isPage = (url) => url.origin === location.origin && (/^\/[a-z]{2}(\/|$)/.test(url.pathname) || /^\/n\/\d+$/.test(url.pathname));
const same = (a, b) => a.pathname === b.pathname && a.search === b.search;

export class Moves {
  constructor(isOn, stays, moved) {
    Object.assign(this, { isOn, stays, moved });
    this.shown = new URL(location.href);
    this.places = new Map(); // entries of the history: how far down they were read
    this.entry = null;
    document.addEventListener('click', (event) => this.click(event));
    document.addEventListener('submit', (event) => this.submit(event));
    addEventListener('popstate', (event) => this.back(event));
    addEventListener('scroll', () => this.entry !== null && this.places.set(this.entry, scrollY), { passive: true });
  }

  click(event) {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if ((link.target && link.target !== '_self') || link.hasAttribute('download')) return;
    this.take(event, new URL(link.href));
  }

  // A search, or a vote, whose answer is at a place of a page: data-place and what was chosen. Whatever else is sent is
  // sent as ever.
  submit(event) {
    const form = event.target;
    if (event.defaultPrevented || form.target) return;
    const url = new URL(form.action), chosen = new URLSearchParams(new FormData(form, event.submitter));
    if (form.method === 'get') {
      url.search = chosen;
      return this.take(event, url);
    }
    if (form.dataset.place === undefined || !this.isOn() || url.origin !== location.origin) return;
    event.preventDefault();
    url.hash = form.dataset.place + chosen.get('value');
    this.go(url, null, { form, chosen });
  }

  take(event, url) {
    if (!this.isOn() || !isPage(url)) return;
    if (same(url, this.shown) && url.hash) return; // a place on this page
    event.preventDefault();
    this.go(url);
  }

  back(event) {
    if (this.entry === null) return; // nothing was ever put in place: the browser does it
    this.entry = event.state?.siaran ?? 0;
    const url = new URL(location.href), y = this.places.get(this.entry) ?? 0;
    if (same(url, this.shown)) {
      if (url.hash) this.place(url);
      else scrollTo(0, y);
    } else this.go(url, y);
  }

  // y: back to an entry of the history, which was read so far down. sent: a form, and what was chosen in it.
  async go(url, y = null, sent = null) {
    this.running?.abort();
    const running = (this.running = new AbortController());
    document.documentElement.classList.add('is-moving');
    try {
      const how = sent ? { method: 'POST', body: sent.chosen, cache: 'no-cache' } : { cache: y === null ? 'default' : 'force-cache' };
      const answer = await fetch(url, { headers: { Accept: 'text/html' }, signal: running.signal, ...how });
      const text = await answer.text(), final = new URL(answer.url);
      final.hash = url.hash;
      const page = new DOMParser().parseFromString(text, 'text/html');
      if (!isPage(final) || !page.querySelector('main#content h1')) throw new Error(`${final} is no page to put in place`);
      await this.dress(page);
      if (running.signal.aborted) return;
      this.enter(final, y);
      this.put(page);
      this.arrive(final, y);
    } catch (error) {
      if (running.signal.aborted) return;
      if (sent) sent.form.submit();
      else if (y === null) location.assign(url);
      else location.reload();
    } finally {
      if (this.running === running) document.documentElement.classList.remove('is-moving');
    }
  }

  // Style sheets of the page that this one has not; those that it has and the page has not go.
  async dress(page) {
    const sheets = (of) => [...of.querySelectorAll('link[rel="stylesheet"]:not([data-player])')];
    const have = sheets(document), want = sheets(page), addresses = want.map((sheet) => sheet.getAttribute('href'));
    const come = want.filter((sheet) => !have.some((old) => old.getAttribute('href') === sheet.getAttribute('href'))).map((sheet) => document.importNode(sheet));
    await Promise.all(come.map((sheet) => new Promise((done) => {
      sheet.onload = sheet.onerror = done;
      document.head.append(sheet);
    })));
    for (const old of have) if (!addresses.includes(old.getAttribute('href'))) old.remove();
  }

  enter(url, y) {
    if (this.entry === null) {
      this.entry = 0;
      this.places.set(0, scrollY);
      history.replaceState({ ...history.state, siaran: 0 }, '');
      history.scrollRestoration = 'manual';
    }
    if (y === null) {
      this.entry = Math.max(...this.places.keys()) + 1;
      this.places.set(this.entry, 0);
      history.pushState({ siaran: this.entry }, '', url);
    }
    this.shown = url;
  }

  put(page) {
    const isSheet = 'link[rel="stylesheet"], script, [data-player]', root = document.documentElement;
    root.lang = page.documentElement.lang;
    root.dir = page.documentElement.dir;
    for (const old of [...document.head.children]) if (!old.matches(isSheet)) old.remove();
    for (const node of page.head.children) if (!node.matches(isSheet)) document.head.append(document.importNode(node, true));
    const stays = this.stays();
    for (const old of [...document.body.childNodes]) if (!stays.includes(old)) old.remove();
    stays[0].before(...[...page.body.childNodes].map((node) => document.importNode(node, true)));
  }

  arrive(url, y) {
    const heading = document.querySelector('main h1');
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    if (url.hash && y === null) this.place(url);
    else scrollTo({ top: y ?? 0, behavior: 'instant' });
    document.dispatchEvent(new Event('siaran:page'));
    this.moved();
  }

  // Style sheets know it by its class, for :target is what a load or a link within the page makes.
  place(url) {
    const place = document.getElementById(decodeURIComponent(url.hash.slice(1)));
    if (!place) return;
    place.classList.add('is-target');
    if (place.tabIndex === -1 && place.hasAttribute('tabindex')) place.focus();
    place.scrollIntoView();
  }
}
