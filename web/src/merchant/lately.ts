import type { Me } from '../session.svelte'

/** Somebody who has signed in at this counter: no more than the name and the number, so that next time the PIN is enough. */
export interface Known {
  number: string
  name: string
  /** The shop's name: one device may stand in several. */
  shop: string
}

/** Kept by the browser, for all windows of the counter. */
const PLACE = 'sycee.people'

/** As many as fit on a phone without scrolling. */
const KNOWN_MAX = 6

/** The list with `one` in front. */
export function withNewest(list: Known[], one: Known): Known[] {
  return [one, ...list.filter(known => known.number !== one.number)].slice(0, KNOWN_MAX)
}

/** What is kept; of anything else than that, nothing. */
export function readKnown(text: string | null): Known[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(list) ? list.filter(isKnown) : []
  } catch {
    return []
  }
}

function isKnown(one: unknown): one is Known {
  const known = one as Partial<Known> | null
  return [known?.number, known?.name, known?.shop].every(part => typeof part === 'string')
}

/** Who has signed in here, the last one first. */
export function knownHere(): Known[] {
  return readKnown(localStorage.getItem(PLACE))
}

/** Keeps the name and the number of who has signed in. */
export function remember(me: Me): void {
  const person = me.member
  if (person === undefined) return
  const one = { number: person.member, name: person.name ?? person.member, shop: me.name ?? '' }
  localStorage.setItem(PLACE, JSON.stringify(withNewest(knownHere(), one)))
}

/** Takes somebody out of the list, which is what is left then. */
export function forgetKnown(number: string): Known[] {
  const left = knownHere().filter(known => known.number !== number)
  localStorage.setItem(PLACE, JSON.stringify(left))
  return left
}
