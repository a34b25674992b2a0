import { read, type Trouble } from '../api/client'
import type { components } from '../api/schema'

type Balance = components['schemas']['Balance']

/** What the customer has, as last heard. */
export const purse = $state<{ balances: Balance[] | undefined; trouble: Trouble | undefined; at: Date | undefined }>({
  balances: undefined, trouble: undefined, at: undefined,
})

/** Asks the server anew; what was known stays shown when no answer comes. */
export async function refreshPurse(): Promise<void> {
  const outcome = await read('/balances', {})
  if (outcome.ok) Object.assign(purse, { balances: outcome.data.balances, trouble: undefined, at: new Date() })
  else purse.trouble = outcome.trouble
}

/** The currency that is sent and asked for: the first one held. */
export function mainBalance(): Balance | undefined {
  return purse.balances?.[0]
}
