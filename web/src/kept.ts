import type { components } from './api/schema'

type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/** What was last heard of somebody, to be shown while there is no connection. */
export interface Kept {
  me: Schema<'Me'>
  balances?: Schema<'Balance'>[]
  /** When the balances were heard. */
  at?: string
  movements?: Schema<'HistoryItem'>[]
}

const KEPT = 'sycee.kept'

/** The database of payment codes, named here so that whoever forgets a person need not bring what reads it. */
export const CODES = 'sycee.codes'

/** What `place` has of somebody of `role`; nothing if it cannot be read: it is a copy, and another comes. */
export function recall(place: Storage, role: string): Kept | undefined {
  try {
    const found = JSON.parse(place.getItem(KEPT) ?? 'null') as Kept | null
    return found?.me.role === role ? found : undefined
  } catch {
    return undefined
  }
}

/** Keeps `news` of the person `me`, beside what is kept of the same. Of anybody else nothing stays. */
export function keep(place: Storage, me: Kept['me'], news: Omit<Kept, 'me'>): void {
  const before = recall(place, me.role)
  const same = before?.me.party === me.party ? before : {}
  try {
    place.setItem(KEPT, JSON.stringify({ ...same, ...news, me }))
  } catch {
    // No room: then this browser has no copy, and is none the worse with a connection.
    place.removeItem(KEPT)
  }
}

/** Nothing stays, payment codes included. */
export function drop(place: Storage): void {
  place.removeItem(KEPT)
  globalThis.indexedDB?.deleteDatabase(CODES)
}
