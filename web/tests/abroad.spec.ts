import type { Page } from '@playwright/test'
import { accessible, balance, customer, enter, expect, shop, test, type, type Actor } from './stage'

test('a shop’s printed code abroad: the amount is typed in its currency, and a price whose time is over is not charged', async ({ page }) => {
  await page.clock.install()
  const [li, noodles] = [await customer(page, 'cn', 'CNY', 50_000, 'Li'), await shop(page, 'th', 'Noodles')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${noodles.id}/static-code`, { data: {} })).json()
  await enter(page, 'wallet', li)
  await page.getByRole('link', { name: 'Scan' }).click()
  await page.getByLabel('Code', { exact: true }).fill(code)
  await page.getByRole('button', { name: 'Look it up' }).click()
  await type(page, '80')
  await expect(page.getByLabel('Amount', { exact: true })).toHaveText('THB 80')
  await page.getByRole('button', { name: 'Ask for the price' }).click()
  const pay = page.getByRole('button', { name: /^Pay .*CN¥/ })
  await expect(pay).toBeVisible()

  await page.clock.fastForward(61_000)
  await expect(page.getByText('This price no longer holds. Nothing was paid.')).toBeVisible()
  await expect(pay).toHaveCount(0)
  await accessible(page)
  // This device is now a minute ahead, and the new price lasts as long as the server says.
  await page.getByRole('button', { name: 'Ask for a new price' }).click()
  await pay.click()
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()
  expect(await balance(page, 'merchants', noodles)).toBe(8_000)
  expect(await balance(page, 'customers', li)).toBeLessThan(50_000)
})

test('who has not enough for a price abroad is told so, and nothing is taken', async ({ page }) => {
  const [li, noodles] = [await customer(page, 'cn', 'CNY', 100, 'Li'), await shop(page, 'th', 'Noodles')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${noodles.id}/static-code`, { data: {} })).json()
  await enter(page, 'wallet', li)
  await page.getByRole('link', { name: 'Scan' }).click()
  await page.getByLabel('Code', { exact: true }).fill(code)
  await page.getByRole('button', { name: 'Look it up' }).click()
  await type(page, '80')
  await page.getByRole('button', { name: 'Ask for the price' }).click()
  await page.getByRole('button', { name: /^Pay .*CN¥/ }).click()
  await expect(page.getByRole('alert')).toContainText('There is not enough money')
  await accessible(page)
  expect([await balance(page, 'customers', li), await balance(page, 'merchants', noodles)]).toEqual([100, 0])
})

test('a price abroad can be read in Urdu, in the dark, at 320 px', async ({ browser, baseURL }) => {
  const phone = await browser.newContext({
    baseURL: baseURL ?? '', locale: 'ur-PK', colorScheme: 'dark', viewport: { width: 320, height: 640 },
  })
  const page = await phone.newPage()
  const [ayesha, noodles] = [await customer(page, 'pk', 'PKR', 10_000_000, 'Ayesha'), await shop(page, 'th', 'Noodles')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${noodles.id}/static-code`, { data: {} })).json()
  await enter(page, 'wallet', ayesha)
  await page.goto('/wallet/scan')
  await page.getByRole('textbox').fill(code)
  await page.locator('button.main').click()
  await type(page, '80')
  await page.locator('button.main').click()
  await expect(page.getByText(/^1 THB = [\d.]+ PKR$/)).toHaveCount(2)
  await accessible(page)
  await phone.close()
})

/** The wallet of a customer of China before a Thai shop's printed code. */
async function beforeNoodles(page: Page, minor: number): Promise<{ li: Actor; noodles: Actor }> {
  const [li, noodles] = [await customer(page, 'cn', 'CNY', minor, 'Li'), await shop(page, 'th', 'Noodles')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${noodles.id}/static-code`, { data: {} })).json()
  await enter(page, 'wallet', li)
  await page.getByRole('link', { name: 'Scan' }).click()
  await page.getByLabel('Code', { exact: true }).fill(code)
  await page.getByRole('button', { name: 'Look it up' }).click()
  return { li, noodles }
}

