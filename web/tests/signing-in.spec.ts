import type { Page } from '@playwright/test'
import { accessible, customer, enter, expect, test } from './stage'

interface Login {
  phone: string
  pin: string
}

/** Makes a customer by the app itself, and signs in as it. */
async function tryOut(page: Page): Promise<Login> {
  await page.goto('/wallet/')
  await page.getByRole('button', { name: 'Make a customer' }).click()
  await page.getByLabel('Name').fill('Clara')
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByRole('heading', { name: 'Remember these' })).toBeVisible()
  const login = {
    phone: (await page.locator('[data-login]').textContent()) ?? '', pin: (await page.locator('[data-pin]').textContent()) ?? '',
  }
  await page.getByRole('button', { name: 'Open the wallet' }).click()
  await expect(page.getByText('€500.00').first()).toBeVisible()
  return login
}

async function signIn(page: Page, { phone, pin }: Login): Promise<void> {
  await page.getByLabel('Phone number or customer number').fill(phone)
  await page.getByLabel('PIN', { exact: true }).fill(pin)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByLabel('PIN', { exact: true })).toBeVisible()
}

/** What a script of the page could read. */
function reach(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
}

test('a customer is made, signs out, and signs in again with phone number and PIN; nothing secret is in reach', async ({ page, context }) => {
  const login = await tryOut(page)
  await page.reload()
  await expect(page.getByText('€500.00').first()).toBeVisible()
  const cookie = (await context.cookies(`${new URL(page.url()).origin}/api/v1/me`)).find(one => one.name === 'sycee_session')
  expect([cookie?.httpOnly, cookie?.sameSite, cookie?.path]).toEqual([true, 'Strict', '/api/v1'])
  const seen = await reach(page)
  for (const secret of [cookie?.value ?? '', login.pin, login.phone, 'token']) expect(seen).not.toContain(secret)

  await page.getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByText('Clara')).toBeVisible()
  await accessible(page)
  await page.getByRole('button', { name: 'Back' }).click()
  await signOut(page)
  await page.reload()
  await expect(page.getByLabel('PIN', { exact: true })).toBeVisible()
  expect((await page.request.get('/api/v1/me', { headers: { cookie: `sycee_session=${cookie?.value}` } })).status()).toBe(401)

  await signIn(page, { ...login, pin: '000001' })
  await expect(page.getByRole('alert')).toContainText('Number or PIN is wrong')
  await expect(page.getByRole('alert')).toContainText('support')
  await accessible(page)
  await signIn(page, login)
  await expect(page.getByText('€500.00').first()).toBeVisible()
})

test('a first visit asks nothing that is refused', async ({ page }) => {
  const refused: string[] = []
  page.on('response', answer => { if (answer.status() >= 400) refused.push(answer.url()) })
  await page.goto('/wallet/')
  await expect(page.getByRole('button', { name: 'Make a customer' })).toBeVisible()
  expect(refused).toEqual([])
})

test('after five wrong PINs it says from when on one may sign in again', async ({ page }) => {
  const login = await tryOut(page)
  await signOut(page)
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const answered = page.waitForResponse('**/api/v1/sessions')
    await signIn(page, { ...login, pin: '000001' })
    await answered
  }
  await signIn(page, login)
  await expect(page.getByRole('alert')).toContainText(/You can sign in again from .*\d:\d\d/)
  await expect(page.getByRole('alert')).toContainText('This protects your money')
  await accessible(page)
})

test('another device is listed, is ended here, and is signed out there', async ({ page, browser, baseURL }) => {
  const login = await tryOut(page)
  const elsewhere = await browser.newContext({ baseURL: baseURL ?? '', viewport: { width: 360, height: 780 } })
  const other = await elsewhere.newPage()
  await other.goto('/wallet/')
  await expect(other.getByLabel('Market')).toHaveValue('fr')
  await signIn(other, login)
  await expect(other.getByText('€500.00').first()).toBeVisible()

  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Devices and PIN' }).click()
  await expect(page.getByText('This device')).toHaveCount(1)
  await expect(page.getByText('Chrome, Linux')).toHaveCount(2)
  await accessible(page)
  await page.getByRole('button', { name: /^End .*Chrome/ }).click()
  await accessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
  await expect(page.getByText('Chrome, Linux')).toHaveCount(1)
  await expect(other.getByText('Your session has ended')).toBeVisible()
  await elsewhere.close()
})

