import type { MessageKey } from '../kit/i18n.svelte'

/** What a shop can say that it sells when it is opened: category codes of ISO 18245, the commonest first. */
export const KINDS: { mcc: string; name: MessageKey }[] = [
  { mcc: '5411', name: 'shop.grocery' },
  { mcc: '5812', name: 'shop.restaurant' },
  { mcc: '5814', name: 'shop.cafe' },
  { mcc: '5651', name: 'shop.clothes' },
  { mcc: '5732', name: 'shop.electronics' },
  { mcc: '7011', name: 'shop.hotel' },
  { mcc: '4121', name: 'shop.taxi' },
  { mcc: '5999', name: 'shop.other' },
]
