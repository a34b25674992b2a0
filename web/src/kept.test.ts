import { beforeEach, describe, expect, it } from 'vitest'
import { drop, keep, recall, type Kept } from './kept'

const person = (party: string) => ({ party, role: 'customer', cell: 'fr', name: 'Anna' }) as Kept['me']
const anna = person('2088000000000001')
const ben = person('2088000000000002')
const balances = [{ currency: 'EUR', minor: '100', held_minor: '0' }]
const movements: Kept['movements'] = []

beforeEach(() => localStorage.clear())

describe('what is kept', () => {
  it('is put together from several news of one person', () => {
    keep(localStorage, anna, { balances, at: '2026-01-01T00:00:00Z' })
    keep(localStorage, anna, { movements })
    expect(recall(localStorage, 'customer')).toEqual({ me: anna, balances, at: '2026-01-01T00:00:00Z', movements })
  })

  it('of one person is not shown to the next', () => {
    keep(localStorage, anna, { balances })
    keep(localStorage, ben, {})
    expect(recall(localStorage, 'customer')).toEqual({ me: ben })
  })

  it.each([
    ['nothing', null],
    ['no JSON', '{'],
    ['another shape', '{"me":null}'],
    ['another role', JSON.stringify({ me: { ...anna, role: 'merchant' } })],
  ])('is nothing where there is %s', (_, text) => {
    if (text !== null) localStorage.setItem('sycee.kept', text)
    expect(recall(localStorage, 'customer')).toBeUndefined()
  })

  it('is gone when it is dropped', () => {
    keep(localStorage, anna, { balances })
    drop(localStorage)
    expect(localStorage.length).toBe(0)
  })
})
