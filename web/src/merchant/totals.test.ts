import { describe, expect, it } from 'vitest'
import { within } from './shift.svelte'
import { ofDay, ofEntries, type Entry } from './totals'

const money = (minor: string, currency = 'EUR') => ({ currency, minor })

const entry = (number: string, kind: Entry['kind'], minor: string, change: string, fee = '0', currency = 'EUR'): Entry => ({
  entry: number, kind, day: '2026-11-30', at: '2026-11-30T09:00:00Z', money: money(minor, currency),
  balance_change_minor: change, balance_after: money('0', currency), fee: money(fee, currency),
})

const entries = [
  entry('60', 'paid_out', '5000', '-5000'),
  entry('50', 'refund', '400', '-400', '4'),
  entry('40', 'payment', '700', '700', '0', 'USD'),
  entry('30', 'payment', '250', '250', '2'),
  entry('20', 'payment', '1000', '1000', '10'),
]

describe('totals', () => {
  it('are added up for each currency', () => {
    expect(ofEntries(entries)).toEqual([
      // 1000 + 250 less 400, and 10 + 2 less 4 of fees.
      { currency: 'EUR', payments: 2, gross: 1250n, refunds: 1, refunded: 400n, fees: 8n, net: 842n, other: -5000n },
      { currency: 'USD', payments: 1, gross: 700n, refunds: 0, refunded: 0n, fees: 0n, net: 700n, other: 0n },
    ])
    expect(ofEntries([])).toEqual([])
  })

  it('are exact where a float would not be', () => {
    const large = ofEntries([entry('1', 'payment', '9007199254740993', '9007199254740993'), entry('2', 'payment', '2', '2')])
    expect(large[0]?.gross).toBe(9007199254740995n)
  })

  it('of a day are the server’s', () => {
    expect(ofDay({
      day: '2026-11-30', currency: 'EUR', payments: 2, gross_minor: '1250', refunds: 1, refunded_minor: '400', fees_minor: '12',
      fees_returned_minor: '4', net_minor: '842', transferred_minor: '0', fees_taken_minor: '0', fees_given_back_minor: '0',
      balance_change_minor: '-4150', fees_owed_change_minor: '8',
    })).toEqual(ofEntries(entries.filter(one => one.money.currency === 'EUR'))[0])
  })
})

describe('a shift', () => {
  it.each([
    // after, last, numbers in it, whether the rest is earlier
    ['0', undefined, ['60', '50', '40', '30', '20'], false],
    ['30', undefined, ['60', '50', '40'], true],
    ['20', '50', ['50', '40', '30'], true],
    ['60', undefined, [], true],
    ['9', '50', ['50', '40', '30', '20'], false],
  ])('that begins after %s and ends with %s has %j', (after, last, numbers, isAll) => {
    const shift = { at: '2026-11-30T08:00:00Z', after, ...(last === undefined ? {} : { last }) }
    const { found, isAll: is } = within(shift, entries)
    expect([found.map(one => one.entry), is]).toEqual([numbers, isAll])
  })
})
