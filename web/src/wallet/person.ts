import { ask, read, type Outcome } from '../api/client'
import { t } from '../kit/i18n.svelte'
import { grouped, partyNumber } from '../kit/texts'
import type { Fact } from './details'
import type { Movement } from './movement'

/** Somebody as the server named them, so that who sends money sees a name before it is sent. */
export interface Person {
  /** What money is sent to and asked of, however they were found. */
  party: string
  /** With letters of later words hidden; `null`: it is not known any more. */
  name: string | null
  /** By which they were found, where it was not their number. */
  phone?: string
}

/** As many as fit below the field without pushing what is under them out of sight. */
const RECENT_MAX = 4

/** How far back recent people are looked for. */
const RECENT_MOVEMENTS = 30

/**
 * What the server is to be asked for: the number of a customer, or a phone number. `undefined` if the text is neither. What people
 * write between digits goes, and so do the marks of direction that come with a number copied out of a contact.
 */
export function payeeTyped(text: string): string | undefined {
  const bare = text.replace(/[\s\p{Cf}().\/\p{Pd}]/gu, '')
  if (partyNumber(bare) !== undefined) return bare
  const phone = bare.replace(/^00/, '+')
  return /^\+?\d{6,15}$/.test(phone) ? phone : undefined
}

/** Asks who it is. Nothing moves, and it may be asked again at any time. */
export async function lookUp(payee: string): Promise<Outcome<Person>> {
  const outcome = await ask('/payees', {}, { payee })
  // It changes nothing, so nothing can be half done.
  if (!outcome.ok) return { ok: false, trouble: { ...outcome.trouble, isUnknown: false } }
  const { party, name } = outcome.data
  return { ok: true, data: payee === party ? { party, name } : { party, name, phone: payee } }
}

/** Who is on the other side of movements, each once, in the order of the movements. */
export function peopleOf(movements: Movement[]): Person[] {
  const found = new Map<string, Person>()
  for (const { other_party: party, other_name: name } of movements) {
    if (party != null && !found.has(party)) found.set(party, { party, name: name ?? null })
  }
  return [...found.values()].slice(0, RECENT_MAX)
}

/** The people that money was sent to or came from lately. Where nobody answers there are none: the field works without them. */
export async function recentPeople(): Promise<Person[]> {
  const outcome = await read('/history', {}, { kind: 'transfer', limit: RECENT_MOVEMENTS })
  return outcome.ok ? peopleOf(outcome.data.items) : []
}

/** The number that stands under a name: by what they were found. */
export function numberShown({ party, phone }: Person): string {
  return phone ?? grouped(party)
}

/** Lines of a receipt. `label`: which side they are on. */
export function factsOfPerson(label: string, person: Person): Fact[] {
  const number = numberShown(person)
  if (person.name === null) return [{ name: label, value: number }]
  return [{ name: label, value: person.name }, { name: t(person.phone === undefined ? 'send.theirNumber' : 'sign.phone'), value: number }]
}
