import type { components } from './api/schema'
import { ask, read, remove, type Outcome, type Trouble } from './api/client'
import { answerOf } from './kit/ceremony'
import { deviceLabel } from './kit/device'
import { followEvents, leaveEvents } from './kit/events'
import { drop, keep, recall, type Kept } from './kept'

/**
 * Who is signed in. Everything that knows how is in this file. People sign in with their number and PIN or a passkey, and the session
 * is in a cookie that no script reads; shops, and people of a sandbox, may bring an access token, kept while the tab lives. A tab that
 * has a token shows that one: the server looks at it before the cookie.
 */
export type Me = components['schemas']['Me']

/** What one of a shop's people may do; each may do what those before it may. */
export type Rank = components['schemas']['MemberRole']

export const RANKS: readonly Rank[] = ['cashier', 'manager', 'owner']

/** A cell of a sandbox that people and shops can be made in. */
export interface TryOutCell {
  cell: string
  market: string
  roles: string[]
  currency: string
}

/** What somebody signs in with. `cell`: where a phone number is looked for. */
export interface Login {
  login: string
  pin: string
  cell?: string
}

const STORED = 'sycee.token'

/** Says that a cookie session was begun in this browser, nothing more: a first visit need not ask the server to know. */
const BEGUN = 'sycee.session'

/** How long the server is waited for before what is kept is shown instead. */
const PATIENCE_MS = 2500

/** Changes when a cookie session of this app begins in this browser: other windows have the same cookie, so they look whose it is. */
const NEWEST = 'sycee.newest'

let token = ''

/** By what the present session is shown to the server. */
let shown: 'nothing' | 'token' | 'cookie' = 'nothing'

/** Counts the sessions of this page: what is said of an earlier one does not end the present one. */
let turn = 0

/** Whose app this is. */
let app = ''

/** Whether the cookie that is meant is that of a shop's people. */
let isAtShop = false

/** `isKept`: the server has not said yet that `me` is signed in still; it is what this browser remembers. */
export const session = $state<{ me: Me | undefined; hasEnded: boolean; isKept: boolean }>({
  me: undefined, hasEnded: false, isKept: false,
})

/** Adds to a request what proves who asks. The number is for `ended`. */
export function authorise(headers: Headers): number {
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  // Each app has a cookie of its own, so that a wallet and a counter are open in one browser.
  if (isAtShop) headers.set('sycee-app', 'shop')
  return turn
}

/** The server no longer knows the session that `asker` was given for. */
export function ended(asker: number): void {
  if (asker !== turn) return
  const wasSignedIn = session.me !== undefined
  forget()
  if (wasSignedIn) session.hasEnded = true
}

/**
 * Signs in with what the address brings (`#token=…`, taken out of it at once), what the tab remembers, or the cookie. An address
 * that is changed while the app is open brings a token too.
 */
export async function resume(role: string): Promise<void> {
  app = role
  isAtShop = role === 'merchant'
  addEventListener('hashchange', () => {
    const brought = takeBrought()
    if (brought !== null) void signIn(brought, role)
  })
  addEventListener('storage', event => { if (event.key === `${NEWEST}.${app}` && shown === 'cookie') void lookAgain() })
  const brought = takeBrought()
  const remembered = sessionStorage.getItem(placeOfToken())
  if (brought !== null) await signIn(brought, role)
  else if (remembered !== null) noteEnd(await signIn(remembered, role, true))
  else if (localStorage.getItem(placeOfBegun()) !== null) noteEnd(await signInByCookie(role, true))
}

/** Whether nothing here says that somebody is signed in: then the page for signing in can be brought without waiting. */
export function isNobody(role: string): boolean {
  const remembered = sessionStorage.getItem(`${STORED}.${role}`) ?? localStorage.getItem(begunBy(role))
  return remembered === null && !location.hash.includes('token=')
}

/** Somebody has signed in in another window: this one must not show one person and act as another. */
async function lookAgain(): Promise<void> {
  await signInByCookie(app)
  session.hasEnded = session.me === undefined
}

function noteEnd(outcome: Outcome<Me>): void {
  session.hasEnded = !outcome.ok && outcome.trouble.problem?.code === 'not_authenticated'
}

function placeOfToken(): string {
  return `${STORED}.${app}`
}

