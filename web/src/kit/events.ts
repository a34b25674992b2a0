import type { components } from '../api/schema'

/** What happened, as the server's stream says it. */
export type ServerEvent = components['schemas']['Event']

/** A message of a stream: its id, and its data if it has any. */
export interface Message {
  id: string | undefined
  data: string | undefined
}

/**
 * Reads server-sent events (WHATWG HTML, section 9.2) out of pieces that may be cut anywhere. `EventSource` cannot be used: it
 * sends no header, so no token, and says nothing of why it was refused.
 */
export class MessageReader {
  #decoder = new TextDecoder()
  #rest = ''
  #id: string | undefined
  #data: string[] = []

  /** The messages that end in this piece. One without data only says how far the stream is. */
  push(piece: Uint8Array): Message[] {
    this.#rest += this.#decoder.decode(piece, { stream: true })
    const found: Message[] = []
    for (;;) {
      const end = /\r\n|\n|\r/.exec(this.#rest)
      // A carriage return at the very end may be half of a line's end.
      if (end === null || (end[0] === '\r' && end.index === this.#rest.length - 1)) return found
      const line = this.#rest.slice(0, end.index)
      this.#rest = this.#rest.slice(end.index + end[0].length)
      if (line !== '') this.#take(line)
      else if (this.#id !== undefined || this.#data.length > 0) {
        found.push({ id: this.#id, data: this.#data.length > 0 ? this.#data.join('\n') : undefined })
        this.#id = undefined
        this.#data = []
      }
    }
  }

  #take(line: string): void {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'id') this.#id = value
    else if (name === 'data') this.#data.push(value)
  }
}

/** Hears an event; without one: the stream stands anew or no longer, so look whether something was missed. */
export type Hearer = (event?: ServerEvent) => void

/** Proves who asks, as the client of the API does it. */
export interface Asker {
  authorise: (headers: Headers) => number
  ended: (asker: number) => void
}

/** The server sends something every 10 s; a stream that is silent for longer than this is broken, whatever the network says. */
const SILENT_MS = 25_000

/** Pauses before the stream is opened again; the last one is that of all further attempts. */
const PAUSES_MS = [500, 1000, 2000, 5000, 10_000, 30_000]

const hearers = new Set<Hearer>()

let asker: Asker | undefined
let lastId: string | undefined
let standsNow = false
let failures = 0
let connection: AbortController | undefined
let timer: ReturnType<typeof setTimeout> | undefined

/** Calls `hear` with every event of who is signed in, until the returned function is called. */
export function onEvent(hear: Hearer): () => void {
  hearers.add(hear)
  return () => { hearers.delete(hear) }
}

/** Whether events come by themselves now. */
export function isStanding(): boolean {
  return standsNow
}

/** Begins to follow the events of whoever is signed in from now on, while the page is seen. */
export function followEvents(who: Asker): void {
  leaveEvents()
  asker = who
  document.addEventListener('visibilitychange', seen)
  addEventListener('online', retry)
  open()
}

/** Follows nobody's events. Nobody is told: whoever would look now would ask without being signed in. */
export function leaveEvents(): void {
  asker = undefined
  standsNow = false
  lastId = undefined
  failures = 0
  document.removeEventListener('visibilitychange', seen)
  removeEventListener('online', retry)
  close()
}

function seen(): void {
  if (document.hidden) close()
  else retry()
}

/** There is a reason to think that it works now. */
function retry(): void {
  if (connection !== undefined && standsNow) return
  failures = 0
  close()
  open()
}

function close(): void {
  clearTimeout(timer)
  connection?.abort()
  connection = undefined
  stands(false)
}

function stands(is: boolean): void {
  if (standsNow === is) return
  standsNow = is
  tell()
}

function tell(event?: ServerEvent): void {
  for (const hear of [...hearers]) hear(event)
}

function open(): void {
  const who = asker
  if (who === undefined || connection !== undefined || document.hidden) return
  const mine = new AbortController()
  connection = mine
  void follow(who, mine).then(pause => {
    if (connection !== mine) return
    connection = undefined
    clearTimeout(timer)
    stands(false)
    if (pause !== undefined) timer = setTimeout(open, pause)
  })
}

/** Reads one connection to its end. How long to wait before the next; `undefined`: there is to be none. */
async function follow(who: Asker, mine: AbortController): Promise<number | undefined> {
  const headers = new Headers({ accept: 'text/event-stream' })
  const number = who.authorise(headers)
  if (lastId !== undefined) headers.set('last-event-id', lastId)
  let notBeforeMs = 0
  try {
    alive(mine)
    const answer = await fetch('/api/v1/events/stream', {
      headers, cache: 'no-store', credentials: 'same-origin', signal: mine.signal,
    })
    if (mine !== connection) return undefined
    if (answer.ok && answer.body !== null) await listen(answer.body, mine)
    else if (answer.status === 401) {
      who.ended(number)
      return undefined
    } else {
      // A place that the server does not know (another server stands there now): from now on, then.
      if (answer.status === 422) lastId = undefined
      notBeforeMs = Number(answer.headers.get('retry-after') ?? '') * 1000
    }
  } catch {
    // Cut, silent for too long, or not reached: the pause grows.
  }
  const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0
  failures += 1
  // Not all at once when a server comes back.
  return Math.max(notBeforeMs, pause * (0.75 + Math.random() / 2))
}

async function listen(body: ReadableStream<Uint8Array>, mine: AbortController): Promise<void> {
  const messages = new MessageReader()
  const reader = body.getReader()
  stands(true)
  for (;;) {
    const { done, value } = await reader.read()
    if (mine !== connection || done) return
    alive(mine)
    for (const { id, data } of messages.push(value)) {
      failures = 0
      if (id !== undefined) lastId = id
      if (data !== undefined) hear(data)
      // Somebody who heard it has signed out.
      if (mine !== connection) return
    }
  }
}

function hear(data: string): void {
  let event: ServerEvent
  try {
    event = JSON.parse(data) as ServerEvent
  } catch {
    return
  }
  tell(event)
}

/** Gives the connection up unless something comes soon. */
function alive(mine: AbortController): void {
  clearTimeout(timer)
  timer = setTimeout(() => { mine.abort() }, SILENT_MS)
}
