import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import encodeQR from 'qr'
import type { Page } from '@playwright/test'
import { holdBefore } from './camera'
import { accessible, balance, customer, enter, expect, shop, test, type } from './stage'

// The browser opens the film anew each time a camera is asked for: what lies there then is what the camera sees.
const folder = mkdtempSync(join(tmpdir(), 'sycee-camera-'))
const film = join(folder, 'film.y4m')

test.use({
  launchOptions: {
    executablePath: process.env.SYCEE_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
  },
})

test.afterAll(() => { rmSync(folder, { recursive: true }) })

/** The shop types a price and shows its code; the camera is held before it. */
async function showPrice(counter: Page, price: string): Promise<void> {
  await type(counter, price)
  await counter.getByRole('button', { name: 'Show a code' }).click()
  const code = await counter.getByRole('img', { name: 'QR code of the order' }).getAttribute('data-text')
  holdBefore(film, code ?? '')
}

async function scan(phone: Page): Promise<void> {
  await phone.bringToFront()
  await phone.getByRole('link', { name: 'Scan' }).click()
  await phone.getByRole('button', { name: 'Use the camera' }).click()
}

test('the counter shows a code, the phone’s camera reads it, and both say paid', async ({ page: counter, context }) => {
  const [anna, cafe] = [await customer(counter, 'fr', 'EUR', 10_000), await shop(counter, 'fr')]
  await enter(counter, 'merchant', cafe)
  await showPrice(counter, '12.50')
  const phone = await context.newPage()
  await enter(phone, 'wallet', anna)
  await scan(phone)
  await phone.getByRole('button', { name: /^Pay .*12\.50/ }).click()
  await expect(phone.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await counter.bringToFront()
  await expect(counter.getByRole('heading', { name: 'Paid' })).toBeVisible()
  expect([await balance(counter, 'customers', anna), await balance(counter, 'merchants', cafe)]).toEqual([8_750, 1_250])
})

test('across a border the phone shows both currencies, rate and margin before it pays, and both say paid', async ({ page: counter, context }) => {
  const [li, noodles] = [await customer(counter, 'cn', 'CNY', 50_000, 'Li'), await shop(counter, 'th', 'Noodles')]
  await enter(counter, 'merchant', noodles)
  await showPrice(counter, '120')
  const phone = await context.newPage()
  await enter(phone, 'wallet', li)
  await scan(phone)
  const agree = phone.getByRole('button', { name: /^Pay .*CN¥\d/ })
  await expect(agree).toBeVisible()
  await expect(phone.getByText('The shop gets')).toContainText('THB 120.00')
  await expect(phone.getByText(/^1 THB = 0\.\d+ CNY$/)).toHaveCount(2)
  await expect(phone.getByText(/This price holds for .\d+. s/)).toBeVisible()
  await accessible(phone)
  // The parts make the whole: of no part is more taken than is said.
  const part = async (name: RegExp): Promise<number> => {
    const shown = phone.locator('dt', { hasText: name }).locator('+ dd')
    return await shown.count() === 0 ? 0 : Number((await shown.innerText()).replace(/\D/g, ''))
  }
  const parts = await part(/mid-market rate$/) + await part(/^Margin/) + await part(/^Rounding/) + await part(/^Fee/)
  const total = Number((await agree.innerText()).replace(/\D/g, ''))
  expect(total).toBe(parts)
  expect(await balance(counter, 'customers', li)).toBe(50_000)

  await agree.click()
  await expect(phone.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(phone.locator('dt', { hasText: 'The shop gets' }).locator('+ dd')).toHaveText('THB 120.00')
  await counter.bringToFront()
  await expect(counter.getByRole('heading', { name: 'Paid' })).toBeVisible()
  expect([await balance(counter, 'customers', li), await balance(counter, 'merchants', noodles)]).toEqual([50_000 - total, 12_000])
})

test('the counter’s camera reads the code that a phone shows, and both say paid', async ({ page: counter, context }) => {
  const [anna, cafe] = [await customer(counter, 'fr', 'EUR', 10_000), await shop(counter, 'fr')]
  const phone = await context.newPage()
  await enter(phone, 'wallet', anna)
  await phone.getByRole('link', { name: 'Pay in a shop' }).click()
  holdBefore(film, (await phone.getByRole('img', { name: 'QR code' }).getAttribute('data-text')) ?? '')

  await counter.bringToFront()
  await enter(counter, 'merchant', cafe)
  await type(counter, '4.20')
  await counter.getByRole('button', { name: 'Scan the customer’s code' }).click()
  await accessible(counter)
  await counter.getByRole('button', { name: 'Use the camera' }).click()
  await expect(counter.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await phone.bringToFront()
  await expect(phone.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(phone.getByText('€4.20').first()).toBeVisible()
  expect([await balance(counter, 'customers', anna), await balance(counter, 'merchants', cafe)]).toEqual([9_580, 420])
})

test('what the counter’s camera reads and is no customer’s code is said, and takes nothing', async ({ page: counter }) => {
  const cafe = await shop(counter, 'fr')
  await enter(counter, 'merchant', cafe)
  await type(counter, '4.20')
  await counter.getByRole('button', { name: 'Scan the customer’s code' }).click()
  holdBefore(film, 'https://example.org/')
  await counter.getByRole('button', { name: 'Use the camera' }).click()
  await expect(counter.getByText('A customer’s code has 18 to 24 digits')).toBeVisible()
  expect(await balance(counter, 'merchants', cafe)).toBe(0)
})

test('a code is read from a photo, and what is no photo of one is said', async ({ page }) => {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 10_000), await shop(page, 'fr')]
  const { code } = await (await page.request.post(`/sandbox/v1/merchants/${cafe.id}/static-code`, { data: {} })).json()
  await enter(page, 'wallet', anna)
  await page.goto('/wallet/scan')
  const photo = page.getByLabel('From a photo')
  await photo.setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') })
  await expect(page.getByRole('alert')).toContainText('no picture that can be read')
  // Drawn by the browser, as a phone would send it.
  const rows = encodeQR(code, 'raw', { border: 4 })
  const png = await page.evaluate(async bits => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = bits.length * 8
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D
    for (const [y, row] of bits.entries()) {
      for (const [x, isInk] of row.entries()) {
        pen.fillStyle = isInk ? '#000' : '#fff'
        pen.fillRect(x * 8, y * 8, 8, 8)
      }
    }
    return canvas.toDataURL('image/png').split(',')[1]
  }, rows)
  await photo.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: Buffer.from(png ?? '', 'base64') })
  await expect(page.getByText('Café du Port')).toBeVisible()
})
