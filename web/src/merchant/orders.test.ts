import { expect, it } from 'vitest'
import type { Order } from '../api/client'
import { paidOtherwise, refundable, standing } from './orders.svelte'

const order = (status: Order['status'], refunded = '0', closedAt?: string): Order => ({
  trade_no: '1', out_trade_no: 'A', status, total: { currency: 'EUR', minor: '500' }, subject: 'tea', merchant: '2', store: '3',
  created_at: '', expires_at: '', ...(closedAt === undefined ? {} : { closed_at: closedAt }), refunded: { currency: 'EUR', minor: refunded },
})

it.each([
  [order('not_scanned'), 'waiting', 0n],
  [order('waits_for_payment'), 'waiting', 0n],
  [order('not_scanned', '0', '2026-11-29T16:42:15Z'), 'closed', 0n],
  [order('paid'), 'paid', 500n],
  [order('paid', '200'), 'partly', 300n],
  [order('closed', '500', '2026-11-29T16:42:15Z'), 'refunded', 0n],
  [order('finished'), 'paid', 0n],
])('%j is %s, and %s can be refunded', (given, said, left) => {
  expect([standing(given), refundable(given)]).toEqual([said, left])
})

const eur = (minor: string) => ({ currency: 'EUR', minor })

it.each([
  ['not paid yet', undefined, undefined],
  ['the price', eur('500'), undefined],
  ['less than the price', eur('450'), eur('450')],
  ['as many of another currency', { currency: 'THB', minor: '500' }, { currency: 'THB', minor: '500' }],
])('what the customer has paid, if it is %s', (_, paid, expected) => {
  expect(paidOtherwise({ ...order('paid'), ...(paid === undefined ? {} : { payer_amount: paid }) })).toEqual(expected)
})
