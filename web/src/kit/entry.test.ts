import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOf, minorTyped, press, typedMinor, type PadKey } from './entry'

const KEYS: PadKey[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '00', '.', 'back', 'clear']

const type = (keys: string, digits: number) =>
  keys.split(' ').reduce((typed, key) => press(typed, key as PadKey, digits), '')

describe('an amount that is typed', () => {
  it.each([
    ['1 2 . 5', 2, '12.5', 1250n],
    ['1 2 . 5 0 9', 2, '12.50', 1250n],
    ['. 0 5', 2, '0.05', 5n],
    ['0 0 7', 2, '7', 700n],
    ['1 00', 0, '100', 100n],
    ['1 . 5', 0, '15', 15n],
    ['1 . 2 3 4 5', 3, '1.234', 1234n],
    ['1 . . 5', 2, '1.5', 150n],
    ['1 2 back', 2, '1', 100n],
    ['. back', 2, '', 0n],
    ['1 . 5 back back', 2, '1', 100n],
    ['5 clear', 2, '', 0n],
    ['1 2 3 4 5 6 7 8 9 0 1 2 3', 2, '12345678901', 1234567890100n],
  ])('%s with %s digits shows %s', (keys, digits, shown, minor) => {
    const typed = type(keys, digits)
    expect([typed, typedMinor(typed, digits)]).toEqual([shown, minor])
  })

  it('is always an amount of the currency, whatever is pressed', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...KEYS), { maxLength: 40 }), fc.integer({ min: 0, max: 4 }), (keys, digits) => {
      const typed = keys.reduce((before, key) => press(before, key, digits), '')
      expect(typed).toMatch(digits === 0 ? /^\d{0,11}$/ : new RegExp(`^(\\d{1,11}(\\.\\d{0,${digits}})?)?$`))
      expect(typedMinor(typed, digits) >= 0n).toBe(true)
    }))
  })

  it.each([[1250n, 2, '12.50'], [5n, 2, '0.05'], [900n, 0, '900'], [5n, 3, '0.005'], [0n, 2, '0.00']])(
    '%s with %s digits would be typed as %s', (minor, digits, typed) => {
      expect(minorTyped(minor, digits)).toBe(typed)
      expect(typedMinor(typed, digits)).toBe(minor)
    },
  )

  it('takes the keys of a keyboard, the comma too', () => {
    expect(['7', ',', '.', 'Backspace', 'Escape', 'a', 'F1', '٣'].map(keyOf))
      .toEqual(['7', '.', '.', 'back', 'clear', undefined, undefined, undefined])
  })
})
