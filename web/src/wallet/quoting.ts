import { ask, read, type Outcome } from '../api/client'
import type { components } from '../api/schema'
import { randomHex } from '../kit/chance'
import type { Money } from '../kit/money'

export type Quote = components['schemas']['QuoteWire']

/** A quote, and when it was heard by the clock that only runs. */
export interface Heard {
  quote: Quote
  heardAt: number
}

/** While the network thinks about a price. */
const LOOK_EVERY_MS = 1000

function heard(quote: Quote): Heard {
  return { quote, heardAt: performance.now() }
}

function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/**
 * Asks what a code costs and waits until the network has said it. A price is good for a minute and for nothing else, so each asking
 * has a key of its own. `amount`: what a shop gets whose code does not say it.
 */
export async function quoteFor(code: string, amount: Money | undefined, signal: AbortSignal): Promise<Outcome<Heard>> {
  let outcome = await ask('/quotes', {}, { code, reference: '', amount: amount ?? null }, randomHex(16))
  while (outcome.ok && outcome.data.state === 'asked' && !signal.aborted) {
    await later(LOOK_EVERY_MS)
    outcome = await again(outcome.data)
  }
  return outcome.ok ? { ok: true, data: heard(outcome.data) } : outcome
}

/** The same once more; as it was where no answer came, which says nothing of it. */
async function again(quote: Quote): Promise<Outcome<Quote>> {
  const outcome = await read('/quotes/{quote}', { quote: quote.quote })
  return outcome.ok || outcome.trouble.problem !== undefined ? outcome : { ok: true, data: quote }
}

/** How long it is still good: asked when a page is seen again, because a phone that slept may have stopped its clocks. */
export async function heardAgain(before: Heard): Promise<Heard> {
  const outcome = await read('/quotes/{quote}', { quote: before.quote.quote })
  return outcome.ok && outcome.data.offer !== undefined ? heard(outcome.data) : before
}
