import { read, type Trouble } from '../api/client'
import type { components } from '../api/schema'
import { session } from '../session.svelte'

type Balance = components['schemas']['Balance']

/** What the customer has, as last heard. */
export const purse = $state<{ balances: Balance[] | undefined; trouble: Trouble | undefined; at: Date | undefined }>({
  balances: undefined, trouble: undefined, at: undefined,
})

/** Asks the server anew; what was known stays shown when no answer comes. */
export async function refreshPurse(): Promise<void> {
  const whose = session.me
  const outcome = await read('/balances', {})
  if (session.me !== whose) return
  if (outcome.ok) Object.assign(purse, { balances: outcome.data.balances, trouble: undefined, at: new Date() })
  else purse.trouble = outcome.trouble
}

/** Nobody's: whoever was shown is not signed in any more. */
export function emptyPurse(): void {
  Object.assign(purse, { balances: undefined, trouble: undefined, at: undefined })
}

/** The currency that is sent and asked for: the first one held. */
export function mainBalance(): Balance | undefined {
  return purse.balances?.[0]
}
