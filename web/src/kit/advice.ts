import type { MessageKey } from './i18n.svelte'

/**
 * What a person can do about a problem, by its code: the server's own advice is for programs, and English. Each of these has moved
 * nothing (their meanings in docs/openapi.json, `x-problems`).
 */
const ADVICE: Record<string, MessageKey> = {
  balance_not_enough: 'trouble.doLess',
  buyer_balance_not_enough: 'trouble.doLess',
  seller_balance_not_enough: 'trouble.doLess',
  refund_amount_exceeds: 'trouble.doLess',
  balance_limit: 'trouble.doLess',
  transaction_limit: 'trouble.doLimit',
  day_limit: 'trouble.doLimit',
  month_limit: 'trouble.doLimit',
  year_limit: 'trouble.doLimit',
  code_unknown: 'trouble.doCode',
  auth_code_invalid: 'trouble.doCode',
  trade_has_closed: 'trouble.doCode',
  trade_not_exist: 'trouble.doCode',
  trade_has_success: 'trouble.doLook',
  request_ended: 'trouble.doLook',
  payee_not_found: 'trouble.doNumber',
  payer_not_found: 'trouble.doNumber',
  payee_is_payer: 'trouble.doNumber',
  not_offered_abroad: 'trouble.doHere',
  party_frozen: 'trouble.doOperator',
  members_exhausted: 'trouble.doOperator',
  proof_needed: 'trouble.doProve',
  passkey_refused: 'trouble.doProve',
  member_may_not: 'trouble.doOwner',
  last_owner: 'trouble.doOwner',
  not_authenticated: 'trouble.doSignIn',
  too_many_requests: 'trouble.doWait',
  busy: 'trouble.doWait',
}

/** The advice for a code; `undefined` where only the server's own is known. */
export function adviceFor(code: string | undefined): MessageKey | undefined {
  return code !== undefined && Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined
}
