import { beforeAll, describe, expect, it } from 'vitest'
import { site } from '../site'
import { csvOf, doAgree, sumsOf, touches, type SettledEntry, type Settlement } from './settlement'

const eur = (minor: string) => ({ currency: 'EUR', minor })

const entry = (kind: SettledEntry['kind'], minor: string, change: string, fee = '0', more: Partial<SettledEntry> = {}): SettledEntry => ({
  kind, at: '2026-11-30T09:00:00Z', money: eur(minor), on_balance_minor: change, fee: eur(fee), balance_after: eur('0'), ...more,
})

// Two payments of 100.00 and 20.00, 40.00 refunded: 0.60 % of 80.00 is 0.48, a tenth of 80.00 is held back, 71.52 is paid.
const entries = [
  entry('payment', '10000', '10000', '60', { trade_no: '1', out_trade_no: 'A-1' }),
  entry('payment', '2000', '2000', '12'),
  entry('refund', '4000', '-4000', '24'),
  entry('fees_taken', '48', '-48'),
  entry('reserve_held', '800', '-800'),
  entry('paid_out', '7152', '-7152', '0', { payout: '9' }),
]
const settlement: Settlement = {
  settlement_no: '1', date: '2026-11-30', first_day: '2026-11-29', last_day: '2026-11-30', entries: '6', payments: '2', refunds: '1',
  gross: eur('12000'), refunded: eur('4000'), fees: eur('72'), fees_returned: eur('24'), other_in: eur('0'), other_out: eur('0'),
  closing: {
    at: '2026-11-30T22:00:00Z', brought_forward_minor: '0', carried_forward_minor: '0', fees_owed_minor: '0', fees_taken: eur('48'),
    fees_given_back: eur('0'), recovered: eur('0'), reserve_held: eur('800'), reserve_released: eur('0'), reserve: eur('800'),
    owes: eur('0'), paid_out: eur('7152'), payout: '9',
  },
}

beforeAll(() => { Object.assign(site, { currencies: { EUR: 2, KRW: 0 } }) })

describe('a settlement', () => {
  it('agrees with its entries', () => {
    expect(doAgree(settlement, entries)).toBe(true)
    expect(sumsOf(settlement, entries).map(sum => sum.ours)).toEqual([12000n, 4000n, 72n, 24n, 0n, 0n])
  })

  it('that is open has not paid', () => {
    const { closing: _, ...open } = settlement
    expect(doAgree({ ...open, entries: '3' }, entries.slice(0, 3))).toBe(true)
  })

  it.each<[string, Settlement, SettledEntry[]]>([
    ['a sum', { ...settlement, gross: eur('12001') }, entries],
    ['a refund', { ...settlement, refunded: eur('3999') }, entries],
    ['a fee', { ...settlement, fees: eur('71') }, entries],
    ['what is carried', { ...settlement, closing: { ...settlement.closing!, carried_forward_minor: '1' } }, entries],
    ['what was brought', { ...settlement, closing: { ...settlement.closing!, brought_forward_minor: '5' } }, entries],
    ['an entry that lacks', settlement, entries.slice(1)],
    ['an entry of nothing', settlement, [...entries, entry('payment', '0', '0')]],
  ])('differs by %s', (_, one, with_) => {
    expect(doAgree(one, with_)).toBe(false)
  })

  it.each([
    ['2026-11-28', false],
    ['2026-11-29', true],
    ['2026-11-30', true],
    ['2026-12-01', false],
  ])('has entries of %s: %s', (day, has) => {
    expect(touches(settlement, day)).toBe(has)
  })

  it('is a file with major units, in which nothing is a formula', () => {
    const lines = csvOf('2026-11-30', [
      entry('refund', '4005', '-4005', '4', { out_trade_no: '=SUM(A1)', out_request_no: 'a"b,c' }),
      entry('payment', '7', '7', '0', { money: { currency: 'KRW', minor: '7' } }),
    ]).split('\r\n')
    expect(lines[0]).toMatch(/^date,kind,at,amount,fee,balance_change,balance_after,currency,/)
    expect(lines[1]).toBe(`2026-11-30,refund,2026-11-30T09:00:00Z,40.05,0.04,-40.05,0.00,EUR,,'=SUM(A1),"a""b,c",`)
    expect(lines[2]).toContain(',payment,2026-11-30T09:00:00Z,7,0,7,0,KRW,')
  })
})
