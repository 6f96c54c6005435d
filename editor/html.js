// SPDX-License-Identifier: AGPL-3.0-or-later
// HTML in the very bytes in which src/text/html_clean.c writes it.
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escape = (s) => s.replace(/[\0-\x08\x0b-\x1f]/g, '').replace(/[&<>"]/g, (c) => escapes[c]);
export const attribute = (name, value) => ` ${name}="${escape(String(value).replace(/[ \t\n\r\f]/g, ' '))}"`;
export const isBlank = (s) => /^[\0-\x20\xa0]*$/.test(s);

// A browser holds even a document that is only read to the page's policy, and reports each style and handler in it. So these
// come as data-style and data-onclick, which nobody draws or runs.
const tag = /<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const unarmed = (html) => html.replace(/<style\b[^]*?<\/style\s*>/gi, '').replace(tag, (whole) => whole.replace(/([\s"'/])(style|on[a-z]+)(?=\s*=)/gi, '$1data-$2'));
export const parseBody = (html) => new DOMParser().parseFromString(unarmed(html), 'text/html').body;

// A node as it stands: of canonical HTML that same HTML, of any other something else.
export function literal(node) {
  if (node.nodeType === Node.TEXT_NODE) return escape(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE) return '';
  const name = node.localName, attributes = [...node.attributes].map((a) => attribute(a.name, a.value)).join('');
  if (['br', 'hr', 'img'].includes(name)) return `<${name}${attributes}>`;
  const doubled = name === 'pre' && node.firstChild?.data?.startsWith('\n') ? '\n' : ''; // the parser drops one
  return `<${name}${attributes}>${doubled}${inside(node)}</${name}>`;
}
export const inside = (node) => [...node.childNodes].map(literal).join('');
