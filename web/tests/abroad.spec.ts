import { accessible, balance, customer, enter, expect, shop, test, type } from './stage'

test('a shop’s printed code abroad: the amount is typed in its currency, and a price whose time is over is not charged', async ({ page }) => {
  await page.clock.install()
  const [li, noodles] = [await customer(page, 'cn', 'CNY', 50_000, 'Li'), await shop(page, 'th', 'Noodles')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${noodles.id}/static-code`, { data: {} })).json()
  await enter(page, 'wallet', li)
  await page.getByRole('link', { name: 'Scan' }).click()
  await page.getByLabel('Code', { exact: true }).fill(code)
  await page.getByRole('button', { name: 'Look it up' }).click()
  await type(page, '80')
  await expect(page.getByLabel('Amount')).toHaveText('THB 80')
  await page.getByRole('button', { name: 'Ask for the price' }).click()
  const pay = page.getByRole('button', { name: /^Pay .*CN¥/ })
  await expect(pay).toBeVisible()

  await page.clock.fastForward(61_000)
  await expect(page.getByText('This price no longer holds. Nothing was paid.')).toBeVisible()
  await expect(pay).toHaveCount(0)
  await accessible(page)
  // This device is now a minute ahead: it says no time, and the server's counts.
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
