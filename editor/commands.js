// SPDX-License-Identifier: AGPL-3.0-or-later
// What can be done to a text: one row per tool of the bar (templates/desk/rich.html names them), with the keys that do the
// same, whether it is on where the cursor stands, and whether it can be done there. A row without `run` opens a dialog.
import { chainCommands, exitCode, lift, toggleMark, wrapIn } from 'prosemirror-commands';
import { redo, undo } from 'prosemirror-history';
import { undoInputRule } from 'prosemirror-inputrules';
import { liftListItem, sinkListItem, splitListItem, wrapInList } from 'prosemirror-schema-list';
import { NodeSelection, TextSelection } from 'prosemirror-state';
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell } from 'prosemirror-tables';
import { schema } from './schema.js';

const { nodes, marks } = schema;

// ---- where the cursor stands ---------------------------------------------------------------------------------------------

// The innermost of the selection's ancestors that passes: { node, pos, depth }.
function around({ selection: { $from } }, passes) {
  for (let depth = $from.depth; depth > 0; depth--) {
    const node = $from.node(depth);
    if (passes(node)) return { node, depth, pos: $from.before(depth) };
  }
  return null;
}
const isList = (node) => node.type === nodes.bullet_list || node.type === nodes.ordered_list;
const listAround = (state) => around(state, (node) => isList(node) || node.type === nodes.table)?.node;
const inList = (state) => Boolean(listAround(state) && isList(listAround(state)));

export function hasMark(state, type) {
  const { from, $from, to, empty } = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks ?? $from.marks())) : state.doc.rangeHasMark(from, to, type);
}

function textblocks(state) {
  const found = [];
  for (const range of state.selection.ranges) {
    state.doc.nodesBetween(range.$from.pos, range.$to.pos, (node, pos, parent) => {
      if (node.isTextblock) found.push({ node, pos, parent });
    });
  }
  return found;
}

// The link the cursor stands in, or that the selection touches: where it begins and ends.
export function linkAround(state) {
  const { $from, from, to, empty } = state.selection;
  let found = null;
  const take = (node, pos) => {
    const mark = marks.a.isInSet(node.marks);
    if (!mark) return;
    if (found && found.to === pos && found.mark.eq(mark)) found.to = pos + node.nodeSize;
    else if (!found || found.to < (empty ? from : from + 1)) found = { mark, from: pos, to: pos + node.nodeSize };
  };
  $from.parent.forEach((node, offset) => node.isInline && take(node, $from.start() + offset));
  return found && found.from <= to && found.to >= from && (!empty || (found.from < from || found.to > from)) ? found : null;
}

export const pictureSelected = ({ selection }) => selection instanceof NodeSelection && selection.node.type === nodes.image;
const tableAround = (state) => around(state, (node) => node.type === nodes.table);

// ---- commands ------------------------------------------------------------------------------------------------------------

const isHeading = (state, level) => {
  const blocks = textblocks(state);
  return blocks.length > 0 && blocks.every(({ node }) => node.type === nodes.heading && node.attrs.level === level);
};

function heading(level) {
  return (state, dispatch) => {
    const on = isHeading(state, level), tr = state.tr;
    for (const { node, pos, parent } of textblocks(state)) {
      const type = on ? nodes.paragraph : nodes.heading, at = state.doc.resolve(pos);
      if (!node.type.isInGroup('flow') || node.type === nodes.pre || !parent.canReplaceWith(at.index(), at.index() + 1, type)) continue;
      const { lang, dir } = node.attrs;
      tr.setNodeMarkup(tr.mapping.map(pos), type, type === nodes.heading ? { lang, dir, level } : { lang, dir });
    }
    if (!tr.docChanged) return false;
    dispatch?.(tr.scrollIntoView());
    return true;
  };
}

