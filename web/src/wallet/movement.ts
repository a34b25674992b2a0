import type { components } from '../api/schema'
import { dayAfter } from '../kit/days'
import { language, t, type MessageKey } from '../kit/i18n.svelte'
import { minorTyped } from '../kit/entry'
import { minorOf } from '../kit/money'
import { amountText } from '../kit/texts'
import { digitsOf } from '../site'

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

/** What was bought, if it is known. A printed code has no subject. */
export function subjectOf(movement: Movement): string | undefined {
  const subject = movement.subject?.trim() ?? ''
  return subject === '' ? undefined : subject
}

/** What it is called: who is on the other side where they have a name, else what was bought, else its kind. */
export function titleOf(movement: Movement): string {
  return movement.other_name ?? subjectOf(movement) ?? kindName(movement.kind)
}

/** What stands below the title, and is not in it: what was bought, then the kind. */
export function belowTitle(movement: Movement): string[] {
  const title = titleOf(movement)
  return [subjectOf(movement), kindName(movement.kind)].filter(one => one !== undefined && one !== title) as string[]
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

/** Whether `text` is in what a person can see of it: names, what was bought, kind, note, numbers, amount as shown or with a point. */
export function isFound(movement: Movement, text: string): boolean {
  const wanted = plain(text)
  if (wanted === '') return true
  const { money, subject, other_name, note, other_party, trade_no, transfer, transfer_no, payment } = movement
  const typed = minorTyped(minorOf(money), digitsOf(money.currency))
  const seen = [other_name, subject, kindName(movement.kind), note, other_party, trade_no, transfer, transfer_no, payment,
    signOf(movement) + amountText(money), typed]
  return seen.some(one => one != null && plain(one).includes(wanted))
}
