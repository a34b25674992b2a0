import { read, type Trouble } from '../api/client'
import type { components } from '../api/schema'
import { confirm, keepNews, keptNews, session } from '../session.svelte'

type Balance = components['schemas']['Balance']

/** What the customer has, as last heard. */
export const purse = $state<{ balances: Balance[] | undefined; trouble: Trouble | undefined; at: Date | undefined }>({
  balances: undefined, trouble: undefined, at: undefined,
})

/** What the server has just said of the balances. */
export function heard(balances: Balance[]): void {
  const at = new Date()
  Object.assign(purse, { balances, trouble: undefined, at })
  keepNews({ balances, at: at.toISOString() })
  if (session.isKept) void confirm()
}

/** Asks the server anew; what was known stays shown when no answer comes. */
export async function refreshPurse(): Promise<void> {
  const whose = session.me?.party
  const outcome = await read('/balances', {})
  if (session.me?.party !== whose) return
  if (outcome.ok) heard(outcome.data.balances)
  else purse.trouble = outcome.trouble
}

/** What was last heard of it, for whoever came back without a connection. */
export function recallPurse(): void {
  const kept = keptNews()
  if (purse.balances !== undefined || kept?.balances === undefined || kept.at === undefined) return
  Object.assign(purse, { balances: kept.balances, at: new Date(kept.at) })
}

/** Whether what is shown may no longer be so: nobody answers, or has yet. */
export function isOld(): boolean {
  return session.isKept || (purse.balances !== undefined && purse.trouble !== undefined)
}

/** Nobody's: whoever was shown is not signed in any more. */
export function emptyPurse(): void {
  Object.assign(purse, { balances: undefined, trouble: undefined, at: undefined })
}

/** The currency that is sent and asked for: the first one held. */
export function mainBalance(): Balance | undefined {
  return purse.balances?.[0]
}
