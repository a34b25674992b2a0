import { balance, customer, enter, expect, shop, test, type } from './stage'

test('the shop shows a code, the phone pays it, both say so, and the shop refunds a part', async ({ page, context }) => {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 10_000), await shop(page, 'fr')]
  await enter(page, 'merchant', cafe)
  await type(page, '12.50')
  await page.getByRole('button', { name: 'Show a code' }).click()
  await expect(page.getByText('The customer scans this')).toBeVisible()
  const code = await page.getByRole('img', { name: 'QR code of the order' }).getAttribute('data-text')

  const phone = await context.newPage()
  await enter(phone, 'wallet', anna)
  await expect(phone.getByText('€100.00').first()).toBeVisible()
  await phone.getByRole('link', { name: 'Scan' }).click()
  await phone.getByLabel('Code', { exact: true }).fill(code ?? '')
  await phone.getByRole('button', { name: 'Look it up' }).click()
  await expect(page.getByText('Scanned. The customer confirms now.')).toBeVisible()
  await phone.getByRole('button', { name: /^Pay .*12\.50/ }).click()

  await expect(phone.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(page.getByText('€12.50').first()).toBeVisible()
  expect([await balance(page, 'customers', anna), await balance(page, 'merchants', cafe)]).toEqual([8_750, 1_250])

  await page.getByRole('button', { name: 'Order', exact: true }).click()
  await page.getByRole('button', { name: 'Refund' }).click()
  await type(page, '2.50')
  await page.getByRole('button', { name: /^Refund .*2\.50/ }).click()
  await expect(page.getByText('Partly refunded')).toBeVisible()
  expect([await balance(page, 'customers', anna), await balance(page, 'merchants', cafe)]).toEqual([9_000, 1_000])
})

test('the phone shows a code, the shop’s scanner reads it, and the phone says paid by itself', async ({ page, context }) => {
  const [anna, cafe] = [await customer(page, 'fr', 'EUR', 10_000), await shop(page, 'fr')]
  const phone = await context.newPage()
  await enter(phone, 'wallet', anna)
  await phone.getByRole('link', { name: 'Pay in a shop' }).click()
  const digits = await phone.locator('[data-code]').getAttribute('data-code')
  const bar = await phone.getByRole('img', { name: 'Bar code' }).boundingBox()
  const square = await phone.getByRole('img', { name: 'QR code' }).boundingBox()
  expect(bar?.width).toBeGreaterThanOrEqual(270)
  expect(bar?.height).toBeGreaterThanOrEqual(84)
  expect(square?.width).toBeGreaterThanOrEqual(152)

  await enter(page, 'merchant', cafe)
  await page.bringToFront()
  await expect(page.getByRole('button', { name: '5', exact: true })).toBeVisible()
  await page.keyboard.type('4.2', { delay: 120 })
  await expect(page.getByLabel('Amount')).toHaveText('€4.2')
  // A hand-held scanner: a keyboard that types fast and ends with Enter.
  await page.evaluate(keys => {
    for (const key of [...keys, 'Enter']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  }, digits ?? '')
  await expect(page.getByRole('heading', { name: 'Paid' })).toBeVisible()

  await phone.bringToFront()
  await expect(phone.getByRole('heading', { name: 'Paid' })).toBeVisible()
  await expect(phone.getByText('€4.20').first()).toBeVisible()
  expect([await balance(page, 'customers', anna), await balance(page, 'merchants', cafe)]).toEqual([9_580, 420])
})

test('an order is cancelled before it is paid, and nothing is taken', async ({ page }) => {
  await enter(page, 'merchant', await shop(page, 'kr'))
  await type(page, '9')
  await page.getByRole('button', { name: '00', exact: true }).click()
  await page.getByRole('button', { name: 'Show a code' }).click()
  await expect(page.getByText('₩900').first()).toBeVisible()
  await page.getByRole('button', { name: 'Cancel this order' }).click()
  await expect(page.getByText('Cancelled. Nothing was taken.')).toBeVisible()
  await page.getByRole('link', { name: 'Orders' }).click()
  await expect(page.getByRole('region', { name: 'Not paid, taken in this window' })).toContainText('Closed')
})

test('money is sent once, though the button is tapped twice and the first answer is lost', async ({ page }) => {
  const [anna, ben] = [await customer(page, 'fr', 'EUR', 10_000), await customer(page, 'fr', 'EUR', 0, 'Ben')]
  await enter(page, 'wallet', anna)
  let lost = 0
  await page.route('**/api/v1/send', async route => {
    if (lost > 0) return route.continue()
    lost += 1
    await route.fetch() // the server does it, the phone does not hear of it
    await route.abort()
  })
  await page.getByRole('link', { name: 'Send' }).click()
  await page.getByLabel('Number of the person').fill('1234')
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByText('neither a phone number nor a number of 16 digits')).toBeVisible()
  await page.getByLabel('Number of the person').fill(ben.id)
  await page.getByRole('button', { name: 'Continue' }).click()
  await type(page, '30')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: /^Send .*30/ }).dblclick()
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible()
  await expect(page.getByText('€70.00').first()).toBeVisible()
  expect(lost).toBe(1)
  expect([await balance(page, 'customers', anna), await balance(page, 'customers', ben)]).toEqual([7_000, 3_000])
})

test('what is refused says where the money is and what to do', async ({ page }) => {
  const anna = await customer(page, 'fr', 'EUR', 10_000)
  await enter(page, 'wallet', anna)
  await page.getByRole('link', { name: 'Scan' }).click()
  await page.getByLabel('Code', { exact: true }).fill('hello')
  await page.getByRole('button', { name: 'Look it up' }).click()
  const alert = page.getByRole('alert')
  for (const part of ['This code is not known here', 'Nothing moved by this', 'Ask for a new code', 'code_unknown']) {
    await expect(alert).toContainText(part)
  }
})

test('what was sent and never answered stays locked until the same is asked again', async ({ page }) => {
  const [anna, ben] = [await customer(page, 'fr', 'EUR', 10_000), await customer(page, 'fr', 'EUR', 0, 'Ben')]
  await enter(page, 'wallet', anna)
  await page.goto(`/wallet/send/${ben.id}`)
  await type(page, '5')
  await page.getByRole('button', { name: 'Continue' }).click()
  let isCut = true
  await page.route('**/api/v1/send', async route => {
    if (!isCut) return route.continue()
    await route.fetch()
    await route.abort()
  })
  await page.getByRole('button', { name: /^Send .*5/ }).click()
  await expect(page.getByRole('alert')).toContainText('It is not done twice')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeVisible()
  isCut = false
  await page.getByRole('button', { name: 'Ask again' }).click()
  await expect(page.getByRole('heading', { name: 'Sent' })).toBeVisible()
  expect(await balance(page, 'customers', ben)).toBe(500)
})
