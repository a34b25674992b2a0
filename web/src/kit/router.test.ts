import { expect, it } from 'vitest'
import { matches } from './router.svelte'

it.each([
  ['/send/:payee', '/send/2088', { payee: '2088' }],
  ['/send/:payee', '/send/2088/', { payee: '2088' }],
  ['/send/:payee', '/send', undefined],
  ['/orders/:number', '/orders/a%2Fb', { number: 'a/b' }],
  ['/orders/:number', '/orders/%E0%A4%A', undefined],
  ['/', '/', {}],
])('%s and %s', (pattern, path, members) => {
  expect(matches(pattern, path)).toEqual(members)
})
