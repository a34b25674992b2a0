import { read, type Outcome, type Query } from '../api/client'
import type { components } from '../api/schema'
import { grouped } from '../kit/texts'
import { session } from '../session.svelte'
import type { Person } from './person'

/** One customer asking another for money. */
export type MoneyRequest = components['schemas']['MoneyRequest']

/** Which requests are asked for. */
type Wanted = Pick<Query<'/money-requests'>, 'direction' | 'state'>

export interface Requests {
  items: MoneyRequest[]
  hasMore: boolean
}

const PAGE_MAX = 200

/** More open requests than these are looked at on their own screen. */
const AT_HOME = 3

/** The newest requests, `count` of them if there are so many: a page may have fewer although there are more. */
export async function newestRequests(wanted: Wanted, count: number): Promise<Outcome<Requests>> {
  let items: MoneyRequest[] = []
  let cursor: string | undefined
  for (;;) {
    const outcome = await read('/money-requests', {}, { ...wanted, limit: Math.min(count - items.length, PAGE_MAX), cursor })
    if (!outcome.ok) return outcome
    items = [...items, ...outcome.data.items]
    const { next } = outcome.data
    if (next === null || items.length >= count) return { ok: true, data: { items, hasMore: next !== null } }
    cursor = next
  }
}

/** Those that wait for an answer of whoever is signed in, as last heard. */
export const asked = $state<{ party: string | undefined; requests: Requests }>({
  party: undefined, requests: { items: [], hasMore: false },
})

/** Asks anew. What was known stays when no answer comes: they still wait. */
export async function refreshAsked(): Promise<void> {
  const party = session.me?.party
  const outcome = await newestRequests({ direction: 'incoming', state: 'open' }, AT_HOME)
  if (outcome.ok && session.me?.party === party) Object.assign(asked, { party, requests: outcome.data })
}

/** Who is on the other side. */
export function personOf(request: MoneyRequest): Person {
  return { party: request.other_party, name: request.other_name ?? null }
}

/** What they are called where there is room for one line. */
export function callName(request: MoneyRequest): string {
  return request.other_name ?? grouped(request.other_party)
}
