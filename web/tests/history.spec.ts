import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { accessible, customer, enter, expect, shop, test, type Actor } from './stage'

const euros = (minor: number) => ({ currency: 'EUR', minor })

/** Asks the sandbox for something, which must be done. */
async function made(page: Page, path: string, data: object): Promise<Record<string, string>> {
  const answer = await page.request.post(path, { data })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return (await answer.json()) as Record<string, string>
}

/** Pays a shop's printed code, as often as there are amounts. */
async function payPrinted(page: Page, payer: Actor, payee: Actor, ...amounts: number[]): Promise<void> {
  const { code } = await made(page, `/sandbox/v1/merchants/${payee.id}/static-code`, {})
  for (const minor of amounts) {
    await made(page, `/sandbox/v1/customers/${payer.id}/pay`, { code, amount: euros(minor), confirm: true })
  }
}

/** An order of the shop, paid. Its trade number. */
async function payOrder(page: Page, payer: Actor, payee: Actor, subject: string, minor: number): Promise<string> {
  const answer = await page.request.post('/api/v1/orders', {
    headers: { authorization: `Bearer ${payee.token}` },
    data: { order: { out_trade_no: `H-${Date.now()}`, subject, total: { currency: 'EUR', minor: String(minor) } } },
  })
  const { order } = await answer.json()
  await made(page, `/sandbox/v1/customers/${payer.id}/pay`, { trade_no: order.trade_no, confirm: true })
  return order.trade_no
}

const rows = (page: Page) => page.locator('main li button')

test('what was paid, sent and received is in the history: days, filters, search, details, receipt, file', async ({ page }) => {
  const [anna, ben] = [await customer(page, 'fr', 'EUR', 10_000), await customer(page, 'fr', 'EUR', 0, 'Ben')]
  const cafe = await shop(page, 'fr')
  await payPrinted(page, anna, cafe, 420)
  const tradeNo = await payOrder(page, anna, cafe, 'Two breads', 1_250)
  await made(page, `/sandbox/v1/customers/${anna.id}/send`, { to: ben.id, amount: euros(3_000), confirm: true })
  await page.addInitScript(() => {
    const shared: string[] = []
    Object.assign(globalThis, { shared })
    Object.defineProperty(navigator, 'share', { value: async ({ text }: { text: string }) => { shared.push(text) } })
  })

  await enter(page, 'wallet', anna)
  const recent = page.getByRole('region', { name: 'Recent' })
  await expect(recent.getByRole('listitem')).toHaveCount(3)
  await page.getByRole('button', { name: 'Hide amounts' }).click()
  await expect(recent).not.toContainText('€')
  await page.getByRole('button', { name: 'Show amounts' }).click()
  await expect(recent.getByRole('listitem').first()).toContainText('−€30.00')
  await recent.getByRole('link', { name: 'See all' }).click()

  await expect(page).toHaveURL(/\/wallet\/history$/)
  await expect(page.getByRole('region', { name: 'Today' }).getByRole('listitem')).toHaveCount(4)
  for (const [place, parts] of [
    ['B***', 'Transfer', '−€30.00', 'Money out'], ['Café du Port', 'Two breads', 'Payment in a shop', '−€12.50'],
    ['Café du Port', 'Payment in a shop', '−€4.20'], ['From the bank', '+€100.00', 'Money in'],
  ].entries()) {
    for (const part of parts) await expect(rows(page).nth(place)).toContainText(part)
  }
  await accessible(page)

  await page.getByText('Money in', { exact: true }).first().click()
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page)).toContainText('+€100.00')
  const [inOnly] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()])
  expect(inOnly.suggestedFilename()).toMatch(/^history-\d{4}-\d\d-\d\d\.csv$/)
  const [names, ...lines] = readFileSync(await inOnly.path(), 'utf8').trim().split('\r\n')
  expect(names).toMatch(/^day,at,kind,direction,amount,balance_after,currency,/)
  expect(lines.map(line => line.split(',').slice(2, 7).join())).toEqual(['cash_in,in,100.00,100.00,EUR'])

  await page.getByText('All', { exact: true }).click()
  await expect(rows(page)).toHaveCount(4)
  const [all] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()])
  expect(readFileSync(await all.path(), 'utf8').trim().split('\r\n').slice(1).map(line => line.split(',').slice(2, 5).join()))
    .toEqual(['transfer,out,30.00', 'payment,out,12.50', 'payment,out,4.20', 'cash_in,in,100.00'])

  await page.getByText('Kind and dates').click()
  await page.getByLabel('Kind').selectOption({ label: 'Transfer' })
  await expect(rows(page)).toHaveCount(1)
  await page.getByLabel('First day').fill('2100-01-01')
  await expect(page.getByRole('heading', { name: 'Nothing of this choice' })).toBeVisible()
  await page.getByRole('button', { name: 'Show everything' }).click()
  await expect(rows(page)).toHaveCount(4)

  const search = page.getByRole('searchbox', { name: 'Search' })
  await search.fill('4.2')
  await expect(rows(page)).toHaveCount(1)
  await expect(page.getByText(/^Searched in the .4. that are loaded\. That is all there is/)).toBeVisible()
  await search.fill('nothing like it')
  await expect(page.getByRole('heading', { name: 'Not found in what is loaded' })).toBeVisible()
  await search.fill('BREADS')
  await expect(rows(page)).toHaveCount(1)
  await rows(page).first().click()

  const sheet = page.getByRole('dialog', { name: 'Café du Port' })
  for (const part of ['−€12.50', 'Money out', 'Two breads']) await expect(sheet).toContainText(part)
  await sheet.getByText('Details', { exact: true }).click()
  for (const part of ['The shop has it.', '€83.30', tradeNo]) await expect(sheet.getByText(part).first()).toBeVisible()
  await accessible(page)
  await sheet.getByRole('button', { name: 'Share receipt' }).click()
  const [receipt] = await page.evaluate(() => (globalThis as unknown as { shared: string[] }).shared)
  expect(receipt?.split('\n').slice(0, 7)).toEqual([
    'Test mode: no real money', 'Receipt: Café du Port', 'Money out: −€12.50', 'Kind: Payment in a shop', 'For: Two breads',
    'Shop: Café du Port', `Their number: ${cafe.id}`,
  ])
  expect(receipt).toContain(`Trade number: ${tradeNo}`)
  expect(receipt).not.toContain('83.30')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await sheet.getByRole('button', { name: /^Copy: .*Trade number/ }).click()
  await expect(sheet.getByRole('status')).toContainText('Copied: Trade number')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(tradeNo)
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  await expect(rows(page).first()).toBeFocused()
})

