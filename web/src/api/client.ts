import type { components, paths } from './schema'
import { authorise, ended } from '../session.svelte'

/** A problem document of the server (RFC 9457). */
export type Problem = components['schemas']['Problem']

/** Why something was not done, or is not known to be. */
export interface Trouble {
  /** It was sent, and whether it was done is not known. Asking the same again under the same key is safe. */
  isUnknown: boolean
  /** What the server said; without it no answer came that could be read. */
  problem?: Problem
  /** Before this nothing else will be answered (`Retry-After`). */
  notBefore?: Date
}

/** What came of a request. */
export type Outcome<Data> = { ok: true; data: Data } | { ok: false; trouble: Trouble }

type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]
export type Order = Schema<'OrderView'>

type Methods = 'get' | 'post' | 'delete'

type PathsOf<Method extends Methods> = {
  [Path in keyof paths]: paths[Path][Method] extends { responses: unknown } ? Path : never
}[keyof paths]

type Reply<Path extends keyof paths, Method extends Methods> =
  paths[Path][Method] extends { responses: { 200: { content: { 'application/json': infer Data } } } } ? Data : never

/** Paths whose list can also be had as CSV. */
type CsvPaths = {
  [Path in PathsOf<'get'>]: paths[Path]['get'] extends { responses: { 200: { content: { 'text/csv': string } } } } ? Path : never
}[PathsOf<'get'>]

/** What a path can be asked beside its members; a member that is `undefined` is not sent. */
export type Query<Path extends PathsOf<'get'>> =
  paths[Path]['get'] extends { parameters: { query?: infer Asked } } ? Partly<NonNullable<Asked>> : undefined

type Partly<Asked> = [Asked] extends [never] ? undefined : { [Key in keyof Asked]?: Asked[Key] | undefined }

type Body<Path extends keyof paths> =
  paths[Path]['post'] extends { requestBody: { content: { 'application/json': infer Sent } } } ? Sent : undefined

type Members<Path extends string> =
  Path extends `${string}{${infer Name}}${infer Rest}` ? { [Key in Name]: string } & Members<Rest> : unknown

/** How long an answer is waited for. The server's own longest wait for a final state is 10 s. */
const ANSWER_WITHIN_MS = 15_000

/** How long a file is waited for: it has the whole list, not a page of it. */
const FILE_WITHIN_MS = 120_000

/** Waits before the same is sent again when no answer came. The last failure is told to the user. */
const RETRY_AFTER_MS = [400, 1600]

type Form = 'application/json' | 'text/csv'

/** What is sent, again and again the same until an answer comes. */
interface Sending {
  method: 'GET' | 'POST' | 'DELETE'
  address: string
  accept: Form
  withinMs: number
  body?: unknown
  key?: string | undefined
  signal?: AbortSignal | undefined
}

/** Asks for something that changes nothing. */
export function read<Path extends PathsOf<'get'>>(
  path: Path, members: Members<Path>, query?: Query<Path>, signal?: AbortSignal,
): Promise<Outcome<Reply<Path, 'get'>>> {
  const address = filled(path, members) + asked(query)
  return exchange({ method: 'GET', address, accept: 'application/json', withinMs: ANSWER_WITHIN_MS, signal })
}

/** Asks for a whole list as the text of a CSV file. */
export function readCsv<Path extends CsvPaths>(
  path: Path, members: Members<Path>, query?: Query<Path>,
): Promise<Outcome<string>> {
  const address = filled(path, members) + asked(query)
  return exchange({ method: 'GET', address, accept: 'text/csv', withinMs: FILE_WITHIN_MS })
}

/** Asks for something to be done. `key` makes repeats harmless; orders and refunds have numbers of their own for that. */
export function ask<Path extends PathsOf<'post'>>(
  path: Path, members: Members<Path>, body: Body<Path>, key?: string,
): Promise<Outcome<Reply<Path, 'post'>>> {
  const address = filled(path, members)
  return exchange({ method: 'POST', address, accept: 'application/json', withinMs: ANSWER_WITHIN_MS, body, key })
}

