import { readFileSync } from 'node:fs'
import type { Browser, Page } from '@playwright/test'
import { accessible, balance, customer, enter, expect, test, type, type Actor } from './stage'

/** Asks the sandbox for something, which must be done. */
async function made(page: Page, path: string, data: object): Promise<Record<string, string>> {
  const answer = await page.request.post(`/sandbox/v1${path}`, { data })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return (await answer.json()) as Record<string, string>
}

/** A shop that pays a fee of one per cent, and is settled. */
async function settledShop(page: Page, cell: string, name: string): Promise<Actor> {
  const { merchant_id: id = '', token = '' } = await made(page, '/merchants', { cell, name, fee_bps: 100 })
  await made(page, `/merchants/${id}/settlement`, {})
  return { id, token }
}

/** Pays the shop's printed code, as often as there are amounts. */
async function payPrinted(page: Page, payer: Actor, payee: Actor, currency: string, ...amounts: number[]): Promise<string> {
  const { code = '' } = await made(page, `/merchants/${payee.id}/static-code`, {})
  for (const minor of amounts) {
    await made(page, `/customers/${payer.id}/pay`, { code, amount: { currency, minor }, confirm: true })
  }
  return code
}

/** Records what is printed and spoken. The voice is one of the device's own, of the language that is asked for. */
async function listen(page: Page): Promise<{ said: () => Promise<string[]>; prints: () => Promise<number> }> {
  await page.addInitScript(() => {
    const heard = { said: [] as string[], prints: 0 }
    Object.assign(globalThis, { heard, print: () => { heard.prints += 1 } })
    const voices = [{ lang: 'en-GB', localService: true, name: 'Test' }]
    const speak = ({ text }: { text: string }) => { heard.said.push(text) }
    Object.defineProperty(globalThis, 'speechSynthesis', { value: { getVoices: () => voices, speak, cancel: () => undefined } })
    Object.defineProperty(globalThis, 'SpeechSynthesisUtterance', { value: class { constructor(public text: string) {} } })
  })
  type Heard = { heard: { said: string[]; prints: number } }
  return {
    said: () => page.evaluate(() => (globalThis as unknown as Heard).heard.said),
    prints: () => page.evaluate(() => (globalThis as unknown as Heard).heard.prints),
  }
}

const facts = (page: Page, name: string) => page.getByRole('region', { name, exact: true }).locator('dl').first()

/** What a card of totals says, line by line. Numbers in a text have marks of direction around them. */
async function totals(page: Page, name: string, lines: [RegExp, string][]): Promise<void> {
  for (const [term, value] of lines) {
    const line = facts(page, name).locator('dt').filter({ hasText: term }).locator('xpath=following-sibling::dd[1]')
    await expect(line, `${name}: ${term}`).toHaveText(value)
  }
}

