import type { components } from '../api/schema'
import { dayAfter } from '../kit/days'

type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

const HOURS = 24

/** A payment, or a refund with a minus. */
export interface Taking {
  id: string
  at: string
  currency: string
  minor: bigint
}

export function takingOfPayment({ order }: Schema<'PaymentItem'>): Taking {
  const { trade_no: number, total, paid_at: at } = order
  return { id: `payment ${number}`, at: at ?? order.created_at, currency: total.currency, minor: BigInt(total.minor) }
}

export function takingOfRefund({ trade_no: number, out_request_no: request, at, amount }: Schema<'RefundItem'>): Taking {
  return { id: `refund ${number} ${request}`, at, currency: amount.currency, minor: -BigInt(amount.minor) }
}

/** What was taken less what was given back, hour by hour of this device's clock, for each currency. */
export function byHour(takings: Taking[]): [string, bigint[]][] {
  const found = new Map<string, bigint[]>()
  for (const { at, currency, minor } of takings) {
    const hours = found.get(currency) ?? Array.from({ length: HOURS }, () => 0n)
    found.set(currency, hours)
    const hour = new Date(at).getHours()
    hours[hour] = (hours[hour] ?? 0n) + minor
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1))
}

/** What was taken less what was given back on each of the `count` days up to `last`; nothing where the report has no such day. */
export function byDay(report: Schema<'DayTotals'>[], last: string, count: number): { day: string; minor: bigint }[] {
  const known = new Map(report.map(one => [one.day, BigInt(one.gross_minor) - BigInt(one.refunded_minor)]))
  return Array.from({ length: count }, (_, place) => dayAfter(last, place - count + 1))
    .map(day => ({ day, minor: known.get(day) ?? 0n }))
}
