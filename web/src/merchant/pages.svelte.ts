import { read, readCsv, type Outcome, type Trouble } from '../api/client'
import { rowOfOrder, rowOfRefund, type Filter, type Row } from './listing'

/** As many as a long screen shows, so that the next are there before the end is reached. */
const PAGE_ITEMS = 30

interface Page {
  rows: Row[]
  next: string | null
}

function daysOf({ from, to }: Filter): { from?: string; to?: string } {
  return { ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) }
}

function mapped<Item>(
  outcome: Outcome<{ items: Item[]; next: string | null }>, rowOf: (item: Item) => Row,
): Outcome<Page> {
  return outcome.ok ? { ok: true, data: { rows: outcome.data.items.map(rowOf), next: outcome.data.next } } : outcome
}

async function pageOf(filter: Filter, cursor: string | undefined, signal: AbortSignal): Promise<Outcome<Page>> {
  const query = { ...daysOf(filter), limit: PAGE_ITEMS, cursor }
  const { listed } = filter
  if (listed === 'received') {
    return mapped(await read('/received-payments', {}, query, signal), ({ order }) => rowOfOrder(order, true))
  }
  if (listed === 'refunds') return mapped(await read('/refunds', {}, query, signal), rowOfRefund)
  const status = listed === 'orders' ? undefined : listed
  return mapped(await read('/orders', {}, { ...query, status }, signal), order => rowOfOrder(order, false))
}

/** Everything of a filter as the text of a file. */
export function fileOf(filter: Filter): Promise<Outcome<string>> {
  const days = daysOf(filter)
  if (filter.listed === 'received') return readCsv('/received-payments', {}, days)
  if (filter.listed === 'refunds') return readCsv('/refunds', {}, days)
  return readCsv('/orders', {}, { ...days, status: filter.listed === 'orders' ? undefined : filter.listed })
}

/** The rows of one filter, loaded page by page. */
export class Pages {
  rows = $state.raw<Row[]>([])
  isLoading = $state(false)
  trouble = $state<Trouble>()
  /** What to ask for next: `undefined` at the beginning, `null` at the end. */
  next = $state<string | null>()
  readonly filter: Filter
  readonly #asking = new AbortController()

  constructor(filter: Filter) {
    this.filter = filter
  }

  /** The next page. One that has nothing, though there is more, is followed by the one after it. */
  async more(): Promise<void> {
    if (this.isLoading || this.next === null) return
    const before = this.rows.length
    this.isLoading = true
    this.trouble = undefined
    while (this.rows.length === before && this.next !== null) {
      const outcome = await pageOf(this.filter, this.next, this.#asking.signal)
      if (this.#asking.signal.aborted) return
      if (!outcome.ok) {
        this.trouble = outcome.trouble
        break
      }
      this.rows = [...this.rows, ...outcome.data.rows]
      this.next = outcome.data.next
    }
    this.isLoading = false
  }

  /** Nobody looks at the list any more. */
  stop(): void {
    this.#asking.abort()
  }
}

/** The list that was left last by one of its lines, with how far it was scrolled. */
let left: { pages: Pages; party: string; scrolled: number } | undefined

/** Remembers a list whose line is being opened, in the page's place of the history too: only coming back to there finds it again. */
export function leave(pages: Pages, party: string): void {
  left = { pages, party, scrolled: scrollY }
  history.replaceState({ ...(history.state as object | null), isLeft: true }, '')
}

/** The list that was left from this place of the history, if it is still known. */
export function comeBack(party: string): { pages: Pages; scrolled: number } | undefined {
  const isLeft = (history.state as { isLeft?: boolean } | null)?.isLeft === true
  const found = isLeft && left?.party === party ? left : undefined
  left = undefined
  return found
}
