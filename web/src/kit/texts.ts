import { digitsOf } from '../site'
import { language } from './i18n.svelte'
import { minorOf, moneyText, type Money } from './money'

/** An amount as text in the user's language. */
export function amountText(money: Money): string {
  return moneyText(minorOf(money), money.currency, digitsOf(money.currency), language.locale)
}

/** An instant as the user's clock says it. */
export function timeText(instant: string): string {
  const format = new Intl.DateTimeFormat(language.locale, { dateStyle: 'medium', timeStyle: 'short', numberingSystem: 'latn' })
  return format.format(new Date(instant))
}

/** A long number in groups of four, as it is read aloud. */
export function grouped(number: string): string {
  return number.replace(/(.{4})(?=.)/g, '$1 ')
}

/** A long number of which only the ends are shown. */
export function masked(number: string): string {
  return `${number.slice(0, 4)} •••• •••• ${number.slice(-4)}`
}

/** The number of a customer, spaces taken out; `undefined` if it is none. */
export function partyNumber(text: string): string | undefined {
  const digits = text.replace(/\s/g, '')
  return /^2088\d{12}$/.test(digits) ? digits : undefined
}

/** The code of a customer that a shop takes, spaces taken out; `undefined` if it is none. */
export function payCode(text: string): string | undefined {
  const digits = text.replace(/\s/g, '')
  return /^(2[5-9]|30)\d{16,22}$/.test(digits) ? digits : undefined
}

const ISOLATE = '\u2068'
const END = '\u2069'

/** As one piece in a line that is read from the right, where it would be torn apart. Elsewhere it needs nothing. */
export function isolated(text: string): string {
  return language.direction === 'rtl' ? ISOLATE + text + END : text
}
