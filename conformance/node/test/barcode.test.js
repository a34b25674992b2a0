// The shop scans the customer's code (alipay.trade.pay).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORRIDORS, PAIRS, assertShopTold } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { assertFailed, assertSucceeded, conformance } from '../support/world.js';

const INVALID_CODES = [
  {
    name: 'a used code',
    async take(world, shop, customer) {
      const code = await customer.payCode();
      const sold = await shop.call('alipay.trade.pay', shop.order(1000, { scene: 'bar_code', auth_code: code }));
      assertSucceeded(sold);
      return code;
    },
    spentMinor: 1000,
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
  {
    name: 'an unknown code',
    // Digits of the same wallet, and others.
    take: async (world, shop, customer) => (await customer.payCode()).replace(/\d{14}$/, '99999999999999'),
    spentMinor: 0,
  },
];

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

await conformance(async (world) => {
  for (const { payer, cell } of CORRIDORS) {
    await test(`${payer} pays in ${cell} at once, and the same request again is the same payment`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 4500, payer);
      const receiver = await world.receiver();
      const { order, paid } = await shop.sell(customer, 4500, { notify_url: receiver.url });
      assert.match(paid.gmtPayment, TIME);
      assert.equal(paid.buyerUserId, customer.id);
      assert.ok(paid.buyerLogonId.includes('****'), paid.buyerLogonId);
      const again = await shop.call('alipay.trade.pay', order);
      assertSucceeded(again);
      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      await customer.assertSpent(shop, [4500]);
      assert.equal(await shop.balanceMinor(), 4500);
      const [payment] = await customer.payments();
      assert.equal(payment.payment_id, paid.tradeNo);
      for (const answer of [paid, again, trade]) {
        assert.equal(answer.tradeNo, paid.tradeNo);
        assertShopTold(answer, shop, payment);
      }
      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.fields.trade_status, 'TRADE_SUCCESS');
      assert.equal(delivery.fields.total_amount, shop.yuan(4500));
      assert.equal(delivery.fields.receipt_amount, shop.yuan(4500));
    });
  }

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

  for (const { payer, cell } of PAIRS) {
    for (const { name, take, spentMinor } of INVALID_CODES) {
      await test(`${payer} in ${cell}: ${name} is refused and moves nothing`, async () => {
        const shop = await world.shop(cell);
        const customer = await world.payer(shop, 10_000, payer);
        const order = shop.order(2500, { scene: 'bar_code', auth_code: await take(world, shop, customer) });
        assertFailed(await shop.call('alipay.trade.pay', order), 'ACQ.PAYMENT_AUTH_CODE_INVALID');
        await customer.assertSpent(shop, spentMinor > 0 ? [spentMinor] : []);
        assert.equal(await shop.balanceMinor(), spentMinor);
      });
    }

    await test(`${payer} in ${cell}: not enough balance is refused, with amounts of zero; then another code pays`, async () => {
      const shop = await world.shop(cell);
      const [poor, customer] = [await world.poorPayer(payer), await world.payer(shop, 2000, payer)];
      const order = shop.order(2000, { scene: 'bar_code', auth_code: await poor.payCode() });
      const answer = await shop.call('alipay.trade.pay', order);
      assertFailed(answer, 'ACQ.BUYER_BALANCE_NOT_ENOUGH');
      assert.equal(answer.receiptAmount, '0.00');
      assert.equal(answer.buyerPayAmount, '0.00');
      assertFailed(await shop.query(order.out_trade_no), 'ACQ.TRADE_NOT_EXIST');
      await poor.assertSpent(shop, []);
      assert.equal(await shop.balanceMinor(), 0);
      assertSucceeded(await shop.call('alipay.trade.pay', { ...order, auth_code: await customer.payCode() }));
      await customer.assertSpent(shop, [2000]);
    });
  }

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
