// SPDX-License-Identifier: AGPL-3.0-or-later
// What is pasted comes as other programs draw it: Word, Google Docs, pages of old sites, PDF. Before the editor reads it,
// drawing becomes meaning where it has one (bold, lists, quotations) and goes where it has none. What is left is still read
// by the schema, and the server cleans it again.
import { Slice, Fragment } from 'prosemirror-model';
import { address } from './address.js';
import { isBlank, parseBody } from './html.js';
import { schema } from './schema.js';

const dropped = 'style, script, meta, link, title, template, noscript, iframe, object, embed, svg, math, canvas, audio, video, input, select, button, textarea, xml';
const blocks = 'p, div, h1, h2, h3, h4, h5, h6, ul, ol, li, table, thead, tbody, tfoot, tr, td, th, blockquote, pre, figure, figcaption, section, article, header, footer, main, aside, center, address, dl, dt, dd, hr, caption';
const styleOf = (element) => Object.fromEntries((element.dataset.style ?? '').split(';').map((part) => part.split(/:(.*)/s, 2).map((s) => s.trim().toLowerCase())).filter((pair) => pair.length === 2));
const unwrap = (element) => element.replaceWith(...element.childNodes);
const all = (root, selector) => [...root.querySelectorAll(selector)];

function rename(element, name) {
  const made = element.ownerDocument.createElement(name);
  made.append(...element.childNodes);
  element.replaceWith(made);
  return made;
}

// ---- what nobody sees --------------------------------------------------------------------------------------------------

function dropUnseen(body) {
  for (const element of all(body, dropped)) element.remove();
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT), comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.remove();
  for (const element of all(body, '*')) {
    const style = styleOf(element);
    if (style.display === 'none' || style['mso-hide'] === 'all' || /^v:/i.test(element.localName) || style['mso-element'] === 'comment-list' || element.classList.contains('MsoCommentReference')) element.remove();
    else if (element.localName.includes(':')) unwrap(element); // o:p, w:sdt, st1:place
  }
}

// ---- Word's lists: paragraphs with a drawn bullet ------------------------------------------------------------------------

const bullet = /^[\s\xa0]*(?:[·•●○◦▪■§➢✓–—-]|o(?=[\s\xa0]))[\s\xa0]+/;
const number = /^[\s\xa0]*(?:\(?(?:\d{1,3}|[a-z]|[ivxlc]{1,6})[.)])[\s\xa0]+/i;

function wordItem(element) {
  if (element.localName === 'div' && element.classList.contains('ListContainerWrapper')) {
    const item = element.querySelector('li');
    return item && { level: Number(item.dataset.ariaLevel) || 1, ordered: item.parentNode.localName === 'ol', from: item };
  }
  if (!/^(p|div|h[1-6])$/.test(element.localName)) return null;
  const level = /level(\d)/.exec(styleOf(element)['mso-list'] ?? '')?.[1];
  const marker = all(element, '[data-style]').find((inner) => styleOf(inner)['mso-list'] === 'ignore');
  if (!level && !(marker || (/^MsoListParagraph/.test(element.className) && (bullet.test(element.textContent) || number.test(element.textContent))))) return null;
  const text = marker ? marker.textContent : element.textContent, ordered = number.test(`${text} `) && !bullet.test(`${text} `);
  if (marker) marker.remove();
  else cutStart(element, (bullet.exec(text) ?? number.exec(text))?.[0].length ?? 0);
  return { level: Number(level) || 1, ordered, from: element };
}

function cutStart(element, length) {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (length > 0 && walker.nextNode()) {
    const node = walker.currentNode, cut = Math.min(length, node.data.length);
    node.data = node.data.slice(cut);
    length -= cut;
  }
}

