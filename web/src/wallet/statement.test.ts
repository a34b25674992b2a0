import { describe, expect, it } from 'vitest'
import type { Movement } from './movement'
import { monthPeriod, monthsTo, sumsOf } from './statement'

function movement(direction: 'in' | 'out', minor: string, after: string, currency = 'EUR'): Movement {
  return {
    movement: '1.1', kind: 'transfer', direction, money: { currency, minor }, balance_after: { currency, minor: after },
    day: '2026-11-23', at: '2026-11-23T10:00:00Z',
  }
}

describe('a month', () => {
  it.each([
    ['2026-11', '2026-11-01', '2026-11-30'],
    ['2026-12', '2026-12-01', '2026-12-31'],
    ['2026-02', '2026-02-01', '2026-02-28'],
    ['2028-02', '2028-02-01', '2028-02-29'],
  ])('%s', (month, from, to) => {
    expect(monthPeriod(month)).toEqual({ from, to })
  })

  it.each([
    ['2026-11-30', '2026-11', '2026-10', '2025-12'],
    ['2026-01-31', '2026-01', '2025-12', '2025-02'],
  ])('of %s is the first of twelve', (day, first, second, last) => {
    const months = monthsTo(day)
    expect([months.length, months[0], months[1], months.at(-1)]).toEqual([12, first, second, last])
  })
})

describe('the sums', () => {
  const both = [movement('in', '500', '1500'), movement('out', '1', '1499'), movement('out', '1499', '0')]

  it('of nothing are none', () => {
    expect(sumsOf([])).toEqual([])
  })

  it('begin before the first movement and end behind the last', () => {
    expect(sumsOf(both)).toEqual([{ currency: 'EUR', opening: 1000n, incoming: 500n, outgoing: 1500n, closing: 0n, isWhole: true }])
  })

  it('are kept apart by currency', () => {
    expect(sumsOf([movement('in', '7', '7', 'KRW'), ...both, movement('out', '2', '5', 'KRW')]).map(sums =>
      [sums.currency, sums.opening, sums.incoming, sums.outgoing, sums.closing])).toEqual([
      ['KRW', 0n, 7n, 2n, 5n], ['EUR', 1000n, 500n, 1500n, 0n],
    ])
  })

  it('say that something is missing between two movements', () => {
    expect(sumsOf([movement('in', '500', '1500'), movement('out', '1', '1400')])[0]?.isWhole).toBe(false)
  })

  it('are exact where a float is not', () => {
    const [sums] = sumsOf([movement('in', '9007199254740993', '9007199254740993'), movement('in', '1', '9007199254740994')])
    expect([sums?.incoming, sums?.closing]).toEqual([9007199254740994n, 9007199254740994n])
  })
})
