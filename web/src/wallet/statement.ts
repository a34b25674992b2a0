import { read, type Outcome, type Query } from '../api/client'
import { minorOf } from '../kit/money'
import type { Movement } from './movement'

/** First and last day of the market, yyyy-mm-dd. */
export interface Period {
  from: string
  to: string
}

/** What a period comes to in one currency, minor units. */
export interface Sums {
  currency: string
  opening: bigint
  incoming: bigint
  outgoing: bigint
  closing: bigint
  /** Every balance is the one before it and the movement: nothing that moved the balance is left out. */
  isWhole: boolean
}

/** Months that are offered; older ones are had by days. */
const MONTHS = 12

/** The most movements of a statement: a longer one is no use on paper, and the file has them all. */
export const MOVEMENTS_MAX = 5_000

const PAGE_ITEMS = 200

/** Days of a month, yyyy-mm. */
export function monthPeriod(month: string): Period {
  const last = new Date(`${month}-01T12:00:00Z`)
  last.setUTCMonth(last.getUTCMonth() + 1, 0)
  return { from: `${month}-01`, to: last.toISOString().slice(0, 10) }
}

/** The month of a day and those before it, the newest first. */
export function monthsTo(day: string): string[] {
  const first = new Date(`${day.slice(0, 7)}-01T12:00:00Z`)
  return Array.from({ length: MONTHS }, (_, before) => {
    const month = new Date(first)
    month.setUTCMonth(month.getUTCMonth() - before)
    return month.toISOString().slice(0, 7)
  })
}

function signed(movement: Movement): bigint {
  return movement.direction === 'in' ? minorOf(movement.money) : -minorOf(movement.money)
}

/** What movements come to, the oldest first, by currency in the order of their first movements. */
export function sumsOf(movements: Movement[]): Sums[] {
  const found = new Map<string, Sums>()
  for (const movement of movements) {
    const { currency } = movement.money
    const [change, after] = [signed(movement), minorOf(movement.balance_after)]
    const before = after - change
    const sums = found.get(currency) ?? { currency, opening: before, incoming: 0n, outgoing: 0n, closing: before, isWhole: true }
    found.set(currency, {
      ...sums,
      incoming: sums.incoming + (change > 0n ? change : 0n),
      outgoing: sums.outgoing + (change < 0n ? -change : 0n),
      closing: after,
      isWhole: sums.isWhole && sums.closing === before,
    })
  }
  return [...found.values()]
}

/** All movements of a period, the oldest first; `null` if there are more than a statement has. */
export async function movementsOf({ from, to }: Period, signal: AbortSignal): Promise<Outcome<Movement[] | null>> {
  let movements: Movement[] = []
  let cursor: string | undefined
  for (;;) {
    const query: Query<'/history'> = { from, to, order: 'oldest', limit: PAGE_ITEMS, cursor }
    const outcome = await read('/history', {}, query, signal)
    if (!outcome.ok) return outcome
    movements = [...movements, ...outcome.data.items]
    if (movements.length > MOVEMENTS_MAX) return { ok: true, data: null }
    if (outcome.data.next === null) return { ok: true, data: movements }
    cursor = outcome.data.next
  }
}
