import type { Outcome } from '../api/client'
import type { Answer, Beginning, NoAnswer } from './passkey'

/** Runs a ceremony of a passkey. What does it is no part of the first script: few need it, and only now and then. */
export async function answerOf(begin: Beginning): Promise<Outcome<Answer> | NoAnswer> {
  const later = await import('./passkey').catch(() => undefined)
  return later === undefined ? { ok: false, trouble: { isUnknown: false } } : later.answerOf(begin)
}
