import type { Page } from '@playwright/test'
import { accessible, balance, customer, enter, expect, shop, test, type Actor } from './stage'

/** A customer with EUR 100.00 who signs in with number and PIN, as people do. */
async function signedIn(page: Page): Promise<Actor> {
  const phone = `+3361${String(Date.now()).slice(-7)}`
  const answer = await page.request.post('/sandbox/v1/customers', {
    data: { cell: 'fr', name: 'Anna', balance: { currency: 'EUR', minor: 10_000 }, phone, pin: '528491' },
  })
  const made = await answer.json()
  await page.goto('/wallet/')
  await page.getByLabel('Phone number or customer number').fill(phone)
  await page.getByLabel('PIN', { exact: true }).fill('528491')
  await page.getByLabel('Market').selectOption('fr')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('€100.00').first()).toBeVisible()
  return { id: made.customer_id, token: made.token }
}

/** Until the browser has all it needs to open the app by itself. */
async function shellKept(page: Page): Promise<void> {
  await page.evaluate(async () => { await navigator.serviceWorker.ready })
}

/** What lies in the database of kept codes, or nothing. */
function pocket(page: Page): Promise<{ text: string; canLeave: boolean } | undefined> {
  return page.evaluate(async () => {
    if (!(await indexedDB.databases()).some(one => one.name === 'sycee.codes')) return undefined
    const wait = <Value>(request: IDBRequest<Value>) => new Promise<Value>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const database = await wait(indexedDB.open('sycee.codes'))
    const store = database.transaction('pocket').objectStore('pocket')
    const [key, batch] = [await wait<CryptoKey>(store.get('key')), await wait<{ bytes: ArrayBuffer } | undefined>(store.get('batch'))]
    database.close()
    return batch === undefined ? undefined : { text: new TextDecoder('latin1').decode(batch.bytes), canLeave: key.extractable }
  })
}

/** Opens the code screen with a connection, so that codes are kept. */
async function keepCodes(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Pay in a shop' }).click()
  await expect.poll(() => pocket(page)).toBeDefined()
}

/** The shop takes `minor` euro cents with a customer's code. What the server says. */
async function charge(page: Page, cafe: Actor, digits: string, minor: number): Promise<{ status?: string; code?: string }> {
  const order = { out_trade_no: `O-${Math.random()}`, subject: 'Lunch', total: { currency: 'EUR', minor: String(minor) } }
  const answer = await page.request.post('/api/v1/orders/by-pay-code', {
    headers: { authorization: `Bearer ${cafe.token}` }, data: { auth_code: digits, order },
  })
  const said = await answer.json()
  return answer.ok() ? { status: said.order.status } : { code: said.code }
}

const codeShown = (page: Page) => page.locator('[data-code]')
const banner = (page: Page) => page.getByText(/^You are offline\. What you see is from/)

test('without a connection the wallet opens, shows what it heard last, and pays with a code that it kept', async ({ page, context }) => {
  const [anna, cafe] = [await signedIn(page), await shop(page, 'fr')]
  await shellKept(page)
  await keepCodes(page)
  const online = await codeShown(page).getAttribute('data-code')
  await context.setOffline(true)

  await page.goto('/wallet/')
  await expect(page.getByText('€100.00').first()).toBeVisible()
  await expect(banner(page)).toBeVisible()
  await expect(page.getByRole('region', { name: 'Recent' })).toContainText('From the bank')
  await accessible(page)
  await page.getByRole('link', { name: 'Pay in a shop' }).click()
  await expect(page.getByText('No connection: this is a code that your phone kept. It works once.')).toBeVisible()
  const digits = (await codeShown(page).getAttribute('data-code')) ?? ''
  expect(digits).not.toBe(online)
  expect(await page.getByRole('img', { name: 'QR code' }).getAttribute('data-text')).toBe(digits)
  // What a market gives: five codes of at most EUR 30, for three days (markets/fr.toml).
  for (const [name, value] of [['Pays at most', '€30.00'], ['Kept after this one', '4']] as const) {
    await expect(page.locator('dt', { hasText: name }).locator('+ dd')).toHaveText(value)
  }
  await accessible(page)

  expect(await charge(page, cafe, digits, 3_001)).toEqual({ code: 'offline_limit' })
  expect(await charge(page, cafe, digits, 1_250)).toEqual({ status: 'paid' })
  expect(await charge(page, cafe, digits, 100)).toEqual({ code: 'auth_code_invalid' })
  expect(await balance(page, 'customers', anna)).toBe(8_750)

  await context.setOffline(false)
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(page.getByText('€12.50').first()).toBeVisible()
  await page.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByText('€87.50').first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Recent' })).toContainText('Lunch')
  await expect(banner(page)).toHaveCount(0)
})

