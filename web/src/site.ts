/** What the server says of itself before anybody signs in. */
interface Site {
  name: string
  sandbox: boolean
  /** Decimals of each currency, from the server's ISO 4217 table. */
  currencies: Record<string, number>
}

export const site: Site = { name: '', sandbox: false, currencies: {} }

/** Must have ended before a screen shows an amount. */
export async function loadSite(): Promise<void> {
  const answer = await fetch('/site.json')
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  Object.assign(site, await answer.json())
  document.title = site.name
}

/** Decimals of `currency`. One that the server does not know is a defect, and is not guessed. */
export function digitsOf(currency: string): number {
  const digits = site.currencies[currency]
  if (digits === undefined) throw new Error(`the server has no currency ${currency}`)
  return digits
}
