// Plain text for a terminal of 100 columns.

const WIDTH = 100;
const GAP = ' │ ';

export function say(text = '') {
  console.log(text);
}

export function title(text) {
  say(`\n${text}\n${'-'.repeat(text.length)}`);
}

/** Rows of cells; a column of numbers or amounts stands to the right. */
export function table(rows) {
  const columns = rows[0].map((_, column) => rows.map((row) => String(row[column])));
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const numbers = columns.map((cells) => cells.slice(1).every((cell) => /^-?\d+(\.\d+)?( [A-Z]{3})?$/.test(cell)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      numbers[column] ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]),
    );
    say(`  ${cells.join('  ')}`.trimEnd());
  }
}

/** Lists of lines beside each other, in columns of the same width; a line may be [left, right]. */
export function sideBySide(lists) {
  const width = Math.floor((WIDTH - GAP.length * (lists.length - 1)) / lists.length);
  const fitted = (line) => {
    const [left, right] = Array.isArray(line) ? line : [line ?? '', ''];
    return `${left}${' '.repeat(Math.max(0, width - left.length - right.length))}${right}`;
  };
  for (let row = 0; row < Math.max(...lists.map((list) => list.length)); row += 1) {
    say(lists.map((list) => fitted(list[row])).join(GAP).trimEnd());
  }
}

export function rule(columns) {
  const width = Math.floor((WIDTH - GAP.length * (columns - 1)) / columns);
  say(Array.from({ length: columns }, () => '─'.repeat(width)).join('─┼─'));
}