test('the PIN is changed, and only the new one is good', async ({ page }) => {
  const login = await tryOut(page)
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Devices and PIN' }).click()
  await page.getByRole('button', { name: 'Change PIN' }).click()
  const dialog = page.getByRole('dialog')
  const fill = async (present: string, wanted: string, again: string) => {
    await dialog.getByLabel('Present PIN').fill(present)
    await dialog.getByLabel('New PIN', { exact: true }).fill(wanted)
    await dialog.getByLabel('New PIN again').fill(again)
    await dialog.getByRole('button', { name: 'Change PIN' }).click()
  }
  await fill(login.pin, '123456', '123456')
  await expect(dialog).toContainText('too easy to guess')
  await fill(login.pin, '264915', '264951')
  await expect(dialog).toContainText('not the same')
  await fill('000001', '264915', '264915')
  await expect(dialog.getByRole('alert')).toContainText('PIN is wrong')
  await accessible(page)
  await fill(login.pin, '264915', '264915')
  await expect(page.getByText('Your PIN is changed')).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('button', { name: 'Back' }).click()
  await signOut(page)
  await signIn(page, login)
  await expect(page.getByRole('alert')).toContainText('Number or PIN is wrong')
  await signIn(page, { ...login, pin: '264915' })
  await expect(page.getByText('€500.00').first()).toBeVisible()
})

test('the balance changes by itself when money comes, long before it would be asked for', async ({ page }) => {
  const standing = page.waitForResponse('**/api/v1/events/stream')
  const login = await tryOut(page)
  await standing
  const me = await page.evaluate(async () => (await (await fetch('/api/v1/me')).json()) as { party: string })
  const anna = await customer(page, 'fr', 'EUR', 10_000)
  const sent = await page.request.post(`/sandbox/v1/customers/${anna.id}/send`, {
    data: { to: me.party, amount: { currency: 'EUR', minor: 1_234 }, confirm: true },
  })
  expect(sent.ok()).toBe(true)
  await expect(page.getByText('€512.34').first()).toBeVisible({ timeout: 20_000 })
  expect(login.pin).toMatch(/^\d{6}$/)
})

test('a token that the address brings signs in, also while the app is open', async ({ page }) => {
  const [anna, ben] = [await customer(page, 'fr', 'EUR', 10_000), await customer(page, 'fr', 'EUR', 700, 'Ben')]
  await page.goto('/wallet/')
  await expect(page.getByRole('button', { name: 'Make a customer' })).toBeVisible()
  await enter(page, 'wallet', anna)
  await expect(page.getByText('€100.00').first()).toBeVisible()
  await enter(page, 'wallet', ben)
  await expect(page.getByText('€7.00').first()).toBeVisible()
  await signOut(page)
  await page.getByText('Sign in with an access token').click()
  await page.getByLabel('Access token').fill(anna.token)
  await page.locator('details').getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('€100.00').first()).toBeVisible()
})

test('somebody opens a wallet with a phone number, and the same number opens no second one', async ({ page }) => {
  const phone = `+999${Date.now().toString().slice(-9)}`
  await page.goto('/wallet/')
  await page.getByRole('button', { name: 'Open a wallet' }).click()
  await page.getByLabel('Market').last().selectOption('fr')
  await page.getByLabel('Your name').fill('Zoé')
  await page.getByLabel('Phone number', { exact: true }).fill(phone)
  await page.getByRole('button', { name: 'Send the code' }).click()
  const said = await page.getByText(/Your code is .?\d{6}/).textContent()
  const code = /\d{6}/.exec(said ?? '')?.[0] ?? ''
  await accessible(page)
  await page.getByLabel('Code from the message').fill(code === '000000' ? '000001' : '000000')
  await page.getByLabel('Choose a PIN of six digits').fill('739164')
  await page.getByRole('button', { name: 'Open my wallet' }).click()
  await expect(page.getByRole('alert')).toContainText('The code is wrong')
  await page.getByLabel('Code from the message').fill(code)
  await page.getByLabel('Choose a PIN of six digits').fill('123456')
  await page.getByRole('button', { name: 'Open my wallet' }).click()
  await expect(page.getByText('too easy to guess')).toBeVisible()
  await page.getByLabel('Choose a PIN of six digits').fill('739164')
  await page.getByRole('button', { name: 'Open my wallet' }).click()
  await expect(page.getByText('Zoé')).toBeVisible()
  await expect(page.getByText('€0.00').first()).toBeVisible()
  // A code was sent a moment ago: the next one has to wait.
  const again = await page.request.post('/api/v1/sign-ups', { data: { name: 'Zoé', phone, cell: 'fr' } })
  expect([again.status(), (await again.json()).code]).toEqual([429, 'sign_in_later'])
})
