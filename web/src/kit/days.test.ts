import { describe, expect, it } from 'vitest'
import { marketToday } from '../merchant/marketday'
import { dayAfter, dayName, groupedByDay, isDay } from './days'

describe('days', () => {
  it.each([
    ['2026-11-30', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2026-13-01', false],
    ['2026-1-01', false],
    ['yesterday', false],
    ['', false],
  ])('%j is a day: %s', (text, is) => {
    expect(isDay(text)).toBe(is)
  })

  it.each([
    // device, newest with money, today
    ['2026-11-29', undefined, '2026-11-29'],
    ['2026-11-29', '2026-11-20', '2026-11-29'],
    ['2026-12-31', '2027-01-01', '2027-01-01'],
    ['2026-11-29', '2026-12-07', '2026-12-07'],
  ])('on a device of %s whose shop took money last on %s the market has %s', (device, newest, today) => {
    expect(marketToday(device, newest)).toBe(today)
  })

  it.each([
    ['2026-03-01', -1, '2026-02-28'],
    ['2026-12-31', 1, '2027-01-01'],
  ])('%s and %d days are %s', (day, days, then) => {
    expect(dayAfter(day, days)).toBe(then)
  })

  it('have words', () => {
    expect(['2026-03-01', '2026-02-28', '2026-02-27'].map(day => dayName(day, '2026-03-01')))
      .toEqual(['Today', 'Yesterday', expect.stringContaining('Friday')])
  })

  it('make a group for each run', () => {
    const days = ['b', 'b', 'a', 'b'].map(day => ({ day }))
    expect(groupedByDay(days).map(({ day, items }) => [day, items.length])).toEqual([['b', 2], ['a', 1], ['b', 1]])
  })
})
