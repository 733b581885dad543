/** Sorts and filters the table of the page. Without it, the table is there anyway. */
export const script = `
'use strict';
const table = document.getElementById('rows');
const body = table.tBodies[0];
const rows = [...body.rows];
const text = document.getElementById('filter');
const fate = document.getElementById('fate');
const shown = document.getElementById('shown');
const show = () => {
  const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const found = row.textContent.toLowerCase();
    const fits = (!fate.value || row.dataset.fate === fate.value) && words.every((word) => found.includes(word));
    row.hidden = !fits;
    if (fits) count++;
  }
  shown.textContent = count + ' of ' + rows.length;
};
const keyOf = (row, at) => row.cells[at].dataset.sort ?? row.cells[at].textContent;
const heads = [...table.tHead.rows[0].cells];
heads.forEach((head, at) => head.firstElementChild.addEventListener('click', () => {
  const isUp = head.getAttribute('aria-sort') !== 'ascending';
  for (const each of heads) each.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
  const isNumber = head.classList.contains('n');
  rows.sort((a, b) => {
    const [x, y] = [keyOf(a, at), keyOf(b, at)];
    const order = isNumber ? x - y : x < y ? -1 : x > y ? 1 : 0;
    return isUp ? order : -order;
  });
  body.append(...rows);
}));
text.addEventListener('input', show);
fate.addEventListener('input', show);
document.getElementById('tools').hidden = false;
show();
`;
