import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { useLanguage } from '../kit/i18n.svelte'
import { site } from '../site'
import { History } from './history.svelte'
import { dayName, groupedByDay } from '../kit/days'
import { againOf, factsOf, helpOf, receiptText, timelineOf, whereabouts } from './details'
import { belowTitle, isFound, kindName, marketToday, signOf, titleOf, type Kind, type Movement } from './movement'

const money = (minor: string) => ({ currency: 'EUR', minor })

const bread: Movement = {
  movement: '1.1',
  kind: 'payment', direction: 'out', money: money('1250'), balance_after: money('8750'), day: '2026-11-29',
  at: '2026-11-29T21:41:26.482940826Z', other_party: '2088070000200000', trade_no: '2026112907000020000000000160', subject: 'Two Breads',
}
const printed: Movement = { ...bread, movement: '1.2', subject: '', money: money('420'), trade_no: '2026112907000020000000000176' }
const bank: Movement = {
  movement: '1.3',
  kind: 'cash_in', direction: 'in', money: money('1000000'), balance_after: money('1000000'), day: '2026-11-28',
  at: '2026-11-28T09:00:00Z', transfer: '112',
}

/** Those of a shop and of a person that have names. */
const named: Movement = { ...bread, movement: '1.4', other_name: 'Café du Port' }
const ben: Movement = {
  movement: '1.5', kind: 'transfer', direction: 'out', money: money('3000'), balance_after: money('500'), day: '2026-11-30',
  at: '2026-11-30T08:00:00Z', other_party: '2088070000100001', other_name: 'Ben M***', transfer: '700', note: 'The rent',
}

beforeAll(() => { Object.assign(site, { name: 'Test', currencies: { EUR: 2 } }) })
beforeEach(() => { site.sandbox = false })
afterEach(async () => {
  vi.unstubAllGlobals()
  await useLanguage('en')
})

describe('movements', () => {
  it('are grouped by the day of the market, in the order they come in', () => {
    const groups = groupedByDay([bread, printed, bank])
    expect(groups.map(group => [group.day, group.items.length])).toEqual([['2026-11-29', 2], ['2026-11-28', 1]])
    expect(groupedByDay([])).toEqual([])
  })

  it.each([
    // device, newest, today
    ['2026-11-29', undefined, '2026-11-29'],
    ['2026-11-29', '2026-11-29', '2026-11-29'],
    ['2026-11-29', '2026-11-20', '2026-11-29'],
    ['2026-12-31', '2027-01-01', '2027-01-01'],
    ['2026-11-29', '2026-12-05', '2026-11-29'],
  ])('on a device of %s whose newest is of %s the market has %s', (device, newest, today) => {
    expect(marketToday(device, newest)).toBe(today)
  })

  it.each([
    ['2026-03-01', '2026-03-01', 'Today'],
    ['2026-02-28', '2026-03-01', 'Yesterday'],
    ['2026-02-27', '2026-03-01', 'Friday'],
    ['2026-03-02', '2026-03-01', 'Monday'],
  ])('of %s seen on %s are of %s', (day, today, name) => {
    expect(dayName(day, today)).toContain(name)
  })

  it('have the day of the market, not of the device, in every language', async () => {
    for (const tag of ['en', 'th', 'zh', 'ur']) {
      await useLanguage(tag)
      expect(dayName('2026-11-09', '2026-12-01'), tag).toMatch(/\b9\b|9日/)
    }
  })

  it('have a name as title, else what was bought, else their kind; the rest stands below', () => {
    expect([named, ben, bread, printed, bank].map(one => [titleOf(one), ...belowTitle(one)])).toEqual([
      ['Café du Port', 'Two Breads', 'Payment in a shop'], ['Ben M***', 'Transfer'], ['Two Breads', 'Payment in a shop'],
      ['Payment in a shop'], ['From the bank'],
    ])
    expect(kindName('of_a_later_server' as Kind)).toBe('Other movement')
    expect([bread, bank].map(signOf)).toEqual(['−', '+'])
  })

  it.each([
    ['', [bread, printed, bank]],
    [' two  breads ', [bread]],
    ['BREAD', [bread]],
    ['2088 0700 0020', [bread, printed]],
    ['0160', [bread]],
    ['12.5', [bread]],
    ['€12.50', [bread]],
    ['+', [bank]],
    ['10,000.00', [bank]],
    ['10000', [bank]],
    ['the bank', [bank]],
    ['nothing of it', []],
  ])('are found by “%s”', (wanted, found) => {
    expect([bread, printed, bank].filter(movement => isFound(movement, wanted))).toEqual(found)
  })

  it.each([
    ['du port', [named]],
    ['ben m', [ben]],
    ['RENT', [ben]],
  ])('are found by the name or the note “%s”', (wanted, found) => {
    expect([named, ben, bread, bank].filter(movement => isFound(movement, wanted))).toEqual(found)
  })

  it('say where the money is', () => {
    const where = (kind: Kind, direction: 'in' | 'out') => whereabouts({ ...bread, kind, direction })
    expect(where('payment', 'out')).toContain('shop')
    expect(where('transfer', 'out')).toContain('person')
    expect(where('cash_out', 'out')).toContain('bank')
    expect(where('other', 'out')).toBe('It left your balance.')
    for (const kind of ['refund', 'transfer', 'cash_in'] as const) expect(where(kind, 'in')).toContain('into your balance')
  })

  it('show everything, and copy numbers as they are', () => {
    const facts = factsOf(bread)
    expect(facts.map(fact => fact.name)).toEqual([
      'Kind', 'For', 'Shop', 'When', 'Day in the market', 'Trade number', 'Balance after it', 'Where the money is',
    ])
    expect(facts.filter(fact => fact.number !== undefined).map(fact => fact.number)).toEqual([bread.other_party, bread.trade_no])
    expect(facts.find(fact => fact.name === 'Balance after it')?.value).toBe('€87.50')
  })
})