test('a day at the counter: taken, said, refunded in parts, found, and added up as by hand', async ({ page }) => {
  const [nok, shop] = [await customer(page, 'th', 'THB', 100_000, 'Nok'), await settledShop(page, 'th', 'Krung Thep Coffee')]
  const heard = await listen(page)
  await enter(page, 'merchant', shop)
  await page.getByRole('link', { name: 'Menu' }).click()
  await page.getByRole('link', { name: 'Today' }).click()
  await page.getByRole('button', { name: 'Open a shift' }).click()
  await totals(page, 'Shift', [[/^Payments \(.0.\)$/, 'THB 0.00'], [/^Net/, 'THB 0.00']])

  await page.goto('/merchant/')
  await type(page, '250')
  await page.getByRole('button', { name: 'Show a code' }).click()
  const code = await page.getByRole('img', { name: 'QR code of the order' }).getAttribute('data-text')
  expect(await heard.said()).toEqual([])
  await made(page, `/customers/${nok.id}/pay`, { code, confirm: true })
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()
  expect((await heard.said()).map(text => text.replace('\u00a0', ' '))).toEqual(['Paid: THB 250.00'])

  await page.getByRole('button', { name: 'Order', exact: true }).click()
  await expect(page.getByText('It came into your balance.')).toBeVisible()
  const number = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  const tradeNo = (await page.locator('dt:has-text("Reference") + dd').first().textContent()) ?? ''
  await page.getByRole('button', { name: 'Print receipt' }).click()
  expect(await heard.prints()).toBe(1)
  await page.emulateMedia({ media: 'print' })
  for (const part of ['Test mode', 'Krung Thep Coffee', 'THB 250.00', number, 'Paid']) {
    await expect(page.locator('.on-paper')).toContainText(part.replace(' 2', '\u00a02'))
  }
  await expect(page.getByRole('button')).toHaveCount(0)
  await page.emulateMedia({ media: 'screen' })

  await page.getByRole('button', { name: 'Refund', exact: true }).click()
  const sheet = page.getByRole('dialog')
  await type(page, '251')
  await expect(sheet.getByText(/^That is too much: only .*250\.00/)).toBeVisible()
  await expect(sheet.getByRole('button', { name: /^Refund .*251/ })).toBeDisabled()
  for (const _ of '251') await page.getByRole('button', { name: 'Delete the last digit' }).click()
  await type(page, '100')
  await expect(sheet.getByText(/^After it .*150\.00.* can still be refunded/)).toBeVisible()
  await sheet.getByRole('button', { name: /^Refund .*100\.00/ }).click()
  await expect(sheet.getByRole('button', { name: 'Do not refund' })).toBeFocused()
  await sheet.getByRole('button', { name: 'Do not refund' }).click()
  await expect(sheet.getByRole('button', { name: /^Refund .*100\.00/ })).toBeFocused()
  // Longer than the time in which it would have been sent.
  await page.waitForTimeout(6_000)
  expect(await balance(page, 'customers', nok)).toBe(75_000)
  await sheet.getByRole('button', { name: /^Refund .*100\.00/ }).click()
  await expect(page.getByText('Partly refunded').first()).toBeVisible()
  expect(await balance(page, 'customers', nok)).toBe(85_000)
  await expect(page.getByText(/150\.00.* can still be refunded/)).toBeVisible()
  await page.getByRole('button', { name: 'Refund', exact: true }).click()
  await sheet.getByRole('button', { name: /^All: .*150\.00/ }).click()
  await sheet.getByRole('button', { name: /^Refund .*150\.00/ }).click()
  await sheet.getByRole('button', { name: 'Refund now' }).click()
  await expect(page.getByText('All of it went back to the customer.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Refund', exact: true })).toHaveCount(0)
  expect([await balance(page, 'customers', nok), await balance(page, 'merchants', shop)]).toEqual([100_000, 0])

  await payPrinted(page, nok, shop, 'THB', 4_000)
  await page.goto('/merchant/orders')
  const rows = page.locator('main li a')
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText('Printed code')
  await expect(rows.last()).toContainText('Refunded')
  await page.getByRole('searchbox').fill(number.slice(3))
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText(number)
  await page.getByRole('searchbox').fill('40.00')
  await rows.click()
  await expect(page).toHaveURL(/\/merchant\/trades\/\d{28}$/)
  await expect(page.getByText('Printed code').first()).toBeVisible()
  await page.goBack()
  await page.getByRole('searchbox').fill('no such number')
  await page.getByRole('button', { name: 'Open the order with this number' }).click()
  await expect(page.getByText('No order has this number')).toBeVisible()
  await page.getByRole('searchbox').fill(tradeNo)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/merchant/orders/${number}$`))

  await page.goto('/merchant/orders')
  await page.getByLabel('Which list').selectOption({ label: 'Refunds made' })
  await expect(page).toHaveURL(/\/merchant\/orders\?state=refunds$/)
  await expect(rows).toHaveCount(2)
  await page.reload()
  await expect(rows.first()).toContainText('150.00')
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()])
  const [names, ...lines] = readFileSync(await file.path(), 'utf8').trim().split('\r\n')
  expect(names).toContain('amount')
  const column = names?.split(',').indexOf('amount') ?? -1
  expect(lines.map(line => line.split(',')[column])).toEqual(['150.00', '100.00'])
  await page.getByLabel('Which list').selectOption({ label: 'Orders: closed' })
  await expect(rows).toHaveCount(1)

  // By hand: 250.00 and 40.00 taken; 100.00 and 150.00 given back; one per cent of each: 2.50 + 0.40 − 1.00 − 1.50.
  const byHand: [RegExp, string][] = [
    [/^Payments \(.2.\)$/, 'THB 290.00'], [/^Refunds \(.2.\)$/, '−THB 250.00'], [/^Fees/, '−THB 0.40'], [/^Net/, 'THB 39.60'],
  ]
  await page.goto('/merchant/today')
  await totals(page, 'Totals of the day', byHand)
  await totals(page, 'Shift', byHand)
  await expect(page.getByText('These totals are those of the settlement.')).toBeVisible()
  await page.getByRole('button', { name: 'Close the shift' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close the shift' }).click()
  await expect(page.getByText(/^All that the shop took from/)).toBeVisible()
  await payPrinted(page, nok, shop, 'THB', 1_000)
  await totals(page, 'Totals of the day', [[/^Payments \(.3.\)$/, 'THB 300.00'], [/^Net/, 'THB 49.50']])
  await totals(page, 'Shift', byHand)
  await page.getByRole('link', { name: /^Settlement of/ }).click()
  await expect(page.getByText(/^Added up again here: all .5. entries agree/)).toBeVisible()
})

/** What the table of a plot says, row by row. */
async function plotted(page: Page, name: string): Promise<[string, string][]> {
  const rows = page.getByRole('region', { name }).getByRole('table', { name }).locator('tbody tr')
  return rows.evaluateAll(all => all.map(row => [row.querySelector('th')?.textContent ?? '', row.querySelector('td')?.textContent ?? '']))
}

/** The sum of a plot in minor units: between two payments an hour may end. */
async function sum(page: Page, name: string): Promise<number> {
  return (await plotted(page, name)).reduce((all, [, amount]) => all + Number(amount.replace('−', '-').replace(/[^\d-]/g, '')), 0)
}

test('what was taken is plotted by hour and by day, refunds subtracted, while payments come in', async ({ page }) => {
  const [nok, shop] = [await customer(page, 'th', 'THB', 100_000, 'Nok'), await settledShop(page, 'th', 'Krung Thep Coffee')]
  await enter(page, 'merchant', shop)
  await page.goto('/merchant/today')
  const [hours, days] = ['Taken by hour', 'Taken in the last 14 days']
  await expect(page.getByRole('region', { name: hours })).toContainText('Nothing was taken on this day')
  await accessible(page)
  await payPrinted(page, nok, shop, 'THB', 4_000, 6_000)
  await expect.poll(() => sum(page, hours)).toBe(10_000)
  const headers = { authorization: `Bearer ${shop.token}` }
  const { items: [paid] } = await (await page.request.get('/api/v1/received-payments', { headers })).json()
  const refund = { amount: { currency: 'THB', minor: '1000' }, out_request_no: 'r1', trade_no: paid.order.trade_no }
  expect((await page.request.post('/api/v1/refunds', { headers, data: refund })).ok()).toBe(true)
  await expect.poll(() => sum(page, hours)).toBe(9_000)
  await expect.poll(() => sum(page, days)).toBe(9_000)
  expect(await plotted(page, hours)).toHaveLength(24)
  const byDay = await plotted(page, days)
  expect(byDay.map(([, amount]) => amount.replace('\u00a0', ' '))).toEqual([...Array<string>(13).fill('THB 0.00'), 'THB 90.00'])
  const day = new URL(page.url()).searchParams.get('day') ?? ''
  expect(byDay.at(-1)?.[0]).toContain(String(Number(day.slice(8))))
  await accessible(page)

  // The day before: nothing in it, and nothing in the days that end with it.
  await page.getByLabel('Day in the market').fill(new Date(Date.parse(`${day}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10))
  await expect(page.getByRole('region', { name: hours })).toContainText('Nothing was taken on this day')
  await expect(page.getByRole('region', { name: days })).toHaveCount(0)

  // The same sums as a file, a line a day.
  await page.goto('/merchant/settlements')
  const report = page.getByRole('region', { name: 'Report by day' })
  await report.getByLabel('First day').fill(day)
  await report.getByLabel('Last day').fill('2000-01-01')
  await expect(report.getByRole('button', { name: 'Save as CSV' })).toBeDisabled()
  await report.getByLabel('Last day').fill(day)
  const [file] = await Promise.all([page.waitForEvent('download'), report.getByRole('button', { name: 'Save as CSV' }).click()])
  expect(file.suggestedFilename()).toBe(`report-THB-${day}-${day}.csv`)
  const [names, ...lines] = readFileSync(await file.path(), 'utf8').trim().split('\r\n').map(line => line.split(','))
  expect(lines).toHaveLength(1)
  for (const [column, value] of [['day', day], ['currency', 'THB'], ['gross', '100.00'], ['refunded', '10.00']]) {
    expect(lines[0]?.[names?.indexOf(column ?? '') ?? -1], column).toBe(value)
  }

  // The entries of the business day are a table, in which each amount stands beside what moved it.
  await page.getByRole('link', { name: /payments, .*refunds/ }).click()
  const entries = page.getByRole('table', { name: 'Entries' })
  await expect(entries.getByRole('columnheader')).toHaveText(['Movement', 'When', 'Fee', 'Amount', 'Balance after it'])
  await expect(entries.getByRole('row', { name: /^Refund/ })).toContainText('−THB 10.00')
  await accessible(page)
})

