import { execFile } from 'node:child_process'
import { createHmac, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from '@playwright/test'
import { accessible, customer, enter, expect, shop, test, type Actor } from './stage'

const LIST = ['/developer', '/developer/keys', '/developer/webhooks', '/developer/deliveries', '/developer/requests', '/developer/clock']

/** What posts to an address of this machine, with what it was told and how it answers. */
class Receiver {
  readonly bodies: string[] = []
  status = 200
  #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => { body += part }).on('end', () => {
        this.bodies.push(body)
        response.writeHead(this.status, { 'content-type': 'text/plain' }).end(this.status === 200 ? 'success' : 'closed today')
      })
    })
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>(ready => receiver.#server.listen(0, '127.0.0.1', ready))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/told`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

/** A program of the shop's: what was pasted and saved, and a call. Its answer. */
async function program(files: Record<string, string>, call: string): Promise<Record<string, string>> {
  // Below node_modules, so that the unmodified SDK is found as in a program of somebody's own.
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.shop-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'call.mjs'), `import { sdk } from './sdk.mjs'\nconsole.log(JSON.stringify(await ${call}))\n`)
    const { stdout } = await promisify(execFile)('node', ['call.mjs'], { cwd: folder })
    return JSON.parse(stdout) as Record<string, string>
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function precreate(number: string, notifyUrl?: string): string {
  const common = notifyUrl === undefined ? '' : `notify_url: ${JSON.stringify(notifyUrl)}, `
  const order = `{ out_trade_no: '${number}', subject: 'Two coffees', total_amount: '12.50' }`
  return `sdk.exec('alipay.trade.precreate', { ${common}bizContent: ${order} }, { validateSign: true })`
}

async function section(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Developers' }).getByRole('link', { name }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

/** Registers an app by the page; the files of a program that has its configuration. */
async function register(page: Page): Promise<Record<string, string>> {
  await page.getByRole('button', { name: 'Register an app' }).click()
  const [saved] = await Promise.all([
    page.waitForEvent('download'), page.getByRole('button', { name: /^Download: .*Private key/ }).click(),
  ])
  const key = readFileSync(await saved.path(), 'ascii')
  await page.getByLabel('I have saved the private key').check()
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'App' })).toBeVisible()
  const pasted = await page.locator('pre', { hasText: 'AlipaySdk' }).textContent()
  return { [saved.suggestedFilename()]: key, 'sdk.mjs': pasted ?? '' }
}