describe('what a movement leads to', () => {
  const request = (direction: 'in' | 'out'): Movement => ({ ...ben, kind: 'money_request', direction })

  it.each([
    [ben, '/send/2088070000100001/3000'],
    [{ ...ben, direction: 'in' as const }, undefined],
    [request('out'), '/send/2088070000100001/3000'],
    [request('in'), '/ask/2088070000100001/3000'],
    [named, undefined],
    [bank, undefined],
  ])('again: case %#', (movement, path) => {
    expect(againOf(movement)?.path).toBe(path)
  })

  it.each([
    // kind, way, where each advice leads to
    ['transfer', 'out', ['/ask/2088070000100001/3000', '/devices']],
    ['money_request', 'out', ['/ask/2088070000100001/3000', '/devices']],
    ['transfer', 'in', ['/send/2088070000100001/3000']],
    ['payment', 'out', [undefined, '/devices']],
    ['payment_abroad', 'out', [undefined, '/devices']],
    ['refund', 'in', [undefined]],
    ['cash_in', 'in', [undefined]],
    ['cash_out', 'out', [undefined, '/devices']],
  ] as const)('help: %s, %s', (kind, direction, paths) => {
    expect(helpOf({ ...ben, kind, direction }).map(advice => advice.way?.path)).toEqual(paths)
  })

  it('help at a shop names the number that the shop knows, and never a person’s', () => {
    expect(helpOf(named)[0]?.reference).toBe(named.trade_no)
    expect(helpOf(ben)[0]?.reference).toBeUndefined()
  })

  it('the timeline has what came back of the same payment, and nothing else', () => {
    const refund: Movement = { ...named, movement: '1.6', kind: 'refund', direction: 'in', at: '2026-11-30T07:00:00Z', money: money('250') }
    const other: Movement = { ...refund, movement: '1.7', trade_no: '2026112907000020000000000999' }
    expect(timelineOf(named, [refund, other, named]).map(step => step.movement.movement)).toEqual(['1.4', '1.6'])
    // Without numbers nothing belongs together.
    expect(timelineOf(bank, [{ ...bank, movement: '1.8' }]).map(step => step.movement.movement)).toEqual(['1.3'])
  })
})

