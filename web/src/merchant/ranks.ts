import type { MessageKey } from '../kit/i18n.svelte'
import type { Rank } from '../session.svelte'

/** How the ranks of a shop's people are called, and what is said of them. */
export const RANK_TEXTS: Record<Rank, { name: MessageKey; hint: MessageKey }> = {
  cashier: { name: 'people.cashier', hint: 'people.cashierHint' },
  manager: { name: 'people.manager', hint: 'people.managerHint' },
  owner: { name: 'people.owner', hint: 'people.ownerHint' },
}
