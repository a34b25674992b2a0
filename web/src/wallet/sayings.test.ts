import { describe, expect, it } from 'vitest'
import { besideApp, SAYINGS, spokenAt, type Whereabouts } from './sayings'

const home: Whereabouts = { shopCurrency: undefined, zone: 'Etc/UTC', ownCurrency: 'EUR', cell: 'fr' }

describe('the cashier’s language', () => {
  it.each<[string, Partial<Whereabouts>, string | undefined]>([
    ['by the home market, named as a language', {}, 'fr'],
    ['by the home market’s currency', { ownCurrency: 'KRW', cell: 'kr' }, 'ko'],
    ['by the zone that the phone has taken', { zone: 'Asia/Bangkok' }, 'th'],
    ['by the currency of the shop, before the zone', { zone: 'Europe/Paris', shopCurrency: 'CNY' }, 'zh'],
    ['not by a currency of many countries', { shopCurrency: 'EUR', zone: 'Europe/Rome' }, 'it'],
    ['not at all', { ownCurrency: 'CHF', cell: 'main' }, undefined],
  ])('%s', (_, known, expected) => {
    expect(spokenAt({ ...home, ...known })).toBe(expected)
  })

  it.each([['th', 'en', 'th'], ['th', 'th', 'en'], [undefined, 'zh', 'en'], [undefined, 'en', 'en'], ['zh-Hant', 'zh', 'zh-Hant']])(
    'spoken %s, the app in %s: %s', (spoken, app, expected) => {
      expect(besideApp(spoken, app)).toBe(expected)
    },
  )

  it('every language says both, and in words of its own', () => {
    for (const { scan, paid } of Object.values(SAYINGS)) expect([scan.trim(), paid.trim()]).not.toContain('')
    expect(new Set(Object.values(SAYINGS).map(one => one.scan)).size).toBe(Object.keys(SAYINGS).length)
    for (const tag of Object.keys(SAYINGS)) expect(new Intl.DisplayNames([tag], { type: 'language' }).of(tag)).not.toBe(tag)
  })
})