/** An app resumes what was begun in it: a shop's counter is not asked for on behalf of a customer's wallet. */
function begunBy(role: string): string {
  return role === 'customer' ? BEGUN : `${BEGUN}.${role}`
}

function placeOfBegun(): string {
  return begunBy(app)
}

function takeBrought(): string | null {
  const brought = new URLSearchParams(location.hash.slice(1)).get('token')
  if (brought !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return brought
}

/** Signs in by access token; one of another role is refused without being kept. `isAgain`: this tab has it already. */
export async function signIn(given: string, role: string, isAgain = false): Promise<Outcome<Me>> {
  leave()
  token = given.trim()
  shown = 'token'
  const outcome = await enter(role, isAgain)
  if (session.me !== undefined) sessionStorage.setItem(placeOfToken(), token)
  return outcome
}

/** Signs in by number and PIN, at a counter one of a shop's people. Somebody of another role is signed out again at once. */
export async function signInByPin(given: Login, role: string): Promise<Outcome<Me>> {
  leave()
  const who = { ...given, at_shop: role === 'merchant' }
  return begin(await ask('/sessions', {}, { ...who, cookie: true, label: deviceLabel(navigator.userAgent) }), role)
}

/** Signs in whoever the passkey names. `undefined`: the user gave it up. */
export async function signInByPasskey(role: string): Promise<Outcome<Me> | undefined> {
  const answer = await answerOf('/sessions/passkey/begin')
  if (typeof answer === 'string') return undefined
  if (!answer.ok) return answer
  leave()
  const label = deviceLabel(navigator.userAgent)
  return begin(await ask('/sessions/passkey', {}, { ...answer.data, cookie: true, label }), role)
}

async function begin(begun: Outcome<components['schemas']['SessionWire']>, role: string): Promise<Outcome<Me>> {
  if (!begun.ok) return begun
  // A state that this app does not know is not being signed in.
  if (begun.data.status !== 'signed_in') return { ok: false, trouble: { isUnknown: false } }
  // The cookie is somebody else's now, perhaps, whether or not anything more is heard.
  drop(localStorage)
  tellWindows()
  // Somebody of the other app has the other cookie, which ends again.
  isAtShop = begun.data.role === 'merchant'
  const outcome = await signInByCookie(role)
  if (outcome.ok && outcome.data.role !== role) await remove('/sessions/current', {})
  isAtShop = role === 'merchant'
  return outcome
}

/** Opens a wallet, or a shop, with the code that came to the phone, and signs its owner in. */
export async function openWithCode(
  given: { sign_up: string; code: string; pin: string }, role: string,
): Promise<Outcome<Me>> {
  leave()
  const label = deviceLabel(navigator.userAgent)
  const opened = await ask('/sign-ups/confirm', {}, { ...given, cookie: true, label })
  if (!opened.ok) return opened
  drop(localStorage)
  tellWindows()
  return signInByCookie(role)
}

function tellWindows(): void {
  localStorage.setItem(`${NEWEST}.${app}`, String(Date.now()))
}

async function signInByCookie(role: string, isAgain = false): Promise<Outcome<Me>> {
  leave()
  shown = 'cookie'
  const outcome = await enter(role, isAgain)
  if (session.me !== undefined) localStorage.setItem(placeOfBegun(), '1')
  return outcome
}

/**
 * Whether who is signed in may do what this rank of a shop's people may. A token that is no person's is the whole shop's. The
 * server decides; this is for not showing what it would refuse.
 */
export function mayAs(least: Rank): boolean {
  const rank = session.me?.member?.role
  return rank === undefined || RANKS.indexOf(rank) >= RANKS.indexOf(least)
}

/**
 * Asks who it is that is shown. Without any answer what is remembered stays, for the next attempt; where somebody comes back
 * (`isAgain`), what is kept of them is shown meanwhile.
 */
async function enter(role: string, isAgain: boolean): Promise<Outcome<Me>> {
  const mine = turn
  const asking = read('/me', {})
  const kept = isAgain ? recall(place(), role) : undefined
  if (kept === undefined) return settle(mine, role, await asking)
  const patience = new Promise<undefined>(resolve => setTimeout(resolve, navigator.onLine ? PATIENCE_MS : 0))
  const outcome = await Promise.race([asking, patience])
  if (outcome !== undefined && isSaid(outcome)) return settle(mine, role, outcome)
  if (mine !== turn) return asking
  Object.assign(session, { me: kept.me, isKept: true, hasEnded: false })
  followEvents({ authorise, ended })
  // It may only be late.
  void asking.then(late => { if (isSaid(late)) settle(mine, role, late) })
  return { ok: true, data: kept.me }
}

/** Whether the server said anything. */
function isSaid(outcome: Outcome<Me>): boolean {
  return outcome.ok || outcome.trouble.problem !== undefined
}

function settle(mine: number, role: string, outcome: Outcome<Me>): Outcome<Me> {
  if (mine !== turn) return outcome
  if (outcome.ok && outcome.data.role === role) {
    const isFollowed = session.me !== undefined
    Object.assign(session, { me: outcome.data, isKept: false, hasEnded: false })
    keepNews({})
    if (!isFollowed) followEvents({ authorise, ended })
  } else if (isSaid(outcome)) forget()
  else leave()
  return outcome
}

/** The server answers again: who it is that is shown is asked anew. What ends the session is heard of by every answer. */
export async function confirm(): Promise<void> {
  const mine = turn
  const outcome = await read('/me', {})
  if (outcome.ok && session.isKept) settle(mine, outcome.data.role, outcome)
}

/** Where things of this session are kept: a token's with the token, for the tab, else for the browser, as the cookie is. */
function place(): Storage {
  return shown === 'token' ? sessionStorage : localStorage
}

/** Keeps what is heard of who is signed in, for when there is no connection. */
export function keepNews(news: Omit<Kept, 'me'>): void {
  if (session.me?.role === 'customer') keep(place(), session.me, news)
}

/** What is kept of who is signed in. */
export function keptNews(): Kept | undefined {
  const kept = recall(place(), session.me?.role ?? '')
  return kept?.me.party === session.me?.party ? kept : undefined
}

/** What this browser remembers of the session goes with it. */
function forget(): void {
  if (shown === 'token') sessionStorage.removeItem(placeOfToken())
  if (shown === 'cookie') localStorage.removeItem(placeOfBegun())
  if (shown !== 'nothing' && app === 'customer') drop(place())
  leave()
}

/** The page is nobody's until somebody has signed in. */
function leave(): void {
  turn += 1
  token = ''
  shown = 'nothing'
  Object.assign(session, { me: undefined, isKept: false })
  leaveEvents()
}

/**
 * Signs out. Only the server can end a session that is in a cookie: when it does not answer, the user is still signed in, and
 * is told so. A token was made elsewhere, perhaps for several counters, and stays good.
 */
export async function signOut(): Promise<Trouble | undefined> {
  if (shown === 'cookie') {
    const outcome = await remove('/sessions/current', {})
    if (!outcome.ok && outcome.trouble.problem?.code !== 'not_authenticated') return outcome.trouble
  }
  forget()
  session.hasEnded = false
  return undefined
}

/** The markets of a sandbox where somebody can try things out. */
export async function tryOutCells(): Promise<TryOutCell[]> {
  const answer = await fetch('/sandbox/v1/cells')
  if (!answer.ok) return []
  const cells = (await answer.json()) as TryOutCell[]
  return cells.filter(cell => !cell.roles.includes('network'))
}

/** Makes a shop in a sandbox, and signs in as it. */
export async function tryOutShop(cell: TryOutCell, name: string): Promise<boolean> {
  const made = await make('merchants', { cell: cell.cell, name })
  return made.token !== undefined && (await signIn(made.token, 'merchant')).ok
}

/** Makes a customer with money in a sandbox, who can sign in with this. Else the code of what was refused. */
export async function tryOutCustomer(
  cell: TryOutCell, name: string, digits: number, { login, pin }: Login,
): Promise<'done' | string> {
  const minor = 500 * 10 ** digits
  const balance = { currency: cell.currency, minor: cell.currency === 'EUR' ? minor : minor * 10 }
  const made = await make('customers', { cell: cell.cell, name, balance, phone: login, pin })
  return made.token === undefined ? (made.code ?? 'failed') : 'done'
}

async function make(kind: 'customers' | 'merchants', body: unknown): Promise<{ token?: string; code?: string }> {
  try {
    const answer = await fetch(`/sandbox/v1/${kind}`, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.json()) as { token?: string; code?: string }
  } catch {
    return {}
  }
}
