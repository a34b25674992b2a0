import { minorTyped } from '../kit/entry'
import type { Money } from '../kit/money'
import { digitsOf } from '../site'

/** An amount that an address offers, minor units, as it would have been typed; nothing if it offers none that could be typed. */
export function offeredAmount(minor: string | undefined, currency: string): { money: Money; typed: string } | undefined {
  if (minor === undefined || !/^[1-9]\d{0,12}$/.test(minor)) return undefined
  return { money: { currency, minor }, typed: minorTyped(BigInt(minor), digitsOf(currency)) }
}