function makeLists(body) {
  let open = []; // { level, list }
  for (const element of all(body, 'p, div, h1, h2, h3, h4, h5, h6')) {
    if (!body.contains(element)) continue;
    const item = wordItem(element);
    if (!item) continue;
    let previous = element.previousSibling;
    while (previous && previous.nodeType === Node.TEXT_NODE && isBlank(previous.data)) previous = previous.previousSibling;
    if (!open.length || previous !== open[0].list) open = [];
    while (open.length && open.at(-1).level > item.level) open.pop();
    const name = item.ordered ? 'ol' : 'ul', li = body.ownerDocument.createElement('li');
    if (open.length && open.at(-1).level === item.level && open.at(-1).list.localName !== name) open.pop();
    if (!open.length || open.at(-1).level < item.level) {
      const list = body.ownerDocument.createElement(name);
      if (open.length) open.at(-1).list.lastElementChild.append(list);
      else element.before(list);
      open.push({ level: item.level, list });
    }
    open.at(-1).list.append(li);
    li.append(...item.from.childNodes);
    element.remove();
  }
  // A list right inside a list, as Google Docs and old editors write it, belongs to the item before it.
  for (const list of all(body, 'ul > ul, ul > ol, ol > ul, ol > ol')) {
    const before = list.previousElementSibling;
    if (before?.localName === 'li') before.append(list);
    else unwrap(list);
  }
}

// ---- drawing becomes meaning ---------------------------------------------------------------------------------------------

const isBold = (weight) => weight && (weight.startsWith('bold') || Number(weight) >= 600);
const isLight = (weight) => weight && (weight === 'normal' || weight === 'lighter' || Number(weight) < 600);

function meaningsOf(element, style) {
  const names = [];
  if (isBold(style['font-weight'])) names.push('strong');
  if (/italic|oblique/.test(style['font-style'] ?? '')) names.push('em');
  if (/line-through/.test(`${style['text-decoration']} ${style['text-decoration-line']}`)) names.push('s');
  if (/^(super|sub)$/.test(style['vertical-align'] ?? '')) names.push(style['vertical-align'] === 'super' ? 'sup' : 'sub');
  return names.filter((name) => !element.matches(name === 'strong' ? 'b, strong' : name === 'em' ? 'i, em' : name));
}

function readStyles(body) {
  for (let element of all(body, '*')) {
    const style = styleOf(element);
    if ((/^(b|strong)$/.test(element.localName) && isLight(style['font-weight'])) || (/^(i|em)$/.test(element.localName) && style['font-style'] === 'normal')) {
      unwrap(element);
      continue;
    }
    if (element.matches('p.MsoTitle')) element = rename(element, 'h2');
    if (element.matches('p.MsoQuote, p.MsoIntenseQuote')) {
      const outer = body.ownerDocument.createElement('blockquote');
      element.replaceWith(outer);
      outer.append(element);
    }
    if (!element.matches('table, tr, tbody, thead, tfoot, ul, ol, img, br, hr')) {
      for (const name of meaningsOf(element, style)) {
        const inner = body.ownerDocument.createElement(name);
        inner.append(...element.childNodes);
        element.append(inner);
      }
    }
  }
  for (const element of all(body, 'strike, del')) rename(element, 's');
  for (const element of all(body, 'b')) rename(element, 'strong');
  for (const element of all(body, 'i')) rename(element, 'em');
  for (const element of all(body, 'h1 strong, h2 strong, h3 strong, h4 strong, h5 strong, h6 strong, th strong, strong strong, em em')) unwrap(element);
  for (const element of all(body, 'span, font, u, ins, big, small, tt, center, label')) if (element.localName !== 'center') unwrap(element);
}

// The paper's direction is not written on every paragraph; the other one is.
function keepAttributes(body, dir) {
  for (const element of all(body, '*')) {
    const own = element.getAttribute('dir')?.toLowerCase();
    for (const { name } of [...element.attributes]) if (!['href', 'src', 'alt', 'width', 'height', 'title', 'datetime'].includes(name)) element.removeAttribute(name);
    if (['rtl', 'ltr'].includes(own) && own !== dir && element.matches('p, h1, h2, h3, h4, h5, h6, li, ul, ol, blockquote, td, th, table')) element.setAttribute('dir', own);
  }
}

