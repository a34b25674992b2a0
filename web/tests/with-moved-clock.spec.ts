import type { Page } from '@playwright/test'
import { accessible, customer, enter, expect, test } from './stage'

// The clock is the whole server's, and cannot be moved back: the configuration runs this file after all others.

const HOURS_6 = 6 * 3_600

/** A weekend and a holiday, and the day of the bank after them. */
const STEPS_MAX = 4 * 7

async function made(page: Page, path: string, data: object): Promise<Record<string, string>> {
  const answer = await page.request.post(`/sandbox/v1${path}`, { data })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return (await answer.json()) as Record<string, string>
}

test('a settled day is drilled into its entries and from each to its order; a difference is shown loudly', async ({ page }) => {
  const { merchant_id: id = '', token = '' } = await made(page, '/merchants', { cell: 'hk', name: 'Star Ferry Tea', fee_bps: 100 })
  await made(page, `/merchants/${id}/settlement`, {})
  const wong = await customer(page, 'hk', 'HKD', 1_000_000, 'Wong')
  const headers = { authorization: `Bearer ${token}` }
  const order = { out_trade_no: 'TEA_1/2', subject: 'Milk tea', total: { currency: 'HKD', minor: '20000' } }
  const { order: { trade_no } } = await (await page.request.post('/api/v1/orders', { headers, data: { order } })).json()
  await made(page, `/customers/${wong.id}/pay`, { trade_no, confirm: true })
  const { code } = await made(page, `/merchants/${id}/static-code`, {})
  await made(page, `/customers/${wong.id}/pay`, { code, amount: { currency: 'HKD', minor: 5_000 }, confirm: true })
  const refund = { amount: { currency: 'HKD', minor: '3000' }, out_request_no: 'R-1', trade_no }
  expect((await page.request.post('/api/v1/refunds', { headers, data: refund })).ok()).toBe(true)

  let date = ''
  let payout = ''
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const { items } = await (await page.request.get('/api/v1/settlements/HKD', { headers })).json()
    const closed = items.find((one: { closing?: { payout?: string }; payments: string }) => one.closing !== undefined && one.payments === '2')
    if (closed !== undefined) {
      ({ date, closing: { payout } } = closed)
      const { state } = await (await page.request.get(`/api/v1/payouts/${payout}`, { headers })).json()
      if (state === 'settled') break
    }
    await made(page, '/clock/advance', { seconds: HOURS_6 })
  }

  await enter(page, 'merchant', { id, token })
  await page.goto('/merchant/settlements')
  await page.getByRole('link', { name: /Paid out/ }).click()
  await expect(page).toHaveURL(new RegExp(`/merchant/settlements/HKD/${date}$`))
  // By hand: 200.00 + 50.00 − 30.00 = 220.00; one per cent is 2.20; 217.80 go to the bank, nothing is left.
  const facts = page.getByRole('region', { name: 'Totals of the business day' })
  for (const [term, value] of [
    ['Payments', 'HK$250.00'], ['Refunds', '−HK$30.00'], ['Fees taken', '−HK$2.20'], ['Paid out', '−HK$217.80'],
    ['Carried forward', 'HK$0.00'],
  ]) await expect(facts.locator(`dt:has-text("${term}") + dd`).first(), term).toHaveText(value ?? '')
  await expect(page.getByText(/^Added up again here: all .5. entries agree/)).toBeVisible()
  const bank = page.getByRole('region', { name: 'Payout to your bank' })
  for (const part of ['HK$217.80', 'Arrived', 'The bank has paid it to your account.']) await expect(bank).toContainText(part)
  await accessible(page)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()])
  expect(file.suggestedFilename()).toBe(`settlement-HKD-${date}.csv`)

  const entries = page.getByRole('table', { name: 'Entries' }).locator('tbody').getByRole('row')
  await expect(entries).toHaveCount(5)
  await entries.filter({ hasText: 'Refund' }).getByRole('link').click()
  await expect(page).toHaveURL(/\/merchant\/orders\/TEA_1%2F2$/)
  await expect(page.getByText('HK$170.00').first()).toBeVisible()

  // A server whose sums are a cent off is not believed.
  await page.route(`**/api/v1/settlements/HKD/${date}`, async route => {
    const answer = await route.fetch()
    const body = await answer.json()
    await route.fulfill({ response: answer, json: { ...body, gross: { currency: 'HKD', minor: '25001' } } })
  })
  await page.goBack()
  const alert = page.getByRole('alert')
  await expect(alert).toContainText('The entries do not add up to the totals')
  await expect(alert).toContainText('HK$250.00 ≠ HK$250.01')
  await accessible(page)
})
