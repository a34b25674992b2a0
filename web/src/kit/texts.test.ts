import { expect, it } from 'vitest'
import { grouped, masked, partyNumber, payCode } from './texts'

it('numbers are grouped, masked and recognised', () => {
  expect(grouped('2088070000000000')).toBe('2088 0700 0000 0000')
  expect(masked('283362877362179069417')).toBe('2833 •••• •••• 9417')
  expect(partyNumber(' 2088 0700 0000 0000 ')).toBe('2088070000000000')
  for (const bad of ['', '208807000000000', '20880700000000000', '2087070000000000', '2088O70000000000']) {
    expect(partyNumber(bad)).toBeUndefined()
  }
  // 18 to 24 digits that begin with 25 to 30.
  for (const good of ['250000000000000000', '300000000000000000000000']) expect(payCode(good)).toBe(good)
  for (const bad of ['240000000000000000', '310000000000000000', '25000000000000000', '2500000000000000000000000']) {
    expect(payCode(bad)).toBeUndefined()
  }
})
