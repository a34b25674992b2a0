import { gzipSync } from 'node:zlib'
import type { Browser, Page } from '@playwright/test'
import { accessible, customer, enter, expect, shop, test, type } from './stage'

/** The most script that the wallet's first screen may bring, compressed with gzip. */
const SCRIPT_BYTES_MAX = 60_000

/** The most that a first visit may bring until somebody can sign in: script, styles and the page itself, compressed with gzip. */
const FIRST_VISIT_BYTES_MAX = 56_500

/** Adds up what the page brings from now on, compressed with gzip whether or not it came so. */
function follow(page: Page, kinds: string[]): () => Promise<number> {
  const sizes: Promise<number>[] = []
  page.on('response', answer => {
    const isMeant = kinds.includes(answer.request().resourceType()) && answer.status() < 300
    if (isMeant) sizes.push(answer.body().then(body => gzipSync(body, { level: 9 }).length))
  })
  return async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const ways = [
  { name: 'light, 360 px', options: { locale: 'en-GB' } },
  { name: 'dark, Urdu', options: { locale: 'ur-PK', colorScheme: 'dark' } },
  { name: '320 px, Thai, reduced motion', options: { locale: 'th-TH', viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' } },
  { name: 'desktop, dark, Chinese', options: { locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 1280, height: 800 } } },
  // As somebody has who has set the browser's text to twice its size.
  { name: 'text of 200 %, 640 px', isLarge: true, options: { locale: 'en-GB', viewport: { width: 640, height: 900 } } },
  { name: 'text of 200 %, 400 px', isLarge: true, options: { locale: 'en-GB', viewport: { width: 400, height: 800 } } },
  { name: 'text of 200 %, 360 px, Thai', isLarge: true, options: { locale: 'th-TH', viewport: { width: 360, height: 780 } } },
] as const

/** One word of 60 letters, which is as long as a name may be. */
const LONG_NAME = 'Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenkass'

/** So much money that its figures are wider than a phone. */
const MUCH_MINOR = 12_345_678_901

/** Text of twice its size, as soon as there is a page. */
async function enlarge(page: Page): Promise<void> {
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%' })
}

/** Nothing in the sheet that is open has to be scrolled sideways. */
async function fits(page: Page): Promise<void> {
  const sheet = page.getByRole('dialog')
  await expect(sheet).toBeVisible()
  await accessible(page)
  expect(await sheet.evaluate(one => one.scrollWidth - one.clientWidth), 'pixels of the sheet to be scrolled sideways').toBe(0)
}

async function screens(page: Page, app: 'wallet' | 'merchant', paths: string[], isLarge: boolean): Promise<void> {
  for (const path of paths) {
    await page.goto(`/${app}${path}`)
    if (isLarge) await enlarge(page)
    await expect(page.locator('main')).toBeVisible()
    await expect(page.getByRole('status', { name: /Loading|กำลัง|لوڈ|正在/ })).toHaveCount(0)
    await accessible(page)
  }
}

for (const { name, options, isLarge } of ways.map(way => ({ isLarge: false, ...way }))) {
  test(`every screen can be used by everybody: ${name}`, async ({ page: maker, browser, baseURL }) => {
    test.setTimeout(900_000)
    const [anna, cafe] = [await customer(maker, 'pk', 'PKR', MUCH_MINOR, LONG_NAME), await shop(maker, 'pk', `${LONG_NAME} & Co.`)]
    const { code } = await (await maker.request.post(`/sandbox/v1/merchants/${cafe.id}/static-code`, { data: {} })).json()
    const data = { code, amount: { currency: 'PKR', minor: 987_654 }, confirm: true }
    expect((await maker.request.post(`/sandbox/v1/customers/${anna.id}/pay`, { data })).ok()).toBe(true)
    const phone = await (browser as Browser).newContext({ baseURL: baseURL ?? '', viewport: { width: 360, height: 780 }, ...options })
    const page = await phone.newPage()
    await screens(page, 'wallet', ['/'], isLarge)
    await enter(page, 'wallet', anna)
    const wallet = ['/', '/code', '/send', `/send/${anna.id}`, '/ask', '/number', '/scan', '/settings', '/limits', '/devices',
      '/statement', '/requests', '/add', '/nothing', '/history']
    await screens(page, 'wallet', wallet, isLarge)
    await page.locator('main li button').first().click()
    await fits(page)
    await page.keyboard.press('Escape')
    await screens(page, 'wallet', ['/code'], isLarge)
    const bar = await page.locator('[role="img"]').first().boundingBox()
    expect.soft(bar?.width, 'width of the bar code').toBeGreaterThanOrEqual(270)
    expect.soft(bar?.height, 'height of the bar code').toBeGreaterThanOrEqual(84)

    await enter(page, 'merchant', cafe)
    const counter = ['/', '/menu', '/orders', '/account', '/people', '/today', '/settlements', '/code', '/developer',
      '/developer/keys', '/developer/webhooks', '/developer/deliveries', '/developer/requests', '/developer/clock']
    await screens(page, 'merchant', counter, isLarge)
    await page.goto('/merchant/orders')
    if (isLarge) await enlarge(page)
    await page.locator('main li a').first().click()
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await accessible(page)
    await page.goto('/merchant/')
    if (isLarge) await enlarge(page)
    await type(page, '123456')
    await page.locator('.button.main').click()
    await expect(page.locator('svg[data-text]')).toBeVisible()
    await accessible(page)
    await phone.close()
  })
}

test('the keyboard alone pays: every control is reached, a sheet holds the focus and gives it back', async ({ page }) => {
  const [anna, ben] = [await customer(page, 'fr', 'EUR', 10_000), await customer(page, 'fr', 'EUR', 0, 'Ben')]
  await enter(page, 'wallet', anna)
  await page.goto(`/wallet/send/${ben.id}`)
  await expect(page.getByRole('button', { name: '1', exact: true })).toBeVisible()
  await page.keyboard.type('7.5')
  const proceed = page.getByRole('button', { name: 'Continue' })
  await proceed.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(proceed).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^Send .*7\.50/ }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeFocused()
})

test('the wallet’s first screen brings little script', async ({ page }) => {
  const anna = await customer(page, 'fr', 'EUR', 10_000)
  const brought = follow(page, ['script'])
  await enter(page, 'wallet', anna)
  await expect(page.getByText('€100.00').first()).toBeVisible()
  const bytes = await brought()
  console.log(`script of the wallet's first screen: ${bytes} bytes with gzip`)
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
})

test('a first visit brings little until somebody can sign in, and asks for nothing that only its script names', async ({ page }) => {
  const brought = follow(page, ['script', 'stylesheet', 'document'])
  await page.goto('/wallet/')
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  const asked = await page.evaluate(() => performance.getEntriesByType('resource')
    .filter(one => /\.(js|css)$/.test(one.name)).map(one => new URL(one.name).pathname))
  const source = await (await page.request.get('/wallet/')).text()
  expect(asked.filter(path => !source.includes(path)), 'files that the page does not name').toEqual([])
  const bytes = await brought()
  console.log(`script, styles and page of the wallet's first visit: ${bytes} bytes with gzip`)
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThanOrEqual(FIRST_VISIT_BYTES_MAX)
})

test('the language changes in place, and the way it is read with it', async ({ page }) => {
  await page.goto('/wallet/')
  await page.getByRole('button', { name: 'Language' }).click()
  await page.getByRole('button', { name: 'اردو' }).click()
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect(page.getByRole('heading', { name: 'سائن ان' })).toBeVisible()
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('lang', 'ur')
})
