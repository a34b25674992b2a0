import { beforeAll, describe, expect, it } from 'vitest'
import { site } from '../site'
import { filterOf, isFound, isTradeNo, ownNumber, pathOf, searchOf, type Filter, type Row } from './listing'

beforeAll(() => { Object.assign(site, { currencies: { EUR: 2 } }) })

describe('a list', () => {
  it.each<[string, Filter, string]>([
    ['', { listed: 'received', from: '', to: '' }, ''],
    ['?state=received', { listed: 'received', from: '', to: '' }, ''],
    ['?state=refunds&from=2026-11-01', { listed: 'refunds', from: '2026-11-01', to: '' }, '?state=refunds&from=2026-11-01'],
    ['?to=2026-11-30&state=closed', { listed: 'closed', from: '', to: '2026-11-30' }, '?state=closed&to=2026-11-30'],
    ['?state=toString&from=2026-02-30&to=x', { listed: 'received', from: '', to: '' }, ''],
  ])('asked for by %j is %j, and is asked for again by %j', (search, filter, again) => {
    expect(filterOf(search)).toEqual(filter)
    expect(searchOf(filter)).toBe(again)
  })

  const row: Row = {
    day: '2026-11-29', at: '2026-11-29T10:00:00Z', number: '261129-ABCD2345', tradeNo: '2026112907000020000000000160',
    money: { currency: 'EUR', minor: '123450' }, subject: 'Two Breads',
  }

  it.each([
    ['abcd', true],
    ['261129-abcd2345', true],
    ['2026 1129 0700', true],
    ['breads', true],
    ['1234.5', true],
    ['€1,234.50', true],
    ['1234.6', false],
    ['nothing', false],
  ])('is searched for %j: %s', (text, is) => {
    expect(isFound(row, text)).toBe(is)
  })
})

describe('a number', () => {
  it.each([
    ['A 1/2', '7', 'A 1/2', '/orders/A%201%2F2'],
    ['static_0000000000208', '2026112907000020000000000160', '', '/trades/2026112907000020000000000160'],
    ['static_208', '7', 'static_208', '/orders/static_208'],
    [null, '7', '', '/trades/7'],
  ])('%j of the trade %s is the shop’s own %j, and is at %s', (number, tradeNo, own, path) => {
    expect([ownNumber(number), pathOf(number, tradeNo)]).toEqual([own, path])
  })

  it.each([['2026112907000020000000000160', true], ['202611290700002000000000016', false], ['A', false]])('%s is one of ours: %s', (text, is) => {
    expect(isTradeNo(text)).toBe(is)
  })
})
