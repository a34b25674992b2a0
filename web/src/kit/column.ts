import type { Snippet } from 'svelte'

export interface Column<Row> {
  /** What its cells are. */
  name: string
  /** What stands in a cell: a text, or what is drawn. */
  text?: (row: Row) => string
  cell?: Snippet<[Row]>
  /** Amounts and counts: at the end of the cell, in figures of one width. */
  isFigure?: boolean
  /** In a card it stands beside the row's name, and needs no name of its own. */
  isMain?: boolean
  /** Whether a row has anything there; a card leaves out what it has not. */
  has?: (row: Row) => boolean
}
