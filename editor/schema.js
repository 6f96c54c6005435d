// SPDX-License-Identifier: AGPL-3.0-or-later
// What a body may be made of: exactly what src/text/html_clean.c keeps, so that nothing the editor shows is lost on the
// server and nothing the server has is lost in the editor. Line by line it follows that file's list of elements; a
// paragraph inside a list item, a cell or a figure is a line of its words (the file's MIXED places).
import { Schema } from 'prosemirror-model';
import { address } from './address.js';
import { inside, parseBody } from './html.js';

const direction = { lang: { default: '' }, dir: { default: '' } };
const directionOf = (dom) => {
  const lang = dom.getAttribute('lang') ?? '', dir = (dom.getAttribute('dir') ?? '').toLowerCase();
  return { lang: /^[A-Za-z0-9-]{1,35}$/.test(lang) ? lang : '', dir: ['rtl', 'ltr', 'auto'].includes(dir) ? dir : '' };
};
// Attributes for the page: those that say something.
const said = (attrs) => Object.fromEntries(Object.entries(attrs).filter(([, value]) => value !== '' && value !== null));
const directionSaid = ({ attrs: { lang, dir } }) => said({ lang, dir });

const block = (tag, content, more = {}) => ({
  content, group: 'block flow', defining: true, attrs: direction, parseDOM: [{ tag, getAttrs: directionOf }],
  toDOM: (node) => [tag, directionSaid(node), 0], ...more,
});

const headings = [['h1', 2], ['h2', 2], ['h3', 3], ['h4', 4], ['h5', 4], ['h6', 4]];
const size = (dom, name) => (/^[1-9][0-9]{0,4}$/.test((dom.getAttribute(name) ?? '').trim()) ? dom.getAttribute(name).trim() : '');

// Cells have no spans: the server keeps none. prosemirror-tables asks for the attributes all the same.
const cell = (tag, role) => ({
  content: 'block+', tableRole: role, isolating: true,
  attrs: { ...direction, colspan: { default: 1 }, rowspan: { default: 1 }, colwidth: { default: null } },
  parseDOM: [{ tag, getAttrs: directionOf }], toDOM: (node) => [tag, directionSaid(node), 0],
});

const captionOf = (dom) => {
  const caption = dom.querySelector(':scope > caption');
  return caption ? inside(caption) : '';
};

const isHead = (row) => (row.dataset.head ? { true: true, false: false }[row.dataset.head] ?? null : row.parentNode?.nodeName === 'THEAD');

const nodes = {
  doc: { content: 'flow+' },
  paragraph: block('p', 'inline*', { defining: false }),
  heading: block('h2', 'inline*', {
    attrs: { ...direction, level: { default: 2 } },
    parseDOM: headings.map(([tag, level]) => ({ tag, getAttrs: (dom) => ({ ...directionOf(dom), level }) })),
    toDOM: (node) => [`h${node.attrs.level}`, directionSaid(node), 0],
  }),
  blockquote: block('blockquote', 'flow+'),
  bullet_list: block('ul', 'list_item+', { defining: false }),
  ordered_list: block('ol', 'list_item+', { defining: false }),
  list_item: block('li', 'paragraph block*', { group: '' }),
  pre: block('pre', 'inline*', { code: true, marks: '_', parseDOM: [{ tag: 'pre', preserveWhitespace: 'full', getAttrs: directionOf }] }),
  figure: block('figure', '(paragraph | figcaption)+', { isolating: true }),
  figcaption: block('figcaption', 'inline*', { group: '' }),
  horizontal_rule: { group: 'flow', parseDOM: [{ tag: 'hr' }], toDOM: () => ['hr'] },
  table: {
    content: 'table_row+', tableRole: 'table', isolating: true, group: 'block flow',
    attrs: { ...direction, caption: { default: '' } }, // canonical HTML of the caption's inside
    parseDOM: [{ tag: 'table', getAttrs: (dom) => ({ ...directionOf(dom), caption: dom.dataset.caption ?? captionOf(dom) }) },
      { tag: 'caption', ignore: true }],
    toDOM(node) {
      const rows = ['tbody', 0];
      if (!node.attrs.caption) return ['table', directionSaid(node), rows];
      return ['table', { ...directionSaid(node), 'data-caption': node.attrs.caption }, ['caption', { contenteditable: 'false' }, parseBody(node.attrs.caption).textContent], rows];
    },
  },
  // head: stands in the table's head (true), below it (false), or where its cells say (null: a row made here). In what is
  // copied all rows stand in one body, so that they say it themselves.
  table_row: {
    content: '(table_cell | table_header)*', tableRole: 'row', attrs: { ...direction, head: { default: null } },
    parseDOM: [{ tag: 'tr', getAttrs: (dom) => ({ ...directionOf(dom), head: isHead(dom) }) }],
    toDOM: (node) => ['tr', { ...directionSaid(node), 'data-head': String(node.attrs.head) }, 0],
  },
  table_cell: cell('td', 'cell'),
  table_header: cell('th', 'header_cell'),
  text: { group: 'inline' },
  image: {
    inline: true, group: 'inline', draggable: true,
    attrs: { ...direction, src: {}, alt: { default: '' }, width: { default: '' }, height: { default: '' } },
    parseDOM: [{
      tag: 'img[src]',
      getAttrs(dom) {
        const src = address(dom.getAttribute('src'), true);
        return src !== '' && { ...directionOf(dom), src, alt: dom.getAttribute('alt') ?? '', width: size(dom, 'width'), height: size(dom, 'height') };
      },
    }],
    toDOM: (node) => ['img', { ...said(node.attrs), alt: node.attrs.alt }],
  },
  hard_break: { inline: true, group: 'inline', selectable: false, parseDOM: [{ tag: 'br' }], toDOM: () => ['br'] },
};

// b and i stay what they are: a sentence that was touched does not turn them into something else.
const mark = (tags, attrs = {}) => ({
  attrs: { ...direction, ...(tags.length > 1 && { tag: { default: tags[0] } }), ...Object.fromEntries(Object.keys(attrs).map((name) => [name, { default: '' }])) },
  parseDOM: tags.map((tag) => ({
    tag,
    getAttrs: (dom) => ({
      ...directionOf(dom), ...(tags.length > 1 && { tag }),
      ...Object.fromEntries(Object.entries(attrs).map(([name, known]) => [name, known.test(dom.getAttribute(name) ?? '') ? dom.getAttribute(name) : ''])),
    }),
  })),
  toDOM: ({ attrs: { tag, ...rest } }) => [tag ?? tags[0], said(rest), 0],
});

// The first stands outermost: formatting inside a link does not cut it in two.
const marks = {
  a: {
    attrs: { ...direction, href: {} }, inclusive: false,
    parseDOM: [{
      tag: 'a[href]',
      getAttrs(dom) {
        const href = address(dom.getAttribute('href'));
        return href !== '' && { ...directionOf(dom), href };
      },
    }],
    toDOM: ({ attrs }) => ['a', { ...said(attrs), rel: 'noopener' }, 0],
  },
  span: { ...mark(['span']), parseDOM: [{ tag: 'span[lang], span[dir]', getAttrs: directionOf }] },
  q: mark(['q']), cite: mark(['cite']), abbr: mark(['abbr'], { title: /./ }), time: mark(['time'], { datetime: /^[A-Za-z0-9\-:.+ ]{1,40}$/ }),
  strong: mark(['strong', 'b']), em: mark(['em', 'i']), u: mark(['u']), s: mark(['s']), sub: mark(['sub']), sup: mark(['sup']), code: mark(['code']),
};

export const schema = new Schema({ nodes, marks });
