import type { components } from '../api/schema'
import { dateText, dayAfter } from '../kit/days'
import { language, t, type MessageKey } from '../kit/i18n.svelte'
import { minorTyped } from '../kit/entry'
import { minorOf } from '../kit/money'
import { amountText, grouped, timeText } from '../kit/texts'
import { digitsOf, site } from '../site'

/** One movement of the customer's money. */
export type Movement = components['schemas']['HistoryItem']
export type Kind = components['schemas']['HistoryKind']

const KIND_NAMES: Record<Kind, MessageKey> = {
  payment: 'history.kindPayment',
  refund: 'history.kindRefund',
  transfer: 'history.kindTransfer',
  money_request: 'history.kindRequest',
  cash_in: 'history.kindCashIn',
  cash_out: 'history.kindCashOut',
  merchant_transfer: 'history.kindMerchant',
  payment_abroad: 'history.kindAbroad',
  refund_abroad: 'history.kindRefundAbroad',
  transfer_from_abroad: 'history.kindFromAbroad',
  other: 'history.kindOther',
}

export const kinds = Object.keys(KIND_NAMES) as Kind[]

/** A kind in words. A server that is newer than this page may have others. */
export function kindName(kind: Kind): string {
  return t(KIND_NAMES[kind] ?? 'history.kindOther')
}

/** What it was: what was bought where that is known, else its kind. A printed code has no subject. */
export function titleOf(movement: Movement): string {
  const subject = movement.subject?.trim() ?? ''
  return subject === '' ? kindName(movement.kind) : subject
}

/** Money in has a plus, money out a minus: colour alone would say nothing to some. */
export function signOf(movement: Movement): '+' | '−' {
  return movement.direction === 'in' ? '+' : '−'
}

/**
 * Today in the market. The API does not tell the market's time zone, so it is the device's day; but nothing has moved tomorrow: a
 * newest movement of the day after means that the market is ahead of the device. More than a day ahead means that a clock is wrong.
 */
export function marketToday(deviceDay: string, newestDay: string | undefined): string {
  return newestDay === dayAfter(deviceDay, 1) ? newestDay : deviceDay
}

/** Without what differs between how a number is shown and how it is typed: spaces, and marks of direction, which nobody sees. */
function plain(text: string): string {
  return text.replace(/[\s\u200e\u200f\u061c\u2066-\u2069]/g, '').toLocaleLowerCase(language.locale)
}

/** Whether `text` is in what a person can see of it: what was bought, kind, numbers, amount as shown or with a point. */
export function isFound(movement: Movement, text: string): boolean {
  const wanted = plain(text)
  if (wanted === '') return true
  const { money, subject, other_party, trade_no, transfer, transfer_no, payment } = movement
  const typed = minorTyped(minorOf(money), digitsOf(money.currency))
  const seen = [subject, kindName(movement.kind), other_party, trade_no, transfer, transfer_no, payment,
    signOf(movement) + amountText(money), typed]
  return seen.some(one => one != null && plain(one).includes(wanted))
}

/** A line of the details. */
export interface Fact {
  name: string
  value: string
  /** A number as it is to be copied. */
  number?: string
}

/** Where the money is now. What is only held is in no history: all that is here has happened. */
export function whereabouts(movement: Movement): string {
  if (movement.direction === 'in') return t('history.whereHere')
  if (movement.kind === 'payment' || movement.kind === 'payment_abroad') return t('history.whereShop')
  if (movement.kind === 'transfer' || movement.kind === 'money_request') return t('history.wherePerson')
  return t(movement.kind === 'cash_out' ? 'history.whereBank' : 'history.whereGone')
}

function partyName(movement: Movement): string {
  if (movement.kind === 'payment' || movement.kind === 'refund' || movement.kind === 'merchant_transfer') return t('receipt.shop')
  return t(movement.direction === 'in' ? 'receipt.from' : 'receipt.to')
}

/** What others may see of it too. */
function openFacts(movement: Movement): Fact[] {
  const facts: Fact[] = [{ name: t('history.kind'), value: kindName(movement.kind) }]
  const subject = movement.subject?.trim() ?? ''
  if (subject !== '') facts.push({ name: t('receipt.for'), value: subject })
  const party = movement.other_party
  if (party != null) facts.push({ name: partyName(movement), value: grouped(party), number: party })
  facts.push({ name: t('receipt.when'), value: timeText(movement.at) })
  facts.push({ name: t('history.day'), value: dateText(movement.day) })
  const numbers: [MessageKey, string | undefined][] = [
    ['history.tradeNo', movement.trade_no],
    ['history.transfer', movement.transfer],
    ['history.transferNo', movement.transfer_no],
    ['history.abroadNo', movement.payment],
  ]
  for (const [key, number] of numbers) if (number != null) facts.push({ name: t(key), value: number, number })
  return facts
}

/** All that is known of it, in the order it is shown. */
export function factsOf(movement: Movement): Fact[] {
  return [
    ...openFacts(movement),
    { name: t('history.balanceAfter'), value: amountText(movement.balance_after) },
    { name: t('history.where'), value: whereabouts(movement) },
  ]
}

const ISOLATE = '\u2068'
const END = '\u2069'

/** A receipt as plain text, for others: it says nothing of the balance. Numbers are whole, so that they can be copied out of it. */
export function receiptText(movement: Movement): string {
  // In a line that is read from the right, an amount or a number would be torn apart. Elsewhere it needs nothing.
  const isolated = (text: string) => (language.direction === 'rtl' ? ISOLATE + text + END : text)
  const lines = [
    ...(site.sandbox ? [t('app.testMode')] : []),
    `${t('history.receipt')}: ${isolated(titleOf(movement))}`,
    `${t(movement.direction === 'in' ? 'history.in' : 'history.out')}: ${isolated(signOf(movement) + amountText(movement.money))}`,
    ...openFacts(movement).map(({ name, value, number }) => `${name}: ${isolated(number ?? value)}`),
  ]
  return lines.join('\n')
}