/** Takes something away. What is gone stays gone, so a repeat is harmless. */
export function remove<Path extends PathsOf<'delete'>>(
  path: Path, members: Members<Path>,
): Promise<Outcome<Reply<Path, 'delete'>>> {
  const address = filled(path, members)
  return exchange({ method: 'DELETE', address, accept: 'application/json', withinMs: ANSWER_WITHIN_MS })
}

function filled(path: string, members: unknown): string {
  const values = members as Record<string, string>
  return `/api/v1${path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))}`
}

function asked(query: Record<string, unknown> | undefined): string {
  const members = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  if (members.length === 0) return ''
  return `?${new URLSearchParams(members.map(([name, value]) => [name, String(value)]))}`
}

/** Has the person prove once more who they are, and says whether they did. */
let prove: () => Promise<boolean> = () => Promise.resolve(false)

/** What is refused for want of a proof is asked again after this one. */
export function proveBy(asker: () => Promise<boolean>): void {
  prove = asker
}

async function exchange<Data>(sending: Sending): Promise<Outcome<Data>> {
  const outcome = await untilAnswered<Data>(sending)
  const isWanting = !outcome.ok && outcome.trouble.problem?.code === 'proof_needed'
  // Nothing was begun, and the key is not bound: the very same is sent again.
  return isWanting && (await prove()) ? untilAnswered<Data>(sending) : outcome
}

async function untilAnswered<Data>(sending: Sending): Promise<Outcome<Data>> {
  for (const wait of [...RETRY_AFTER_MS, undefined]) {
    const outcome = await once<Data>(sending)
    const isAnswered = outcome.ok || outcome.trouble.problem !== undefined
    if (isAnswered || wait === undefined || sending.signal?.aborted === true) return outcome
    await new Promise(resolve => setTimeout(resolve, wait))
  }
  return { ok: false, trouble: { isUnknown: sending.method !== 'GET' } }
}

async function once<Data>({ method, address, accept, withinMs, body, key, signal }: Sending): Promise<Outcome<Data>> {
  const headers = new Headers({ accept })
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (key !== undefined) headers.set('idempotency-key', key)
  const asker = authorise(headers)
  const limit = AbortSignal.timeout(withinMs)
  const request: RequestInit = {
    method, headers, cache: 'no-store', credentials: 'same-origin',
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  }
  if (body !== undefined) request.body = JSON.stringify(body)
  try {
    const answer = await fetch(address, request)
    const isText = answer.ok && accept === 'text/csv'
    // A page of a proxy must not become somebody's statement.
    if (isText && answer.headers.get('content-type')?.startsWith(accept) !== true) throw new Error('not what was asked for')
    const said: unknown = isText ? await answer.text() : await answer.json()
    if (answer.ok) return { ok: true, data: said as Data }
    const trouble = troubleOf(method, said)
    // A wrong PIN is a 401 too, and ends nothing.
    if (trouble.problem?.code === 'not_authenticated') ended(asker)
    const seconds = Number(answer.headers.get('retry-after') ?? '')
    return { ok: false, trouble: seconds > 0 ? { ...trouble, notBefore: new Date(Date.now() + seconds * 1000) } : trouble }
  } catch {
    // No answer, or one that cannot be read (a proxy's page): either way nothing is known of the request.
    return { ok: false, trouble: { isUnknown: method !== 'GET' } }
  }
}

/** A refusal is definite. Of a failure of the server's own (5xx) only `busy` says that nothing was begun. */
export function troubleOf(method: string, said: unknown): Trouble {
  const problem = said as Partial<Problem> | null
  if (typeof problem?.code !== 'string' || typeof problem.status !== 'number') return { isUnknown: method !== 'GET' }
  const isUnknown = method !== 'GET' && problem.status >= 500 && problem.code !== 'busy'
  return { isUnknown, problem: problem as Problem }
}
