import { read, type Outcome, type Trouble } from '../api/client'
import type { components } from '../api/schema'
import { byHour, takingOfPayment, takingOfRefund, type Taking } from './takings'

type DayTotals = components['schemas']['DayTotals']

/** The most that a page of a list may have. */
const PAGE_ITEMS = 200

type AskPage<Item> = (cursor: string | undefined) => Promise<Outcome<{ items: Item[]; next: string | null }>>

/** Reads a list that begins with the newest until something that is known comes: the next look asks for what is new only. */
async function readNew<Item>(ask: AskPage<Item>, takingOf: (item: Item) => Taking, known: Map<string, Taking>): Promise<Trouble | undefined> {
  const found: Taking[] = []
  let cursor: string | undefined
  for (;;) {
    const outcome = await ask(cursor)
    if (!outcome.ok) return outcome.trouble
    const takings = outcome.data.items.map(takingOf)
    const fresh = takings.filter(({ id }) => !known.has(id))
    found.push(...fresh)
    if (fresh.length === takings.length && outcome.data.next !== null) cursor = outcome.data.next
    else break
  }
  // All at once: after a failure on the way there would be a gap that is never filled.
  for (const taking of found) known.set(taking.id, taking)
  return undefined
}

/** What a day has brought, hour by hour, out of two lists that everybody at a counter may read. */
export class Takings {
  /** By currency, in the order of the alphabet: minor units of each hour. `undefined` before the first answer. */
  hours = $state.raw<[string, bigint[]][]>()
  trouble = $state<Trouble>()
  readonly #day: string
  readonly #known = new Map<string, Taking>()

  constructor(day: string) {
    this.#day = day
  }

  async look(): Promise<boolean> {
    const days = { from: this.#day, to: this.#day, limit: PAGE_ITEMS }
    this.trouble = await readNew(cursor => read('/received-payments', {}, { ...days, cursor }), takingOfPayment, this.#known)
      ?? await readNew(cursor => read('/refunds', {}, { ...days, cursor }), takingOfRefund, this.#known)
    if (this.trouble === undefined) this.hours = byHour([...this.#known.values()])
    return false
  }
}

/** The server's totals of each day on which something was, the oldest first. */
export async function reportOf(currency: string, from: string, to: string): Promise<Outcome<DayTotals[]>> {
  const found: DayTotals[] = []
  let cursor: string | undefined
  for (;;) {
    const outcome = await read('/settlement-report', {}, { currency, from, to, limit: PAGE_ITEMS, order: 'oldest', cursor })
    if (!outcome.ok) return outcome
    found.push(...outcome.data.items)
    if (outcome.data.next === null) return { ok: true, data: found }
    cursor = outcome.data.next
  }
}