describe('a receipt', () => {
  it('has the name and the number of the other side, and not what the customer noted', () => {
    const text = receiptText(ben)
    expect(text.split('\n').slice(0, 5)).toEqual([
      'Receipt: Ben M***', 'Money out: −€30.00', 'Kind: Transfer', 'To: Ben M***', 'Their number: 2088070000100001',
    ])
    expect(text).not.toContain('rent')
  })

  it('is a plain text that says nothing of the balance', () => {
    const lines = receiptText(bread).split('\n')
    expect(lines.slice(0, 5)).toEqual([
      'Receipt: Two Breads', 'Money out: −€12.50', 'Kind: Payment in a shop', 'For: Two Breads', 'Shop: 2088070000200000',
    ])
    expect(lines[5]).toMatch(/^When: .*2026/)
    expect(lines.slice(6)).toEqual(['Day in the market: Sunday, November 29, 2026', 'Trade number: 2026112907000020000000000160'])
    expect(receiptText(bread)).not.toContain('87.50')
  })

  it('says that it is of a test', () => {
    site.sandbox = true
    expect(receiptText(bank)).toMatch(/^Test mode: no real money\nReceipt: From the bank\nMoney in: \+€10,000\.00\n/)
  })

  it('keeps amounts and numbers in one piece where it is read from the right', async () => {
    await useLanguage('ur')
    expect(receiptText(bread)).toContain('\u20682026112907000020000000000160\u2069')
  })
})

describe('the list', () => {
  const page = (items: Movement[], next: string | null) => new Response(JSON.stringify({ items, next }))

  /** Answers in turn, and the addresses that were asked. */
  function pages(...answers: (() => Response | Promise<Response>)[]): string[] {
    const asked: string[] = []
    vi.stubGlobal('fetch', (address: string) => {
      asked.push(address)
      return Promise.resolve(answers[asked.length - 1]?.() ?? page([], null))
    })
    return asked
  }

  it('is loaded page by page to its end, and passes over a page that has nothing', async () => {
    const asked = pages(() => page([bread], 'a'), () => page([], 'b'), () => page([bank], null))
    const list = new History()
    await list.begin({ direction: 'in' })
    expect([list.movements.length, list.next]).toEqual([1, 'a'])
    await Promise.all([list.more(), list.more()])
    expect([list.movements, list.next, list.isLoading]).toEqual([[bread, bank], null, false])
    await list.more()
    expect(asked.map(address => address.replace('/api/v1/history?', ''))).toEqual([
      'direction=in&limit=30', 'direction=in&limit=30&cursor=a', 'direction=in&limit=30&cursor=b',
    ])
  })

  it('keeps what it has when a page fails, and goes on from there', async () => {
    const problem = { type: '', title: '', status: 503, code: 'busy', detail: '', money: '', what_to_do: '' }
    pages(() => page([bread], 'a'), () => new Response(JSON.stringify(problem), { status: 503 }), () => page([bank], null))
    const list = new History()
    await list.begin({})
    await list.more()
    expect([list.movements, list.trouble?.problem?.code, list.isLoading]).toEqual([[bread], 'busy', false])
    await list.more()
    expect([list.movements, list.trouble, list.next]).toEqual([[bread, bank], undefined, null])
  })

  it('takes no answer for a filter that is no longer chosen', async () => {
    let late: (answer: Response) => void = () => undefined
    pages(() => new Promise<Response>(resolve => { late = resolve }), () => page([bank], null))
    const list = new History()
    const first = list.begin({ direction: 'out' })
    await list.begin({ direction: 'in' })
    late(page([bread], 'a'))
    await first
    expect([list.movements, list.next, list.isLoading]).toEqual([[bank], null, false])
  })
})
