// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes a page to write on of every text area that is marked data-rich. The text area stays the form's field: each change
// is written into it at once, so that saving while somebody writes, sending and keeping work as without the editor; what
// nobody has changed is not written, so that opening a text changes no byte of it.
import { baseKeymap } from 'prosemirror-commands';
import { dropCursor } from 'prosemirror-dropcursor';
import { gapCursor } from 'prosemirror-gapcursor';
import { history } from 'prosemirror-history';
import { inputRules, wrappingInputRule } from 'prosemirror-inputrules';
import { keymap } from 'prosemirror-keymap';
import { EditorState } from 'prosemirror-state';
import { tableEditing } from 'prosemirror-tables';
import { EditorView } from 'prosemirror-view';
import { Bar, keysText } from './bar.js';
import { keys, tools } from './commands.js';
import { count, countsCharacters } from './count.js';
import { askCaption, askLink, askPicture, showKeys } from './dialogs.js';
import { pasteHandlers } from './paste.js';
import { read } from './read.js';
import { schema } from './schema.js';
import { htmlOf } from './write.js';

const COUNT_MS = 1000; // after the last key: a number for each letter would be noise to who listens
const CHOICE = 'siaran-editor'; // in this browser's storage: "html" for who prefers the text area

const remembered = () => { try { return localStorage.getItem(CHOICE); } catch { return null; } };
const remember = (choice) => { try { localStorage.setItem(CHOICE, choice); } catch { /* not remembered then */ } };

const lists = inputRules({
  rules: [wrappingInputRule(/^\s*[-*•]\s$/, schema.nodes.bullet_list), wrappingInputRule(/^1[.)]\s$/, schema.nodes.ordered_list)],
});

class Editor {
  constructor(area) {
    this.area = area;
    this.box = area.closest('.field').querySelector('.rich');
    this.label = document.querySelector(`label[for="${area.id}"]`);
    this.id = area.id;
    this.hint = document.getElementById(`${area.id}-hint`);
    this.part = (name) => this.box.querySelector(`[data-part="${name}"]`);
    this.dialogs = Object.fromEntries([...this.box.querySelectorAll('dialog')].map((dialog) => [dialog.dataset.dialog, dialog]));
    document.body.append(...Object.values(this.dialogs)); // out of the form: their fields are none of its
    this.bar = new Bar(this.part('bar'), (name) => this.act(name), () => this.settle());
    this.bar.leave = () => this.focus();
    this.listKeys();
    this.label.id ||= `${area.id}-label`;
    this.label.addEventListener('click', (event) => {
      if (!this.view) return;
      event.preventDefault();
      this.view.focus();
    });
    // A browser that comes back to the page puts what was typed into the text area, and that may be after us.
    addEventListener('pageshow', () => this.view && area.value !== this.known && this.restart());
    this.box.hidden = false;
    if (remembered() === 'html') this.showHtml();
    else this.showText();
  }

  listKeys() {
    const list = this.dialogs.keys.querySelector('dl');
    for (const button of this.bar.buttons) {
      const shortcut = tools[button.dataset.do]?.keys;
      if (!shortcut) continue;
      const line = document.createElement('div'), name = document.createElement('dt'), text = document.createElement('dd');
      name.textContent = button.getAttribute('aria-label');
      text.dataset.keys = shortcut;
      text.textContent = keysText(shortcut);
      line.append(name, text);
      list.append(line);
    }
  }

  // ---- the two ways to write ----

  showText() {
    this.area.hidden = true;
    this.area.removeAttribute('id'); // links to the field, and who looks for it, find the page to write on
    this.view = new EditorView({ mount: this.part('text') }, { state: this.load(), ...this.props() });
    this.setMode(false);
    this.changed();
  }

  showHtml() {
    this.view?.destroy();
    this.view = null;
    const text = this.part('text'), fresh = text.cloneNode(false);
    for (const { name } of [...fresh.attributes]) if (!['data-part'].includes(name)) fresh.removeAttribute(name);
    text.replaceWith(fresh);
    this.area.hidden = false;
    this.area.id = this.id;
    this.setMode(true);
  }