test('keys are made in the browser, stay there, and the unmodified SDK takes a payment with what is pasted', async ({ page }) => {
  const sent: string[] = []
  page.on('request', request => sent.push(request.postData() ?? ''))
  await enter(page, 'merchant', await shop(page, 'fr'))
  await page.getByRole('link', { name: 'Menu' }).click()
  await page.getByRole('link', { name: 'Developers' }).click()
  await expect(page.getByRole('heading', { name: 'No apps yet' })).toBeVisible()

  await page.getByRole('button', { name: 'Register an app' }).click()
  const sheet = page.getByRole('dialog', { name: 'Register an app' })
  await expect(sheet).toContainText('This is shown only now')
  await expect(sheet.getByRole('button', { name: 'Register', exact: true })).toBeDisabled()
  await accessible(page)
  const pkcs1 = await sheet.locator('pre').textContent()
  await sheet.getByText('PKCS #8').click()
  const pkcs8 = await sheet.locator('pre').textContent()
  // OpenSSL, by Node, says how the one key is written in the other form.
  expect(pkcs1).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/)
  expect(pkcs8).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  expect(pkcs1).toBe(createPrivateKey(pkcs8 ?? '').export({ type: 'pkcs1', format: 'pem' }))
  await sheet.getByText('I have one').click()
  await sheet.getByLabel('Public key').fill(pkcs8 ?? '')
  await expect(sheet).toContainText('This is a private key. Keep it to yourself')
  await expect(sheet.getByRole('button', { name: 'Register', exact: true })).toBeDisabled()
  await page.keyboard.press('Escape')

  const files = await register(page)
  await accessible(page)
  const key = files['app-private-key.pkcs1.pem'] ?? ''
  // A line in the middle, of the primes: the first ones are the modulus, which is in the public half too.
  const pkcs8Of = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem' }).toString()
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  for (const secret of [key, pkcs8Of].map(form => form.split('\n')[15] ?? '')) {
    expect(secret).toHaveLength(64)
    expect([...sent, kept].join()).not.toContain(secret)
    await expect(page.getByText(secret)).toHaveCount(0)
  }

  const answer = await program(files, precreate('first'))
  expect([answer.code, answer.outTradeNo]).toEqual(['10000', 'first'])

  await page.getByRole('button', { name: 'Change the key' }).click()
  await page.getByLabel('I have saved the private key').check()
  await page.getByLabel('How long the present key stays valid').selectOption({ label: 'One hour' })
  await page.getByRole('button', { name: 'Change it now' }).click()
  await expect(page.getByText(/^The key before is valid until/)).toBeVisible()
  expect((await program(files, precreate('second'))).code).toBe('10000')
  await page.getByRole('button', { name: 'Change the key' }).click()
  await page.getByLabel('I have saved the private key').check()
  await page.getByLabel('How long the present key stays valid').selectOption({ label: 'It ends at once' })
  await page.getByRole('button', { name: 'Change it now' }).click()
  await expect(page.getByText(/^The key before is valid until/)).toHaveCount(0)
  expect((await program(files, precreate('third'))).subCode).toBe('isv.invalid-signature')

  await page.getByLabel('One address on each line').fill('http://localhost:9/back\n\nhttp://localhost:9/again')
  await page.getByRole('button', { name: 'Save the addresses' }).click()
  await expect(page.getByText('The addresses are saved')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('One address on each line')).toHaveValue('http://localhost:9/back\nhttp://localhost:9/again')
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(page.getByText('Gateway address')).toBeVisible()
  await accessible(page)
})

/** Downloads one of the certificates; its name and text. */
async function certificate(page: Page, name: string): Promise<[string, string]> {
  const [saved] = await Promise.all([
    page.waitForEvent('download'), page.getByRole('button', { name: new RegExp(`^Download: .*${name}`) }).click(),
  ])
  return [saved.suggestedFilename(), readFileSync(await saved.path(), 'ascii')]
}

/** Makes the certificates by the page; the files of a program that has its configuration and the key in `files`. */
async function certified(page: Page, files: Record<string, string>, button: string): Promise<Record<string, string>> {
  await page.getByRole('button', { name: button }).click()
  const made = [await certificate(page, 'appCertPublicKey_'), await certificate(page, 'alipayCertPublicKey_'), await certificate(page, 'alipayRootCert')]
  const pasted = await page.locator('pre', { hasText: 'appCertPath' }).textContent()
  return { ...files, ...Object.fromEntries(made), 'sdk.mjs': pasted ?? '' }
}

