import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minorOf, moneyParts, moneyText } from './money'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ').replace(/[\u200e\u200f\u061c]/g, '')

describe('an amount', () => {
  // Decimals are those of ISO 4217, also where browsers think otherwise (PKR, IDR, HUF).
  it.each([
    [1250n, 'EUR', 2, 'en', '€12.50'],
    [5n, 'EUR', 2, 'en', '€0.05'],
    [-5n, 'EUR', 2, 'en', '−€0.05'],
    [123456789n, 'PKR', 2, 'en', 'PKR 1,234,567.89'],
    [100n, 'IDR', 2, 'en', 'IDR 1.00'],
    [100n, 'HUF', 2, 'en', 'HUF 1.00'],
    [1250n, 'KRW', 0, 'en', '₩1,250'],
    [1250n, 'KWD', 3, 'en', 'KWD 1.250'],
    [1250n, 'CNY', 2, 'zh', '¥12.50'],
    [1250n, 'THB', 2, 'th', '฿12.50'],
    [9007199254740993n, 'EUR', 2, 'en', '€90,071,992,547,409.93'],
  ])('%s of %s with %s digits in %s is %s', (minor, currency, digits, locale, text) => {
    expect(plain(moneyText(minor, currency, digits, locale))).toBe(text)
  })

  it('has exactly its digits and loses none, in every language', () => {
    const locale = fc.constantFrom('en', 'zh', 'th', 'ur', 'de', 'ar')
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.integer({ min: 0, max: 4 }), locale, (minor, digits, tag) => {
      const parts = moneyParts(minor, 'EUR', digits, tag)
      const figures = parts.filter(part => part.kind === 'figure' || part.kind === 'fraction').map(part => part.text).join('')
      expect(BigInt(figures.replace(/\D/g, ''))).toBe(minor)
      const fraction = parts.find(part => part.kind === 'fraction')?.text ?? ''
      expect(fraction.replace(/\D/g, '').length).toBe(digits)
    }))
  })

  it('shows the decimals that are typed so far', () => {
    const shown = (fraction: string | null) => moneyParts(1200n, 'EUR', 2, 'en', fraction).map(part => part.text).join('')
    expect([shown(null), shown(''), shown('5'), shown('50')]).toEqual(['€12', '€12.', '€12.5', '€12.50'])
  })

  it('that is not digits is refused', () => {
    for (const minor of ['', '1.5', '1e3', 'NaN', ' 1', '--1', '9'.repeat(31)]) {
      expect(() => minorOf({ currency: 'EUR', minor })).toThrow()
    }
    expect(minorOf({ currency: 'EUR', minor: '-12' })).toBe(-12n)
  })
})
