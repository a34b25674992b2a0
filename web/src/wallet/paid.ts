import { read } from '../api/client'
import type { components } from '../api/schema'
import { language, t } from '../kit/i18n.svelte'
import { minorOf, type Money } from '../kit/money'
import { amountText, grouped, timeText } from '../kit/texts'
import { newest } from './history.svelte'
import type { Movement } from './movement'
import { rateText } from './offer'

type Payment = components['schemas']['PaymentWire']

/** A line of a result. `isOwn`: shown, and not shared. */
export interface Fact {
  name: string
  value: string
  isOwn?: boolean
}

/** All that a result says of what was paid. */
export interface Paid {
  money: Money
  /** What the shop got, where its currency is another. */
  abroad: Money | undefined
  facts: Fact[]
}

/** As many as can have moved while somebody stood at a counter. */
const LOOKED_AT = 10

/** A shop was paid, at home or abroad. */
function isPayment(movement: Movement): boolean {
  return movement.direction === 'out' && (movement.kind === 'payment' || movement.kind === 'payment_abroad')
}

/**
 * The newest payment after the movement `mark`, of `movements`, newest first. `null`: nothing had moved then; `undefined`: it is not
 * known what had. If the very newest is a payment of just what the balance `fell` by, it is that one whatever is known.
 */
export function paidSince(movements: Movement[], mark: string | null | undefined, fell: bigint): Movement | undefined {
  const newest = movements.slice(0, 1).find(one => isPayment(one) && minorOf(one.money) === fell)
  if (newest !== undefined || mark === undefined) return newest
  const end = movements.findIndex(one => one.movement === mark)
  return movements.slice(0, end < 0 ? undefined : end).find(isPayment)
}

/** What an event says of a payment of `payer`'s: the number by which its movement is found. */
export function toldOf(event: { type: string; data: Record<string, unknown> }, payer: string | undefined): string | undefined {
  const { type, data } = event
  const number = type === 'acquiring.order_paid' && data.buyer === payer ? data.trade_no
    : type === 'interop.payment_abroad_ended' && data.payer === payer && data.ending === 'done' ? data.payment : undefined
  return typeof number === 'string' ? number : undefined
}

/** Whether a movement is the payment of this number: of an order at home, or a payment abroad. */
export function isOf(movement: Movement, number: string): boolean {
  return isPayment(movement) && (movement.trade_no === number || movement.payment === number)
}

/** What has moved last; `undefined` without an answer. */
export function lately(): Promise<Movement[] | undefined> {
  return newest(LOOKED_AT)
}

/** The lines of a payment abroad, the shop's name first where it is known. */
export function factsAbroad(payment: Payment, shop: string | undefined): Fact[] {
  const { offer } = payment
  const rate = offer && `1 ${offer.price.currency} = ${rateText(offer.customer_rate, language.locale)} ${offer.total.currency}`
  return [
    ...(shop === undefined ? [] : [{ name: t('receipt.shop'), value: shop }]),
    { name: t('receipt.paid'), value: amountText(payment.total) },
    ...(offer === undefined ? [] : [{ name: t('abroad.shopGets'), value: amountText(offer.price) }]),
    ...(rate === undefined ? [] : [{ name: t('abroad.yourRate'), value: rate }]),
    { name: t('receipt.when'), value: timeText(payment.ended_at ?? payment.held_at) },
    ...(payment.trade_no === undefined ? [] : [{ name: t('history.tradeNo'), value: payment.trade_no }]),
    { name: t('receipt.number'), value: payment.payment },
  ]
}

/** All that is known of a payment that is in the history; of one abroad what the shop got is asked for too. */
export async function paidBy(movement: Movement): Promise<Paid> {
  const { payment: number, other_name: shop, other_party: party, subject } = movement
  const balance = { name: t('receipt.balance'), value: amountText(movement.balance_after), isOwn: true }
  const outcome = number == null ? undefined : await read('/payments/{payment}', { payment: number })
  if (outcome?.ok === true) {
    const { data } = outcome
    return { money: data.total, abroad: data.offer?.price, facts: [...factsAbroad(data, shop), balance] }
  }
  const named = shop ?? (party == null ? undefined : t('pay.shop', { number: grouped(party) }))
  const reference = movement.trade_no ?? number
  return {
    money: movement.money,
    abroad: undefined,
    facts: [
      ...(named === undefined ? [] : [{ name: t('receipt.shop'), value: named }]),
      ...(subject == null || subject.trim() === '' ? [] : [{ name: t('receipt.for'), value: subject }]),
      { name: t('receipt.paid'), value: amountText(movement.money) },
      { name: t('receipt.when'), value: timeText(movement.at) },
      ...(reference == null ? [] : [{ name: t('receipt.number'), value: reference }]),
      balance,
    ],
  }
}
