import { describe, expect, it } from 'vitest'
import { axisOf, barOf, noughtOf, roundUp } from './bars'

describe('an axis', () => {
  it.each([
    [0n, 1n],
    [1n, 1n],
    [3n, 5n],
    [10n, 10n],
    [11n, 20n],
    [4_999n, 5_000n],
    [5_001n, 10_000n],
    [123_456_789_012_345_678_901n, 200_000_000_000_000_000_000n],
  ])('of %s ends at %s', (size, expected) => {
    expect(roundUp(size)).toBe(expected)
  })

  it.each([
    ['nothing', [], { top: 1n, bottom: 0n }],
    ['noughts', [0n, 0n], { top: 1n, bottom: 0n }],
    ['sales', [120n, 0n, 480n], { top: 500n, bottom: 0n }],
    ['an hour with more refunds than sales', [1_000n, -300n], { top: 1_000n, bottom: -500n }],
    ['refunds alone', [-7n], { top: 0n, bottom: -10n }],
  ])('holds %s', (_, amounts, expected) => {
    expect(axisOf(amounts)).toEqual(expected)
  })
})

describe('a bar', () => {
  const sales = { top: 500n, bottom: 0n }
  const both = { top: 1_000n, bottom: -1_000n }

  it.each([
    ['the top', 500n, sales, { y: 0, height: 1_000 }],
    ['a half', 250n, sales, { y: 500, height: 500 }],
    ['nothing', 0n, sales, { y: 1_000, height: 0 }],
    ['a cent of much, which is still seen', 1n, { top: 1_000_000n, bottom: 0n }, { y: 992, height: 8 }],
    ['a refund, downwards', -500n, both, { y: 500, height: 250 }],
    ['a sale beside refunds', 500n, both, { y: 250, height: 250 }],
  ])('of %s', (_, amount, axis, expected) => {
    expect(barOf(amount, axis)).toEqual(expected)
  })

  it('stands on nought', () => {
    expect([noughtOf(sales), noughtOf(both), noughtOf({ top: 0n, bottom: -10n })]).toEqual([1_000, 500, 0])
  })
})
