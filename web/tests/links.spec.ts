import type { Page } from '@playwright/test'
import { customer, enter, expect, shop, test, type Actor } from './stage'

/** More pages than both apps have; a crawl that gets here has found a way in a circle. */
const PAGES_MAX = 80

/** What stands on no finished page. */
const UNFINISHED = /\b(TODO|FIXME|undefined|null|NaN|[Ll]orem)\b|\[object/

/** A text that is a message's name and not a message. */
const MESSAGE_KEY = /^[a-z]+\.[a-zA-Z]+$/

/** Numbers of orders, people and days: one page of each kind is enough. */
function kindOf(path: string): string {
  return path.split('/').map(part => (/\d{4,}/.test(part) ? '…' : part)).join('/')
}

/** What a page says, text by text, but for what is quoted as it is: code, and what the server wrote. */
function texts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = (node.textContent ?? '').trim()
      const around = node.parentElement
      if (text !== '' && around !== null && around.closest('script, noscript, code, pre') === null && around.checkVisibility()) found.push(text)
    }
    return found
  })
}

/** Links of the page that lead to other pages of the app. */
function links(page: Page, app: string): Promise<string[]> {
  return page.evaluate(folder => [...document.querySelectorAll('a[href]')].filter(one => one.checkVisibility())
    .map(one => new URL((one as HTMLAnchorElement).href)).filter(one => one.origin === location.origin && one.pathname.startsWith(folder))
    .map(one => one.pathname + one.search), `/${app}/`)
}

/** Follows every link from the app's first page; what is wrong with each page, and which pages there are. */
async function crawl(page: Page, app: 'wallet' | 'merchant'): Promise<{ wrong: string[]; seen: string[] }> {
  const wrong: string[] = []
  const seen = new Set([`/${app}/`])
  const ways = [`/${app}/`]
  let here = ''
  page.on('console', message => { if (message.type() === 'error') wrong.push(`${here}: console: ${message.text()}`) })
  page.on('pageerror', error => { wrong.push(`${here}: ${error.message}`) })
  page.on('response', answer => { if (answer.status() >= 400) wrong.push(`${here}: ${answer.status()} ${new URL(answer.url()).pathname}`) })
  for (const path of ways) {
    here = path
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible()
    await expect(page.getByRole('status', { name: 'Loading' }), path).toHaveCount(0)
    const said = await texts(page)
    if (said.includes('There is no such page')) wrong.push(`${path}: there is no such page`)
    wrong.push(...said.filter(text => UNFINISHED.test(text) || MESSAGE_KEY.test(text)).map(text => `${path}: says “${text}”`))
    for (const next of await links(page, app)) {
      const kind = kindOf(next)
      if (seen.has(kind)) continue
      seen.add(kind)
      ways.push(next)
    }
    expect(seen.size).toBeLessThanOrEqual(PAGES_MAX)
  }
  page.removeAllListeners()
  return { wrong, seen: [...seen] }
}

/** Somebody who has paid a shop that is settled: there is something behind every list. */
async function trade(page: Page): Promise<{ anna: Actor; cafe: Actor }> {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 50_000, 'Anna Martin'), await shop(page, 'fr')]
  const headers = { authorization: `Bearer ${cafe.token}`, 'idempotency-key': 'links' }
  const made = async (path: string, data: object): Promise<Record<string, string>> => {
    const answer = await page.request.post(path, { data, headers })
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
    return (await answer.json()) as Record<string, string>
  }
  await made(`/sandbox/v1/merchants/${cafe.id}/settlement`, {})
  const { code } = await made(`/sandbox/v1/merchants/${cafe.id}/static-code`, {})
  await made(`/sandbox/v1/customers/${anna.id}/pay`, { code, amount: { currency: 'EUR', minor: 1_250 }, confirm: true })
  await made('/api/v1/orders', { order: { out_trade_no: 'TABLE-1204', subject: 'Lunch', total: { currency: 'EUR', minor: '2400' } } })
  await made('/api/v1/members', { name: 'Mia Laurent', role: 'manager', pin: '739164' })
  return { anna, cafe }
}

for (const app of ['wallet', 'merchant'] as const) {
  test(`every link of the ${app === 'wallet' ? 'wallet' : 'counter'} leads to a page that is finished`, async ({ page }) => {
    test.setTimeout(600_000)
    const { anna, cafe } = await trade(page)
    await enter(page, app, app === 'wallet' ? anna : cafe)
    const { wrong, seen } = await crawl(page, app)
    console.log(`${seen.length} kinds of pages:\n${seen.join('\n')}`)
    expect(seen.length).toBeGreaterThan(8)
    expect(wrong).toEqual([])
  })
}

test('whoever is not signed in sees finished pages', async ({ page }) => {
  for (const app of ['wallet', 'merchant'] as const) {
    const { wrong } = await crawl(page, app)
    expect(wrong).toEqual([])
  }
})