test('a phone whose clock is a day wrong counts a price down by the server’s time', async ({ page }) => {
  await page.addInitScript(() => {
    const [day, now] = [86_400_000, Date.now.bind(Date)]
    Date.now = () => now() + day
  })
  await beforeNoodles(page, 50_000)
  await type(page, '80')
  await page.getByRole('button', { name: 'Ask for the price' }).click()
  const left = page.getByText(/holds for/)
  await expect(left).toBeVisible()
  const shown = async (): Promise<number> => Number(/(\d+)/.exec(await left.innerText())?.[1])
  const first = await shown()
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThanOrEqual(60)
  await expect.poll(shown).toBeLessThan(first)
})

test('either amount is typed: what one pays finds what the shop gets, and never costs more', async ({ page }) => {
  const { li, noodles } = await beforeNoodles(page, 50_000)
  const amounts = page.getByRole('group', { name: 'Which amount you type' })
  await amounts.getByRole('button', { name: /^You pay/ }).click()
  await type(page, '20')
  await expect(amounts.getByRole('button', { name: /^The shop gets/ })).toContainText(/≈\s*THB\s*\d/)
  await accessible(page)
  await page.getByRole('button', { name: 'Ask for the price' }).click()
  const pay = page.getByRole('button', { name: /^Pay .*CN¥/ })
  const price = async (): Promise<number> => Number(/CN¥([\d.]+)/.exec(await pay.innerText())?.[1])
  await expect(pay).toBeVisible()
  const near = await price()
  expect(near).toBeLessThanOrEqual(20)
  expect(near).toBeGreaterThan(19.9)

  // The other way round, from the offer.
  await page.getByRole('button', { name: 'Change what the shop gets' }).click()
  await expect(amounts).toBeVisible()
  await type(page, '90')
  await page.getByRole('button', { name: 'Ask for the price' }).click()
  await expect(page.getByText('This rate is final', { exact: false })).toBeVisible()
  await accessible(page)
  const agreed = Math.round((await price()) * 100)
  await pay.click()
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(page.getByText('Noodles')).toBeVisible()
  expect(await balance(page, 'customers', li)).toBe(50_000 - agreed)
  expect(await balance(page, 'merchants', noodles)).toBeGreaterThan(0)
})

test('what the cashier should read stands in a language of theirs too, and so does that it is paid', async ({ page }) => {
  const anna = await customer(page, 'th', 'THB', 50_000, 'Anna')
  const noodles = await shop(page, 'th', 'Noodles')
  await enter(page, 'wallet', anna)
  await page.getByRole('link', { name: 'Pay in a shop' }).click()
  const saying = page.locator('[data-cashier=scan]')
  await page.getByLabel('Cashier’s language').selectOption('th')
  await expect(saying).toHaveText('กรุณาสแกนโค้ดนี้')
  await expect(saying).toHaveAttribute('lang', 'th')
  await expect(page.getByText('Please scan this code')).toBeVisible()
  await accessible(page)
  const digits = await page.locator('[data-code]').getAttribute('data-code')
  const paid = await page.request.post('/api/v1/orders/by-pay-code', {
    headers: { authorization: `Bearer ${noodles.token}` },
    data: { auth_code: digits, order: { out_trade_no: `T-${anna.id}`, subject: 'Two soups', total: { currency: 'THB', minor: '12000' } } },
  })
  expect(paid.ok(), await paid.text()).toBe(true)
  // Who was paid, for what and how much, without a touch.
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(page.locator('[data-cashier=paid]')).toHaveText('ชำระเงินแล้ว')
  for (const text of ['Noodles', 'Two soups', 'THB 120.00']) await expect(page.getByText(text).first()).toBeVisible()
  await accessible(page)
})
