import { decimalSeparator } from '../kit/money'

/** A price lasts a minute or so. Where it seems to be over at once, or to last for ever, the device's clock is wrong. */
const LASTS_SECONDS_MAX = 600

/** How long an offer is good; `undefined` where the clock cannot be believed. */
export function secondsLeft(expiresAt: string, now: number): number | undefined {
  const seconds = Math.ceil((Date.parse(expiresAt) - now) / 1000)
  return seconds > 0 && seconds <= LASTS_SECONDS_MAX ? seconds : undefined
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
