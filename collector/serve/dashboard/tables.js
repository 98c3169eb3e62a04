// SPDX-License-Identifier: MIT
// Elements and tables. Invariant: every text from outside becomes a text node, never markup.

export const $ = (id) => document.getElementById(id);

/// `attributes` with a value of null or false are left out; children are nodes or texts.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  made.append(...children);
  return made;
}

/// Makes `nodes` the children of `parent`, and leaves those alone that are so already: what somebody
/// reads, selects or has focused stays where it is.
export function settle(parent, nodes) {
  nodes.forEach((node, i) => {
    const old = parent.children[i];
    if (!old) parent.append(node);
    else if (!old.isEqualNode(node)) old.replaceWith(node);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

export function setText(id, text) {
  const at = $(id);
  if (at.textContent !== text) at.textContent = text;
}

/// A figure: what is shown, and the number itself for programs.
export function setFigure(id, text, value) {
  setText(id, text);
  const at = $(id);
  if (value === null || value === undefined) at.removeAttribute('value');
  else at.setAttribute('value', value);
  at.classList.toggle('unknown', value === null || value === undefined);
}

/// A cell is a text, or `{text, title, number, more, node, value}`. The first one heads its row.
function cell(what, first) {
  const one = typeof what === 'object' && what !== null ? what : { text: what };
  const classes = [one.number && 'n', one.more && 'more', one.class].filter(Boolean).join(' ');
  const made = element(first ? 'th' : 'td', {
    scope: first && 'row', class: classes || null, title: one.title, 'data-value': one.value ?? null,
  });
  made.append(one.node ?? one.text ?? '');
  return made;
}

export function fill(body, rows, ifEmpty, columns) {
  if (rows.length === 0) {
    settle(body, [element('tr', {}, element('td', { colspan: columns, class: 'empty' }, ifEmpty))]);
    return;
  }
  settle(body, rows.map(({ id, cells }) => element('tr', { 'data-id': id ?? null }, ...cells.map((one, i) => cell(one, i === 0)))));
}

/// What a chart shows, for who does not see it; made when it is opened.
export function plainTable(caption, heads, rows) {
  const body = element('tbody');
  fill(body, rows.map((cells) => ({ cells: cells.map((text, i) => ({ text, number: i > 0 })) })), 'nothing', heads.length);
  return element('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption },
    element('table', {}, element('caption', { class: 'unseen' }, caption),
      element('thead', {}, element('tr', {}, ...heads.map((head, i) => element('th', { scope: 'col', class: i > 0 && 'n' }, head)))), body));
}