function list(type) {
  return (state, dispatch, view) => {
    const inside = around(state, (node) => isList(node) || node.type === nodes.table);
    if (!inside || !isList(inside.node)) return wrapInList(type)(state, dispatch, view);
    if (inside.node.type === type) return liftListItem(nodes.list_item)(state, dispatch, view);
    dispatch?.(state.tr.setNodeMarkup(inside.pos, type, inside.node.attrs));
    return true;
  };
}

const inQuote = (state) => Boolean(around(state, (node) => node.type === nodes.blockquote));
const quote = (state, dispatch, view) => (inQuote(state) ? lift : wrapIn(nodes.blockquote))(state, dispatch, view);

const insertable = (state, type) => around(state, (node) => node.type === nodes.table) === null || type.isInGroup('inline');

// A block of its own, where the cursor's paragraph is empty in its place; the cursor goes on behind or inside it.
function insert(state, dispatch, node, cursorInside) {
  const { $from } = state.selection;
  if (!insertable(state, node.type)) return false;
  if (dispatch) {
    const tr = state.tr.replaceSelectionWith(node);
    const start = tr.mapping.map($from.pos, -1);
    let at = null;
    tr.doc.descendants((inner, pos) => { if (at === null && inner === node) at = pos; });
    at ??= start;
    if (!tr.doc.resolve(Math.min(at + node.nodeSize, tr.doc.content.size)).nodeAfter) tr.insert(Math.min(at + node.nodeSize, tr.doc.content.size), nodes.paragraph.create());
    tr.setSelection(TextSelection.near(tr.doc.resolve(cursorInside ? at + 1 : at + node.nodeSize)));
    dispatch(tr.scrollIntoView());
  }
  return true;
}

const rule = (state, dispatch) => !inList(state) && insert(state, dispatch, nodes.horizontal_rule.create(), false);
function table(state, dispatch) {
  const row = (type) => nodes.table_row.create(null, [1, 2, 3].map(() => type.createAndFill()));
  return insert(state, dispatch, nodes.table.create(null, [row(nodes.table_header), row(nodes.table_cell), row(nodes.table_cell)]), true);
}

const firstRow = (state) => tableAround(state)?.node.firstChild;
const hasHeaderRow = (state) => Boolean(firstRow(state)?.content.content.every((cell) => cell.type === nodes.table_header));
function headerRow(state, dispatch) {
  const found = tableAround(state);
  if (!found) return false;
  const type = hasHeaderRow(state) ? nodes.table_cell : nodes.table_header, row = found.node.firstChild, tr = state.tr;
  row.forEach((cell, offset) => tr.setNodeMarkup(found.pos + 2 + offset, type, cell.attrs));
  dispatch?.(tr.setNodeMarkup(found.pos + 1, null, { ...row.attrs, head: null }));
  return true;
}
// Everything but links and languages: those are said by somebody, not drawn.
function plain(state, dispatch) {
  const tr = state.tr;
  for (const { node, pos, parent } of textblocks(state)) {
    const whole = state.selection.empty, from = whole ? pos + 1 : Math.max(pos + 1, state.selection.from), to = whole ? pos + node.nodeSize - 1 : Math.min(pos + node.nodeSize - 1, state.selection.to);
    for (const type of [marks.strong, marks.em, marks.u, marks.s, marks.sub, marks.sup, marks.code, marks.q, marks.cite]) tr.removeMark(from, to, type);
    if (node.type === nodes.heading && parent) tr.setNodeMarkup(pos, nodes.paragraph, { lang: node.attrs.lang, dir: node.attrs.dir });
  }
  if (!tr.docChanged) return false;
  dispatch?.(tr);
  return true;
}