test('a long history loads more when its end is seen, while searching only when asked; a failure can be tried again', async ({ page }) => {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 100_000), await shop(page, 'fr')]
  await payPrinted(page, anna, cafe, ...Array.from({ length: 64 }, (_, place) => 101 + place))
  await enter(page, 'wallet', anna)
  let isCut = false
  await page.route('**/api/v1/history?*', route => (isCut ? route.abort() : route.continue()))
  await page.getByRole('link', { name: 'History' }).click()
  await expect(rows(page)).toHaveCount(30)
  await page.getByRole('searchbox').fill('€1.01')
  await expect(page.getByText(/^Searched in the .30. that are loaded\. There are more/)).toBeVisible()
  await expect(rows(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Load more and search there too' }).click()
  await expect(page.getByText(/^Searched in the .60. that are loaded\. There are more/)).toBeVisible()
  await page.getByRole('searchbox').fill('')
  await expect(rows(page)).toHaveCount(60)
  isCut = true
  await page.getByRole('button', { name: 'Show more' }).scrollIntoViewIfNeeded()
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached')
  await expect(rows(page)).toHaveCount(60)
  isCut = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(rows(page)).toHaveCount(65)
  await expect(page.getByText('That is everything.')).toBeVisible()
})

test('who has no history is told what will be in it', async ({ page }) => {
  const ben = await customer(page, 'fr', 'EUR', 0, 'Ben')
  await enter(page, 'wallet', ben)
  await page.getByRole('link', { name: 'History' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing has moved yet' })).toBeVisible()
  await page.getByRole('link', { name: 'My number' }).click()
  await expect(page).toHaveURL(/\/wallet\/number$/)
})
