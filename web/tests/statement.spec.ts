import { readFileSync } from 'node:fs'
import type { Browser, Page } from '@playwright/test'
import { accessible, customer, enter, expect, shop, test, type Actor } from './stage'

// The market's, so that a run at the end of a month has the same month on both sides.
test.use({ timezoneId: 'Europe/Paris' })

/** A customer who had 100.00 and has paid 12.50 and 4.20. */
async function spender(page: Page): Promise<Actor> {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 10_000), await shop(page, 'fr')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${cafe.id}/static-code`, { data: {} })).json()
  for (const minor of [1_250, 420]) {
    const data = { code, confirm: true, amount: { currency: 'EUR', minor } }
    expect((await page.request.post(`/sandbox/v1/customers/${anna.id}/pay`, { data })).ok()).toBe(true)
  }
  return anna
}

test('a statement of a month has balances that add up, and is printed without the page around it', async ({ page }) => {
  await page.addInitScript(() => {
    const seen = globalThis as unknown as { printed: string[] }
    seen.printed = []
    globalThis.print = () => { seen.printed.push(document.title) }
  })
  const anna = await spender(page)
  await enter(page, 'wallet', anna)
  let pages = 0
  // Small pages: what stands on the next one belongs to the statement too.
  await page.route('**/api/v1/history?*order=oldest*', route => {
    pages += 1
    return route.continue({ url: route.request().url().replace(/limit=\d+/, 'limit=2') })
  })
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Account statement' }).click()
  const sheet = page.getByRole('article')
  await expect(sheet.locator('tbody tr')).toHaveCount(3)
  expect(pages).toBeGreaterThan(1)
  await expect(sheet.locator('section dd')).toHaveText(['€0.00', '€100.00', '−€16.70', '€83.30'])
  const parts = ['Anna', anna.id.replace(/(.{4})(?=.)/g, '$1 '), 'Opening balance', 'Closing balance']
  for (const part of parts) await expect(sheet).toContainText(part)
  await expect(sheet.locator('tbody tr').nth(1)).toContainText('−€12.50')
  await expect(sheet.locator('tbody tr').nth(1)).toContainText('€87.50')
  await expect(sheet).not.toContainText('do not follow')
  await accessible(page)

  await page.getByRole('button', { name: 'Print or save as PDF' }).click()
  const [title] = await page.evaluate(() => (globalThis as unknown as { printed: string[] }).printed)
  expect(title).toMatch(/ \d{4}-\d\d-01 \d{4}-\d\d-(28|29|30|31)$/)
  expect(await page.title()).not.toBe(title)
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(sheet).toBeVisible()
  await expect(page.getByLabel('Month', { exact: true }).last()).toBeHidden()
  await expect(page.getByRole('button', { name: 'Back' })).toBeHidden()
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(255, 255, 255)')
  await page.emulateMedia({ media: 'screen' })

  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()])
  expect(saved.suggestedFilename()).toMatch(/^statement-.*\.csv$/)
  expect(readFileSync(await saved.path(), 'utf8').trim().split(/\r?\n/)).toHaveLength(4)
})

test('a statement is made from day to day; days that are none are said, and nothing is said to be nothing', async ({ page }) => {
  await enter(page, 'wallet', await spender(page))
  await page.goto('/wallet/statement')
  await page.getByText('From day to day').click()
  await page.getByLabel('First day').fill('2020-02-01')
  await page.getByLabel('Last day').fill('2020-01-31')
  await expect(page.getByRole('alert')).toContainText('Choose a first day')
  await page.getByLabel('Last day').fill('2020-02-29')
  await expect(page.getByText('Nothing moved in this period.')).toBeVisible()
  await expect(page.getByRole('article').locator('section')).toHaveCount(0)
  await page.getByLabel('Last day').fill('2100-01-01')
  await expect(page.getByRole('article').locator('tbody tr')).toHaveCount(3)
  await page.route('**/api/v1/history?*', route => route.abort())
  await page.getByLabel('First day').fill('2020-02-02')
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached')
  await page.unroute('**/api/v1/history?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('article').locator('tbody tr')).toHaveCount(3)
})

test('a statement can be used by everybody: 320 px, dark, Urdu', async ({ page: maker, browser, baseURL }) => {
  const anna = await spender(maker)
  const made = await (browser as Browser).newContext({
    baseURL: baseURL ?? '', locale: 'ur-PK', colorScheme: 'dark', viewport: { width: 320, height: 640 }, timezoneId: 'Europe/Paris',
  })
  const page = await made.newPage()
  await enter(page, 'wallet', anna)
  await page.goto('/wallet/statement')
  await expect(page.getByRole('article').locator('tbody tr')).toHaveCount(3)
  await accessible(page)
  await made.close()
})
