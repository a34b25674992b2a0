import { read, type Outcome } from '../api/client'
import { session } from '../session.svelte'
import { ofEntries, type Entry, type Totals } from './totals'

/**
 * A cashier's time at this counter, kept in this browser. What belongs to it is bounded by entries, not by times: the number of an
 * entry rises, while this device's clock may be wrong, and two entries may have one instant.
 */
export interface Shift {
  /** When it was opened, by this device's clock: to be read, not to be counted with. */
  at: string
  /** The last entry before it; `0` if there was none. */
  after: string
  /** When it was closed, and the last entry in it. */
  until?: string
  last?: string
}

/** The most that a page of a list may have. */
const PAGE_ITEMS = 200

function place(): string {
  return `sycee.shift.${session.me?.party ?? ''}`
}

export const counter = $state<{ shift: Shift | undefined }>({ shift: undefined })

/** Takes out what this browser remembers of the shop that is signed in. */
export function openShiftBook(): void {
  try {
    counter.shift = (JSON.parse(localStorage.getItem(place()) ?? 'null') as Shift | null) ?? undefined
  } catch {
    counter.shift = undefined
  }
}

function write(shift: Shift): void {
  counter.shift = shift
  localStorage.setItem(place(), JSON.stringify(shift))
}

/** The newest entry's number; `0` if money has never moved. */
async function newestEntry(): Promise<Outcome<string>> {
  let cursor: string | undefined
  for (;;) {
    const outcome = await read('/entries', {}, { limit: 1, cursor })
    if (!outcome.ok) return outcome
    const { items: [item], next } = outcome.data
    if (item !== undefined || next === null) return { ok: true, data: item?.entry ?? '0' }
    cursor = next
  }
}

export async function openShift(): Promise<Outcome<string>> {
  const outcome = await newestEntry()
  if (outcome.ok) write({ at: new Date().toISOString(), after: outcome.data })
  return outcome
}

export async function closeShift(): Promise<Outcome<string>> {
  const outcome = await newestEntry()
  if (outcome.ok && counter.shift !== undefined) {
    write({ ...counter.shift, until: new Date().toISOString(), last: outcome.data })
  }
  return outcome
}

/** The entries of a shift out of a list that begins with the newest. `isAll`: those that follow are of an earlier time. */
export function within(shift: Shift, entries: Entry[]): { found: Entry[]; isAll: boolean } {
  const after = BigInt(shift.after)
  const last = shift.last === undefined ? undefined : BigInt(shift.last)
  const isIn = (number: bigint) => number > after && (last === undefined || number <= last)
  const found = entries.filter(({ entry }) => isIn(BigInt(entry)))
  return { found, isAll: entries.some(({ entry }) => BigInt(entry) <= after) }
}

/** What a shift has brought: its entries, added up. The server has no sums of a part of a day. */
export async function totalsOf(shift: Shift): Promise<Outcome<Totals[]>> {
  const all: Entry[] = []
  let cursor: string | undefined
  for (;;) {
    const outcome = await read('/entries', {}, { limit: PAGE_ITEMS, cursor })
    if (!outcome.ok) return outcome
    const { found, isAll } = within(shift, outcome.data.items)
    all.push(...found)
    if (isAll || outcome.data.next === null) return { ok: true, data: ofEntries(all) }
    cursor = outcome.data.next
  }
}
