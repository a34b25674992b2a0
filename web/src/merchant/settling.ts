import { read, type Outcome } from '../api/client'
import type { SettledEntry, Settlement } from './settlement'

/** The most that a page of a list may have. */
const PAGE_ITEMS = 200

/** While a date is open its entries grow; this often its sums are read again before a difference is believed. */
const ATTEMPTS = 3

async function entriesOf(
  currency: string, date: string, onfound: (count: number) => void, signal: AbortSignal,
): Promise<Outcome<SettledEntry[]>> {
  const entries: SettledEntry[] = []
  let cursor: string | undefined
  for (;;) {
    const query = { limit: PAGE_ITEMS, order: 'oldest' as const, cursor }
    const outcome = await read('/settlements/{currency}/{date}/entries', { currency, date }, query, signal)
    if (!outcome.ok) return outcome
    entries.push(...outcome.data.items)
    onfound(entries.length)
    if (outcome.data.next === null || signal.aborted) return { ok: true, data: entries }
    cursor = outcome.data.next
  }
}

/** A business date with all its entries, both of the same moment. */
export async function wholeDate(
  currency: string, date: string, onfound: (count: number) => void, signal: AbortSignal,
): Promise<Outcome<{ settlement: Settlement; entries: SettledEntry[] }>> {
  for (let attempt = 1; ; attempt += 1) {
    const entries = await entriesOf(currency, date, onfound, signal)
    if (!entries.ok) return entries
    const settlement = await read('/settlements/{currency}/{date}', { currency, date }, undefined, signal)
    if (!settlement.ok) return settlement
    const isSame = settlement.data.entries === String(entries.data.length)
    if (isSame || attempt === ATTEMPTS) return { ok: true, data: { settlement: settlement.data, entries: entries.data } }
  }
}

/** The business dates that have entries of a day of the calendar. A business date is never before the day of its entries. */
export async function datesOf(currency: string, day: string): Promise<Outcome<Settlement[]>> {
  const all: Settlement[] = []
  let cursor: string | undefined
  for (;;) {
    const outcome = await read('/settlements/{currency}', { currency }, { limit: 50, cursor })
    if (!outcome.ok) return outcome
    all.push(...outcome.data.items)
    const { next, items } = outcome.data
    const isEarlier = items.some(one => one.date < day)
    if (next === null || isEarlier) return { ok: true, data: all }
    cursor = next
  }
}
