// Payment in a browser: the shop sends the customer to our page, the customer pays, we send them back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCashier, browse, codeOf, readForm } from '../support/browser.js';
import { CORRIDORS, assertShopTold } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { conformance } from '../support/world.js';

const RETURN_URL = 'http://shop.example/thanks';

const PRODUCTS = { 'alipay.trade.page.pay': 'FAST_INSTANT_TRADE_PAY', 'alipay.trade.wap.pay': 'QUICK_WAP_PAY' };

const PAGES = [
  { method: 'alipay.trade.page.pay', verb: 'GET', payer: 'fr', cell: 'fr', minor: 4990, written: '49.90' },
  { method: 'alipay.trade.page.pay', verb: 'POST', payer: 'cn', cell: 'cn', minor: 500, written: '5.00' },
  { method: 'alipay.trade.wap.pay', verb: 'GET', payer: 'kr', cell: 'kr', minor: 9000, written: '9000.00' },
  { method: 'alipay.trade.wap.pay', verb: 'POST', payer: 'fr', cell: 'fr', minor: 50, written: '0.50' },
];

/** Both products, by link and by form, in each corridor. */
const ABROAD = CORRIDORS.flatMap((corridor) =>
  PAGES.map(({ method, verb }) => ({
    ...corridor,
    method,
    verb,
    minor: 4990,
    written: corridor.cell === 'kr' ? '4990.00' : '49.90',
  })),
);

const LINK = { method: 'alipay.trade.page.pay', verb: 'GET' };

/** What the browser does with the SDK's work: open the link, or submit the form. */
function visit(shop, { method, verb }, params) {
  const made = shop.sdk.pageExecute(method, verb, params);
  return verb === 'GET' ? { url: made } : readForm(made);
}

await conformance(async (world) => {
  for (const page of [...PAGES, ...ABROAD]) {
    const { method, verb, payer, cell, written, minor } = page;
    await test(`${method} by ${verb}, ${payer} in ${cell}: page, payment, signed return`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 10_000, payer);
      const receiver = await world.receiver();
      const order = shop.order(minor, { subject: 'Deux cafés', product_code: PRODUCTS[method] });
      assert.equal(order.total_amount, written);
      const link = visit(shop, page, { bizContent: order, returnUrl: RETURN_URL, notifyUrl: receiver.url });

      const code = assertCashier(await browse(link), order.subject);
      const payment = await customer.pay({ code });
      assert.equal(payment.status, 'paid');
      assert.deepEqual(payment.order_amount, { currency: shop.currency, minor });
      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      assert.equal(trade.totalAmount, written);
      await customer.assertSpent(shop, [minor]);
      if (payer !== cell) assertShopTold(trade, shop, payment);

      const { status, away } = await browse(link);
      assert.ok(verb === 'GET' ? status === 302 : [302, 303].includes(status), `status ${status}`);
      assert.equal(`${away.origin}${away.pathname}`, RETURN_URL);
      const returned = Object.fromEntries(away.searchParams);
      assert.equal(shop.sdk.checkNotifySignV2(returned), true, 'signature of the return');
      assert.equal(shop.sdk.checkNotifySignV2({ ...returned, total_amount: '999999.00' }), false);
      const wanted = {
        method: `${method}.return`,
        app_id: shop.appId,
        out_trade_no: order.out_trade_no,
        trade_no: trade.tradeNo,
        total_amount: written,
        sign_type: 'RSA2',
        version: '1.0',
      };
      for (const [name, value] of Object.entries(wanted)) assert.equal(returned[name], value, name);
      assert.ok(returned.seller_id);
      assert.match(returned.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.fields.trade_status, 'TRADE_SUCCESS');
      assert.equal(delivery.fields.out_trade_no, order.out_trade_no);
      assert.equal(await shop.balanceMinor(), minor);
    });
  }

  await test('a link changed on the way shows no code', async () => {
    const shop = await world.shop();
    const order = shop.order(4990, { product_code: PRODUCTS[LINK.method] });
    const { url } = visit(shop, LINK, { bizContent: order, returnUrl: RETURN_URL });
    assertCashier(await browse({ url }));
    const changed = url.replace('49.90', '49.91');
    assert.notEqual(changed, url);
    const page = await browse({ url: changed });
    assert.equal(page.away, undefined, 'no redirect to a site named by an unsigned request');
    assert.match(page.type, /^text\/html/);
    assert.equal(codeOf(page.html), undefined);
  });

  await test('markup in a subject is shown, not obeyed', async () => {
    const shop = await world.shop();
    const subject = '<script>alert("tea")</script>';
    const order = shop.order(100, { subject, product_code: PRODUCTS[LINK.method] });
    const page = await browse(visit(shop, LINK, { bizContent: order }));
    assertCashier(page);
    assert.ok(!page.html.includes(subject));
  });
});
