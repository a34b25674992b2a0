import { basename, join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type Page } from '@playwright/test'

/** Somebody of a sandbox. */
export interface Actor {
  id: string
  token: string
}

/** What the page has done against its content security policy. */
const violations = new WeakMap<Page, string[]>()

export const test = base.extend<{ noViolation: void }>({
  noViolation: [async ({ context }, use) => {
    const found: string[] = []
    await context.exposeBinding('violated', (_, what: string) => { found.push(what) })
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', event => {
        const report = (globalThis as unknown as { violated: (what: string) => void }).violated
        report(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
      })
    })
    context.on('page', page => { violations.set(page, found) })
    await use()
    expect(found, 'against the content security policy').toEqual([])
  }, { auto: true }],
})

/** A customer with `minor` of its market's currency. */
export async function customer(page: Page, cell: string, currency: string, minor: number, name = 'Anna'): Promise<Actor> {
  const answer = await page.request.post('/sandbox/v1/customers', { data: { cell, name, balance: { currency, minor } } })
  const made = await answer.json()
  return { id: made.customer_id, token: made.token }
}

/** A shop. */
export async function shop(page: Page, cell: string, name = 'Café du Port'): Promise<Actor> {
  const answer = await page.request.post('/sandbox/v1/merchants', { data: { cell, name } })
  const made = await answer.json()
  return { id: made.merchant_id, token: made.token }
}

/** What a customer or a shop has of the only currency, minor units. */
export async function balance(page: Page, kind: 'customers' | 'merchants', actor: Actor): Promise<number> {
  const [first] = await (await page.request.get(`/sandbox/v1/${kind}/${actor.id}/balances`)).json()
  return first.minor
}

/** Opens an app signed in. */
export async function enter(page: Page, app: 'wallet' | 'merchant', actor: Actor): Promise<void> {
  // From another page: where only the fragment differs, the app would not be started anew.
  await page.goto('about:blank')
  await page.goto(`/${app}/#token=${actor.token}`)
  await expect(page).toHaveURL(new RegExp(`/${app}/$`))
  // The address is clean before the server has said who it is; another page that is opened sooner knows of nobody.
  await expect.poll(() => page.evaluate(() => Object.keys(sessionStorage).some(name => name.startsWith('sycee.token.')))).toBe(true)
}

/** Types an amount on the pad. */
export async function type(page: Page, keys: string): Promise<void> {
  for (const key of keys) await page.getByRole('button', { name: key, exact: true }).click()
}

/** Where pictures of the screens are wanted (`SYCEE_SCREENS`), one of what is seen now, named by the test and its place in it. */
const taken = new Map<string, number>()
async function picture(page: Page): Promise<void> {
  const folder = process.env.SYCEE_SCREENS
  if (folder === undefined) return
  const { titlePath } = test.info()
  const title = titlePath.slice(1).join(' ').toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60)
  const place = (taken.get(title) ?? 0) + 1
  taken.set(title, place)
  await page.screenshot({ path: join(folder, `${basename(titlePath[0] ?? '', '.spec.ts')}-${title}-${place}.png`), animations: 'disabled' })
}

/** What moves has come to rest: of a sheet that still rises the contrast is that of a moment. What moves for ever is not waited for. */
async function atRest(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every(one =>
    one.playState !== 'running' || one.effect?.getComputedTiming().endTime === Infinity))
}

/** No failure of WCAG 2.2 AA that a program can find, and nothing to be scrolled sideways. */
export async function accessible(page: Page): Promise<void> {
  await atRest(page)
  await picture(page)
  const { violations: found } = await new AxeBuilder({ page }).setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
  expect(found.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(' ')}`)).toEqual([])
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wide, 'pixels to be scrolled sideways').toBe(0)
}

export { expect }
