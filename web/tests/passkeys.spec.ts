import type { Locator, Page } from '@playwright/test'
import { authenticator } from './authenticator'
import { accessible, balance, customer, expect, test, type } from './stage'

const PIN = '739164'

/** A phone number that nobody has. */
function freshPhone(): string {
  return `+999${Date.now().toString().slice(-9)}`
}

/** Somebody with EUR 100.00 and a PIN, made beside the app. */
async function person(page: Page): Promise<{ id: string; phone: string }> {
  const phone = freshPhone()
  const answer = await page.request.post('/sandbox/v1/customers', {
    data: { cell: 'fr', name: 'Clara', balance: { currency: 'EUR', minor: 10_000 }, phone, pin: PIN },
  })
  return { id: (await answer.json()).customer_id, phone }
}

async function signIn(page: Page, phone: string, has = '€100.00'): Promise<void> {
  await page.goto('/wallet/')
  await page.getByLabel('Phone number or customer number').fill(phone)
  await page.getByLabel('PIN', { exact: true }).fill(PIN)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText(has).first()).toBeVisible()
}

async function signOut(page: Page): Promise<void> {
  await page.goto('/wallet/settings')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByLabel('PIN', { exact: true })).toBeVisible()
}

/** A proof counts five minutes: after six there is none. */
async function sixMinutesLater(page: Page): Promise<void> {
  expect((await page.request.post('/sandbox/v1/clock/advance', { data: { seconds: 360 } })).ok()).toBe(true)
}

/** Asks to send so many euros, as far as the button that sends. */
async function send(page: Page, payee: string, euros: string): Promise<void> {
  await page.goto(`/wallet/send/${payee}`)
  await type(page, euros)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: new RegExp(`^Send .*${euros}`) }).click()
}

/** Opens a wallet by the app, as far as what is offered then. */
async function signUp(page: Page, phone: string): Promise<Locator> {
  await page.goto('/wallet/')
  await page.getByRole('button', { name: 'Open a wallet' }).click()
  await page.getByLabel('Market').last().selectOption('fr')
  await page.getByLabel('Your name').fill('Zoé')
  await page.getByLabel('Phone number', { exact: true }).fill(phone)
  await page.getByRole('button', { name: 'Send the code' }).click()
  const said = await page.getByText(/Your code is .?\d{6}/).textContent()
  await page.getByLabel('Code from the message').fill(/\d{6}/.exec(said ?? '')?.[0] ?? '')
  await page.getByLabel('Choose a PIN of six digits').fill(PIN)
  await page.getByRole('button', { name: 'Open my wallet' }).click()
  const offer = page.getByRole('dialog', { name: 'Sign in without a PIN?' })
  await expect(offer).toBeVisible()
  return offer
}

test('a new wallet is offered a passkey, and the passkey alone signs in until it is removed', async ({ page }) => {
  await authenticator(page)
  const offer = await signUp(page, freshPhone())
  await accessible(page)
  await offer.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByText('Passkey added')).toBeVisible()
  await expect(offer).toHaveCount(0)

  await signOut(page)
  await accessible(page)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText('Zoé')).toBeVisible()

  await page.goto('/wallet/devices')
  await expect(page.locator('[data-passkey]')).toHaveCount(1)
  await expect(page.locator('[data-passkey]')).toContainText('Last used')
  await accessible(page)
  // The device knows that it has one, and makes no second.
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByText('This device has a passkey of yours already.')).toBeVisible()
  await page.getByRole('button', { name: /^Remove the passkey/ }).click()
  await accessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('You have no passkey yet.')).toBeVisible()

  await signOut(page)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('alert')).toContainText('This passkey is not accepted')
  await expect(page.getByLabel('PIN', { exact: true })).toBeVisible()
})

test('a passkey that is offered may be declined, and whoever has none is told so and takes the PIN', async ({ page }) => {
  await authenticator(page)
  const phone = freshPhone()
  const offer = await signUp(page, phone)
  await offer.getByRole('button', { name: 'Not now' }).click()
  await expect(offer).toHaveCount(0)
  await page.reload()
  await expect(page.getByText('Zoé')).toBeVisible()
  await expect(offer).toHaveCount(0)
  await signOut(page)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('alert')).toContainText('No passkey was used')
  await signIn(page, phone, '€0.00')
})

