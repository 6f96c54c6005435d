// SPDX-License-Identifier: AGPL-3.0-or-later
// How somebody uses a page: names what they see, and either points at it or reaches it with the Tab key alone. `Hands`
// with `mouse: false` makes no call of the mouse and moves no focus by script: what Tab does not reach is a fault.
'use strict';
const assert = require('node:assert');

const TABS_MAX = 220;
const exactly = (name) => new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(\\s*[:*])?$`);

class Hands {
  constructor(page, { mouse = true } = {}) {
    this.page = page;
    this.mouse = mouse;
    this.narrow = page.viewportSize().width <= 400;
  }

  // What has this name for those who cannot see it; one thing, or the test is not clear.
  named(role, name) {
    return this.page.getByRole(role, { name: typeof name === 'string' ? exactly(name) : name });
  }

  // What somebody types in, by its label.
  field(name) {
    return this.page.getByLabel(exactly(name)).and(this.page.locator('input, textarea, [contenteditable="true"]')).and(this.page.locator(':visible'));
  }

  // Goes there by mouse, or by Tab from wherever the focus is, around the page at most once.
  async reach(locator, what) {
    assert.strictEqual(await locator.count(), 1, `there is one ${what} on ${this.page.url()}`);
    if (this.mouse) return;
    const isThere = () => locator.evaluate((it) => it === document.activeElement);
    for (let i = 0; i < TABS_MAX; i++) {
      if (await isThere()) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${what} on ${this.page.url()} is not reached within ${TABS_MAX} tabs`);
  }

  async use(locator, what, key) {
    await this.reach(locator, what);
    await (this.mouse ? locator.click() : this.page.keyboard.press(key));
  }

  // A button or link that leads to another page, which then must fit the window.
  async press(role, name) {
    const locator = this.named(role, name);
    await Promise.all([this.page.waitForEvent('load'), this.use(locator, `${role} "${name}"`, 'Enter')]);
    await this.look();
  }
  button(name) {
    return this.press('button', name);
  }
  link(name) {
    return this.press('link', name);
  }

  // An entry of the desk's menu, which is folded on a small window where script runs.
  async menu(name) {
    const fold = this.page.locator('.side-fold');
    if (!(await fold.evaluate((it) => it.open))) await this.use(fold.locator('summary'), 'the menu', 'Enter');
    const entry = this.page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: exactly(name) });
    await Promise.all([this.page.waitForEvent('load'), this.use(entry, `menu entry "${name}"`, 'Enter')]);
    await this.look();
  }

  // Replaces what stands in a field.
  async fill(name, words) {
    const field = this.field(name);
    await this.use(field, `field "${name}"`, 'Control+A');
    await this.page.keyboard.press('Control+A');
    await (words === '' ? this.page.keyboard.press('Delete') : this.page.keyboard.type(words));
  }

  // Paragraphs into a text: the rich editor where it runs, or an empty line between them.
  async write(name, paragraphs) {
    const field = this.field(name);
    await this.use(field, `text "${name}"`, 'Control+A');
    await this.page.keyboard.press('Control+A');
    const plain = await field.evaluate((it) => it.tagName === 'TEXTAREA');
    for (const [i, words] of paragraphs.entries()) {
      if (i > 0) for (let n = plain ? 2 : 1; n > 0; n--) await this.page.keyboard.press('Enter');
      await this.page.keyboard.type(words);
    }
  }

  // An option of a list, by its words.
  async choose(name, option) {
    const list = this.named('combobox', name);
    await this.reach(list, `list "${name}"`);
    if (this.mouse) {
      await list.selectOption({ label: option });
      return;
    }
    const chosen = () => list.evaluate((it) => it.selectedOptions[0].label);
    await this.page.keyboard.press('Home');
    for (let last = ''; (await chosen()) !== option && (await chosen()) !== last; last = await chosen()) {
      last = await chosen();
      await this.page.keyboard.press('ArrowDown');
    }
    assert.strictEqual(await chosen(), option, `"${option}" of the list "${name}"`);
  }

  // A moment, as the desk writes it: 2026-11-24T19:35.
  async time(name, moment) {
    const field = this.field(name);
    await this.reach(field, `time "${name}"`);
    if (this.mouse) {
      await field.fill(moment);
      return;
    }
    const [, year, month, day, hour, minute] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(moment);
    await this.page.keyboard.type(`${month}${day}${year}`);
    await this.page.keyboard.press('ArrowRight');
    await this.page.keyboard.type(`${String((Number(hour) + 11) % 12 + 1).padStart(2, '0')}${minute}${Number(hour) < 12 ? 'A' : 'P'}`);
    assert.strictEqual(await field.inputValue(), moment, `time "${name}"`);
  }

  async tick(name) {
    await this.use(this.named('checkbox', name), `box "${name}"`, 'Space');
    assert.ok(await this.named('checkbox', name).isChecked(), name);
  }

  // Files into a field, by the window that it opens.
  async give(name, files) {
    const field = this.field(name);
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), this.use(field, `files "${name}"`, 'Enter')]);
    await chooser.setFiles(files);
  }

  // Nothing is wider than the window.
  async look() {
    const [wide, room] = await this.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(wide <= room, `${this.page.url()} is ${wide} px wide in a window of ${room}`);
  }

  heading() {
    return this.page.locator('h1').textContent();
  }
}

module.exports = { Hands };
