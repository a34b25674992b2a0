import type { components } from '../../api/schema'
import type { MessageKey } from '../../kit/i18n.svelte'

export type Delivery = components['schemas']['DeliveryWire']
export type DeliveryState = components['schemas']['DeliveryStateWire']

export const STATE_NAMES: Record<DeliveryState, MessageKey> = {
  waiting: 'dev.stateWaiting',
  taken: 'dev.stateTaken',
  given_up: 'dev.stateGivenUp',
  on_request: 'dev.stateOnRequest',
}
