import { describe, expect, it } from 'vitest'
import type { Outcome } from '../api/client'
import { Attempt } from './attempt'

const done: Outcome<string> = { ok: true, data: 'done' }
const unknown: Outcome<string> = { ok: false, trouble: { isUnknown: true } }
const refused: Outcome<string> = { ok: false, trouble: { isUnknown: false } }

function recorded(...outcomes: Outcome<string>[]) {
  const sent: [string, string][] = []
  const attempt = new Attempt((body: string, key) => {
    sent.push([body, key])
    return Promise.resolve(outcomes[sent.length - 1] ?? done)
  })
  return { attempt, sent }
}

describe('an attempt', () => {
  it('sends once when it is tapped twice', async () => {
    const { attempt, sent } = recorded(done)
    const [first, second] = await Promise.all([attempt.send('5'), attempt.send('5')])
    expect([first, second, sent.length]).toEqual([done, undefined, 1])
    expect(await attempt.send('5')).toBeUndefined()
    expect(attempt.state).toBe('done')
  })

  it('asks the very same again under the same key while the answer is unknown', async () => {
    const { attempt, sent } = recorded(unknown, unknown, done)
    await attempt.send('5')
    expect(attempt.state).toBe('unknown')
    await attempt.send('6 is not what was asked')
    await attempt.send('7 neither')
    expect(sent.map(([body]) => body)).toEqual(['5', '5', '5'])
    expect(new Set(sent.map(([, key]) => key)).size).toBe(1)
  })

  it('has a new key after a refusal, and takes what was changed', async () => {
    const { attempt, sent } = recorded(refused, done)
    await attempt.send('5')
    expect(attempt.state).toBe('open')
    await attempt.send('4')
    expect(sent.map(([body]) => body)).toEqual(['5', '4'])
    expect(sent[0]?.[1]).not.toBe(sent[1]?.[1])
  })
})
