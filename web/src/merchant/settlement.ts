import type { components } from '../api/schema'
import type { MessageKey } from '../kit/i18n.svelte'
import { minorTyped } from '../kit/entry'
import { digitsOf } from '../site'

type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]
export type Settlement = Schema<'SettlementWire'>
export type SettledEntry = Schema<'SettlementEntryWire'>
export type Payout = Schema<'PayoutWire'>

/** Minor units with sign. */
const minor = (money: { minor: string }): bigint => BigInt(money.minor)

/** What a business date is to have done to the balance, its own closing included, by what the server says of it. */
export function movedBy(settlement: Settlement): bigint {
  const { gross, refunded, other_in, other_out, closing } = settlement
  const before = minor(gross) - minor(refunded) + minor(other_in) - minor(other_out)
  if (closing == null) return before
  return before + minor(closing.reserve_released) + minor(closing.fees_given_back) - minor(closing.fees_taken)
    - minor(closing.recovered) - minor(closing.reserve_held) - minor(closing.paid_out)
}

/** A sum that was added up here, beside the server's. */
export interface Sum {
  name: MessageKey
  ours: bigint
  theirs: bigint
}

/** Adds up the entries of a business date again, and sets each sum beside what the settlement says. */
export function sumsOf(settlement: Settlement, entries: SettledEntry[]): Sum[] {
  const of = (kind: SettledEntry['kind'], part: 'money' | 'fee'): bigint =>
    entries.filter(entry => entry.kind === kind).reduce((sum, entry) => sum + minor(entry[part]), 0n)
  const moved = entries.reduce((sum, entry) => sum + BigInt(entry.on_balance_minor), 0n)
  const sums: Sum[] = [
    { name: 'settle.gross', ours: of('payment', 'money'), theirs: minor(settlement.gross) },
    { name: 'settle.refunded', ours: of('refund', 'money'), theirs: minor(settlement.refunded) },
    { name: 'settle.fees', ours: of('payment', 'fee'), theirs: minor(settlement.fees) },
    { name: 'settle.feesReturned', ours: of('refund', 'fee'), theirs: minor(settlement.fees_returned) },
    { name: 'settle.moved', ours: moved, theirs: movedBy(settlement) },
  ]
  const { closing } = settlement
  if (closing != null) {
    const ours = BigInt(closing.brought_forward_minor) + moved
    sums.push({ name: 'settle.carried', ours, theirs: BigInt(closing.carried_forward_minor) })
  }
  return sums
}

/** How many entries, payments and refunds there are by the list, and by the settlement. */
export function countsOf(settlement: Settlement, entries: SettledEntry[]): { ours: number[]; theirs: number[] } {
  const of = (kind: SettledEntry['kind']): number => entries.filter(entry => entry.kind === kind).length
  return {
    ours: [entries.length, of('payment'), of('refund')],
    theirs: [Number(settlement.entries), Number(settlement.payments), Number(settlement.refunds)],
  }
}

export function doAgree(settlement: Settlement, entries: SettledEntry[]): boolean {
  const { ours, theirs } = countsOf(settlement, entries)
  return sumsOf(settlement, entries).every(sum => sum.ours === sum.theirs) && ours.join() === theirs.join()
}

/** Whether any of a business date's entries may be of this day of the calendar. */
export function touches({ first_day: first, last_day: last }: Settlement, day: string): boolean {
  return first != null && last != null && first <= day && day <= last
}

const KINDS: Record<SettledEntry['kind'], MessageKey> = {
  payment: 'settle.kindPayment',
  refund: 'settle.kindRefund',
  transfer: 'settle.kindTransfer',
  fees_taken: 'settle.kindFees',
  fees_given_back: 'settle.kindFeesBack',
  royalty_given: 'settle.kindShareGiven',
  royalty_received: 'settle.kindShareGot',
  royalty_returned: 'settle.kindShareReturned',
  royalty_taken_back: 'settle.kindShareTaken',
  reserve_held: 'settle.kindHeld',
  reserve_released: 'settle.kindReleased',
  paid_out: 'settle.kindPaidOut',
  payout_returned: 'settle.kindReturned',
  advanced: 'settle.kindAdvanced',
  advance_recovered: 'settle.kindRecovered',
}

/** A kind in words. A server that is newer than this page may have others. */
export function kindName(kind: SettledEntry['kind']): MessageKey {
  return KINDS[kind] ?? 'settle.kindOther'
}

const NOT_PAID: Record<string, MessageKey> = {
  nothing_left: 'settle.nothingLeft',
  below_minimum: 'settle.belowMinimum',
  not_scheduled: 'settle.notScheduled',
  no_bank_account: 'settle.noBankAccount',
  frozen: 'settle.frozen',
  not_available: 'settle.notAvailable',
}

/** Why not everything is paid out. */
export function reasonName(reason: string): MessageKey {
  return NOT_PAID[reason] ?? 'settle.notAvailable'
}

/** A payout's state: its name, where the money is, and how it is to look. */
export const PAYOUT_STATES: Record<string, { name: MessageKey; where: MessageKey; tone: 'good' | 'wait' | 'bad' }> = {
  requested: { name: 'settle.requested', where: 'settle.requestedWhere', tone: 'wait' },
  sent: { name: 'settle.sent', where: 'settle.sentWhere', tone: 'wait' },
  settled: { name: 'settle.settled', where: 'settle.settledWhere', tone: 'good' },
  returned: { name: 'settle.returned', where: 'settle.returnedWhere', tone: 'bad' },
  unknown: { name: 'settle.unknown', where: 'settle.unknownWhere', tone: 'wait' },
}

/** A field of a CSV file (RFC 4180). What a spreadsheet would take for a formula is made a text. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function major(amount: bigint, currency: string): string {
  const size = minorTyped(amount < 0n ? -amount : amount, digitsOf(currency))
  return amount < 0n ? `-${size}` : size
}

/** The entries of a business date as a file, amounts in major units like the server's own files. The server has none of these. */
export function csvOf(date: string, entries: SettledEntry[]): string {
  const names = ['date', 'kind', 'at', 'amount', 'fee', 'balance_change', 'balance_after', 'currency', 'trade_no', 'out_trade_no',
    'out_request_no', 'payout']
  const lines = entries.map(entry => {
    const { currency } = entry.money
    const amounts = [minor(entry.money), minor(entry.fee), BigInt(entry.on_balance_minor), minor(entry.balance_after)]
    return [date, entry.kind, entry.at, ...amounts.map(amount => major(amount, currency)), currency, entry.trade_no ?? '',
      entry.out_trade_no ?? '', entry.out_request_no ?? '', entry.payout ?? '']
  })
  return [names, ...lines].map(line => line.map(field).join(',') + '\r\n').join('')
}
