import { describe, expect, it } from 'vitest'
import { randomDigits } from './chance'
import { isEasyPin, isPin, loginOf } from './pin'

describe('what people sign in with', () => {
  it.each([
    ['739164', true, false], ['112233', true, false], ['000000', true, true], ['123456', true, true], ['987654', true, true],
    ['012345', true, true], ['73916', false, false], ['7391644', false, false], ['٧٣٩١٦٤', false, false], ['', false, true],
  ])('the PIN %s', (pin, is, isEasy) => {
    expect([isPin(pin), isEasyPin(pin)]).toEqual([is, isEasy])
  })

  it.each([
    [' +33 6 12-34-56-78', '+33612345678'], ['2088 0700 0000 0000', '2088070000000000'], ['123456', '123456'],
    ['12345', undefined], ['+2088070000000000', undefined], ['anna', undefined], ['', undefined],
  ])('the number %s', (text, login) => {
    expect(loginOf(text)).toBe(login)
  })

  it('digits by chance', () => {
    expect(randomDigits(500)).toMatch(/^[0-9]{500}$/)
    expect(new Set(randomDigits(500)).size).toBe(10)
  })
})
