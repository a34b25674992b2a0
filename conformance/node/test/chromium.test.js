// The cashier in a real browser: Debian's Chromium, scripts switched off, phone width, in Urdu.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { hasChromium, withChromium } from '../support/chromium.js';
import { conformance } from '../support/world.js';

const PIN = '739164';
const PHONE = '+923001234567';
/** Where the screenshots go, if somebody wants to look at them. */
const PICTURES = process.env.SYCEE_PICTURES;

async function picture(page, name) {
  if (PICTURES !== undefined) await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
}

/** Nothing is cut off at the side, and axe, which is a script, finds nothing to complain about in a copy of the page. */
async function assertReadable(page, examiner, axe) {
  const [inner, scroll] = await page.evaluate('[window.innerWidth, document.documentElement.scrollWidth]');
  assert.ok(scroll <= inner, `${page.url()}: ${scroll} pixels in ${inner}`);
  const copy = { contentType: 'text/html; charset=utf-8', body: await page.content() };
  await examiner.route(page.url(), (route) => route.fulfill(copy), { times: 1 });
  await examiner.goto(page.url());
  const violations = await examiner.evaluate(`${axe};
    axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`);
  assert.deepEqual(violations, [], page.url());
}

await conformance(async (world) => {
  const skip = (await hasChromium()) ? false : 'there is no /usr/bin/chromium here';
  await test('a customer pays a shop of another market on a phone, in Urdu, without scripts', { skip }, async (t) => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const returns = [];
    const server = createServer((request, response) => {
      if (request.url.startsWith('/thanks')) returns.push(request.url);
      response.end('thanks');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const back = `http://127.0.0.1:${server.address().port}/thanks`;
    const shop = await world.shop('fr');
    world.cells.add('pk');
    const balance = { currency: 'PKR', minor: 5_000_000 };
    await world.sandbox.createCustomer({ cell: 'pk', name: 'عائشہ خان', phone: PHONE, pin: PIN, balance });
    const order = shop.order(1990, { subject: 'Deux cafés', product_code: 'QUICK_WAP_PAY' });
    const params = { bizContent: order, returnUrl: back };
    await withChromium(async (page, examiner) => {
      await page.goto(shop.sdk.pageExecute('alipay.trade.wap.pay', 'GET', params));
      assert.equal(await page.getAttribute('html', 'lang'), 'ur');
      assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
      await picture(page, 'cashier');
      await page.click('a.button');
      await picture(page, 'sign-in');
      await assertReadable(page, examiner, axe);
      await page.fill('#login', PHONE);
      await page.selectOption('#wallet', 'pk');
      await page.fill('#pin', '000000');
      await page.click('button');
      assert.equal(await page.locator('[role=alert]').count(), 1);
      await picture(page, 'sign-in-failed');
      await page.selectOption('#wallet', 'pk');
      await page.fill('#pin', PIN);
      await page.click('button');
      assert.ok((await page.textContent('main')).includes('عائشہ خان'));
      assert.match(await page.textContent('tr.total'), /PKR/);
      await picture(page, 'confirm');
      await assertReadable(page, examiner, axe);
      await page.click('main form button');
      await picture(page, 'paid');
      await page.waitForURL(`${back}?**`);
    });
    const returned = Object.fromEntries(new URL(returns[0], back).searchParams);
    assert.equal(shop.sdk.checkNotifySignV2(returned), true, 'signature of the return');
    await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
    assert.equal(await shop.balanceMinor(), 1990);
  });
});