test('a kept code is shown for a minute and never again, until none is left; they lie sealed, and go with whoever signs out', async ({ page, context }) => {
  await page.clock.install()
  await signedIn(page)
  await shellKept(page)
  await keepCodes(page)
  await context.setOffline(true)
  await page.goto('/wallet/code')
  const seen: string[] = []
  for (const left of [4, 3, 2, 1]) {
    seen.push((await codeShown(page).getAttribute('data-code')) ?? '')
    // Whoever comes back within the minute is shown the same.
    if (left === 4) await page.reload()
    await expect(codeShown(page)).toHaveAttribute('data-code', seen.at(-1) ?? '')
    await page.clock.fastForward(61_000)
    await expect(page.getByRole('heading', { name: 'This code has been shown' })).toBeVisible()
    await page.getByRole('button', { name: `Show the next code (\u2068${left}\u2069 left)` }).click()
  }
  seen.push((await codeShown(page).getAttribute('data-code')) ?? '')
  expect(new Set(seen).size).toBe(5)
  const kept = await pocket(page)
  expect(kept?.canLeave).toBe(false)
  for (const digits of seen) expect(kept?.text).not.toContain(digits)
  await page.clock.fastForward(61_000)
  await expect(page.getByRole('heading', { name: 'No kept codes are left' })).toBeVisible()
  await accessible(page)

  // It comes back by itself; a tap on "Try again" may come too late for the button.
  await context.setOffline(false)
  await expect(page.getByText('Show this to the cashier. It works once.')).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByLabel('PIN', { exact: true })).toBeVisible()
  await expect.poll(() => pocket(page)).toBeUndefined()
  await context.setOffline(true)
  await page.goto('/wallet/')
  await expect(page.getByLabel('PIN', { exact: true })).toBeVisible()
  await expect(page.getByText('€100.00')).toHaveCount(0)
})

test('who gets no answer is shown what is kept; whose session has ended meanwhile is not, once that is known', async ({ page }) => {
  const anna = await signedIn(page)
  let isCut = true
  await page.route('**/api/**', route => (isCut ? route.abort() : route.continue()))
  await page.reload()
  await expect(banner(page)).toBeVisible()
  await expect(page.getByText('€100.00').first()).toBeVisible()
  // Another PIN ends all sessions.
  const changed = await page.request.post('/api/v1/pin', {
    headers: { authorization: `Bearer ${anna.token}` }, data: { pin: '528491', new_pin: '739184' },
  })
  expect(changed.ok(), await changed.text()).toBe(true)
  isCut = false
  await expect(page.getByText('Your session has ended.')).toBeVisible()
  await expect(page.getByText('€100.00')).toHaveCount(0)
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('10000')
})

test('what is shown without a connection can be used in Urdu, in the dark, at 320 px', async ({ browser, baseURL }) => {
  const phone = await browser.newContext({
    baseURL: baseURL ?? '', locale: 'ur-PK', colorScheme: 'dark', viewport: { width: 320, height: 640 },
  })
  const page = await phone.newPage()
  await page.clock.install()
  await enter(page, 'wallet', await customer(page, 'pk', 'PKR', 1_000_000, 'Ayesha'))
  await shellKept(page)
  await page.goto('/wallet/code')
  await expect.poll(() => pocket(page)).toBeDefined()
  await phone.setOffline(true)
  await page.goto('/wallet/')
  await expect(page.getByText(/آپ آف لائن ہیں/)).toBeVisible()
  await accessible(page)
  await page.goto('/wallet/code')
  await expect(codeShown(page)).toBeVisible()
  await accessible(page)
  await page.clock.fastForward(61_000)
  await expect(page.getByRole('heading', { name: 'یہ کوڈ دکھایا جا چکا ہے' })).toBeVisible()
  await accessible(page)
  await phone.close()
})

/** All that service workers have put aside, by shelf. */
function shelves(page: Page): Promise<Record<string, string[]>> {
  return page.evaluate(async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async name => [
    name, (await (await caches.open(name)).keys()).map(one => new URL(one.url).pathname),
  ]))))
}

test('the shell has no answer of the API; an earlier shell is removed, and what is not of the wallet stays', async ({ page }) => {
  await page.goto('/logo.svg')
  await page.evaluate(async () => { await Promise.all([caches.open('sycee.wallet.earlier'), caches.open('other')]) })
  await signedIn(page)
  await shellKept(page)
  await enter(page, 'wallet', await customer(page, 'fr', 'EUR', 500))
  await expect(page.getByText('€5.00').first()).toBeVisible()
  await expect.poll(async () => Object.keys(await shelves(page)).sort()).toEqual(['other', expect.stringMatching(/^sycee\.wallet\.[0-9a-f]{16}$/)])
  const paths = Object.values(await shelves(page)).flat()
  expect(paths).toContain('/wallet/')
  expect(paths.filter(path => /^\/(api|sandbox)\//.test(path))).toEqual([])
})
