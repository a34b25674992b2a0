import { describe, expect, it } from 'vitest'
import { readKnown, withNewest, type Known } from './lately'

const person = (number: string): Known => ({ number, name: `N${number}`, shop: 'Café' })
const people = (numbers: string) => [...numbers].map(person)
const numbers = (list: Known[]) => list.map(known => known.number).join('')

describe('who has signed in at this counter', () => {
  it.each([
    ['', '1', '1'],
    ['12', '3', '312'],
    ['123', '2', '213'],
    ['123456', '7', '712345'],
    ['123456', '6', '612345'],
  ])('of %j after %j is %j', (before, newest, after) => {
    expect(numbers(withNewest(people(before), person(newest)))).toBe(after)
  })

  it.each([
    [null, ''],
    ['', ''],
    ['{', ''],
    ['{"number":"1"}', ''],
    ['[null,{"number":1,"name":"A","shop":"B"},{"number":"2","name":"A","shop":"B"}]', '2'],
  ])('is read from %j as %j', (text, found) => {
    expect(numbers(readKnown(text))).toBe(found)
  })
})
