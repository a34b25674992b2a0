import { afterEach, describe, expect, it } from 'vitest'
import { mayAs, session, type Rank } from './session.svelte'

afterEach(() => { session.me = undefined })

describe('what one of a shop’s people may do', () => {
  it.each<[Rank | undefined, Rank, boolean]>([
    ['cashier', 'cashier', true],
    ['cashier', 'manager', false],
    ['cashier', 'owner', false],
    ['manager', 'cashier', true],
    ['manager', 'manager', true],
    ['manager', 'owner', false],
    ['owner', 'manager', true],
    ['owner', 'owner', true],
    // The shop's own token, which is no person's.
    [undefined, 'owner', true],
  ])('%s as %s: %s', (rank, least, may) => {
    session.me = { party: '2088', ...(rank === undefined ? {} : { member: { role: rank } }) } as typeof session.me
    expect(mayAs(least)).toBe(may)
  })
})
