import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { site } from '../site'
import type { Movement } from './movement'
import { offeredAmount } from './offered'
import { factsOfPerson, lookUp, numberShown, payeeTyped, peopleOf } from './person'
import { newestRequests } from './requests.svelte'

beforeAll(() => { Object.assign(site, { name: 'Test', currencies: { EUR: 2, KRW: 0 } }) })
afterEach(() => vi.unstubAllGlobals())

/** Answers in turn, and what was asked. */
function answers(...said: unknown[]): { address: string; body: unknown }[] {
  const asked: { address: string; body: unknown }[] = []
  vi.stubGlobal('fetch', (address: string, { body }: RequestInit) => {
    asked.push({ address: address.replace('/api/v1', ''), body: body === undefined ? undefined : JSON.parse(String(body)) })
    return Promise.resolve(new Response(JSON.stringify(said[asked.length - 1])))
  })
  return asked
}

describe('what is typed to find somebody', () => {
  it.each([
    ['2088070000100001', '2088070000100001'],
    [' 2088 0700 0010 0001 ', '2088070000100001'],
    ['+33 6 12 34 56 78', '+33612345678'],
    ['0033 6-12.34/56 (78)', '+33612345678'],
    ['\u202a+33\u00a0612\u2011345678\u202c', '+33612345678'],
    ['33612345678', '33612345678'],
    ['1234', undefined],
    ['1088070000100001', undefined],
    ['+1234567890123456', undefined],
    ['Anna', undefined],
    ['6+12345678', undefined],
    ['', undefined],
  ])('“%s”', (text, asked) => {
    expect(payeeTyped(text)).toBe(asked)
  })
})

describe('somebody who was found', () => {
  it('is paid by number, and shown with the phone number that was typed', async () => {
    const asked = answers({ party: '2088070000100001', name: 'Ben M***' }, { party: '2088070000100001', name: null })
    const byPhone = await lookUp('+33612345678')
    expect(asked).toEqual([{ address: '/payees', body: { payee: '+33612345678' } }])
    expect(byPhone).toEqual({ ok: true, data: { party: '2088070000100001', name: 'Ben M***', phone: '+33612345678' } })
    const byNumber = await lookUp('2088070000100001')
    expect(byNumber).toEqual({ ok: true, data: { party: '2088070000100001', name: null } })
  })

  it('has a name and a number on a receipt, and the number alone where there is no name', () => {
    const ben = { party: '2088070000100001', name: 'Ben M***', phone: '+33612345678' }
    expect(factsOfPerson('To', ben)).toEqual([{ name: 'To', value: 'Ben M***' }, { name: 'Phone number', value: '+33612345678' }])
    expect(factsOfPerson('To', { party: ben.party, name: null })).toEqual([{ name: 'To', value: '2088 0700 0010 0001' }])
    expect(numberShown({ party: ben.party, name: 'Ben M***' })).toBe('2088 0700 0010 0001')
  })

  it('is offered once however often they are in the history, the latest first', () => {
    const of = (other_party: string | undefined, other_name?: string) => ({ other_party, other_name }) as Movement
    const found = peopleOf([of('1', 'A'), of('2'), of('1', 'A'), of(undefined), of('3', 'C'), of('4', 'D'), of('5', 'E')])
    expect(found).toEqual([{ party: '1', name: 'A' }, { party: '2', name: null }, { party: '3', name: 'C' }, { party: '4', name: 'D' }])
  })
})

describe('an amount that an address offers', () => {
  it.each([
    ['3000', 'EUR', '30.00'],
    ['5', 'EUR', '0.05'],
    ['900', 'KRW', '900'],
    ['0', 'EUR', undefined],
    ['-5', 'EUR', undefined],
    ['1e3', 'EUR', undefined],
    ['12345678901234', 'EUR', undefined],
    [undefined, 'EUR', undefined],
  ])('%s %s', (minor, currency, typed) => {
    expect(offeredAmount(minor, currency)?.typed).toBe(typed)
  })
})

describe('requests for money', () => {
  it('are asked for until there are enough, though a page may have none', async () => {
    const one = (request: string) => ({ request })
    const asked = answers(
      { items: [], next: 'a' }, { items: [one('3'), one('2')], next: 'b' }, { items: [one('1')], next: 'c' },
    )
    const outcome = await newestRequests({ direction: 'incoming', state: 'open' }, 3)
    expect(outcome).toEqual({ ok: true, data: { items: [one('3'), one('2'), one('1')], hasMore: true } })
    expect(asked.map(({ address }) => address.replace(/^.*state=open&/, ''))).toEqual(['limit=3', 'limit=3&cursor=a', 'limit=1&cursor=b'])
  })

  it('end where the list ends', async () => {
    answers({ items: [], next: 'a' }, { items: [], next: null })
    expect(await newestRequests({ direction: 'outgoing' }, 3)).toEqual({ ok: true, data: { items: [], hasMore: false } })
  })
})