  setMode(asHtml) {
    this.part('text').hidden = asHtml;
    this.part('foot').hidden = asHtml;
    if (this.hint) this.hint.hidden = !asHtml; // how paragraphs are typed without the editor
    this.box.classList.toggle('rich-html', asHtml);
    for (const button of this.bar.buttons) {
      if (button.dataset.do === 'html') button.setAttribute('aria-pressed', String(asHtml));
      else button.hidden = asHtml;
    }
    if (asHtml) this.bar.stand(this.bar.buttons.find((button) => button.dataset.do === 'html'));
  }

  restart() {
    this.view.updateState(this.load());
    this.changed();
  }

  focus() {
    if (this.view) this.view.focus();
    else this.area.focus();
  }

  // ---- the text ----

  load() {
    const { doc, sources } = read(this.area.value);
    Object.assign(this, { original: this.area.value, known: this.area.value, first: doc, sources });
    return EditorState.create({
      doc,
      plugins: [lists, keymap({ ...keys, 'Mod-k': () => this.act('link'), 'Alt-F10': () => this.toBar() }), keymap(baseKeymap), history(), dropCursor({ class: 'rich-drop' }), gapCursor(), tableEditing()],
    });
  }

  props() {
    const { area } = this, problem = document.getElementById(`${this.id}-problem`);
    return {
      attributes: {
        id: this.id, role: 'textbox', 'aria-multiline': 'true', 'aria-labelledby': this.label.id, class: 'rich-text', dir: area.dir, lang: area.lang,
        'aria-describedby': `${problem ? `${problem.id} ` : ''}${this.id}-tools`, ...(problem && { 'aria-invalid': 'true' }),
      },
      handleKeyDown: () => this.settle(), // and goes on to the keys' own
      dispatchTransaction: (tr) => {
        this.view.updateState(this.view.state.apply(tr));
        if (tr.docChanged) this.write();
        this.changed(tr.docChanged);
      },
      ...pasteHandlers(() => this.note('pictures')),
    };
  }

  write() {
    const { doc } = this.view.state;
    this.known = doc.eq(this.first) ? this.original : htmlOf(doc, this.sources);
    if (this.area.value === this.known) return;
    this.area.value = this.known;
    this.known = this.area.value;
    this.area.dispatchEvent(new Event('input', { bubbles: true }));
  }

  changed(words = true) {
    this.bar.show(this.view);
    if (!words) return;
    clearTimeout(this.counting);
    if (this.part('count').textContent === '') this.showCount();
    else this.counting = setTimeout(() => this.showCount(), COUNT_MS);
  }

  showCount() {
    if (!this.view) return;
    const { lang } = this.area, place = this.part('count');
    const desk = document.documentElement.lang, number = new Intl.NumberFormat(desk === 'ar' ? 'ar-u-nu-arab' : desk).format(count(this.view.state.doc, lang));
    place.textContent = `${countsCharacters(lang) ? place.dataset.characters : place.dataset.words} ${number}`;
  }

  note(name) {
    const place = this.part('note');
    place.textContent = place.dataset[name];
  }

  // ---- tools ----

  // A browser tells that the caret has moved when it has time for it, and that may be after the key or the button that
  // works on it. So it is asked for before each of them, in the way in which it would tell.
  settle() {
    if (this.view?.hasFocus() && !this.view.composing) document.dispatchEvent(new Event('selectionchange'));
  }

  toBar() {
    this.bar.current.focus();
    return true;
  }

  act(name) {
    if (name === 'html') {
      if (this.view) this.showHtml();
      else this.showText();
      remember(this.view ? 'text' : 'html');
      this.focus();
    } else if (name === 'keys') showKeys(this.dialogs.keys, this.view);
    else if (name === 'link') askLink(this.dialogs.link, this.view);
    else if (name === 'picture') askPicture(this.dialogs.picture, this.view);
    else if (name === 'caption') askCaption(this.dialogs.caption, this.view);
    else {
      tools[name].run(this.view.state, this.view.dispatch, this.view);
      if (!this.bar.element.contains(document.activeElement)) this.view.focus();
    }
    return true;
  }
}

for (const area of document.querySelectorAll('textarea[data-rich]')) new Editor(area);