// ---- links and pictures ----------------------------------------------------------------------------------------------------

function linkedTo(dirty) {
  let href = address(dirty);
  try {
    const url = new URL(href);
    if (/(^|\.)google\.[a-z.]+$/.test(url.hostname) && url.pathname === '/url' && url.searchParams.get('q')) href = address(url.searchParams.get('q'));
  } catch { /* an address of this site */ }
  return href;
}

// Pictures stay when they are this site's own: others would ask a third party, or lie in the writer's own computer.
function takeLinks(body) {
  let pictures = 0;
  for (const link of all(body, 'a')) {
    const href = linkedTo(link.getAttribute('href') ?? '');
    if (href === '' || /^#/.test(href)) unwrap(link);
    else link.setAttribute('href', href);
  }
  for (const image of all(body, 'img')) {
    const src = address((image.getAttribute('src') ?? '').replace(location.origin, ''), true);
    if (src.startsWith('/')) {
      image.setAttribute('src', src);
      continue;
    }
    if (!(Number(image.getAttribute('width')) <= 1 && image.hasAttribute('width'))) pictures++; // not a counting pixel
    image.remove();
  }
  return pictures;
}

// ---- white space and paragraphs ------------------------------------------------------------------------------------------

// A space that holds two words together stays where it is typography (« mot », 10 000, M. X before a mark); the rest were drawn.
export const plainSpaces = (s) => s.replace(/[\s\xa0]*\xa0[\s\xa0]*/g, (run, at, whole) => {
  const before = whole[at - 1] ?? '', behind = whole[at + run.length] ?? '';
  return run.length === 1 && (/[«‹\d]/.test(before) && behind !== '' || /[»›:;!?%€]/.test(behind)) ? run : ' ';
});

function textNodes(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) if (!walker.currentNode.parentNode.closest('pre')) found.push(walker.currentNode);
  return found;
}

const isBreak = (node) => node?.nodeName === 'BR';
const isSpace = (node) => node?.nodeType === Node.TEXT_NODE && isBlank(node.data);

// Two line ends in a row are how old editors began a paragraph.
function splitParagraphs(body) {
  for (const element of [body, ...all(body, 'p, div, blockquote, td, center, section, article')]) {
    if (!all(element, ':scope > br + br, :scope > br').length) continue;
    const groups = [[]];
    let breaks = [];
    for (const node of [...element.childNodes]) {
      if (isBreak(node) || (breaks.length && isSpace(node))) breaks.push(node);
      else {
        if (breaks.filter(isBreak).length > 1) groups.push([]);
        else groups.at(-1).push(...breaks);
        breaks = [];
        groups.at(-1).push(node);
      }
    }
    if (groups.length < 2) continue;
    element.replaceChildren();
    const parts = groups.map((group) => {
      if (group.some((node) => node.nodeType === Node.ELEMENT_NODE && node.matches(blocks))) return group;
      const part = body.ownerDocument.createElement('p');
      if (element.dir) part.dir = element.dir;
      part.append(...group);
      return [part];
    }).flat();
    if (element.localName === 'p') element.replaceWith(...parts);
    else element.append(...parts);
  }
}

const isEmpty = (element) => isBlank(element.textContent) && !element.querySelector('img, hr, table');
function dropEmpty(body) {
  for (const element of all(body, 'p, div, h1, h2, h3, h4, h5, h6, blockquote, figure, figcaption, strong, em, a, s, sup, sub, q, cite, code, abbr, time').reverse()) {
    if (!isEmpty(element)) continue;
    if (element.matches(blocks)) element.remove();
    else unwrap(element);
  }
  for (const item of all(body, 'li, ul, ol').reverse()) if (isEmpty(item)) item.remove();
  for (const br of all(body, 'br')) {
    let next = br.nextSibling;
    while (isSpace(next)) next = next.nextSibling;
    if (!next && br.parentNode.matches(blocks)) br.remove(); // the last line's end draws nothing
  }
}