test('certificates are made for a key of the browser, and the unmodified SDK calls with them; a new key wants new ones', async ({ page }) => {
  await enter(page, 'merchant', await shop(page, 'fr'))
  await page.goto('/merchant/developer')
  const keys = await register(page)
  const files = await certified(page, keys, 'Make the certificates')
  await accessible(page)
  const app = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  expect(Object.keys(files).sort()).toEqual([
    'alipayCertPublicKey_RSA2.crt', 'alipayRootCert.crt', 'app-private-key.pkcs1.pem', `appCertPublicKey_${app}.crt`, 'sdk.mjs',
  ])
  // OpenSSL, by Node: the app's certificate is of the key that was made here.
  const own = new X509Certificate(files[`appCertPublicKey_${app}.crt`] ?? '')
  expect(own.checkPrivateKey(createPrivateKey(keys['app-private-key.pkcs1.pem'] ?? ''))).toBe(true)
  expect(files['sdk.mjs']).not.toContain('alipayPublicKey:')
  const answer = await program(files, precreate('with-certificates'))
  expect([answer.code, answer.outTradeNo]).toEqual(['10000', 'with-certificates'])
  // That answer was verified: with a certificate of another key than the gateway's the SDK takes none.
  const foreign = { ...files, 'alipayCertPublicKey_RSA2.crt': files[`appCertPublicKey_${app}.crt`] ?? '' }
  await expect(program(foreign, precreate('foreign-gateway'))).rejects.toThrow(/sign|cert/i)

  await page.getByRole('button', { name: 'Change the key' }).click()
  const [saved] = await Promise.all([
    page.waitForEvent('download'), page.getByRole('button', { name: /^Download: .*Private key/ }).click(),
  ])
  const next = { [saved.suggestedFilename()]: readFileSync(await saved.path(), 'ascii') }
  await page.getByLabel('I have saved the private key').check()
  await page.getByLabel('How long the present key stays valid').selectOption({ label: 'It ends at once' })
  await page.getByRole('button', { name: 'Change it now' }).click()
  await expect(page.getByText('These are for the key before')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Download: .*alipayRootCert/ })).toHaveCount(0)
  await accessible(page)
  const renewed = await certified(page, next, 'Make the new ones')
  expect(renewed[`appCertPublicKey_${app}.crt`]).not.toBe(files[`appCertPublicKey_${app}.crt`])
  expect((await program(renewed, precreate('with-new-ones'))).code).toBe('10000')
})

test('a notification that was not taken shows every attempt, and is sent again', async ({ page }) => {
  const [anna, receiver] = [await customer(page, 'fr', 'EUR', 10_000), await Receiver.open()]
  try {
    await enter(page, 'merchant', await shop(page, 'fr'))
    await page.goto('/merchant/developer/deliveries')
    await expect(page.getByRole('heading', { name: 'No notifications yet' })).toBeVisible()
    await page.getByRole('link', { name: 'Apps' }).click()
    receiver.status = 503
    const { qrCode } = await program(await register(page), precreate('told', receiver.url))
    await page.request.post(`/sandbox/v1/customers/${anna.id}/pay`, { data: { code: qrCode, confirm: true } })
    await expect.poll(() => receiver.bodies.length).toBe(1)

    await page.goto('/merchant/developer/deliveries')
    await page.getByText('Taken', { exact: true }).click()
    await expect(page.getByRole('heading', { name: 'None of this kind' })).toBeVisible()
    await page.getByText('Will be tried again', { exact: true }).first().click()
    await page.getByRole('link', { name: receiver.url }).click()
    const attempts = page.locator('li', { hasText: 'HTTP' })
    await expect(attempts).toHaveCount(1)
    await expect(attempts).toContainText('HTTP 503')
    await expect(attempts).toContainText('closed today')
    await expect(page.locator('dd', { hasText: 'TRADE_SUCCESS' })).toBeVisible()
    await accessible(page)

    receiver.status = 200
    await page.getByRole('button', { name: 'Send it again' }).click()
    await expect(attempts).toHaveCount(2)
    await expect(attempts.first()).toContainText('HTTP 200')
    await expect(attempts.first()).toContainText('Sent on request')
    expect(receiver.bodies).toHaveLength(2)
    expect(receiver.bodies[1]).toBe(receiver.bodies[0])
  } finally {
    receiver.close()
  }
})

