import { read, type Order, type Trouble } from '../api/client'
import type { Money } from '../kit/money'
import { session } from '../session.svelte'

/** An order that this window has made or looked up, with its code if it was told here. */
export interface Kept {
  order: Order
  code?: string
}

/** What is said of an order in lists. */
export type Standing = 'waiting' | 'paid' | 'partly' | 'refunded' | 'closed'

/** By what an order is looked up: the shop's own number, or ours. That of a printed code has no number of the shop's. */
export type OrderName = { number: string } | { tradeNo: string }

/** The most that are kept; the server has them all. */
const KEPT_MAX = 100

/** What this window has made or looked up, newest first, with the codes that were told here only. */
export const book = $state<{ kept: Kept[] }>({ kept: [] })

function place(): string {
  return `sycee.orders.${session.me?.party ?? ''}`
}

/** Takes out what the tab remembers of the shop that is signed in. */
export function openBook(): void {
  try {
    book.kept = JSON.parse(sessionStorage.getItem(place()) ?? '[]') as Kept[]
  } catch {
    book.kept = []
  }
}

/** Writes down how an order stands now. */
export function keep(order: Order, code?: string): void {
  const at = book.kept.findIndex(kept => kept.order.trade_no === order.trade_no)
  const known = book.kept[at]
  const told = code ?? known?.code
  const kept: Kept = told === undefined ? { order } : { order, code: told }
  if (known === undefined) book.kept.unshift(kept)
  else book.kept[at] = kept
  book.kept.splice(KEPT_MAX)
  sessionStorage.setItem(place(), JSON.stringify(book.kept))
}

/** What is known of an order. */
export function kept(name: OrderName): Kept | undefined {
  return book.kept.find(({ order }) =>
    'number' in name ? order.out_trade_no === name.number : order.trade_no === name.tradeNo)
}

/** Asks how an order stands. What went wrong, if something did. */
export async function refresh(name: OrderName): Promise<Trouble | undefined> {
  const outcome = 'number' in name
    ? await read('/orders/by-number/{out_trade_no}', { out_trade_no: name.number })
    : await read('/orders/{trade_no}', { trade_no: name.tradeNo })
  if (!outcome.ok) return outcome.trouble
  keep(outcome.data)
  return undefined
}

/** An order that was closed before anybody scanned it keeps its status; the instant of the closing tells. */
export function standing(order: Order): Standing {
  const refunded = BigInt(order.refunded.minor)
  if (refunded > 0n) return refunded === BigInt(order.total.minor) ? 'refunded' : 'partly'
  if (order.status === 'closed' || order.closed_at != null) return 'closed'
  return order.status === 'not_scanned' || order.status === 'waits_for_payment' ? 'waiting' : 'paid'
}

/** What is left of an order to be refunded, minor units. */
export function refundable(order: Order): bigint {
  const isRefundable = order.status === 'paid'
  return isRefundable ? BigInt(order.total.minor) - BigInt(order.refunded.minor) : 0n
}

/** What the customer has paid, where it is another amount than the price, or of another currency. */
export function paidOtherwise({ total, payer_amount: paid }: Order): Money | undefined {
  return paid == null || (paid.minor === total.minor && paid.currency === total.currency) ? undefined : paid
}

let paidJustNow = ''

/** The payment of this order was confirmed a moment ago: its screen begins with that. */
export function justPaid(number: string): void {
  paidJustNow = number
}

/** Whether that is so; asked once. */
export function takeJustPaid(name: OrderName): boolean {
  const isIt = 'number' in name && paidJustNow !== '' && paidJustNow === name.number
  paidJustNow = ''
  return isIt
}
