// SPDX-License-Identifier: AGPL-3.0-or-later
// The bar of tools above the text: one stop of the Tab key, arrows go from tool to tool (ARIA's toolbar), Escape back to the
// text. What a tool is called stands in templates/desk/rich.html; what it does in commands.js.
import { places, tools } from './commands.js';

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
const shown = { Mod: isMac ? '⌘' : 'Ctrl', Shift: '⇧', Ctrl: 'Ctrl', Alt: 'Alt' };
export const keysText = (keys) => keys.split('-').map((key) => shown[key] ?? key.toUpperCase()).join('+');
const keysAria = (keys) => keys.replace('Mod', isMac ? 'Meta' : 'Control').replace('Ctrl', 'Control').replaceAll('-', '+');

export class Bar {
  constructor(element, act, settle) {
    this.element = element;
    this.buttons = [...element.querySelectorAll('button[data-do]')];
    this.isRightToLeft = getComputedStyle(element).direction === 'rtl';
    for (const button of this.buttons) {
      const keys = tools[button.dataset.do]?.keys;
      button.tabIndex = -1;
      button.title = button.getAttribute('aria-label') + (keys ? ` (${keysText(keys)})` : '');
      if (keys) button.setAttribute('aria-keyshortcuts', keysAria(keys));
      button.addEventListener('mousedown', (event) => event.preventDefault()); // the text keeps its selection
      button.addEventListener('click', () => {
        settle(); // what can be done may be another thing then
        if (button.getAttribute('aria-disabled') !== 'true') act(button.dataset.do, button);
      });
    }
    this.current = this.buttons[0];
    this.current.tabIndex = 0;
    element.addEventListener('focusin', ({ target }) => target.dataset?.do && this.stand(target));
    element.addEventListener('keydown', (event) => this.key(event));
  }

  stand(button) {
    this.current.tabIndex = -1;
    this.current = button;
    button.tabIndex = 0;
  }

  key(event) {
    const there = this.buttons.filter((button) => button.checkVisibility?.() ?? button.offsetParent !== null), at = there.indexOf(this.current);
    const steps = { ArrowRight: this.isRightToLeft ? -1 : 1, ArrowLeft: this.isRightToLeft ? 1 : -1, Home: -at, End: there.length - 1 - at };
    if (event.key === 'Escape') this.leave();
    else if (event.key in steps && !event.ctrlKey && !event.altKey && !event.metaKey) there[(at + steps[event.key] + there.length) % there.length].focus();
    else return;
    event.preventDefault();
  }

  // After every change: what is on, what can be done, which groups are of use.
  show(view) {
    for (const group of this.element.querySelectorAll('[data-when]')) group.hidden = !places[group.dataset.when](view.state);
    for (const button of this.buttons) {
      const tool = tools[button.dataset.do];
      if (tool?.isOn) button.setAttribute('aria-pressed', String(tool.isOn(view.state, view)));
      if (tool?.run) button.setAttribute('aria-disabled', String(!tool.run(view.state, null, view)));
    }
    if (this.current.closest('[hidden]')) this.stand(this.buttons[0]);
  }
}