test('a webhook is added, told, posted to again, and deleted by typing', async ({ page }) => {
  const [anna, cafe, receiver] = [await customer(page, 'fr', 'EUR', 10_000), await shop(page, 'fr'), await Receiver.open()]
  try {
    const { code } = await (await page.request.post(`/sandbox/v1/merchants/${cafe.id}/static-code`, { data: {} })).json()
    const pay = (minor: number) => page.request.post(`/sandbox/v1/customers/${anna.id}/pay`, {
      data: { code, confirm: true, amount: { currency: 'EUR', minor } },
    })
    await enter(page, 'merchant', cafe)
    await page.goto('/merchant/developer/webhooks')
    await page.getByRole('button', { name: 'Add a webhook' }).click()
    await page.getByLabel('Address').fill(receiver.url)
    await page.getByLabel('Order paid').check()
    await accessible(page)
    await page.getByRole('button', { name: 'Add it' }).click()
    await expect(page.getByRole('dialog').locator('pre')).toHaveText(/^whsec_/)
    await page.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByText('Nothing posted yet')).toBeVisible()
    await pay(100)
    await pay(200)
    await expect.poll(() => receiver.bodies.length).toBe(2)
    await page.reload()
    await expect(page.getByText(/^Last taken/)).toBeVisible()

    await page.getByRole('button', { name: /^Post again to/ }).click()
    await page.getByRole('button', { name: 'Post again', exact: true }).click()
    await expect.poll(() => receiver.bodies.length).toBe(3)
    expect(receiver.bodies[2]).toBe(receiver.bodies[1])

    await page.getByRole('button', { name: /^Delete / }).click()
    const sheet = page.getByRole('dialog')
    const word = (await sheet.locator('label').textContent())?.match(/Type .(\w+). to confirm/)?.[1] ?? ''
    await sheet.getByLabel(/to confirm/).fill('no')
    await expect(sheet.getByRole('button', { name: 'Delete', exact: true })).toBeDisabled()
    await sheet.getByLabel(/to confirm/).fill(word)
    await sheet.getByRole('button', { name: 'Delete', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'No webhooks yet' })).toBeVisible()
  } finally {
    receiver.close()
  }
})

/** The headers of a request without body that is signed (RFC 9421), and the text that was signed. */
async function signed(page: Page, key: string, method: string, path: string, make: (text: string) => Buffer) {
  const { now } = await (await page.request.get('/sandbox/v1/clock')).json()
  const parameters = `("@method" "@path");created=${Math.floor(Date.parse(now) / 1000)};keyid="${key}"`
  const text = `"@method": ${method}\n"@path": ${path}\n"@signature-params": ${parameters}`
  return { 'signature-input': `s=${parameters}`, signature: `s=:${make(text).toString('base64')}:` }
}

test('a key made in the browser signs; a wrong signature is explained line by line; a key is revoked by typing', async ({
  page, playwright, baseURL,
}) => {
  const server = await playwright.request.newContext({ baseURL: baseURL ?? '' })
  await enter(page, 'merchant', await shop(page, 'fr'))
  await page.goto('/merchant/developer/keys')
  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByRole('button', { name: 'Make it now' }).click()
  const shown = page.getByRole('dialog').locator('pre')
  await expect(shown).toHaveCount(2)
  await accessible(page)
  const [first, pem] = await shown.allTextContents()
  const good = await signed(page, first ?? '', 'GET', '/api/v1/me', text => sign(null, Buffer.from(text), pem ?? ''))
  expect((await server.get('/api/v1/me', { headers: good })).status()).toBe(200)
  await page.getByRole('button', { name: 'Done' }).click()

  await page.getByRole('button', { name: 'Make a key' }).click()
  await page.getByText('HMAC', { exact: true }).click()
  await page.getByRole('button', { name: 'Make it now' }).click()
  await expect(shown).toHaveCount(2)
  const [second, secret] = await shown.allTextContents()
  await page.getByRole('button', { name: 'Done' }).click()
  const mac = (text: string) => createHmac('sha256', Buffer.from(secret ?? '', 'base64')).update(text).digest()
  const bad = await signed(page, second ?? '', 'get', '/api/v1/me', mac)
  expect((await server.get('/api/v1/me', { headers: bad })).status()).toBe(401)

  await section(page, 'Requests')
  await page.getByText('Not let in', { exact: true }).click()
  const rows = page.getByRole('table', { name: 'Requests' }).locator('tbody').getByRole('button')
  await expect(rows).toHaveCount(1)
  await expect(page.getByRole('table').locator('tbody').getByRole('row')).toContainText('401')
  await rows.click()
  const sheet = page.getByRole('dialog', { name: 'Request' })
  await expect(sheet.locator('ol li')).toHaveText([
    '@method GET Here', '@path /api/v1/me', /^@signature-params \("@method" "@path"\);created=/,
  ])
  await expect(sheet).toContainText('This differs: @method')
  await expect(sheet).toContainText('the signer has "get"')
  await accessible(page)
  await page.keyboard.press('Escape')
  await expect(rows).toBeFocused()

  await section(page, 'Keys and tokens')
  await page.getByRole('button', { name: new RegExp(`^Revoke .${first}`) }).click()
  await page.getByLabel(/to confirm/).fill((first ?? '').slice(-4))
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(page.locator('li', { hasText: first ?? '' })).toContainText('Revoked')
  const late = await signed(page, first ?? '', 'GET', '/api/v1/me', text => sign(null, Buffer.from(text), pem ?? ''))
  expect((await server.get('/api/v1/me', { headers: late })).status()).toBe(401)
  await expect(page.getByText('In use here')).toBeVisible()
  await server.dispose()
})