// A table of one cell was a frame.
function dropFrames(body) {
  for (const table of all(body, 'table').reverse()) {
    const cells = all(table, 'td, th');
    if (cells.length === 1) table.replaceWith(...cells[0].childNodes);
    else for (const caption of all(table, 'caption')) caption.textContent = caption.textContent.replace(/\s+/g, ' ').trim();
  }
}

export function cleanHtml(html, dir) {
  const body = parseBody(html);
  dropUnseen(body);
  makeLists(body);
  readStyles(body);
  keepAttributes(body, dir);
  const pictures = takeLinks(body);
  dropFrames(body);
  for (const node of textNodes(body)) node.data = plainSpaces(node.data);
  splitParagraphs(body);
  dropEmpty(body);
  return { html: body.innerHTML, pictures };
}

// ---- plain words -----------------------------------------------------------------------------------------------------------

const LINE_MIN = 40, LINE_MAX = 120; // columns between which a full line may have been broken by a page's width

function isWrapped(lines) {
  const longest = Math.max(...lines.map((line) => line.length));
  return lines.length > 1 && longest >= LINE_MIN && longest <= LINE_MAX && lines.slice(0, -1).every((line) => line.length >= 0.7 * longest);
}

const unspaced = /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/;
function joinLines(lines) {
  return lines.reduce((text, line) => {
    if (/\p{L}-$/u.test(text) && /^\p{Ll}/u.test(line)) return text.slice(0, -1) + line; // a word was broken
    return text + (unspaced.test(text.at(-1)) && unspaced.test(line[0]) ? '' : ' ') + line;
  });
}

// A list of paragraphs, each a list of lines: an empty line parts paragraphs; a line's end is one where somebody set it, not
// where a page was full (PDF).
export function paragraphsOf(text) {
  return text.replace(/\r\n?/g, '\n').replace(/\xad/g, '').split(/\n[ \t\xa0]*(?:\n[ \t\xa0]*)+/).flatMap((part) => {
    const lines = part.split('\n').map((line) => plainSpaces(line).trim()).filter(Boolean);
    if (lines.length === 0) return [];
    if (isWrapped(lines)) return [[joinLines(lines)]];
    return Math.max(...lines.map((line) => line.length)) > LINE_MAX ? lines.map((line) => [line]) : [lines];
  });
}

function sliceOf(text, $context) {
  const { nodes } = schema, marks = $context.marks();
  const made = paragraphsOf(text).map((lines) => nodes.paragraph.create(null, lines.flatMap((line, i) => [...(i ? [nodes.hard_break.create()] : []), schema.text(line, marks)])));
  return Slice.maxOpen(Fragment.from(made));
}

// ---- the editor's part ---------------------------------------------------------------------------------------------------

export function pasteHandlers(picturesLeftOut) {
  return {
    transformPastedHTML(html, view) {
      if (/data-pm-slice/.test(html)) return html; // from a text like this one
      const cleaned = cleanHtml(html, view.dom.dir);
      if (cleaned.pictures) picturesLeftOut();
      return cleaned.html;
    },
    clipboardTextParser: (text, $context) => sliceOf(text, $context),
    handlePaste(view, event) {
      const text = event.clipboardData?.getData('text/plain').trim() ?? '', { from, to, empty } = view.state.selection;
      if ([...(event.clipboardData?.files ?? [])].length && !text) picturesLeftOut();
      if (empty || !/^https?:\/\/\S+$/.test(text) || address(text) === '') return false;
      view.dispatch(view.state.tr.addMark(from, to, schema.marks.a.create({ href: address(text) }))); // an address put upon words
      return true;
    },
  };
}
