import { read, type Outcome } from '../../api/client'
import type { components } from '../../api/schema'
import { t, type MessageKey } from '../../kit/i18n.svelte'

export type Webhook = components['schemas']['WebhookWire']
export type ShopEvent = components['schemas']['Event']

/** What a shop may be told of; a server that is newer than this page may know others. */
const TYPE_NAMES: Record<string, MessageKey> = {
  'acquiring.order_paid': 'dev.eventPaid',
  'acquiring.order_refunded': 'dev.eventRefunded',
  'acquiring.order_closed': 'dev.eventClosed',
  'acquiring.merchant_settled': 'dev.eventSettled',
  'acquiring.payout_changed': 'dev.eventPayout',
  'acquiring.settlement_terms_changed': 'dev.eventTerms',
  'acquiring.merchant_transfer_made': 'dev.eventTransfer',
}

export const TYPES = Object.keys(TYPE_NAMES)

/** As many as are offered to begin again from. */
const SHOWN = 20

/** A page of the stream, the most that the server gives. */
const PAGE_ITEMS = 500

/** A type of event in words. */
export function typeName(type: string): string {
  const key = TYPE_NAMES[type]
  return key === undefined ? type : t(key)
}

/** The newest events of these types (of all, if there are none), the newest first. The server's list begins with the oldest. */
export async function newestEvents(types: string[]): Promise<Outcome<ShopEvent[]>> {
  const asked = types.length === 0 ? undefined : types.join(',')
  let newest: ShopEvent[] = []
  let after: string | undefined
  for (;;) {
    const outcome = await read('/events', {}, { after, type: asked, limit: String(PAGE_ITEMS) })
    if (!outcome.ok) return outcome
    newest = [...newest, ...outcome.data.events].slice(-SHOWN)
    if (!outcome.data.has_more) return { ok: true, data: newest.reverse() }
    after = outcome.data.next
  }
}
