// SPDX-License-Identifier: AGPL-3.0-or-later
// From the text area's text to the editor's document. The text area holds HTML, or plain words when the text is nothing but
// paragraphs (src/desk/manuscript_form.c), with an empty line between them.
import { DOMParser as Reader } from 'prosemirror-model';
import { schema } from './schema.js';
import { escape, literal, parseBody } from './html.js';

const fromWords = (text) => text.split(/\n[ \t]*\n/).map((part) => part.split('\n').map((line) => line.trim()).filter(Boolean).join(' '))
  .filter(Boolean).map((part) => `<p>${escape(part)}</p>\n`).join('');

const reader = Reader.fromSchema(schema);
const parse = (parent) => reader.parse(parent).content;

// The document, and of each of its blocks that came from one block of canonical HTML that HTML.
export function read(text) {
  const sources = new Map();
  const body = parseBody(text.includes('<') ? text : fromWords(text));
  const pieces = [...body.children].map((element) => `${literal(element)}\n`);
  if (pieces.join('') !== text) return { doc: reader.parse(body), sources };
  let content = null;
  for (const [i, element] of [...body.children].entries()) {
    const alone = body.cloneNode(false);
    alone.append(element);
    const part = parse(alone);
    if (part.childCount === 1) sources.set(part.firstChild, pieces[i]);
    content = content ? content.append(part) : part;
  }
  return { doc: content ? schema.node('doc', null, content) : reader.parse(body), sources };
}
