// Payment on the page itself, by forms: the shop's link by the SDK, signing in, confirming, and a return that the SDK verifies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused } from '../support/sandbox.js';
import { Visitor } from '../support/visitor.js';
import { conformance } from '../support/world.js';

const RETURN_URL = 'http://shop.example/thanks';
const PIN = '739164';

let phones = 0;

/** A customer with a phone number and a PIN. */
export async function somebody(world, cell, minor, currency) {
  world.cells.add(cell);
  phones += 1;
  const phone = `+3361234${String(phones).padStart(4, '0')}`;
  const customer = { cell, name: 'Amélie Martin', phone, pin: PIN, balance: { currency, minor } };
  const { customer_id: id } = await world.sandbox.createCustomer(customer);
  return { id, phone };
}

await conformance(async (world) => {
  for (const [cell, home, currency, minor] of [
    ['fr', 'fr', 'EUR', 10_000],
    ['kr', 'fr', 'EUR', 10_000],
  ]) {
    await test(`a customer of ${home} signs in and pays a shop of ${cell} on the page`, async () => {
      const shop = await world.shop(cell);
      const customer = await somebody(world, home, minor, currency);
      const order = shop.order(4990, { subject: 'Deux cafés', product_code: 'FAST_INSTANT_TRADE_PAY' });
      const params = { bizContent: order, returnUrl: RETURN_URL };
      const visitor = new Visitor(world.baseUrl);
      const asked = await visitor.payHere({ url: shop.sdk.pageExecute('alipay.trade.page.pay', 'GET', params) });
      assert.match(asked.html, /type="password"/);
      const wrong = await visitor.send(asked, { login: customer.phone, pin: '000000', wallet: home });
      assert.match(wrong.html, /role="alert"/);
      const confirm = await visitor.send(wrong, { login: customer.phone, pin: PIN, wallet: home });
      assert.ok(confirm.html.includes('Amélie Martin'), confirm.html);
      assert.ok(confirm.html.includes(`${order.total_amount} ${shop.currency}`), confirm.html);
      if (home !== cell) {
        for (const said of ['Exchange rate', 'Margin', 'Fee', 'This price is good for']) {
          assert.ok(confirm.html.includes(said), said);
        }
      }
      const done = await visitor.send(confirm, {});
      assert.match(done.html, /The payment has arrived/);
      await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      const next = /content="\d+;url=([^"]*)"/.exec(done.html)[1].replaceAll('&amp;', '&');
      const { away } = await visitor.open(next);
      assert.equal(`${away.origin}${away.pathname}`, RETURN_URL);
      const returned = Object.fromEntries(away.searchParams);
      assert.equal(shop.sdk.checkNotifySignV2(returned), true, 'signature of the return');
      assert.equal(returned.total_amount, order.total_amount);
      assert.equal(await shop.balanceMinor(), 4990);
    });
  }

  await test('after five wrong PINs the right one has to wait', async () => {
    const customer = await somebody(world, 'fr', 100, 'EUR');
    const attempt = async (pin) => {
      const response = await fetch(`${world.baseUrl}/api/v1/sessions`, {
        method: 'POST',
        body: JSON.stringify({ login: customer.phone, pin, cell: 'fr' }),
      });
      return [response.status, (await response.json()).code, response.headers.get('retry-after') !== null];
    };
    for (let n = 0; n < 5; n += 1) assert.deepEqual(await attempt('000000'), [401, 'sign_in_failed', false]);
    assert.deepEqual(await attempt(PIN), [429, 'sign_in_later', true]);
    await world.sandbox.advanceClock(61);
    assert.equal((await attempt(PIN))[0], 200);
    await assertRefused(world.sandbox.createCustomer({ cell: 'fr', name: 'A', pin: '12x' }));
  });
});
