import { describe, expect, it } from 'vitest'
import { isWanting, leftOf, shownNow, withShown, type Batch } from './batch'

const NOW = 1_000_000
const HOUR = 3_600_000
const batch = (rest: Partial<Batch> = {}): Batch => ({
  codes: ['281', '282'], expiresAt: NOW + 72 * HOUR, limit: { currency: 'EUR', minor: '3000' }, ...rest,
})
const shown = (until: number) => ({ digits: '280', until })

describe('a batch of payment codes', () => {
  it.each<[string, Batch | undefined, number, string | undefined]>([
    ['none', undefined, 0, undefined],
    ['fresh', batch(), 2, undefined],
    ['one shown', batch({ shown: shown(NOW + 1) }), 2, '280'],
    ['one shown a minute ago', batch({ shown: shown(NOW) }), 2, undefined],
    ['the last one shown', batch({ codes: [], shown: shown(NOW + 1) }), 0, '280'],
    ['expired', batch({ expiresAt: NOW, shown: shown(NOW + 1) }), 0, undefined],
  ])('%s: how many are left, and which is shown', (_, given, left, digits) => {
    expect([leftOf(given, NOW), shownNow(given, NOW)?.digits]).toEqual([left, digits])
  })

  it.each<[string, Batch, string | undefined, string[] | undefined]>([
    ['the first is shown and taken out', batch(), '281', ['282']],
    ['whoever comes back sees the same', batch({ shown: shown(NOW + 1) }), '280', ['281', '282']],
    ['after its minute comes the next', batch({ shown: shown(NOW) }), '281', ['282']],
    ['none is left', batch({ codes: [], shown: shown(NOW) }), undefined, undefined],
    ['all have expired', batch({ expiresAt: NOW }), undefined, undefined],
  ])('%s', (_, given, digits, rest) => {
    const after = withShown(given, NOW)
    expect([after?.shown?.digits, after?.codes]).toEqual([digits, rest])
  })

  it('a code is shown for a minute', () => {
    expect(withShown(batch(), NOW)?.shown?.until).toBe(NOW + 60_000)
  })

  it.each<[string, Batch | undefined, number, boolean]>([
    ['there is none', undefined, 5, true],
    ['it is full', batch(), 2, false],
    ['one was used', batch({ shown: shown(NOW) }), 3, true],
    ['one is being shown', batch({ shown: shown(NOW + 1) }), 3, false],
    ['it ends within a day', batch({ expiresAt: NOW + 24 * HOUR }), 2, true],
    ['it ends a little later', batch({ expiresAt: NOW + 24 * HOUR + 1 }), 2, false],
    ['it may have ended already', batch({ isDoubtful: true }), 2, true],
  ])('another is asked for where %s: %#', (_, given, full, expected) => {
    expect(isWanting(given, full, NOW)).toBe(expected)
  })
})
