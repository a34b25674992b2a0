import type { Page } from '@playwright/test'
import { authenticator } from './authenticator'
import { accessible, balance, customer, enter, expect, shop, test, type, type Actor } from './stage'

const PIN = '739164'

type Rank = 'cashier' | 'manager' | 'owner'

/** One of a shop's people, made by the shop's own token. */
async function member(page: Page, of: Actor, name: string, role: Rank): Promise<string> {
  const answer = await page.request.post('/api/v1/members', {
    headers: { authorization: `Bearer ${of.token}`, 'idempotency-key': `member-${role}` }, data: { name, role, pin: PIN },
  })
  expect(answer.status()).toBe(200)
  return (await answer.json()).member
}

/** Types who one is and the PIN. */
async function identify(page: Page, number: string, pin = PIN): Promise<void> {
  await page.getByLabel('Phone number or your own number').fill(number)
  await page.getByLabel('PIN', { exact: true }).fill(pin)
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click()
}

/** Takes an amount from a customer by the code that their phone shows, and goes to the order. */
async function take(page: Page, from: Actor, euros: string): Promise<string> {
  const answer = await page.request.post('/api/v1/pay-code', { headers: { authorization: `Bearer ${from.token}` } })
  await type(page, euros)
  await page.getByRole('button', { name: 'Scan the customer’s code' }).click()
  await page.getByRole('textbox', { name: 'Customer’s code' }).fill((await answer.json()).auth_code)
  await page.getByRole('button', { name: new RegExp(`^Take .*${euros}`) }).click()
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await page.getByRole('button', { name: 'Order', exact: true }).click()
  await expect(page.getByText('Reference')).toBeVisible()
  return new URL(page.url()).pathname.split('/').pop() ?? ''
}

test('a cashier takes a payment and cannot give it back; the manager who comes next can', async ({ page }) => {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 10_000), await shop(page, 'fr')]
  const [clem, mia] = [await member(page, cafe, 'Clément', 'cashier'), await member(page, cafe, 'Mia', 'manager')]
  await page.goto('/merchant/')
  await accessible(page)
  await identify(page, clem, '000001')
  await expect(page.getByRole('alert')).toContainText('An owner of your shop')
  await identify(page, clem)
  await expect(page.getByText('Clément')).toBeVisible()
  await expect(page.getByText('Cashier', { exact: true })).toBeVisible()
  await accessible(page)
  await page.reload()
  await expect(page.getByText('Clément')).toBeVisible()
  const order = await take(page, anna, '12.50')
  await expect(page.getByRole('button', { name: 'Refund' })).toHaveCount(0)
  const refund = { amount: { currency: 'EUR', minor: '250' }, out_request_no: 'r1', out_trade_no: order }
  // The page's own session, not only the missing button: what a page sends comes from the page.
  const refused = await page.evaluate(async data => {
    const answer = await fetch('/api/v1/refunds', {
      method: 'POST', headers: { 'content-type': 'application/json', 'sycee-app': 'shop' }, body: JSON.stringify(data),
    })
    return [answer.status, ((await answer.json()) as { code: string }).code]
  }, refund)
  expect(refused).toEqual([403, 'caller_unfit'])
  // Of the day a cashier sees what was taken, and no sums: nothing is asked that the server would refuse.
  const forbidden: string[] = []
  page.on('response', answer => { if (answer.status() === 403) forbidden.push(answer.url()) })
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Paris' }).format(new Date())
  await page.goto(`/merchant/today?day=${day}`)
  await expect(page.getByRole('region', { name: 'Taken by hour' }).getByRole('table')).toContainText('€12.50')
  await expect(page.getByRole('region')).toHaveCount(1)
  await expect(page.getByRole('button', { name: 'Save as CSV' })).toHaveCount(0)
  expect(forbidden).toEqual([])
  await accessible(page)
  await page.goto('/merchant/people')
  await expect(page.getByRole('heading', { name: 'There is no such page' }).first()).toBeVisible()
  await page.goto('/merchant/account')
  await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0)
  await accessible(page)

  await page.goto('/merchant/')
  await page.getByRole('button', { name: 'Change person' }).click()
  await expect(page.getByRole('button', { name: /^Clément/ })).toBeVisible()
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }))
  expect([kept.includes(clem), kept.includes(PIN), kept.includes('token')]).toEqual([true, false, false])
  await accessible(page)
  await page.getByRole('button', { name: 'Somebody else' }).click()
  await identify(page, mia)
  await expect(page.getByText('Mia')).toBeVisible()
  await page.goto(`/merchant/orders/${order}`)
  await page.getByRole('button', { name: 'Refund' }).click()
  await type(page, '2.50')
  await page.getByRole('button', { name: /^Refund .*2\.50/ }).click()
  await expect(page.getByText('Partly refunded')).toBeVisible()
  expect([await balance(page, 'customers', anna), await balance(page, 'merchants', cafe)]).toEqual([9_000, 1_000])

  // Both are known here now: a name and a PIN are enough.
  await page.goto('/merchant/')
  await page.getByRole('button', { name: 'Change person' }).click()
  await page.getByRole('button', { name: /^Clément/ }).click()
  await expect(page.getByLabel('PIN', { exact: true })).toBeFocused()
  await page.keyboard.type(PIN)
  await page.keyboard.press('Enter')
  await expect(page.getByText('Cashier', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Change person' }).click()
  await page.getByRole('button', { name: /^Take .*Mia.* off/ }).click()
  await expect(page.getByRole('button', { name: /Mia/ })).toHaveCount(0)
})

