import type { components } from './api/schema'
import { read, type Outcome } from './api/client'

/**
 * Who is signed in. Everything that knows how is in this file: today a sandbox's bearer token, kept while the tab lives;
 * sessions in cookies replace `authorise`, `signIn` and `signOut`, and no screen notices.
 */
export type Me = components['schemas']['Me']

/** A cell of a sandbox that people and shops can be made in. */
export interface TryOutCell {
  cell: string
  market: string
  roles: string[]
  currency: string
}

const STORED = 'sycee.token'

let token = ''

export const session = $state<{ me: Me | undefined; hasEnded: boolean }>({ me: undefined, hasEnded: false })

/** Adds to a request what proves who asks. */
export function authorise(headers: Headers): void {
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
}

/** The server no longer knows the session. */
export function ended(): void {
  if (session.me !== undefined) session.hasEnded = true
  signOut()
}

/** Signs in with what the address brings (`#token=…`, taken out of it at once) or what the tab remembers. */
export async function resume(role: string): Promise<void> {
  const brought = new URLSearchParams(location.hash.slice(1)).get('token')
  if (brought !== null) history.replaceState(null, '', location.pathname + location.search)
  const found = brought ?? sessionStorage.getItem(`${STORED}.${role}`)
  if (found !== null) await signIn(found, role)
}

/** Signs in; a token of another role is refused without being kept. */
export async function signIn(given: string, role: string): Promise<Outcome<Me>> {
  token = given.trim()
  const outcome = await read('/me', {})
  if (outcome.ok && outcome.data.role === role) {
    sessionStorage.setItem(`${STORED}.${role}`, token)
    session.me = outcome.data
    session.hasEnded = false
  } else if (outcome.ok || outcome.trouble.problem !== undefined) signOut()
  return outcome
}

export function signOut(): void {
  const role = session.me?.role
  token = ''
  session.me = undefined
  if (role !== undefined) sessionStorage.removeItem(`${STORED}.${role}`)
}

/** The markets of a sandbox where somebody can try things out. */
export async function tryOutCells(): Promise<TryOutCell[]> {
  const answer = await fetch('/sandbox/v1/cells')
  if (!answer.ok) return []
  const cells = (await answer.json()) as TryOutCell[]
  return cells.filter(cell => !cell.roles.includes('network'))
}

/** Makes a customer with money, or a shop, in a sandbox, and signs in as it. */
export async function tryOut(cell: TryOutCell, role: 'customer' | 'merchant', name: string, digits: number): Promise<boolean> {
  const minor = 500 * 10 ** digits
  const body = role === 'customer'
    ? { cell: cell.cell, name, balance: { currency: cell.currency, minor: cell.currency === 'EUR' ? minor : minor * 10 } }
    : { cell: cell.cell, name }
  try {
    const answer = await fetch(`/sandbox/v1/${role}s`, { method: 'POST', body: JSON.stringify(body) })
    const made = (await answer.json()) as { token?: string }
    return answer.ok && made.token !== undefined && (await signIn(made.token, role)).ok
  } catch {
    return false
  }
}
