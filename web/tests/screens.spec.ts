import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from '@playwright/test'
import { customer, enter, expect, shop, test, type, type Actor } from './stage'

// The pictures of docs/screens: one for each point of the list there, named by its number. They are taken where SYCEE_SCREENS names a
// folder, and prove nothing: what they show is tested elsewhere. So nothing here depends on the words of a screen that can be found
// by what it is.

const folder = process.env.SYCEE_SCREENS

test.skip(folder === undefined, 'pictures are taken where SYCEE_SCREENS names a folder')
test.use({ timezoneId: 'Europe/Paris' })

const PIN = '739164'
const TABLET = { width: 820, height: 1180 }

/** A picture of what is seen now, without the marks of a cursor or of something that moves. */
async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(folder ?? '', `${name}.png`), animations: 'disabled', caret: 'hide' })
}

/** Waits until nothing of the page is on its way. */
async function still(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeAttached()
  await expect(page.locator('[role="status"][aria-label]:has(> span:empty)')).toHaveCount(0)
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await still(page)
}

const main = (page: Page) => page.locator('main .button.main')
const dialog = (page: Page) => page.getByRole('dialog')

async function made(page: Page, path: string, data: object, token?: string): Promise<Record<string, string>> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}`, 'idempotency-key': `${path}-${JSON.stringify(data)}`.slice(0, 60) }
  const answer = await page.request.post(path, { data, headers })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return (await answer.json()) as Record<string, string>
}

const euros = (minor: number) => ({ currency: 'EUR', minor })

interface World {
  anna: Actor
  ben: Actor
  cafe: Actor
  /** The printed code of the shop. */
  code: string
  /** The shop's number of an order that was paid. */
  lunch: string
}

/** An order of the shop, paid. */
async function paidOrder(page: Page, by: Actor, at: Actor, number: string, subject: string, minor: number): Promise<string> {
  const order = { out_trade_no: number, subject, total: { currency: 'EUR', minor: String(minor) } }
  const said = await page.request.post('/api/v1/orders', { data: { order }, headers: { authorization: `Bearer ${at.token}` } })
  const { order: { trade_no: trade } } = await said.json()
  await made(page, `/sandbox/v1/customers/${by.id}/pay`, { trade_no: trade, confirm: true })
  return trade as string
}

/** Two people who know each other and the café where they eat. */
async function world(page: Page): Promise<World> {
  const [anna, ben, cafe] = [
    await customer(page, 'fr', 'EUR', 84_250, 'Anna Martin'), await customer(page, 'fr', 'EUR', 30_000, 'Ben Fischer'),
    await shop(page, 'fr', 'Café du Port'),
  ]
  await made(page, `/sandbox/v1/merchants/${cafe.id}/settlement`, {})
  const { code = '' } = await made(page, `/sandbox/v1/merchants/${cafe.id}/static-code`, {})
  const pay = (who: Actor, minor: number) => (
    made(page, `/sandbox/v1/customers/${who.id}/pay`, { code, amount: euros(minor), confirm: true }))
  const stem = String(Date.now()).slice(-6)
  await pay(anna, 420)
  await made(page, `/sandbox/v1/customers/${ben.id}/send`, { to: anna.id, amount: euros(2_350), confirm: true })
  const lunch = `TABLE-${stem}`
  const trade = await paidOrder(page, anna, cafe, lunch, 'Lunch for two', 3_480)
  await pay(ben, 1_190)
  await made(page, '/api/v1/refunds', {
    amount: { currency: 'EUR', minor: '680' }, out_request_no: `R-${stem}`, trade_no: trade,
  }, cafe.token)
  await paidOrder(page, ben, cafe, `TERRACE-${stem}`, 'Two coffees', 760)
  await made(page, `/sandbox/v1/customers/${anna.id}/send`, { to: ben.id, amount: euros(1_500), confirm: true })
  await pay(anna, 275)
  return { anna, ben, cafe, code, lunch }
}

/** Another phone, or a tablet. */
async function device(browser: Browser, baseURL: string | undefined, options: BrowserContextOptions): Promise<Page> {
  const made = await browser.newContext({
    baseURL: baseURL ?? '', viewport: { width: 360, height: 780 }, locale: 'en-GB', timezoneId: 'Europe/Paris', ...options,
  })
  return made.newPage()
}

/** Types a code where codes are scanned, and has it looked up. */
async function lookUp(page: Page, code: string): Promise<void> {
  await open(page, '/wallet/scan')
  await page.locator('main input:not([type="file"])').first().fill(code)
  await main(page).click()
}

/** A customer of China before a printed code of Thailand: as far as the amount. */
async function abroad(page: Page, minor = 500_000): Promise<void> {
  const [li, noodles] = [await customer(page, 'cn', 'CNY', minor, 'Li Na'), await shop(page, 'th', 'Krung Thep Noodles')]
  const { code = '' } = await made(page, `/sandbox/v1/merchants/${noodles.id}/static-code`, {})
  await enter(page, 'wallet', li)
  await lookUp(page, code)
  await type(page, '480')
}

/** Somebody with a PIN. */
async function withPin(page: Page): Promise<Actor & { phone: string }> {
  const phone = `+999${Date.now().toString().slice(-9)}`
  const { customer_id: id = '', token = '' } = await made(page, '/sandbox/v1/customers', {
    cell: 'fr', name: 'Clara Dubois', balance: euros(50_000), phone, pin: PIN,
  })
  return { id, token, phone }
}

test('money and home: 1, 6, 7, 8, 11, 28', async ({ page, browser, baseURL }) => {
  // Pakistan: browsers give its currency no decimals, ISO 4217 gives it two.
  const [ayesha, omar] = [await customer(page, 'pk', 'PKR', 1_284_550, 'Ayesha Khan'), await customer(page, 'pk', 'PKR', 900_000, 'Omar Malik')]
  const rupees = (minor: number) => ({ currency: 'PKR', minor })
  await made(page, `/sandbox/v1/customers/${omar.id}/send`, { to: ayesha.id, amount: rupees(125_050), confirm: true })
  await made(page, `/sandbox/v1/customers/${ayesha.id}/send`, { to: omar.id, amount: rupees(40_075), confirm: true })
  await enter(page, 'wallet', ayesha)
  await still(page)
  await picture(page, '01-digits')
  const urdu = await device(browser, baseURL, { locale: 'ur-PK' })
  await enter(urdu, 'wallet', ayesha)
  await open(urdu, '/wallet/history')
  await picture(urdu, '07-figures-in-urdu')

  const { anna } = await world(page)
  await enter(page, 'wallet', anna)
  await still(page)
  await picture(page, '08-home')
  await page.locator('section button[aria-pressed]').first().click()
  await picture(page, '11-hidden')
  await page.locator('section button[aria-pressed]').first().click()
  await open(page, '/wallet/history')
  await picture(page, '06-sign-word-colour')
  await open(page, '/wallet/limits')
  await picture(page, '28-test-mode')
})

test('a price abroad: 2, 3, 4, 17', async ({ page }) => {
  await page.clock.install()
  await abroad(page)
  await still(page)
  await picture(page, '04-both-amounts')
  await main(page).click()
  await expect(page.getByText(/^1 THB = [\d.]+ CNY$/).first()).toBeVisible()
  await picture(page, '02-price')
  const pay = (await main(page).textContent()) ?? ''
  await page.clock.fastForward(61_000)
  await expect(main(page)).not.toHaveText(pay)
  await picture(page, '03-price-too-old')
  const again = (await main(page).textContent()) ?? ''
  await main(page).click()
  await expect(main(page)).not.toHaveText(again)
  await main(page).click()
  await expect(page.getByRole('heading', { level: 2 }).first()).toBeFocused()
  await picture(page, '17-result')
})

test('who has not enough: 25', async ({ page }) => {
  await abroad(page, 100)
  await main(page).click()
  await expect(page.getByText(/^1 THB = [\d.]+ CNY$/).first()).toBeVisible()
  await main(page).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByRole('alert').scrollIntoViewIfNeeded()
  await picture(page, '25-where-the-money-is')
})

test('sending: 5, 15, 16', async ({ page }) => {
  const { anna, ben } = await world(page)
  await enter(page, 'wallet', anna)
  await open(page, `/wallet/send/${ben.id}`)
  await type(page, '25')
  await main(page).click()
  await expect(dialog(page)).toBeVisible()
  await picture(page, '05-arrives-at-once')
  // The first answer is lost, and the button is tapped twice: the same is asked again.
  let lost = 0
  await page.route('**/api/v1/send', async route => {
    lost += 1
    if (lost > 1) return route.continue()
    await route.fetch()
    await route.abort()
  })
  await dialog(page).locator('.button.main').dblclick()
  await expect(dialog(page)).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 2 }).first()).toBeFocused()
  await picture(page, '15-sent-once')

  const clara = await withPin(page)
  await enter(page, 'wallet', clara)
  await open(page, `/wallet/send/${ben.id}`)
  // The server asks for this minutes after signing in, by its clock, which is everybody's.
  await page.unrouteAll()
  await page.route('**/api/v1/send', route => route.fulfill({
    status: 403, contentType: 'application/problem+json',
    json: { code: 'proof_needed', title: '', status: 403, detail: '', money: '', what_to_do: '' },
  }))
  await type(page, '90')
  await main(page).click()
  await dialog(page).locator('.button.main').click()
  await expect(page.locator('dialog input[type="password"]')).toBeVisible()
  await picture(page, '16-proof')
})

test('the code that the shop scans: 9, 10, 12, 18, 26', async ({ page, context }) => {
  const { anna, cafe } = await world(page)
  await enter(page, 'wallet', anna)
  await open(page, '/wallet/code')
  const shown = page.locator('[data-code]')
  await expect(shown).toBeVisible()
  await picture(page, '18-show-to-the-cashier')
  await page.locator('button.codes, main section button[aria-pressed]').first().click()
  await picture(page, '09-codes-large')
  await page.locator('button.codes, main section button[aria-pressed]').first().click()
  const order = { out_trade_no: `O-${Date.now()}`, subject: 'Lunch', total: { currency: 'EUR', minor: '1250' } }
  await made(page, '/api/v1/orders/by-pay-code', { auth_code: await shown.getAttribute('data-code'), order }, cafe.token)
  await expect(page.getByRole('heading', { level: 2 }).first()).toBeFocused()
  await picture(page, '12-paid-without-a-touch')

  await page.evaluate(async () => { await navigator.serviceWorker.ready })
  await open(page, '/wallet/')
  await open(page, '/wallet/code')
  await expect(shown).toBeVisible()
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).some(one => one.name === 'sycee.codes'))).toBe(true)
  await page.waitForTimeout(1_500)
  await context.setOffline(true)
  await page.goto('/wallet/code')
  await expect(shown).toBeVisible()
  await picture(page, '10-code-without-a-connection')
  await page.goto('/wallet/')
  await expect(page.locator('main section .figures').first()).toBeVisible()
  await picture(page, '26-without-a-connection')
  await context.setOffline(false)
})

test('scanning: 13, 14', async ({ page }) => {
  const { anna } = await world(page)
  await enter(page, 'wallet', anna)
  await open(page, '/wallet/scan')
  await picture(page, '13-scan')
  await lookUp(page, 'https://example.org/menu')
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByRole('alert').scrollIntoViewIfNeeded()
  await picture(page, '14-unknown-code')
})

test('history: 19, 20, 21, 22', async ({ page }) => {
  const { anna } = await world(page)
  await enter(page, 'wallet', anna)
  await open(page, '/wallet/history')
  await page.getByRole('searchbox').fill('lunch')
  await page.locator('main summary').first().click()
  await picture(page, '19-search-and-filters')
  await page.getByRole('searchbox').fill('')
  await page.locator('main summary').first().click()
  const movements = page.locator('main li button')
  await expect(movements.first()).toBeVisible()
  // What came back of the lunch.
  await movements.filter({ hasText: '6.80' }).first().click()
  await expect(dialog(page)).toBeVisible()
  await picture(page, '20-refunded')
  await page.keyboard.press('Escape')
  await movements.filter({ hasText: '34.80' }).first().click()
  await expect(dialog(page)).toBeVisible()
  await picture(page, '21-a-movement')
  await page.keyboard.press('Escape')
  await open(page, '/wallet/statement')
  await expect(page.locator('article tbody tr').first()).toBeVisible()
  await picture(page, '22-statement')
})

test('states: 23, 24', async ({ page }) => {
  const nobody = await customer(page, 'fr', 'EUR', 0, 'Denis Blanc')
  await enter(page, 'wallet', nobody)
  await open(page, '/wallet/history')
  await picture(page, '24-empty')
  const { anna } = await world(page)
  await enter(page, 'wallet', anna)
  const held = new Promise<void>(resolve => setTimeout(resolve, 8_000))
  await page.route('**/api/v1/history?*', async route => { await held; await route.continue() })
  await page.goto('/wallet/history')
  await expect(page.locator('main [role="status"][aria-label]')).toBeVisible()
  await picture(page, '23-skeleton')
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('reach: 29, 30, 31, 32, 33, 34', async ({ page, browser, baseURL }) => {
  const { anna } = await world(page)
  await enter(page, 'wallet', anna)
  await still(page)
  await page.locator('main nav a').first().focus()
  await page.keyboard.press('Tab')
  await picture(page, '29-keyboard')
  await open(page, '/wallet/settings')
  await page.locator('main [aria-haspopup="dialog"]').first().click()
  await expect(dialog(page)).toBeVisible()
  await picture(page, '32-language')

  const large = await device(browser, baseURL, { viewport: { width: 400, height: 780 } })
  await enter(large, 'wallet', anna)
  await still(large)
  await large.evaluate(() => { document.documentElement.style.fontSize = '200%' })
  await picture(large, '30-text-of-200-percent')

  const ayesha = await customer(page, 'pk', 'PKR', 1_284_550, 'عائشہ خان')
  const dark = await device(browser, baseURL, { locale: 'ur-PK', colorScheme: 'dark', reducedMotion: 'reduce' })
  await enter(dark, 'wallet', ayesha)
  await still(dark)
  await picture(dark, '31-dark-urdu')

  const fresh = await device(browser, baseURL, {})
  await open(fresh, '/wallet/')
  await expect(fresh.locator('input').first()).toBeVisible()
  await picture(fresh, '33-first-visit')

  const branded = await device(browser, baseURL, {})
  await branded.route('**/brand.css', route => route.fulfill({ contentType: 'text/css', body: ':root{--accent:#7a1f5c;--on-accent:#fff}' }))
  await branded.route('**/site.json', async route => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...await answer.json(), name: 'Mistral Pay' } })
  })
  await enter(branded, 'wallet', anna)
  await still(branded)
  await picture(branded, '34-another-brand')
})

test('the counter: 27, 35, 36, 37, 38, 39', async ({ page, browser, baseURL }) => {
  const { anna, ben, cafe, code, lunch } = await world(page)
  const tablet = await device(browser, baseURL, { viewport: TABLET })
  await enter(tablet, 'merchant', cafe)
  await still(tablet)
  await type(tablet, '12.50')
  await tablet.locator('main .button.main').click()
  await expect(tablet.locator('svg[data-text]')).toBeVisible()
  await picture(tablet, '35-code-on-a-tablet')
  const order = await tablet.locator('svg[data-text]').getAttribute('data-text')
  await made(page, `/sandbox/v1/customers/${ben.id}/pay`, { code: order, confirm: true })
  await expect(tablet.getByRole('heading', { level: 1 })).toBeFocused()
  await picture(tablet, '35-paid')
  await tablet.close()

  await enter(page, 'merchant', cafe)
  await still(page)
  await type(page, '7.60')
  await page.locator('main .button.main + .button').click()
  await expect(dialog(page)).toBeVisible()
  await picture(page, '36-scan-a-customer')
  await page.keyboard.press('Escape')

  await open(page, `/merchant/orders/${lunch}`)
  await expect(page.locator('main .figures').first()).toBeVisible()
  await picture(page, '37-an-order')
  await page.locator('main').getByRole('button', { name: /^Refund/ }).last().click()
  await expect(dialog(page)).toBeVisible()
  await type(page, '5')
  await dialog(page).locator('.button.bad, .button.main').last().click()
  await expect(dialog(page).locator('circle').first()).toBeVisible()
  await picture(page, '27-take-back')
  await page.keyboard.press('Escape')

  await open(page, '/merchant/today')
  await page.locator('main').getByRole('button', { name: /shift/i }).first().click()
  await made(page, `/sandbox/v1/customers/${anna.id}/pay`, { code, amount: euros(930), confirm: true })
  const headers = { authorization: `Bearer ${cafe.token}` }
  const { items: [settlement] } = await (await page.request.get('/api/v1/settlements/EUR', { headers })).json()
  await page.goto(`/merchant/settlements/EUR/${settlement.date}`)
  await still(page)
  await picture(page, '38-settlement')
  await page.goto('/merchant/today')
  await still(page)
  await expect(page.locator('main dl').first()).toBeVisible()
  await picture(page, '39-today')
  await page.locator('main').getByRole('button', { name: /shift/i }).first().scrollIntoViewIfNeeded()
  await picture(page, '39-shift')
})
