import { describe, expect, it } from 'vitest'
import { percentText, rateText, secondsLeft } from './offer'

describe('an offer', () => {
  it.each([
    ['0.20569760406', 'en', '0.205697'],
    ['0.20569760406', 'de', '0,205697'],
    ['4.8614999999', 'en', '4.86149'],
    ['0.025', 'en', '0.025'],
    ['0.0000123456789', 'en', '0.0000123456'],
    ['1450.123456', 'en', '1450.12'],
    ['1234567.89', 'en', '1234567'],
    ['1', 'en', '1'],
  ])('rate %s in %s is %s', (rate, locale, expected) => {
    expect(rateText(rate, locale)).toBe(expected)
  })

  it.each([[50, 'en', '0.5'], [50, 'de', '0,5'], [125, 'en', '1.25'], [100, 'en', '1'], [0, 'en', '0'], [5, 'en', '0.05']])(
    '%i basis points in %s are %s per cent', (points, locale, expected) => {
      expect(percentText(points, locale)).toBe(`${expected}\u00a0%`)
    },
  )

  it.each([
    [60, 0, 60], [60, 1, 60], [60, 1_000, 59], [60, 59_001, 1], [60, 60_000, 0], [60, 3_600_000, 0], [0, 0, 0],
  ])('of which %d s were left %d ms ago has %d s left', (given, agoMs, expected) => {
    expect(secondsLeft(given, 5_000, 5_000 + agoMs)).toBe(expected)
  })
})
