import { describe, expect, it } from 'vitest'
import { Burst } from './burst'

const CODE = '283362877362179069417'

function typed(keys: string[], everyMs: number, burst = new Burst(), fromMs = 1000) {
  return keys.map((key, index) => burst.press(key, fromMs + index * everyMs)).at(-1)?.code
}

describe('a scanner', () => {
  it('is told from a person by its speed', () => {
    expect(typed([...CODE, 'Enter'], 8)).toBe(CODE)
    expect(typed([...CODE, 'Enter'], 120)).toBeUndefined()
    expect(typed(['1', '2', '5', 'Enter'], 8)).toBeUndefined()
  })

  it('is heard after an amount that a person has typed', () => {
    const burst = new Burst()
    typed(['1', '2', '.', '5'], 200, burst)
    expect(burst.press('2', 5000)).toEqual({ began: true })
    expect(typed([...CODE.slice(1), 'Enter'], 10, burst, 5010)).toBe(CODE)
    expect(typed([...CODE, 'Enter'], 10, burst, 9000)).toBe(CODE)
  })
})
