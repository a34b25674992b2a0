// The shop scans the customer's code (alipay.trade.pay).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGenuine } from '../support/receiver.js';
import { assertFailed, assertSucceeded, conformance } from '../support/world.js';

const INVALID_CODES = [
  {
    name: 'a used code',
    async take(world, shop, customer) {
      const code = await customer.payCode();
      const sold = await shop.call('alipay.trade.pay', shop.order(100, { scene: 'bar_code', auth_code: code }));
      assertSucceeded(sold);
      return code;
    },
    spentMinor: 100,
  },
  {
    name: 'an expired code',
    async take(world, shop, customer) {
      const code = await customer.payCode();
      await world.sandbox.advanceClock(120);
      return code;
    },
    spentMinor: 0,
  },
  { name: 'an unknown code', take: async () => '289999999999999999', spentMinor: 0 },
];

await conformance(async (world) => {
  for (const [cell, minor, written] of [['fr', 1999, '19.99'], ['cn', 8800, '88.00'], ['kr', 4500, '4500.00']]) {
    await test(`${cell}: paid at once`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.customer(10_000, cell);
      const receiver = await world.receiver();
      const { order, paid } = await shop.sell(customer, minor, { notify_url: receiver.url });
      assert.equal(paid.outTradeNo, order.out_trade_no);
      assert.ok(paid.tradeNo);
      assert.ok(paid.buyerLogonId);
      assert.equal(paid.buyerUserId, customer.id);
      for (const name of ['totalAmount', 'receiptAmount', 'buyerPayAmount']) assert.equal(paid[name], written, name);
      assert.match(paid.gmtPayment, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      assert.equal(trade.tradeNo, paid.tradeNo);
      assert.equal(trade.totalAmount, written);
      assert.equal(await customer.balanceMinor(), 10_000 - minor);
      assert.equal(await shop.balanceMinor(), minor);

      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.fields.trade_status, 'TRADE_SUCCESS');
      assert.equal(delivery.fields.out_trade_no, order.out_trade_no);
      assert.equal(delivery.fields.total_amount, written);
    });
  }

  for (const { name, take, spentMinor } of INVALID_CODES) {
    await test(`${name} is refused and moves nothing`, async () => {
      const shop = await world.shop();
      const customer = await world.customer(10_000);
      const order = shop.order(250, { scene: 'bar_code', auth_code: await take(world, shop, customer) });
      assertFailed(await shop.call('alipay.trade.pay', order), 'ACQ.PAYMENT_AUTH_CODE_INVALID');
      assert.equal(await customer.balanceMinor(), 10_000 - spentMinor);
      assert.equal(await shop.balanceMinor(), spentMinor);
    });
  }

  await test('not enough balance is refused, with amounts of zero', async () => {
    const shop = await world.shop();
    const customer = await world.customer(199);
    const order = shop.order(200, { scene: 'bar_code', auth_code: await customer.payCode() });
    const answer = await shop.call('alipay.trade.pay', order);
    assertFailed(answer, 'ACQ.BUYER_BALANCE_NOT_ENOUGH');
    assert.equal(answer.receiptAmount, '0.00');
    assert.equal(answer.buyerPayAmount, '0.00');
    assert.equal(await customer.balanceMinor(), 199);
    assert.equal(await shop.balanceMinor(), 0);
  });

  await test('the same request again gives the same success and takes the money once', async () => {
    const shop = await world.shop();
    const customer = await world.customer(10_000);
    const { order, paid } = await shop.sell(customer, 300);
    const again = await shop.call('alipay.trade.pay', order);
    assertSucceeded(again);
    for (const name of ['tradeNo', 'outTradeNo', 'totalAmount', 'buyerUserId', 'gmtPayment']) {
      assert.equal(again[name], paid[name], name);
    }
    assert.equal(await customer.balanceMinor(), 9700);
    assert.equal(await shop.balanceMinor(), 300);
  });
});
