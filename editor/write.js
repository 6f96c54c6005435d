// SPDX-License-Identifier: AGPL-3.0-or-later
// From the editor's document to the one form in which src/text/html_clean.c writes a body: what is written here comes back
// from the server unchanged, byte by byte. Blocks without a word vanish, white space is single, paragraphs in list items
// and cells are lines.
import { attribute, escape, isBlank } from './html.js';
import { schema } from './schema.js';

const direction = ({ lang, dir }) => (lang && attribute('lang', lang)) + (dir && attribute('dir', dir));

export function hasContent(node) {
  let found = false;
  node.descendants((inner) => {
    found ||= inner.type === schema.nodes.image || (inner.isText && !isBlank(inner.text));
    return !found;
  });
  return found;
}

// ---- words -------------------------------------------------------------------------------------------------------------

// Runs of words as elements inside one another: { mark, run } and nodes.
function inlineTree(parent) {
  const root = { run: [] }, open = [root];
  parent.forEach((node) => {
    let kept = 0;
    while (kept + 1 < open.length && kept < node.marks.length && open[kept + 1].mark.eq(node.marks[kept])) kept++;
    open.length = kept + 1;
    for (const mark of node.marks.slice(kept)) {
      const inner = { mark, run: [] };
      open.at(-1).run.push(inner);
      open.push(inner);
    }
    open.at(-1).run.push(node);
  });
  return root.run;
}

const isSeen = (item) => (item.run ? item.run.some(isSeen) : item.type === schema.nodes.image || (item.isText && !isBlank(item.text)));

function markTag({ type, attrs }) {
  const name = attrs.tag ?? type.name;
  const own = type === schema.marks.a ? `${attribute('href', attrs.href)} rel="noopener"`
    : ['title', 'datetime'].map((key) => (attrs[key] ? attribute(key, attrs[key]) : '')).join('');
  return [`<${name}${own}${direction(attrs)}>`, `</${name}>`];
}

// One block's words. `before` is written with the first of them, so that what has none leaves nothing.
class Line {
  constructor(before = '', keepSpace = false) {
    Object.assign(this, { out: '', before, keepSpace });
  }

  open() {
    this.out += this.before;
    this.before = '';
    this.begun = true;
  }

  text(s) {
    if (this.keepSpace) {
      this.out += escape(s);
      return;
    }
    if (!this.begun && this.before && isBlank(s)) return;
    for (const part of escape(s).split(/([ \t\n\r\f]+)/)) {
      if (part === '') continue;
      if (!/^[ \t\n\r\f]/.test(part)) {
        if (!this.begun) this.open();
        this.out += part;
        this.words = true;
      } else if (this.words && !/[ \n]$/.test(this.out)) {
        this.out += ' ';
      }
    }
  }

  items(items) {
    for (const item of items) {
      if (!item.run) this.leaf(item);
      else if (!isSeen(item)) this.items(item.run);
      else {
        const [opening, closing] = markTag(item.mark);
        if (!this.begun) this.open();
        this.out += opening;
        this.items(item.run);
        this.out += closing;
      }
    }
  }

  leaf(node) {
    if (node.isText) this.text(node.text);
    else if (node.type === schema.nodes.image) {
      if (!this.begun) this.open();
      const { src, alt, width, height } = node.attrs;
      this.out += `<img${attribute('src', src)}${attribute('alt', alt)}${width && attribute('width', width)}${height && attribute('height', height)}${direction(node.attrs)}>`;
      this.words = true;
    } else if (this.words || this.keepSpace) this.out += '<br>';
  }

  end() {
    return this.keepSpace ? this.out : this.out.replace(/(?: |<br>)+$/, '');
  }
}

function words(node, before = '') {
  const line = new Line(before, node.type === schema.nodes.pre);
  if (node.type === schema.nodes.pre) line.begun = true;
  if (hasContent(node)) line.items(inlineTree(node));
  return line.end();
}

// ---- blocks ------------------------------------------------------------------------------------------------------------

const wrap = (name, node, inside, more = '') => `<${name}${direction(node.attrs)}>${inside}</${name}>${more}`;
const joined = (node, write) => {
  let out = '';
  node.forEach((child) => { out += write(child); });
  return out;
};

// Inside list items, cells and figures: paragraphs are lines of their words.
function mixed(node) {
  let out = '', lineBefore = false;
  node.forEach((child) => {
    const isLine = child.type === schema.nodes.paragraph;
    const text = isLine ? words(child) : block(child, '');
    if (text === '') return;
    out += (isLine && lineBefore ? '<br>' : '') + text;
    lineBefore = isLine;
  });
  return out;
}

function table(node) {
  const row = (child) => wrap('tr', child, joined(child, (cell) => wrap(cell.type === schema.nodes.table_header ? 'th' : 'td', cell, mixed(cell))));
  const isHead = (child) => child.attrs.head ?? (child.childCount > 0 && child.content.content.every((cell) => cell.type === schema.nodes.table_header));
  let head = '', body = '';
  node.forEach((child) => {
    if (body === '' && isHead(child)) head += row(child);
    else body += row(child);
  });
  const caption = node.attrs.caption && `<caption>${node.attrs.caption}</caption>`;
  return wrap('table', node, caption + (head && `<thead>${head}</thead>`) + (body && `<tbody>${body}</tbody>`));
}

const writers = {
  paragraph(node) {
    const text = words(node, `<p${direction(node.attrs)}>`);
    return text && `${text}</p>`;
  },
  heading: (node) => wrap(`h${node.attrs.level}`, node, words(node)),
  blockquote: (node) => wrap('blockquote', node, joined(node, (child) => block(child))),
  bullet_list: (node) => wrap('ul', node, joined(node, (item) => (hasContent(item) ? wrap('li', item, mixed(item)) : ''))),
  ordered_list: (node) => wrap('ol', node, joined(node, (item) => (hasContent(item) ? wrap('li', item, mixed(item)) : ''))),
  pre(node) {
    const text = words(node);
    return wrap('pre', node, text.startsWith('\n') ? `\n${text}` : text); // the parser drops one
  },
  figure: (node) => wrap('figure', node, mixed(node)),
  figcaption: (node) => wrap('figcaption', node, words(node)),
  table,
};

function block(node, end = '\n') {
  if (node.type === schema.nodes.horizontal_rule) return `<hr>${end}`;
  if (!hasContent(node)) return '';
  const text = writers[node.type.name](node);
  return text && text + end;
}

// Nodes never change, so what was written of one is right for as long as it lives; `sources` has the bytes that blocks
// nobody has touched came from.
const written = new WeakMap();
export function htmlOf(doc, sources) {
  return joined(doc, (child) => {
    if (sources.has(child)) return sources.get(child);
    if (!written.has(child)) written.set(child, block(child));
    return written.get(child);
  });
}
