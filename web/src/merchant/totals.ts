import type { components } from '../api/schema'

export type Entry = components['schemas']['EntryWire']
type DayTotals = components['schemas']['DayTotals']

/** What a time has brought in one currency, minor units. */
export interface Totals {
  currency: string
  payments: number
  gross: bigint
  refunds: number
  refunded: bigint
  /** Fees that accrued, less those that refunds returned. */
  fees: bigint
  /** Earned: prices less refunds and fees. */
  net: bigint
  /** What else moved the balance: payouts, transfers, fees taken; with sign. */
  other: bigint
}

export function nothing(currency: string): Totals {
  return { currency, payments: 0, gross: 0n, refunds: 0, refunded: 0n, fees: 0n, net: 0n, other: 0n }
}

/**
 * Totals of a whole day: the server's own sums over one reading of its entries, which the settlement is made of too. Added up here
 * page by page, a payment between two pages would be missed or be there twice.
 */
export function ofDay(day: DayTotals): Totals {
  const [gross, refunded] = [BigInt(day.gross_minor), BigInt(day.refunded_minor)]
  return {
    currency: day.currency,
    payments: day.payments,
    gross,
    refunds: day.refunds,
    refunded,
    fees: BigInt(day.fees_minor) - BigInt(day.fees_returned_minor),
    net: BigInt(day.net_minor),
    other: BigInt(day.balance_change_minor) - gross + refunded,
  }
}

/** Totals of some entries, a currency each, in the order in which they come. */
export function ofEntries(entries: Entry[]): Totals[] {
  const found = new Map<string, Totals>()
  for (const { kind, money, fee, balance_change_minor: change } of entries) {
    const sums = found.get(money.currency) ?? nothing(money.currency)
    found.set(money.currency, sums)
    if (kind === 'payment') {
      sums.payments += 1
      sums.gross += BigInt(money.minor)
      sums.fees += BigInt(fee.minor)
    } else if (kind === 'refund') {
      sums.refunds += 1
      sums.refunded += BigInt(money.minor)
      sums.fees -= BigInt(fee.minor)
    }
    const taken = kind === 'payment' ? BigInt(money.minor) : kind === 'refund' ? -BigInt(money.minor) : 0n
    sums.other += BigInt(change) - taken
    sums.net = sums.gross - sums.refunded - sums.fees
  }
  return [...found.values()]
}
