import { expect, it } from 'vitest'
import { countryOf, scanToPay } from './poster'

it.each([
  ['00020101021127440012org.sycee.kr0117M208805000000000002031285204599953034105802KR5910Seoul Mart6002kr63048CD5', 'KR'],
  // A name with what looks like the field is passed over by its length.
  ['0002015907x5802FR5802IT', 'IT'],
  ['0002015802fr', undefined],
  ['5899', undefined],
  ['hello', undefined],
  ['', undefined],
])('%s is of %s', (code, country) => {
  expect(countryOf(code)).toBe(country)
})

it.each([
  ['FR', 'fr'],
  ['IT', 'it'],
  ['KR', 'ko'],
  ['PK', 'ur'],
  ['TH', 'th'],
  ['CN', 'zh-Hans'],
  ['HK', 'zh-Hant'],
  ['GB', undefined],
  [undefined, undefined],
])('in %s it is said in %s', (country, tag) => {
  expect(scanToPay(country)?.tag).toBe(tag)
})
