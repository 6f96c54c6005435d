// SPDX-License-Identifier: AGPL-3.0-or-later
// The small windows over the text: a link, a picture's description, a table's caption, the list of keys. Each is a <dialog>
// of templates/desk/rich.html; the browser keeps the keyboard inside it, Escape closes it, and the text has the focus again.
import { NodeSelection } from 'prosemirror-state';
import { typedAddress } from './address.js';
import { captionNow, linkAround, setCaption } from './commands.js';
import { escape, parseBody } from './html.js';
import { keysText } from './bar.js';
import { schema } from './schema.js';

// Fields by their data-field; `take` answers false to keep the window open.
function ask(dialog, view, values, take) {
  const fields = Object.fromEntries([...dialog.querySelectorAll('[data-field]')].map((field) => [field.dataset.field, field]));
  const problem = dialog.querySelector('.problem');
  const say = (wrong) => {
    if (problem) problem.hidden = !wrong;
    fields.address?.setAttribute('aria-invalid', String(wrong));
    if (wrong) fields.address?.focus();
  };
  const answer = (action) => {
    const taken = action === 'close' || take(action, Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value])));
    if (taken === false) say(true);
    else dialog.close();
  };
  for (const [name, field] of Object.entries(fields)) field.value = values[name] ?? '';
  say(false);
  dialog.onclick = (event) => event.target.closest('[data-answer]') && answer(event.target.closest('[data-answer]').dataset.answer);
  dialog.onkeydown = (event) => {
    if (event.key !== 'Enter' || !event.target.matches('[data-field]') || event.isComposing) return;
    event.preventDefault();
    answer('apply');
  };
  dialog.onclose = () => view.focus();
  dialog.showModal();
  Object.values(fields).find((field) => !field.closest('[hidden]'))?.select();
}

export function askLink(dialog, view) {
  const { state } = view, old = linkAround(state), { from, to } = old && state.selection.empty ? old : state.selection;
  const needsWords = from === to, { a } = schema.marks;
  dialog.querySelector('[data-part="words"]').hidden = !needsWords;
  dialog.querySelector('[data-answer="remove"]').hidden = !old;
  ask(dialog, view, { address: old?.mark.attrs.href }, (action, typed) => {
    const tr = view.state.tr;
    if (action === 'remove') {
      view.dispatch(tr.removeMark(Math.min(old.from, from), Math.max(old.to, to), a));
      return true;
    }
    const href = typedAddress(typed.address);
    if (href === '') return false;
    const mark = a.create({ ...old?.mark.attrs, href });
    if (needsWords) tr.insert(from, schema.text(typed.words.trim() || typed.address.trim(), [...view.state.selection.$from.marks(), mark]));
    else tr.removeMark(from, to, a).addMark(from, to, mark);
    view.dispatch(tr.scrollIntoView());
    return true;
  });
}

export function askPicture(dialog, view) {
  const { node, from } = view.state.selection;
  ask(dialog, view, { words: node.attrs.alt }, (action, { words }) => {
    const tr = view.state.tr.setNodeMarkup(from, null, { ...node.attrs, alt: words.trim() }, node.marks);
    view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, from)));
  });
}

export function askCaption(dialog, view) {
  const html = captionNow(view.state), words = parseBody(html).textContent;
  ask(dialog, view, { words }, (action, typed) => {
    if (typed.words !== words) setCaption(view, escape(typed.words.trim().replace(/\s+/g, ' ')));
  });
}

export function showKeys(dialog, view) {
  for (const line of dialog.querySelectorAll('dd[data-keys]')) line.textContent = keysText(line.dataset.keys);
  ask(dialog, view, {}, () => true);
}
