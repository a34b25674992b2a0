import type { components } from '../api/schema'
import type { Order } from '../api/client'
import { minorTyped } from '../kit/entry'
import { language, type MessageKey } from '../kit/i18n.svelte'
import { minorOf, type Money } from '../kit/money'
import { amountText } from '../kit/texts'
import { digitsOf } from '../site'
import { dayHere, isDay } from '../kit/days'

type Status = components['schemas']['OrderStatus']
type Refund = components['schemas']['RefundItem']

/**
 * Which list is looked at. Each is one list of the server's, so that its file has the same rows as the screen: what was paid and
 * refunded comes newest first, printed codes included; orders come by the shop's own numbers, and say also what nobody has paid.
 */
export type Listed = 'received' | 'refunds' | 'orders' | Status

export const LISTS: Record<Listed, MessageKey> = {
  received: 'book.received',
  refunds: 'book.refunds',
  orders: 'book.orders',
  not_scanned: 'book.notScanned',
  waits_for_payment: 'book.scanned',
  paid: 'book.paid',
  finished: 'book.finished',
  closed: 'book.closed',
}

/** `from` and `to`: days of the market, yyyy-mm-dd, or nothing. */
export interface Filter {
  listed: Listed
  from: string
  to: string
}

/** What an address asks for. What cannot be understood in it is left out. */
export function filterOf(search: string): Filter {
  const asked = new URLSearchParams(search)
  const day = (name: string): string => {
    const text = asked.get(name) ?? ''
    return isDay(text) ? text : ''
  }
  const listed = asked.get('state') ?? ''
  return { listed: Object.hasOwn(LISTS, listed) ? (listed as Listed) : 'received', from: day('from'), to: day('to') }
}

/** The part of an address that asks for it: nothing for what is shown without being asked. */
export function searchOf({ listed, from, to }: Filter): string {
  const asked = new URLSearchParams()
  if (listed !== 'received') asked.set('state', listed)
  if (from !== '') asked.set('from', from)
  if (to !== '') asked.set('to', to)
  return asked.size === 0 ? '' : `?${asked}`
}

/** A line of a list. */
export interface Row {
  /** The day of `at` on this device, whose clock stands beside it. */
  day: string
  at: string
  /** The shop's own number of the order; empty for a printed code. */
  number: string
  tradeNo: string
  money: Money
  subject: string
  /** The order as it stood when it was listed; a refund has none. */
  order?: Order
}

function row(at: string, { out_trade_no, trade_no }: { out_trade_no: string; trade_no: string }, money: Money): Omit<Row, 'subject'> {
  return { day: dayHere(new Date(at)), at, number: ownNumber(out_trade_no), tradeNo: trade_no, money }
}

/** By when it was paid in a list of payments, else by when it was made. */
export function rowOfOrder(order: Order, isPayment: boolean): Row {
  const at = isPayment ? (order.paid_at ?? order.created_at) : order.created_at
  return { ...row(at, order, order.total), subject: order.subject, order }
}

export function rowOfRefund(refund: Refund): Row {
  return { ...row(refund.at, refund, refund.amount), subject: refund.reason ?? '' }
}

/** The shop's own number of an order; nothing for that of a printed code, whose number was made up and finds nothing. */
export function ownNumber(number: string | null | undefined): string {
  return number == null || /^static_\d{13}$/.test(number) ? '' : number
}

/** Where an order is looked at: by the shop's number, and that of a printed code by ours. */
export function pathOf(number: string | null | undefined, tradeNo: string): string {
  const own = ownNumber(number)
  return own === '' ? `/trades/${tradeNo}` : `/orders/${encodeURIComponent(own)}`
}

/** Without what differs between how a number is shown and how it is typed: spaces, and marks of direction, which nobody sees. */
function plain(text: string): string {
  return text.replace(/[\s\u200e\u200f\u061c\u2066-\u2069]/g, '').toLocaleLowerCase(language.locale)
}

/** Whether `text` is in what can be seen of a line: both numbers, what was bought, the amount as shown or with a point. */
export function isFound(row: Row, text: string): boolean {
  const typed = minorTyped(minorOf(row.money), digitsOf(row.money.currency))
  return [row.number, row.tradeNo, row.subject, amountText(row.money), typed].some(one => plain(one).includes(plain(text)))
}

/** Whether a text has the form of our own numbers of orders. */
export function isTradeNo(text: string): boolean {
  return /^\d{28}$/.test(text)
}