test('an owner adds somebody, changes the role and the PIN, dismisses them and takes them back', async ({ page, browser, baseURL }) => {
  const cafe = await shop(page, 'fr')
  const owner = await member(page, cafe, 'Olga', 'owner')
  await page.goto('/merchant/')
  await identify(page, owner)
  await page.getByRole('link', { name: /Olga/ }).click()
  await page.getByRole('link', { name: 'People' }).click()
  await expect(page.getByText('You', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Add somebody' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Name').fill('Tom')
  await accessible(page)
  await sheet.getByRole('button', { name: 'Add somebody' }).click()
  await expect(sheet.getByRole('heading', { name: 'Remember these' })).toBeVisible()
  const number = ((await sheet.locator('[data-number]').textContent()) ?? '').replace(/\s/g, '')
  const pin = (await sheet.locator('[data-pin]').textContent()) ?? ''
  await accessible(page)
  await sheet.getByRole('button', { name: 'Done' }).click()

  const elsewhere = await browser.newContext({ baseURL: baseURL ?? '', viewport: { width: 360, height: 780 }, locale: 'en-GB' })
  const counter = await elsewhere.newPage()
  await counter.goto('/merchant/')
  await identify(counter, number, pin)
  await expect(counter.getByText('Cashier', { exact: true })).toBeVisible()

  const tom = page.locator(`[data-member="${number}"]`)
  await tom.click()
  await accessible(page)
  await sheet.getByText('Manager', { exact: true }).click()
  await sheet.getByRole('button', { name: 'Save the role' }).click()
  await expect(tom).toContainText('Manager')
  await counter.reload()
  await expect(counter.getByText('Manager', { exact: true })).toBeVisible()

  await tom.click()
  await sheet.getByRole('button', { name: 'Give a new PIN' }).click()
  await sheet.getByLabel('Their PIN, six digits').fill('264915')
  await sheet.getByRole('button', { name: 'Give a new PIN' }).click()
  await sheet.getByRole('button', { name: 'Done' }).click()
  await counter.reload()
  await expect(counter.getByText('Your session has ended')).toBeVisible()
  await counter.getByRole('button', { name: /^Tom/ }).click()
  await counter.getByLabel('PIN', { exact: true }).fill('264915')
  await counter.getByRole('button', { name: 'Sign in', exact: true }).first().click()
  await expect(counter.getByText('Manager', { exact: true })).toBeVisible()

  await tom.click()
  await sheet.getByRole('button', { name: 'Dismiss' }).click()
  await accessible(page)
  await sheet.getByRole('button', { name: 'Dismiss', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'No longer here' })).toBeVisible()
  await counter.reload()
  await expect(counter.getByText('Your session has ended')).toBeVisible()
  await counter.getByRole('button', { name: /^Tom/ }).click()
  await counter.getByLabel('PIN', { exact: true }).fill('264915')
  await counter.getByRole('button', { name: 'Sign in', exact: true }).first().click()
  await expect(counter.getByRole('alert')).toContainText('Number or PIN is wrong')

  await tom.click()
  await sheet.getByRole('button', { name: 'Take back' }).click()
  await expect(page.getByRole('heading', { name: 'No longer here' })).toHaveCount(0)
  await counter.getByLabel('PIN', { exact: true }).fill('264915')
  await counter.getByRole('button', { name: 'Sign in', exact: true }).first().click()
  await expect(counter.getByText('Manager', { exact: true })).toBeVisible()

  // The last owner stays one.
  await page.locator(`[data-member="${owner}"]`).click()
  await sheet.getByText('Cashier', { exact: true }).click()
  await sheet.getByRole('button', { name: 'Save the role' }).click()
  await expect(sheet.getByRole('alert')).toContainText('this is the last one')
  await elsewhere.close()
})

