import { afterEach, describe, expect, it, vi } from 'vitest'
import { session } from '../session.svelte'
import { ask, proveBy, read, readCsv, remove, troubleOf } from './client'

const problem = (status: number, code: string) => ({
  type: `/problems/${code}`, title: '', status, code, detail: '', money: '', what_to_do: '',
})

/** Answers in turn: an error is no answer, a text is no JSON. */
function answers(...list: (Response | Error)[]) {
  const seen: Request[] = []
  vi.stubGlobal('fetch', (address: string, request: RequestInit) => {
    seen.push(new Request(new URL(address, 'http://localhost'), { ...request, signal: null }))
    const next = list[seen.length - 1] ?? new Error('nothing more')
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
  })
  return seen
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('the client', () => {
  it('sends the same again under the same key when no answer comes', async () => {
    vi.useFakeTimers()
    const seen = answers(new Error('cut'), new Response('<html>a proxy', { status: 502 }), json(200, { transfer: '1' }))
    const asked = ask('/send', {}, { payee: '2088', money: { currency: 'EUR', minor: '1' } }, 'key-1')
    await vi.runAllTimersAsync()
    expect(await asked).toEqual({ ok: true, data: { transfer: '1' } })
    expect(seen.map(request => request.headers.get('idempotency-key'))).toEqual(['key-1', 'key-1', 'key-1'])
    expect(new Set(await Promise.all(seen.map(request => request.text()))).size).toBe(1)
  })

  it('says that nothing is known when no answer comes at all', async () => {
    vi.useFakeTimers()
    const seen = answers()
    const asked = ask('/orders/{trade_no}/pay', { trade_no: '1' }, undefined)
    const looked = read('/balances', {})
    await vi.runAllTimersAsync()
    expect(await asked).toEqual({ ok: false, trouble: { isUnknown: true } })
    expect(await looked).toEqual({ ok: false, trouble: { isUnknown: false } })
    expect(seen.length).toBe(6)
  })

  it('does not repeat what was refused', async () => {
    const refusal = problem(402, 'balance_not_enough')
    const seen = answers(json(402, refusal))
    expect(await read('/orders/{trade_no}', { trade_no: 'a/b' })).toEqual({ ok: false, trouble: { isUnknown: false, problem: refusal } })
    expect(seen.map(request => new URL(request.url).pathname)).toEqual(['/api/v1/orders/a%2Fb'])
  })

  it('sends the very same once more when the person has proved who they are, and only then', async () => {
    const body = { payee: '2088', money: { currency: 'EUR', minor: '4000' } }
    for (const [proves, isSent] of [[true, 2], [false, 1]] as const) {
      const seen = answers(json(403, problem(403, 'proof_needed')), json(200, { transfer: '1' }))
      proveBy(() => Promise.resolve(proves))
      expect((await ask('/send', {}, body, 'key-1')).ok).toBe(proves)
      expect(seen.length).toBe(isSent)
      expect(new Set(await Promise.all(seen.map(async one => `${one.headers.get('idempotency-key')} ${await one.text()}`))).size).toBe(1)
    }
  })

  it('says when a refusal is over, and takes a wrong PIN for no end of the session', async () => {
    session.me = { party: '2088' } as typeof session.me
    const refusal = problem(401, 'sign_in_failed')
    answers(json(401, refusal), new Response(JSON.stringify(problem(429, 'sign_in_later')), {
      status: 429, headers: { 'retry-after': '60' },
    }), json(401, problem(401, 'not_authenticated')))
    const sent = { pin: '739164', new_pin: '264915' }
    expect(await ask('/pin', {}, sent)).toEqual({ ok: false, trouble: { isUnknown: false, problem: refusal } })
    const later = await ask('/pin', {}, sent)
    const wait = later.ok ? 0 : (later.trouble.notBefore?.getTime() ?? 0) - Date.now()
    expect(wait).toBeGreaterThan(59_000)
    expect(wait).toBeLessThanOrEqual(60_000)
    expect([session.me?.party, session.hasEnded]).toEqual(['2088', false])
    await remove('/tokens/{token}', { token: 'x/y' })
    expect([session.me, session.hasEnded]).toEqual([undefined, true])
  })

  it('asks with what is given, and leaves out what is not', async () => {
    const seen = answers(json(200, { items: [], next: null }), json(200, { items: [], next: null }))
    await read('/history', {}, { limit: 3, direction: 'in', from: undefined, cursor: 'a&b=c' })
    await read('/history', {}, { kind: undefined })
    expect(seen.map(request => request.url.replace('http://localhost', ''))).toEqual([
      '/api/v1/history?limit=3&direction=in&cursor=a%26b%3Dc', '/api/v1/history',
    ])
    // @ts-expect-error: there is no such direction
    const wrong: Parameters<typeof read<'/history'>>[2] = { direction: 'up' }
    // @ts-expect-error: balances are not filtered
    const none: Parameters<typeof read<'/balances'>>[2] = { direction: 'in' }
    expect([wrong, none]).toHaveLength(2)
  })

  it('reads a file as it is, a refusal as a refusal, and takes no page of a proxy for a file', async () => {
    vi.useFakeTimers()
    const refusal = problem(429, 'too_many_exports')
    const page = () => new Response('<html>', { headers: { 'content-type': 'text/html' } })
    const file = new Response('day,at\r\n', { headers: { 'content-type': 'text/csv; charset=utf-8' } })
    const seen = answers(file, json(429, refusal), page(), page(), page())
    expect(await readCsv('/history', {}, { direction: 'in' })).toEqual({ ok: true, data: 'day,at\r\n' })
    expect(await readCsv('/history', {})).toEqual({ ok: false, trouble: { isUnknown: false, problem: refusal } })
    const last = readCsv('/history', {})
    await vi.runAllTimersAsync()
    expect(await last).toEqual({ ok: false, trouble: { isUnknown: false } })
    expect(seen.map(request => request.headers.get('accept'))).toEqual(Array(5).fill('text/csv'))
  })

  it.each([
    ['POST', problem(402, 'balance_not_enough'), false],
    ['POST', problem(429, 'too_many_requests'), false],
    ['POST', problem(503, 'busy'), false],
    ['POST', problem(503, 'cell_stopped'), true],
    ['POST', problem(500, 'internal_error'), true],
    ['GET', problem(500, 'internal_error'), false],
    ['POST', { error: 'not a problem document' }, true],
    ['POST', null, true],
  ])('after %s %j the result is unknown: %s', (method, said, isUnknown) => {
    expect(troubleOf(method, said).isUnknown).toBe(isUnknown)
  })
})
