import { cleanup, fireEvent, render, screen } from '@testing-library/svelte'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { site } from '../site'
import AmountPad from './AmountPad.svelte'
import Amount from './Amount.svelte'
import type { Money } from './money'
import TroubleView from './TroubleView.svelte'

beforeAll(() => { Object.assign(site, { name: 'Test', currencies: { EUR: 2, KRW: 0 } }) })
afterEach(cleanup)

describe('the kit', () => {
  it('has a pad that offers what the currency has: a point, or two noughts', async () => {
    const heard: Money[] = []
    render(AmountPad, { currency: 'EUR', onchange: (money: Money) => heard.push(money) })
    for (const key of ['1', '.', '5']) await fireEvent.click(screen.getByRole('button', { name: key }))
    await fireEvent.keyDown(window, { key: '7' })
    expect(heard.at(-1)).toEqual({ currency: 'EUR', minor: '157' })
    expect(screen.queryByRole('button', { name: '00' })).toBeNull()
    cleanup()
    render(AmountPad, { currency: 'KRW', onchange: (money: Money) => heard.push(money) })
    for (const key of ['5', '00']) await fireEvent.click(screen.getByRole('button', { name: key }))
    expect(heard.at(-1)).toEqual({ currency: 'KRW', minor: '500' })
    expect(screen.queryByRole('button', { name: '.' })).toBeNull()
  })

  it('shows nothing of an amount that is hidden', () => {
    const { container } = render(Amount, { money: { currency: 'EUR', minor: '1250' }, hidden: true })
    expect(container.textContent).not.toMatch(/\d/)
  })

  it.each([
    { code: 'balance_not_enough', parts: ['There is not enough money', 'Nothing moved by this', 'Choose a smaller amount'], not: 'Top up.' },
    { code: 'of_a_later_server', parts: ['That did not work', 'the detail', 'It is held.', 'Top up.'], not: 'Nothing moved' },
  ])('says of $code where the money is, what to do, and its code', ({ code, parts, not }) => {
    render(TroubleView, {
      trouble: {
        isUnknown: false,
        problem: {
          type: `/problems/${code}`, title: 't', status: 402, code: code as 'busy', detail: 'the detail', money: 'It is held.', what_to_do: 'Top up.',
        },
      },
    })
    const said = screen.getByRole('alert').textContent
    for (const part of [...parts, code]) expect(said).toContain(part)
    expect(said).not.toContain(not)
  })

  it('says of a lost answer that asking again is safe', () => {
    render(TroubleView, { trouble: { isUnknown: true }, wasAsked: true, onagain: () => undefined })
    expect(screen.getByRole('alert').textContent).toContain('not done twice')
    expect(screen.getByRole('button').textContent).toContain('Ask again')
  })
})
