import { appendFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { customer, enter, expect, shop, test, type } from './stage'

/** A phone of a few years ago on a mobile network: a quarter of the processor, 1.6 Mb/s, 150 ms. */
async function slow(page: Page): Promise<void> {
  const tools = await page.context().newCDPSession(page)
  await tools.send('Network.enable')
  const throughput = 1_600_000 / 8
  await tools.send('Network.emulateNetworkConditions', {
    offline: false, latency: 150, downloadThroughput: throughput, uploadThroughput: throughput,
  })
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
}

/** When the largest thing of the page was painted, ms after it was asked for. */
function largestPaint(page: Page): Promise<number> {
  return page.evaluate(() => new Promise<number>(resolve => {
    new PerformanceObserver(list => resolve(Math.round(list.getEntries().at(-1)?.startTime ?? 0)))
      .observe({ type: 'largest-contentful-paint', buffered: true })
  }))
}

/** Says what was measured, and writes it as one line of JSON to the end of the file that `SYCEE_SPEED` names. */
function measured(what: string, milliseconds: number): void {
  console.log(`${what}, 4x slower, 1.6 Mb/s, 150 ms: ${milliseconds} ms`)
  const file = process.env.SYCEE_SPEED
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, milliseconds })}\n`)
}

// These say what was measured, and fail only if nothing was: how long something takes is the machine's as well as the page's.

test('how soon the wallet is painted on a slow phone', async ({ page }) => {
  const anna = await customer(page, 'fr', 'EUR', 10_000)
  await slow(page)
  await page.goto('/wallet/')
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  const first = await largestPaint(page)
  await enter(page, 'wallet', anna)
  await expect(page.getByText('€100.00').first()).toBeVisible()
  const home = await largestPaint(page)
  measured('largest paint of the wallet, first visit', first)
  measured('largest paint of the wallet, home signed in', home)
  expect(Math.min(first, home)).toBeGreaterThan(0)
})

test('how soon the counter shows a code on a slow tablet', async ({ page }) => {
  await enter(page, 'merchant', await shop(page, 'fr'))
  await type(page, '12.50')
  await slow(page)
  const took = await page.getByRole('button', { name: 'Show a code' }).evaluate(button => new Promise<number>(resolve => {
    const began = performance.now()
    const look = (): void => {
      if (document.querySelector('[role="img"]') === null) requestAnimationFrame(look)
      else resolve(Math.round(performance.now() - began))
    }
    ;(button as HTMLElement).click()
    look()
  }))
  measured('amount to visible code at the counter', took)
  expect(took).toBeGreaterThan(0)
})
