import { language } from '../kit/i18n.svelte'
import { session } from '../session.svelte'
import { mainBalance } from './balances.svelte'
import type { Saying } from './sayings'

/** Where this browser remembers which language was chosen for the cashiers of a place. */
const STORED = 'sycee.cashier'

/** In which language the cashier is shown something. */
class Cashier {
  /** All that can be chosen; empty until the table is there. */
  sayings = $state.raw<Record<string, Saying>>({})
  tag = $state('')
  #place = ''

  /** Guesses the language by where the customer pays, unless they have chosen one there. */
  async guess(shopCurrency: string | undefined): Promise<void> {
    const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions()
    // Read before the table is waited for: whoever calls this in an effect guesses anew when the balance is known.
    const known = { shopCurrency, zone, ownCurrency: mainBalance()?.currency, cell: session.me?.cell }
    const app = language.tag
    const { besideApp, SAYINGS, spokenAt } = await import('./sayings')
    const spoken = spokenAt(known)
    this.#place = spoken ?? ''
    // A choice is for one place: in the next country the next guess is better than it.
    const [place, chosen = ''] = localStorage.getItem(STORED)?.split(' ') ?? []
    this.tag = place === this.#place && Object.hasOwn(SAYINGS, chosen) ? chosen : besideApp(spoken, app)
    this.sayings = SAYINGS
  }

  choose(tag: string): void {
    this.tag = tag
    localStorage.setItem(STORED, `${this.#place} ${tag}`)
  }

  /** What is said to them; `undefined` where it would be the same as what the app says. */
  says(what: keyof Saying): string | undefined {
    return this.tag === language.tag ? undefined : this.sayings[this.tag]?.[what]
  }
}

export const cashier = new Cashier()

/** Languages that are written from the right, of those that there are. */
export function directionOf(tag: string): 'rtl' | 'ltr' {
  return tag === 'ur' || tag === 'ar' ? 'rtl' : 'ltr'
}
