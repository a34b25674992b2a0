import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { site } from '../site'
import Bars from './Bars.svelte'
import ListEnd from './ListEnd.svelte'
import SaveCsv from './SaveCsv.svelte'
import type { Column } from './column'
import Table from './Table.svelte'

beforeAll(() => { Object.assign(site, { name: 'Test', currencies: { EUR: 2 } }) })
afterEach(cleanup)

describe('a table', () => {
  const columns: Column<unknown>[] = [
    { name: 'Movement', text: String },
    { name: 'Fee', text: () => '0.10', isFigure: true, has: row => row === 'Payment' },
  ]

  it('names its columns and its rows for those who hear it', () => {
    render(Table, { caption: 'Entries', columns, rows: ['Payment', 'Payout'] })
    const table = screen.getByRole('table', { name: 'Entries' })
    expect(within(table).getAllByRole('columnheader').map(one => one.textContent)).toEqual(['Movement', 'Fee'])
    expect(within(table).getAllByRole('rowheader').map(one => one.textContent?.trim())).toEqual(['Payment', 'Payout'])
    const [fee, none] = within(table).getAllByRole('cell')
    expect(fee?.classList).toContain('figure')
    expect([fee?.classList.contains('none'), none?.classList.contains('none')]).toEqual([false, true])
  })
})

describe('a plot of bars', () => {
  it('says in a table what it draws, and draws nothing for nothing', () => {
    const bars = [{ name: 'Monday', short: '1', minor: 1_250n }, { name: 'Tuesday', short: '', minor: 0n }, { name: 'Wednesday', short: '3', minor: -300n }]
    const { container } = render(Bars, { title: 'Taken', bars, currency: 'EUR', names: 'Day', amounts: 'Amount' })
    expect(within(screen.getByRole('table', { name: 'Taken' })).getAllByRole('cell').map(one => one.textContent))
      .toEqual(['€12.50', '€0.00', '−€3.00'])
    expect([...container.querySelectorAll('rect')].map(one => Number(one.getAttribute('height')) > 0)).toEqual([true, false, true])
    expect(container.innerHTML).not.toContain('style=')
  })
})

describe('the end of a list', () => {
  let sight: (seen: { isIntersecting: boolean }[]) => void = () => undefined
  let watched = 0
  beforeEach(() => {
    watched = 0
    vi.stubGlobal('IntersectionObserver', class {
      constructor(told: typeof sight) { sight = told }
      observe() { watched += 1 }
      disconnect() { watched -= 1 }
    })
  })
  afterEach(() => { vi.unstubAllGlobals() })

  it('asks for more when it comes into sight, and by a tap', async () => {
    const onmore = vi.fn()
    render(ListEnd, { onmore, isLoading: false })
    sight([{ isIntersecting: false }])
    expect(onmore).toHaveBeenCalledTimes(0)
    sight([{ isIntersecting: true }])
    expect(onmore).toHaveBeenCalledTimes(1)
    await fireEvent.click(screen.getByRole('button'))
    expect(onmore).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['while it is held', { isLoading: false, isHeld: true }, 1],
    ['while a page is on its way', { isLoading: true }, 0],
  ])('is not watched %s', async (_, props, taps) => {
    const onmore = vi.fn()
    render(ListEnd, { onmore, ...props })
    expect(watched).toBe(0)
    await fireEvent.click(screen.getByRole('button'))
    expect(onmore).toHaveBeenCalledTimes(taps)
  })
})

describe('a file to be saved', () => {
  it('is asked for again after a failure, which is said', async () => {
    const ask = vi.fn(() => Promise.resolve({ ok: false as const, trouble: { isUnknown: false } }))
    render(SaveCsv, { name: 'day', ask })
    await fireEvent.click(screen.getByRole('button', { name: 'Save as CSV' }))
    await screen.findByRole('alert')
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(ask).toHaveBeenCalledTimes(2)
  })
})
