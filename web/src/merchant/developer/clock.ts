/** The test clock is a sandbox's, and so is its address: the API has it for staff only. */
const CLOCK = '/sandbox/v1/clock'

/** Seconds; the buttons of the screen. */
export const STEPS = { hour: 3_600, day: 86_400 } as const

async function instantOf(answer: Response): Promise<string> {
  const said = await answer.json() as { now?: unknown; detail?: unknown }
  if (answer.ok && typeof said.now === 'string') return said.now
  throw new Error(typeof said.detail === 'string' ? said.detail : `the server answered ${answer.status}`)
}

/** What the test clock says. */
export async function clockNow(): Promise<string> {
  return instantOf(await fetch(CLOCK, { cache: 'no-store' }))
}

/** Moves it on. There is no key to ask the same again: whoever hears no answer looks at the clock. */
export async function advanceClock(seconds: number): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  return instantOf(await fetch(`${CLOCK}/advance`, { method: 'POST', headers, body: JSON.stringify({ seconds }) }))
}
