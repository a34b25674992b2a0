import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestTo, priceFor, rateBetween, termsOf, totalOf } from './conversion'

/** The network's own rate: a fraction, and the currencies' digits. A model of its own, with nothing of what is tested. */
interface Market {
  numerator: bigint
  denominator: bigint
  digits: { shop: number; own: number }
  feeBps: bigint
}

function converted(market: Market, price: bigint): bigint {
  const over = price * market.numerator * 10n ** BigInt(market.digits.own)
  const under = market.denominator * 10n ** BigInt(market.digits.shop)
  return over / under + (over % under === 0n ? 0n : 1n)
}

function feeOf(amount: bigint, bps: bigint): bigint {
  const [whole, rest] = [amount * bps / 10_000n, amount * bps % 10_000n]
  return whole + (rest >= 5_000n ? 1n : 0n)
}

/** The rate as the network writes it: exact where that takes no more than 18 decimals, else cut off. */
function text({ numerator, denominator }: Market): string {
  const decimals = (numerator % denominator * 10n ** 18n / denominator).toString().padStart(18, '0')
  const isExact = numerator % denominator * 10n ** 18n % denominator === 0n
  const shown = isExact ? decimals.replace(/0+$/, '') : decimals
  return shown === '' ? `${numerator / denominator}` : `${numerator / denominator}.${shown}`
}

function offer(market: Market, price: bigint) {
  const own = converted(market, price)
  const fee = feeOf(own, market.feeBps)
  const money = (minor: bigint) => ({ currency: 'XXX', minor: minor.toString() })
  return { price, customer_rate: text(market), fee: money(fee), total: money(own + fee) }
}

const total = (market: Market, price: bigint): bigint => BigInt(offer(market, price).total.minor)

const digits = fc.record({ shop: fc.constantFrom(0, 2, 3), own: fc.constantFrom(0, 2, 3) })
const feeBps = fc.oneof(fc.constant(0n), fc.bigInt(0n, 500n))
/** Rates of six decimals, such as a source says them, from a tenth of a thousandth to ten thousand. */
const exact = fc.record({ numerator: fc.bigInt(100n, 10_000_000_000n), denominator: fc.constant(1_000_000n), digits, feeBps })
/** Any fractions from a hundredth to ten thousand: what is cut off of them is less than the step from one total to the next. */
const any = fc.record({ numerator: fc.bigInt(100n, 10n ** 8n), denominator: fc.bigInt(1n, 10n ** 4n), digits, feeBps })
const amounts = fc.bigInt(1n, 10n ** 11n)

describe('what a price abroad costs', () => {
  it.each([
    // 120.00 THB at 0.205697604 CNY: 24.683… up to 24.69; one per cent of it is 0.2469, so 0.25.
    ['0.205697604', { shop: 2, own: 2 }, 0n, 12_000n, 2_469n],
    ['0.205697604', { shop: 2, own: 2 }, 100n, 12_000n, 2_494n],
    // 10 000 KRW at 0.00066 EUR are 6.60 EUR.
    ['0.00066', { shop: 0, own: 2 }, 0n, 10_000n, 660n],
    // 1.00 EUR at 1500 KRW.
    ['1500', { shop: 2, own: 0 }, 0n, 100n, 1_500n],
    // Cut off: a third is taken a little too high, so 3 cost 2 and not 1.
    ['0.333333333333333333', { shop: 2, own: 2 }, 0n, 3n, 2n],
  ])('at %s, digits %o, fee %d: %d costs %d', (rate, given, fee, price, expected) => {
    expect(totalOf(price, { ...rateBetween(rate, given), fee })).toBe(expected)
  })

  it('never more than was typed, and the next higher price would cost more', () => {
    fc.assert(fc.property(exact, amounts, (market, typed) => {
      const found = priceFor(typed, { ...rateBetween(text(market), market.digits), fee: market.feeBps })
      expect(total(market, found)).toBeLessThanOrEqual(typed)
      expect(total(market, found + 1n)).toBeGreaterThan(typed)
    }), { seed: 20_261_130, numRuns: 3_000 })
  })

  it('never more than was typed though the rate was cut off, and the second higher price would cost more', () => {
    fc.assert(fc.property(any, fc.bigInt(1n, 10n ** 8n), (market, typed) => {
      const found = priceFor(typed, { ...rateBetween(text(market), market.digits), fee: market.feeBps })
      expect(total(market, found)).toBeLessThanOrEqual(typed)
      expect(total(market, found + 2n)).toBeGreaterThan(typed)
    }), { seed: 20_261_130, numRuns: 3_000 })
  })

  it('the fee that is read out of an offer is never below the network’s where that is asked for, and exact for a large amount', () => {
    fc.assert(fc.property(exact, amounts, (market, price) => {
      const made = offer(market, price)
      expect(termsOf(made, market.digits, true).fee).toBeGreaterThanOrEqual(market.feeBps)
      if (BigInt(made.total.minor) > 20_000n) expect(termsOf(made, market.digits).fee).toBe(market.feeBps)
    }), { seed: 20_261_130 })
  })

  it('is searched for with few askings: at most what was typed, and no price but the network’s is shown', async () => {
    await fc.assert(fc.asyncProperty(exact, amounts, amounts, async (market, typed, first) => {
      let askings = 0
      const ask = async (price: bigint) => {
        askings += 1
        return offer(market, price)
      }
      const found = await nearestTo(typed, termsOf(offer(market, first), market.digits), ask, made => made, market.digits)
      expect(askings).toBeLessThanOrEqual(4)
      if (found === undefined) {
        expect(total(market, 1n)).toBeGreaterThan(typed)
        return
      }
      expect(BigInt(found.total.minor)).toBeLessThanOrEqual(typed)
      if (typed > 20_000n || market.feeBps === 0n) expect(total(market, found.price + 1n)).toBeGreaterThan(typed)
    }), { seed: 20_261_130, numRuns: 2_000 })
  })

  it('with a rate that moves, ends and gives what was answered last; without an answer, at once', async () => {
    // 100 000 at 1.01 are 101 000; 99 009 at 1.02 are 100 990; 98 039 at 1.03 are 100 981; 97 087 at 1.04 are 100 970.48, up.
    let asked = 0
    const market = (): Market => ({ numerator: 1_000n + BigInt(asked) * 10n, denominator: 1_000n, digits: { shop: 2, own: 2 }, feeBps: 0n })
    const ask = async (price: bigint) => {
      asked += 1
      return offer(market(), price)
    }
    const last = await nearestTo(100_000n, { over: 1n, under: 1n, fee: 0n }, ask, made => made, { shop: 2, own: 2 })
    expect([asked, last?.total.minor]).toEqual([4, '100971'])
    asked = 0
    await nearestTo(100_000n, { over: 1n, under: 1n, fee: 0n }, ask, () => undefined, { shop: 2, own: 2 })
    expect(asked).toBe(1)
  })
})