// A paragraph of a list item or a cell has no direction of its own: the item or cell has.
function directed(state) {
  return textblocks(state).map(({ node, pos }) => {
    const $pos = state.doc.resolve(pos), outer = $pos.parent;
    return [nodes.list_item, nodes.table_cell, nodes.table_header, nodes.figure].includes(outer.type) ? { node: outer, pos: $pos.before() } : { node, pos };
  });
}
const pageDirection = (view) => view?.dom.dir || 'ltr';
const isTurned = (state, view) => directed(state).some(({ node }) => node.attrs.dir && node.attrs.dir !== pageDirection(view));
function turn(state, dispatch, view) {
  const dir = isTurned(state, view) ? '' : pageDirection(view) === 'rtl' ? 'ltr' : 'rtl', tr = state.tr;
  for (const { node, pos } of directed(state)) tr.setNodeMarkup(pos, null, { ...node.attrs, dir });
  dispatch?.(tr);
  return tr.docChanged;
}

function lineBreak(state, dispatch) {
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
}

export const tools = {
  heading: { keys: 'Ctrl-Shift-2', run: heading(2), isOn: (state) => isHeading(state, 2) },
  subheading: { keys: 'Ctrl-Shift-3', run: heading(3), isOn: (state) => isHeading(state, 3) },
  minor: { keys: 'Ctrl-Shift-4', run: heading(4), isOn: (state) => isHeading(state, 4) },
  bold: { keys: 'Mod-b', run: toggleMark(marks.strong), isOn: (state) => hasMark(state, marks.strong) },
  italic: { keys: 'Mod-i', run: toggleMark(marks.em), isOn: (state) => hasMark(state, marks.em) },
  link: { keys: 'Mod-k', isOn: (state) => linkAround(state) !== null },
  bullets: { keys: 'Mod-Shift-8', run: list(nodes.bullet_list), isOn: (state) => listAround(state)?.type === nodes.bullet_list },
  numbers: { keys: 'Mod-Shift-7', run: list(nodes.ordered_list), isOn: (state) => listAround(state)?.type === nodes.ordered_list },
  deeper: { keys: 'Mod-]', run: sinkListItem(nodes.list_item) },
  shallower: { keys: 'Mod-[', run: (state, dispatch, view) => inList(state) && liftListItem(nodes.list_item)(state, dispatch, view) },
  quote: { keys: 'Mod-Shift-9', run: quote, isOn: inQuote },
  table: { run: table },
  rule: { run: rule },
  plain: { keys: 'Mod-\\', run: plain },
  direction: { run: turn, isOn: isTurned },
  undo: { keys: 'Mod-z', run: undo },
  redo: { keys: 'Mod-y', run: redo },
  rowAdd: { run: addRowAfter },
  columnAdd: { run: addColumnAfter },
  rowDelete: { run: deleteRow },
  columnDelete: { run: deleteColumn },
  headerRow: { run: headerRow, isOn: hasHeaderRow },
  caption: {},
  tableDelete: { run: deleteTable },
  picture: {},
};

// Groups of tools that stand there only where they are of use.
export const places = { list: inList, table: (state) => tableAround(state) !== null, picture: pictureSelected };

export function setCaption(view, html) {
  const found = tableAround(view.state);
  if (found) view.dispatch(view.state.tr.setNodeMarkup(found.pos, null, { ...found.node.attrs, caption: html }));
}
export const captionNow = (state) => tableAround(state)?.node.attrs.caption ?? '';

// ---- keys ----------------------------------------------------------------------------------------------------------------

// Before the keys that every text has (prosemirror-commands' baseKeymap).
export const keys = {
  Enter: splitListItem(nodes.list_item),
  'Shift-Enter': chainCommands(exitCode, lineBreak),
  'Mod-Enter': chainCommands(exitCode, lineBreak),
  'Shift-Mod-z': redo,
  Backspace: undoInputRule,
  // In a table from cell to cell, and behind the last one out of the text as everywhere.
  Tab: goToNextCell(1),
  'Shift-Tab': goToNextCell(-1),
  ...Object.fromEntries(Object.values(tools).filter((tool) => tool.keys && tool.run).map((tool) => [tool.keys, tool.run])),
};
