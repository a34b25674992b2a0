import { describe, expect, it } from 'vitest'
import type { components } from '../api/schema'
import { byDay, byHour, takingOfRefund, type Taking } from './takings'

/** At this time of the device's clock, wherever the test runs. */
const taken = (id: string, [hours, minutes]: [number, number], minor: bigint, currency = 'THB'): Taking =>
  ({ id, at: new Date(2026, 10, 30, hours, minutes).toISOString(), currency, minor })

const hoursOf = (some: Record<number, bigint>) => Array.from({ length: 24 }, (_, hour) => some[hour] ?? 0n)

describe('what was taken by hour', () => {
  it.each<[string, Taking[], [string, bigint[]][]]>([
    ['nothing', [], []],
    ['the first and the last minute of an hour', [taken('a', [9, 0], 100n), taken('b', [9, 59], 20n), taken('c', [10, 0], 3n)],
      [['THB', hoursOf({ 9: 120n, 10: 3n })]]],
    ['midnight and the minute before it', [taken('a', [0, 0], 1n), taken('b', [23, 59], 2n)], [['THB', hoursOf({ 0: 1n, 23: 2n })]]],
    ['a refund, in the hour in which it was made', [taken('a', [8, 0], 500n), taken('b', [17, 0], -200n)],
      [['THB', hoursOf({ 8: 500n, 17: -200n })]]],
    ['two currencies', [taken('a', [8, 0], 5n), taken('b', [8, 0], 7n, 'CNY')],
      [['CNY', hoursOf({ 8: 7n })], ['THB', hoursOf({ 8: 5n })]]],
  ])('of %s', (_, takings, expected) => {
    expect(byHour(takings)).toEqual(expected)
  })

  it('has refunds with a minus, each of an order by itself', () => {
    const refund = (request: string) => takingOfRefund({
      trade_no: '1', out_trade_no: 'x', out_request_no: request, at: '2026-11-30T09:00:00Z',
      amount: { currency: 'EUR', minor: '40' }, to_payer: { currency: 'EUR', minor: '40' }, cumulative: { currency: 'EUR', minor: '40' },
      fee_returned: { currency: 'EUR', minor: '0' },
    })
    expect(refund('r1').minor).toBe(-40n)
    expect(refund('r1').id).not.toBe(refund('r2').id)
  })
})

describe('what was taken by day', () => {
  const day = (name: string, gross: string, refunded: string) =>
    ({ day: name, gross_minor: gross, refunded_minor: refunded }) as components['schemas']['DayTotals']

  it('has every day, refunds subtracted, over the end of a month', () => {
    expect(byDay([day('2026-02-27', '900', '0'), day('2026-03-01', '100', '250')], '2026-03-01', 4)).toEqual([
      { day: '2026-02-26', minor: 0n },
      { day: '2026-02-27', minor: 900n },
      { day: '2026-02-28', minor: 0n },
      { day: '2026-03-01', minor: -150n },
    ])
  })
})
