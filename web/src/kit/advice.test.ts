import { describe, expect, it } from 'vitest'
import document from '../../../docs/openapi.json'
import en from '../../../languages/app/en.json'
import { adviceFor } from './advice'

interface Known {
  code: string
  status: number
  meaning: string
}

describe('what to do about a problem', () => {
  const problems = (document as unknown as { 'x-problems': Known[] })['x-problems']
  const named = Object.keys(en).map(key => /^trouble\.([a-z_]+)$/.exec(key)?.[1] ?? '')
  const known = problems.filter(({ code }) => named.includes(code))

  it('is known of every problem that the app has a name for, and the other way round', () => {
    expect(known.length).toBeGreaterThan(20)
    expect(known.filter(({ code }) => adviceFor(code) === undefined)).toEqual([])
    expect(problems.filter(({ code }) => adviceFor(code) !== undefined && !named.includes(code))).toEqual([])
    expect(adviceFor('internal_error')).toBeUndefined()
    expect(adviceFor(undefined)).toBeUndefined()
  })
})
