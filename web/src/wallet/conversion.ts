import type { components } from '../api/schema'
import { minorOf } from '../kit/money'

/**
 * What a payment abroad costs, reckoned as the network does it (products/interop/src/quote.rs): of a price, `price × rate` is
 * converted, rounded up to a minor unit, and the fee is a share of that, halves up. It is reckoned here only to find which price to
 * ask for when somebody says what they want to pay: what is shown to be agreed to is always the network's own offer.
 */
export interface Terms {
  /** Minor units of the customer's currency for one of the shop's, margin included: `over ÷ under`. */
  over: bigint
  under: bigint
  /** Basis points. */
  fee: bigint
}

type Offer = Pick<components['schemas']['Offer'], 'customer_rate' | 'total' | 'fee'>

const WHOLE_BPS = 10_000n

/** A rate that has more decimals than these was cut off after them. */
const RATE_DECIMALS = 18

function feeOf(converted: bigint, fee: bigint): bigint {
  return (converted * fee + WHOLE_BPS / 2n) / WHOLE_BPS
}

/** What a price costs, minor units. */
export function totalOf(price: bigint, { over, under, fee }: Terms): bigint {
  const converted = (price * over + under - 1n) / under
  return converted + feeOf(converted, fee)
}

/** The highest price that costs no more than `total`. */
export function priceFor(total: bigint, { over, under, fee }: Terms): bigint {
  let converted = total * WHOLE_BPS / (WHOLE_BPS + fee)
  // The fee is rounded, so this is one too many or too few at most.
  while (converted + feeOf(converted, fee) > total) converted -= 1n
  while (converted + 1n + feeOf(converted + 1n, fee) <= total) converted += 1n
  return converted * under / over
}

/** A rate between minor units out of its decimal text. One that was cut off is taken a little too high rather than too low. */
export function rateBetween(rate: string, digits: { shop: number; own: number }): Pick<Terms, 'over' | 'under'> {
  const [whole = '', decimals = ''] = rate.split('.')
  const isCut = decimals.length >= RATE_DECIMALS
  const over = BigInt(whole + decimals) + (isCut ? 1n : 0n)
  return { over: over * 10n ** BigInt(digits.own), under: 10n ** BigInt(decimals.length + digits.shop) }
}

/**
 * The terms that an offer was made by. It says what the fee is, not how many basis points: several may make the same fee of a small
 * amount. `isCautious`: the most that they can be, else what is nearest.
 */
export function termsOf(offer: Offer, digits: { shop: number; own: number }, isCautious = false): Terms {
  const fee = minorOf(offer.fee)
  const converted = minorOf(offer.total) - fee
  const nearest = (fee * WHOLE_BPS + converted / 2n) / converted
  const most = ((fee + 1n) * WHOLE_BPS - WHOLE_BPS / 2n - 1n) / converted
  return { ...rateBetween(offer.customer_rate, digits), fee: isCautious ? most : nearest }
}

/** Each asking takes a moment of somebody who stands at a counter; the first two nearly always do. */
const ASKINGS_MAX = 4

/**
 * Asks for prices until one costs no more than `wanted` and a higher one would. What is given back is what was answered last: where
 * rates move from one asking to the next it may cost more, which whoever shows it has to say. `undefined`: so little buys nothing.
 */
export async function nearestTo<Answer>(
  wanted: bigint, known: Terms, ask: (price: bigint) => Promise<Answer>, read: (answer: Answer) => Offer | undefined,
  digits: { shop: number; own: number },
): Promise<Answer | undefined> {
  let price = priceFor(wanted, known)
  let wasAbove = false
  if (price <= 0n) return undefined
  for (let askings = 1; ; askings += 1) {
    const answer = await ask(price)
    const offer = read(answer)
    if (offer === undefined || askings === ASKINGS_MAX) return answer
    const isAbove = minorOf(offer.total) > wanted
    const next = priceFor(wanted, termsOf(offer, digits, isAbove))
    if (next <= 0n) return undefined
    // After a price that was too high the next one was chosen with care; what is nearer may be that one again.
    if (!isAbove && (wasAbove || next <= price)) return answer
    wasAbove ||= isAbove
    price = next
  }
}
