import { decimalSeparator } from '../kit/money'

/**
 * How long an offer is good, whole seconds. `given`: what the server said was left, `heardAt`: when that was heard, `now`: both by the
 * clock that only runs (`performance.now()`), in milliseconds. What time the phone thinks it is plays no part.
 */
export function secondsLeft(given: number, heardAt: number, now: number): number {
  return Math.max(0, Math.ceil(given - (now - heardAt) / 1000))
}

/** Figures of a rate that are shown: cut off, not rounded, as the server has cut it. */
const RATE_FIGURES = 6

/** A decimal number of the server's as text, six significant figures of it. */
export function rateText(rate: string, locale: string): string {
  const [whole = '0', decimals = ''] = rate.split('.')
  const zeros = whole === '0' ? (/^0*/.exec(decimals)?.[0].length ?? 0) : -whole.length
  const shown = decimals.slice(0, Math.max(0, RATE_FIGURES + zeros)).replace(/0+$/, '')
  return shown === '' ? whole : whole + decimalSeparator(locale) + shown
}

/** Basis points as per cent, which no line breaks. */
export function percentText(basisPoints: number, locale: string): string {
  const decimals = String(basisPoints % 100).padStart(2, '0').replace(/0+$/, '')
  const whole = String(Math.trunc(basisPoints / 100))
  return `${decimals === '' ? whole : whole + decimalSeparator(locale) + decimals}\u00a0%`
}