test('a cashier signs in at the counter with a passkey, and a customer’s passkey opens no counter', async ({ page }) => {
  await authenticator(page)
  const cafe = await shop(page, 'fr')
  await page.goto('/merchant/')
  await identify(page, await member(page, cafe, 'Clément', 'cashier'))
  await page.getByRole('link', { name: /Clément/ }).click()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.locator('[data-passkey]')).toHaveCount(1)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: /^Clément/ }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText('Cashier', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Change person' }).click()
  await expect(page.getByRole('button', { name: /^Clément/ })).toBeVisible()

  await page.goto('/wallet/')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('alert')).toContainText('not the account of a customer')
  await page.reload()
  await expect(page.getByLabel('PIN', { exact: true })).toBeVisible()
})

test('a wallet and a counter are open in one browser; of two windows of one counter both show who signed in last', async ({ page, context }) => {
  const cafe = await shop(page, 'fr')
  const [clem, mia] = [await member(page, cafe, 'Clément', 'cashier'), await member(page, cafe, 'Mia', 'manager')]
  const phone = `+999${Date.now().toString().slice(-9)}`
  const balance = { currency: 'EUR', minor: 4_200 }
  await page.request.post('/sandbox/v1/customers', { data: { cell: 'fr', name: 'Zoé', balance, phone, pin: PIN } })
  await page.goto('/wallet/')
  await page.getByLabel('Phone number or customer number').fill(phone)
  await page.getByLabel('PIN', { exact: true }).fill(PIN)
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click()
  await expect(page.getByText('€42.00').first()).toBeVisible()

  const [counter, other] = [await context.newPage(), await context.newPage()]
  await counter.goto('/merchant/')
  await identify(counter, clem)
  await expect(counter.getByText('Cashier', { exact: true })).toBeVisible()
  // The wallet has a cookie of its own.
  await page.reload()
  await expect(page.getByText('€42.00').first()).toBeVisible()
  await other.goto('/merchant/')
  await other.getByRole('button', { name: 'Change person' }).click()
  await other.getByRole('button', { name: 'Somebody else' }).click()
  await identify(other, mia)
  await expect(other.getByText('Manager', { exact: true })).toBeVisible()
  await expect(counter.getByText('Manager', { exact: true })).toBeVisible()
})

test('the token of the whole shop still opens everything', async ({ page }) => {
  const cafe = await shop(page, 'fr')
  await enter(page, 'merchant', cafe)
  await page.getByRole('link', { name: /Café du Port/ }).click()
  await expect(page.getByText('Number of the shop')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Passkeys' })).toHaveCount(0)
  await page.getByRole('link', { name: 'People' }).click()
  await expect(page.getByRole('heading', { name: 'Nobody yet' })).toBeVisible()
  await accessible(page)
})

test('somebody opens a shop with a phone number and takes a payment at once', async ({ page }) => {
  const [anna, phone] = [await customer(page, 'fr', 'EUR', 10_000), `+999${Date.now().toString().slice(-9)}`]
  await page.goto('/merchant/account')
  await page.getByRole('button', { name: 'Open a shop' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Market').selectOption('fr')
  await sheet.getByLabel('Your name').fill('Olga')
  await sheet.getByLabel('Phone number', { exact: true }).fill(phone)
  await sheet.getByRole('button', { name: 'Send the code' }).click()
  await expect(sheet.getByRole('alert')).toContainText('The name of the shop is missing')
  await sheet.getByLabel('Name of the shop').fill('Chez Olga')
  await sheet.getByLabel('What it sells').selectOption({ label: 'Restaurant' })
  await accessible(page)
  const asked = page.waitForRequest('**/api/v1/sign-ups')
  await sheet.getByRole('button', { name: 'Send the code' }).click()
  expect((await asked).postDataJSON()).toEqual({ name: 'Olga', phone, cell: 'fr', shop: { name: 'Chez Olga', mcc: '5812' } })
  const said = await page.getByText(/Your code is .?\d{6}/).textContent()
  await sheet.getByLabel('Code from the message').fill(/\d{6}/.exec(said ?? '')?.[0] ?? '')
  await sheet.getByLabel('Choose a PIN of six digits').fill(PIN)
  await sheet.getByRole('button', { name: 'Open my shop' }).click()
  await expect(page.getByText('Owner', { exact: true })).toBeVisible()
  await expect(page.getByText('Chez Olga')).toBeVisible()
  await expect(page).toHaveURL(/\/merchant\/$/)
  await take(page, anna, '7.20')
  await expect(page.getByRole('button', { name: 'Refund' })).toBeVisible()

  await page.goto('/merchant/')
  await page.getByRole('button', { name: 'Change person' }).click()
  await page.getByRole('button', { name: 'Somebody else' }).click()
  // By phone, which is looked for in a market.
  await page.getByLabel('Market').first().selectOption('fr')
  await identify(page, phone)
  await expect(page.getByText('Owner', { exact: true })).toBeVisible()
})
