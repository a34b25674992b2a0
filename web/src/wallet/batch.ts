import type { Money } from '../kit/money'

/** Payment codes that the phone was given while it was online, to be shown while it is not. */
export interface Batch {
  /** Those that nobody has been shown. */
  codes: string[]
  /** The one that was shown last. */
  shown?: { digits: string; until: number }
  /** When all of them end, milliseconds since 1970. */
  expiresAt: number
  /** The most that each pays. */
  limit: Money
  /** A newer batch was asked for and no answer came: these may have ended. */
  isDoubtful?: boolean
}

/** How long a code is shown, as long as one that is made online. */
export const SHOWN_MS = 60_000

/** Codes that end sooner are renewed when there is a connection: nobody knows when the next one is. */
const RENEW_BEFORE_MS = 24 * 3_600_000

/** The code that is being shown now. */
export function shownNow(batch: Batch | undefined, now: number): { digits: string; until: number } | undefined {
  if (batch?.shown === undefined || batch.shown.until <= now || batch.expiresAt <= now) return undefined
  return batch.shown
}

/** How many could still be shown. */
export function leftOf(batch: Batch | undefined, now: number): number {
  return batch === undefined || batch.expiresAt <= now ? 0 : batch.codes.length
}

/**
 * The batch after a code was taken out of it to be shown. From then on it counts as used: whether a shop has read it the phone cannot
 * know. Whoever comes back within its minute is shown the same.
 */
export function withShown(batch: Batch, now: number): Batch | undefined {
  if (shownNow(batch, now) !== undefined) return batch
  const [digits, ...codes] = batch.codes
  if (digits === undefined || leftOf(batch, now) === 0) return undefined
  return { ...batch, codes, shown: { digits, until: now + SHOWN_MS } }
}

/** Whether another batch is to be asked for, which ends this one: not under the eyes of a cashier. */
export function isWanting(batch: Batch | undefined, full: number, now: number): boolean {
  if (shownNow(batch, now) !== undefined) return false
  return leftOf(batch, now + RENEW_BEFORE_MS) < full || batch?.isDoubtful === true
}