test('the test clock says the time and is moved by an hour, a day or more, with a warning', async ({ page }) => {
  const asked: unknown[] = []
  // Not really: the tests after this one would live in another time than the browser.
  await page.route('**/sandbox/v1/clock/advance', route => {
    asked.push(route.request().postDataJSON())
    return route.fulfill({ json: { now: '2031-05-06T07:08:09Z' } })
  })
  await enter(page, 'merchant', await shop(page, 'fr'))
  await page.goto('/merchant/developer/clock')
  await expect(page.getByText('This moves the whole world')).toBeVisible()
  const { now } = await (await page.request.get('/sandbox/v1/clock')).json()
  await expect(page.getByText(now.slice(0, 10))).toBeVisible()
  await page.getByRole('button', { name: 'One hour on' }).click()
  await expect(page.getByText('2031-05-06T07:08:09Z')).toBeVisible()
  await page.getByRole('button', { name: 'One day on' }).click()
  await page.getByLabel('Hours').fill('1.5')
  await expect(page.getByRole('button', { name: 'Move it on' })).toBeDisabled()
  await page.getByLabel('Hours').fill('48')
  await page.getByRole('button', { name: 'Move it on' }).click()
  await expect.poll(() => asked).toEqual([{ seconds: 3_600 }, { seconds: 86_400 }, { seconds: 172_800 }])
})

const ways = [
  { name: '320 px, dark, Urdu', options: { locale: 'ur-PK', colorScheme: 'dark', viewport: { width: 320, height: 640 } } },
  { name: 'desktop, Thai', options: { locale: 'th-TH', viewport: { width: 1280, height: 800 } } },
  { name: '360 px, Chinese, reduced motion', options: { locale: 'zh-CN', reducedMotion: 'reduce' } },
] as const

for (const { name, options } of ways) {
  test(`every page for developers can be used by everybody: ${name}`, async ({ page: maker, browser, baseURL }) => {
    const cafe: Actor = await shop(maker, 'pk')
    const made = await (browser as Browser).newContext({ baseURL: baseURL ?? '', viewport: { width: 360, height: 780 }, ...options })
    const page = await made.newPage()
    await enter(page, 'merchant', cafe)
    for (const path of [...LIST, '/developer/nothing', '/developer/apps/2021000000000000']) {
      await page.goto(`/merchant${path}`)
      await expect(page.locator('main nav')).toBeVisible()
      await expect(page.getByRole('status', { name: /Loading|กำลัง|لوڈ|正在/ })).toHaveCount(0)
      await accessible(page)
      const maker = page.locator('main .button.main')
      if ((await maker.count()) === 0) continue
      await maker.click()
      await expect(page.getByRole('dialog').getByRole('status', { name: /Loading|กำลัง|لوڈ|正在/ })).toHaveCount(0)
      await accessible(page)
      const small = await page.locator('dialog :is(button, a, input:not([type=checkbox], [type=radio]), select)').evaluateAll(found =>
        found.filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML))
      expect(small, 'smaller than a finger').toEqual([])
      await page.keyboard.press('Escape')
    }
    await made.close()
  })
}