test('a long list keeps its place when an order was looked at', async ({ page }) => {
  const [nok, shop] = [await customer(page, 'th', 'THB', 1_000_000, 'Nok'), await settledShop(page, 'th', 'Market stall')]
  await payPrinted(page, nok, shop, 'THB', ...Array.from({ length: 45 }, (_, place) => 1_000 + place))
  await enter(page, 'merchant', shop)
  await page.goto('/merchant/orders')
  const rows = page.locator('main li a')
  await expect(rows).toHaveCount(30)
  await page.getByRole('button', { name: 'Show more' }).scrollIntoViewIfNeeded()
  await expect(rows).toHaveCount(45)
  await expect(page.getByText('That is everything.')).toBeVisible()
  await rows.nth(40).scrollIntoViewIfNeeded()
  const before = await page.evaluate(() => scrollY)
  expect(before).toBeGreaterThan(1_000)
  await rows.nth(40).click()
  await expect(page.getByRole('heading', { name: 'Order', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(rows).toHaveCount(45)
  await expect.poll(() => page.evaluate(() => Math.round(scrollY))).toBe(Math.round(before))
})

/** As long as names of shops may nearly be. */
const LONG = 'Café du Port de la Rochelle, Pâtisserie et Salon de Thé de la Famille Dupont et Fils, depuis 1886, au bord de la Mer'

test('the shop’s code is one page of paper, and says how to pay in the language of the market', async ({ page }) => {
  const [anna, shop] = [await customer(page, 'fr', 'EUR', 10_000), await settledShop(page, 'fr', LONG)]
  const code = await payPrinted(page, anna, shop, 'EUR')
  await enter(page, 'merchant', shop)
  await page.goto('/merchant/code')
  const poster = page.getByRole('region', { name: 'The page as it is printed' })
  for (const part of [LONG, 'Scannez pour payer', 'Scan to pay', 'Test mode']) await expect(poster).toContainText(part)
  await expect(page.getByRole('img', { name: 'QR code of the shop' })).toHaveAttribute('data-text', code)
  await accessible(page)
  for (const [size, width, height] of [['A4 sheet', 595, 842], ['A6 card', 298, 420]] as const) {
    await page.getByText(size).click()
    const file = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
    expect(file.match(/\/Type\s*\/Page\b/g), `pages of ${size}`).toHaveLength(1)
    const box = /\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(file)
    expect([Math.round(Number(box?.[1])), Math.round(Number(box?.[2]))].join(), size).toBe([width, height].join())
  }
})

const ways = [
  { name: 'light, 360 px', options: { locale: 'en-GB', viewport: { width: 360, height: 780 } } },
  { name: 'dark, Urdu, 320 px', options: { locale: 'ur-PK', colorScheme: 'dark', viewport: { width: 320, height: 640 } } },
  { name: 'desktop, dark, Thai', options: { locale: 'th-TH', colorScheme: 'dark', viewport: { width: 1280, height: 800 } } },
] as const

for (const { name, options } of ways) {
  test(`the counter’s pages can be used by everybody: ${name}`, async ({ page: maker, browser, baseURL }) => {
    const [ali, shop] = [await customer(maker, 'pk', 'PKR', 1_000_000, 'Ali'), await settledShop(maker, 'pk', 'لاہور ٹی سٹال')]
    await payPrinted(maker, ali, shop, 'PKR', 12_345)
    const asked = { headers: { authorization: `Bearer ${shop.token}` } }
    const { items: [payment] } = await (await maker.request.get('/api/v1/received-payments', asked)).json()
    const { items: [settlement] } = await (await maker.request.get('/api/v1/settlements/PKR', asked)).json()
    const context = await (browser as Browser).newContext({ baseURL: baseURL ?? '', ...options })
    const page = await context.newPage()
    await enter(page, 'merchant', shop)
    const paths = ['/', '/menu', '/orders', '/orders?state=not_scanned', `/trades/${payment.order.trade_no}`, '/today', '/settlements',
      `/settlements/PKR/${settlement.date}`, '/code']
    for (const path of paths) {
      await page.goto(`/merchant${path}`)
      await expect(page.locator('main')).toBeVisible()
      await expect(page.getByRole('status', { name: /Loading|กำลัง|لوڈ/ })).toHaveCount(0)
      await accessible(page)
      const small = await page.locator('main :is(a, button, input, select):visible').evaluateAll(all =>
        all.filter(one => one.getBoundingClientRect().height < 44 && (one as HTMLInputElement).type !== 'radio').map(one => one.outerHTML))
      expect(small, `lower than 44 px on ${path}`).toEqual([])
    }
    await context.close()
  })
}