test('a payment over the market’s bound asks for the PIN once more, and is sent once it is right', async ({ page }) => {
  const [clara, ben] = [await person(page), await customer(page, 'fr', 'EUR', 0, 'Ben')]
  const keys: (string | undefined)[] = []
  page.on('request', request => { if (request.url().endsWith('/api/v1/send')) keys.push(request.headers()['idempotency-key']) })
  await signIn(page, clara.phone)
  await sixMinutesLater(page)
  // EUR 30.00 is the bound, and is not over it.
  await send(page, ben.id, '30')
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible()

  await send(page, ben.id, '40')
  const proof = page.getByRole('dialog', { name: 'Is it you?' })
  await expect(proof).toContainText('Nothing has moved yet')
  await accessible(page)
  expect(await balance(page, 'customers', ben)).toBe(3_000)
  await proof.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('alert')).toContainText('You did not confirm that it is you')
  await page.getByRole('button', { name: /^Send .*40/ }).click()
  await proof.getByLabel('PIN', { exact: true }).fill('000001')
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await expect(proof.getByRole('alert')).toContainText('PIN is wrong')
  expect(await balance(page, 'customers', ben)).toBe(3_000)
  await proof.getByLabel('PIN', { exact: true }).fill(PIN)
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible()
  expect(await balance(page, 'customers', ben)).toBe(7_000)
  // 30, 40 declined, 40 refused and the very same again.
  expect([keys.length, new Set(keys).size, keys[2] === keys[3]]).toEqual([4, 3, true])
})

test('whoever has a passkey proves it with that, and may take the PIN instead', async ({ page }) => {
  await authenticator(page)
  const [clara, ben] = [await person(page), await customer(page, 'fr', 'EUR', 0, 'Ben')]
  await signIn(page, clara.phone)
  await page.goto('/wallet/devices')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.locator('[data-passkey]')).toHaveCount(1)
  await sixMinutesLater(page)
  await send(page, ben.id, '40')
  const proof = page.getByRole('dialog', { name: 'Is it you?' })
  await proof.getByRole('button', { name: 'Use the PIN instead' }).click()
  await expect(proof.getByLabel('PIN', { exact: true })).toBeVisible()
  await proof.getByRole('button', { name: 'Use a passkey' }).click()
  await accessible(page)
  await proof.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible()
  expect(await balance(page, 'customers', ben)).toBe(4_000)
  // It counts for the next ones too.
  await send(page, ben.id, '35')
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible()
  expect(await balance(page, 'customers', ben)).toBe(7_500)
})

test('a browser that cannot convert what it is asked by itself has passkeys too', async ({ page }) => {
  await authenticator(page)
  await page.addInitScript(() => {
    const old = PublicKeyCredential as unknown as Record<string, unknown>
    delete old.parseCreationOptionsFromJSON
    delete old.parseRequestOptionsFromJSON
    delete (PublicKeyCredential.prototype as unknown as Record<string, unknown>).toJSON
  })
  const { phone } = await person(page)
  await signIn(page, phone)
  expect(await page.evaluate(() => 'toJSON' in PublicKeyCredential.prototype)).toBe(false)
  await page.goto('/wallet/devices')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.locator('[data-passkey]')).toHaveCount(1)
  await signOut(page)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByText('€100.00').first()).toBeVisible()
})

test('a session that ends while the proof is asked for takes the question away', async ({ page }) => {
  const [clara, ben] = [await person(page), await customer(page, 'fr', 'EUR', 0, 'Ben')]
  await signIn(page, clara.phone)
  await sixMinutesLater(page)
  await send(page, ben.id, '40')
  const proof = page.getByRole('dialog', { name: 'Is it you?' })
  await proof.getByLabel('PIN', { exact: true }).fill(PIN)
  await page.context().clearCookies()
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByText('Your session has ended')).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await balance(page, 'customers', ben)).toBe(0)
})
