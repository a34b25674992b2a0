import { accessible, customer, enter, expect, shop, test } from './stage'

test('what somebody may spend is said, with what is used and left, and what other levels allow', async ({ page }) => {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 10_000), await shop(page, 'fr')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${cafe.id}/static-code`, { data: {} })).json()
  const data = { code, confirm: true, amount: { currency: 'EUR', minor: 1_250 } }
  expect((await page.request.post(`/sandbox/v1/customers/${anna.id}/pay`, { data })).ok()).toBe(true)
  const headers = { authorization: `Bearer ${anna.token}` }
  const { limits, tiers } = await (await page.request.get('/api/v1/limits', { headers })).json()
  await enter(page, 'wallet', anna)
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Limits' }).click()
  const day = page.getByRole('listitem').filter({ hasText: 'In a day' }).first()
  await expect(day).toContainText('Used €12.50')
  // The pack of France: a hand's look at markets/fr.toml says what the highest tier may spend in a day.
  const limit = limits.find((one: { kind: string }) => one.kind === 'day')
  expect(limit.used.minor).toBe('1250')
  expect(BigInt(limit.left.minor)).toBe(BigInt(limit.limit.minor) - 1250n)
  // A level each, and what works without a connection.
  await expect(page.getByRole('heading', { level: 2 })).toHaveCount(tiers.length + 1)
  await expect(page.getByRole('region', { name: 'Without a connection' })).toContainText(/Codes at once\s*\d/)
  await expect(page.getByText('Above this a payment asks for your passkey or PIN again: €30.00')).toBeVisible()
  await accessible(page)
})
