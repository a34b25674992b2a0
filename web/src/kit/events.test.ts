import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { followEvents, isStanding, leaveEvents, MessageReader, onEvent, type ServerEvent } from './events'
import { watch } from './watching'

const bytes = (text: string) => new TextEncoder().encode(text)

const STREAM = [
  ': hello\n\n', 'id: a\ndata: {"x":"Kåre → 元"}\n\n', 'id:b\r\ndata:1\r\ndata: 2\r\n\r\n', 'event: other\rid: c\rdata\r\r',
  'id: d\n\n', 'retry: 5\ndata: no id\n\n', 'id: cut\ndata: never ended\n',
].join('')

const READ = [
  { id: 'a', data: '{"x":"Kåre → 元"}' }, { id: 'b', data: '1\n2' }, { id: 'c', data: '' }, { id: 'd', data: undefined },
  { id: undefined, data: 'no id' },
]

describe('the reader of messages', () => {
  it('reads the same wherever the stream is cut', () => {
    const all = bytes(STREAM)
    fc.assert(fc.property(fc.array(fc.nat(all.length)), cuts => {
      const reader = new MessageReader()
      const edges = [0, ...cuts.sort((a, b) => a - b), all.length]
      const found = edges.slice(1).flatMap((to, index) => reader.push(all.slice(edges[index], to)))
      expect(found).toEqual(READ)
    }))
    const reader = new MessageReader()
    expect([...all].flatMap(byte => reader.push(Uint8Array.of(byte)))).toEqual(READ)
  })
})

/** A server of streams: each connection is there to be written to, cut and refused. */
class Server {
  requests: Headers[] = []
  signals: AbortSignal[] = []
  refusals: (Response | Error)[] = []
  #writers: ReadableStreamDefaultController<Uint8Array>[] = []

  constructor() {
    vi.stubGlobal('fetch', (_: string, request: RequestInit) => {
      this.requests.push(request.headers as Headers)
      const refusal = this.refusals.shift()
      if (refusal instanceof Error) return Promise.reject(refusal)
      if (refusal !== undefined) return Promise.resolve(refusal)
      const signal = request.signal as AbortSignal
      this.signals.push(signal)
      return Promise.resolve(new Response(new ReadableStream({
        start: writer => {
          this.#writers.push(writer)
          signal.addEventListener('abort', () => writer.error(new Error('aborted')))
        },
      })))
    })
  }

  async write(text: string): Promise<void> {
    this.#writers.at(-1)?.enqueue(bytes(text))
    await vi.advanceTimersByTimeAsync(0)
  }

  async cut(): Promise<void> {
    this.#writers.at(-1)?.close()
    await vi.advanceTimersByTimeAsync(0)
  }
}

const event = (id: string) => `id: ${id}\ndata: {"id":"${id}","type":"wallet.money_sent"}\n\n`

describe('the stream of events', () => {
  let server: Server
  let heard: (string | undefined)[]
  let isHidden: boolean
  let leave: () => void
  const asker = { authorise: (headers: Headers) => { headers.set('authorization', 'Bearer t'); return 7 }, ended: vi.fn() }

  beforeEach(() => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    isHidden = false
    vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden)
    asker.ended.mockReset()
    server = new Server()
    heard = []
    leave = onEvent((one?: ServerEvent) => { heard.push(one?.id) })
  })

  afterEach(() => {
    leave()
    leaveEvents()
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  async function begin(): Promise<void> {
    followEvents(asker)
    await vi.advanceTimersByTimeAsync(0)
  }

  it('shows who asks, and tells every event', async () => {
    await begin()
    expect([server.requests[0]?.get('authorization'), server.requests[0]?.get('last-event-id')]).toEqual(['Bearer t', null])
    expect([isStanding(), heard]).toEqual([true, [undefined]])
    await server.write(event('1') + 'id: 2\n\ndata: not JSON\n\n' + event('3'))
    expect(heard).toEqual([undefined, '1', '3'])
  })

  it('goes on behind the last id after a break', async () => {
    await begin()
    await server.write(event('1') + 'id: 2\n\n')
    await server.cut()
    expect(isStanding()).toBe(false)
    await vi.advanceTimersByTimeAsync(499)
    expect(server.requests.length).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(server.requests[1]?.get('last-event-id')).toBe('2')
    expect(heard).toEqual([undefined, '1', undefined, undefined])
  })

  it('waits longer each time that it fails, and as long as the server says', async () => {
    server.refusals = [
      new Error('cut'), new Response('', { status: 502 }), new Response('', { status: 429, headers: { 'retry-after': '60' } }),
      ...Array.from({ length: 4 }, () => new Error('cut')),
    ]
    await begin()
    const at: number[] = []
    for (let second = 0; second < 150; second += 0.5) {
      while (at.length < server.requests.length) at.push(second)
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(at).toEqual([0, 0.5, 1.5, 61.5, 66.5, 76.5, 106.5, 136.5])
  })

  it('takes silence for a break', async () => {
    await begin()
    for (let beat = 0; beat < 10; beat += 1) {
      await vi.advanceTimersByTimeAsync(10_000)
      await server.write(`id: ${beat}\n\n`)
    }
    expect(server.requests.length).toBe(1)
    await vi.advanceTimersByTimeAsync(26_000)
    expect(server.requests.length).toBe(2)
    expect(server.requests[1]?.get('last-event-id')).toBe('9')
  })

  it('begins from now when the server does not know the place', async () => {
    await begin()
    await server.write('id: old\n\n')
    server.refusals = [new Response('', { status: 422 })]
    await server.cut()
    await vi.advanceTimersByTimeAsync(2000)
    expect(server.requests.map(headers => headers.get('last-event-id'))).toEqual([null, 'old', null])
  })

  it('stops while the page is hidden, and catches up when it is seen', async () => {
    await begin()
    await server.write(event('1'))
    isHidden = true
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(600_000)
    expect([server.requests.length, server.signals[0]?.aborted, isStanding()]).toEqual([1, true, false])
    isHidden = false
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(0)
    expect([server.requests.length, server.requests[1]?.get('last-event-id'), isStanding()]).toEqual([2, '1', true])
  })

  it('ends with the session: signed out here, or refused there', async () => {
    await begin()
    leaveEvents()
    await vi.advanceTimersByTimeAsync(600_000)
    expect([server.requests.length, server.signals[0]?.aborted, isStanding()]).toEqual([1, true, false])
    server.refusals = [new Response('', { status: 401 })]
    await begin()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(server.requests.length).toBe(2)
    expect(asker.ended).toHaveBeenCalledExactlyOnceWith(7)
  })

  it('makes a watch look at once, and seldom otherwise', async () => {
    let looks = 0
    let finish = () => {}
    const stop = watch(() => new Promise(resolve => { looks += 1; finish = () => resolve(false) }), 1000)
    const look = async (ms: number) => { finish(); await vi.advanceTimersByTimeAsync(ms) }
    await look(0)
    await look(1000)
    expect(looks).toBe(2)
    await look(0)
    await begin()
    expect(looks).toBe(3)
    // Two events while a look is under way: one more look, and no more.
    await server.write(event('1') + event('2'))
    expect(looks).toBe(3)
    await look(0)
    expect(looks).toBe(4)
    await look(20_000)
    await server.write('id: 3\n\n')
    expect(looks).toBe(4)
    await look(10_000)
    expect(looks).toBe(5)
    await look(0)
    await server.cut()
    expect(looks).toBe(6)
    stop()
    await look(60_000)
    expect(looks).toBe(6)
  })
})
