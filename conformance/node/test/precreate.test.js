// The shop shows a code, the customer scans and pays it, the shop asks and is told.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORRIDORS, PAIRS, assertRecomputes, assertShopTold } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { assertRefused } from '../support/sandbox.js';
import { assertFailed, assertSucceeded, conformance } from '../support/world.js';

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

const MARKETS = [
  { cell: 'fr', currency: 'EUR', minor: 1250, written: '12.50' },
  { cell: 'cn', currency: 'CNY', minor: 1, written: '0.01' },
  { cell: 'kr', currency: 'KRW', minor: 1000, written: '1000.00' },
];

const SUBJECTS = [
  ['letters of many scripts', 'Café crème, 龙井茶, ชา, 차'],
  ['quotes, slashes and signs of the form encoding', `"Tea" \\ 'milk' / 100% + a=b&c`],
  ['braces that do not match', 'set {1} of { and }}'],
];

await conformance(async (world) => {
  for (const { cell, currency, minor, written } of MARKETS) {
    await test(`${cell}: code, scan, TRADE_SUCCESS, notification`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.customer(5000, cell);
      const receiver = await world.receiver();
      const order = shop.order(minor);
      assert.equal(order.total_amount, written);

      const created = await shop.call('alipay.trade.precreate', order, { notify_url: receiver.url });
      assertSucceeded(created);
      assert.equal(created.outTradeNo, order.out_trade_no);
      assert.ok(created.qrCode.length > 0);
      assertFailed(await shop.query(order.out_trade_no), 'ACQ.TRADE_NOT_EXIST');

      const payment = await customer.pay({ code: created.qrCode });
      assert.equal(payment.status, 'paid');
      assert.deepEqual(payment.order_amount, { currency, minor });
      assert.deepEqual(payment.paid_amount, { currency, minor });

      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      assert.equal(trade.outTradeNo, order.out_trade_no);
      assert.equal(trade.totalAmount, written);
      assert.equal(trade.receiptAmount, written);
      assert.equal(trade.buyerPayAmount, written);
      assert.equal(trade.buyerUserId, customer.id);
      assert.match(trade.sendPayDate, TIME);
      const byTradeNo = await shop.call('alipay.trade.query', { trade_no: trade.tradeNo });
      assert.equal(byTradeNo.outTradeNo, order.out_trade_no);

      assert.equal(await customer.balanceMinor(), 5000 - minor);
      assert.equal(await shop.balanceMinor(), minor);

      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      const { fields } = delivery;
      const wanted = {
        notify_type: 'trade_status_sync',
        app_id: shop.appId,
        auth_app_id: shop.appId,
        version: '1.0',
        charset: 'utf-8',
        sign_type: 'RSA2',
        trade_no: trade.tradeNo,
        out_trade_no: order.out_trade_no,
        trade_status: 'TRADE_SUCCESS',
        subject: order.subject,
        buyer_id: customer.id,
        total_amount: written,
        receipt_amount: written,
        buyer_pay_amount: written,
      };
      for (const [name, value] of Object.entries(wanted)) assert.equal(fields[name], value, name);
      for (const name of ['notify_time', 'gmt_create', 'gmt_payment']) assert.match(fields[name], TIME, name);
      for (const name of ['notify_id', 'seller_id']) assert.ok(fields[name], name);
      for (const name of ['refund_fee', 'gmt_refund', 'out_biz_no']) assert.equal(fields[name], undefined, name);
    });
  }

  for (const { payer, cell } of CORRIDORS) {
    await test(`${payer} scans in ${cell}: quote, payment, TRADE_SUCCESS, notification`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 8800, payer);
      const receiver = await world.receiver();
      const order = shop.order(8800);
      const created = await shop.call('alipay.trade.precreate', order, { notify_url: receiver.url });
      assertSucceeded(created);
      assertFailed(await shop.query(order.out_trade_no), 'ACQ.TRADE_NOT_EXIST');

      const quote = await customer.quote({ code: created.qrCode });
      assert.equal(quote.status, 'quoted');
      assert.equal(quote.payment_id, null);
      assert.deepEqual(quote.order_amount, { currency: shop.currency, minor: 8800 });
      assertRecomputes(quote);
      await shop.assertStatus(order.out_trade_no, 'WAIT_BUYER_PAY');
      await customer.assertSpent(shop, []);

      const payment = await customer.pay({ quote_id: quote.quote_id });
      assert.equal(payment.status, 'paid');
      assert.deepEqual([payment.paid_amount, payment.fx], [quote.paid_amount, quote.fx], 'exactly what was quoted');
      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      assert.equal(payment.payment_id, trade.tradeNo);
      assert.equal(trade.buyerUserId, customer.id);
      assertShopTold(trade, shop, payment);
      await customer.assertSpent(shop, [8800]);
      assert.equal(await shop.balanceMinor(), 8800);

      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.fields.trade_status, 'TRADE_SUCCESS');
      assert.equal(delivery.fields.buyer_id, customer.id);
      assert.equal(delivery.fields.receipt_amount, shop.yuan(8800));
    });
  }

  for (const [name, subject] of SUBJECTS) {
    await test(`a subject with ${name} survives signatures both ways`, async () => {
      const shop = await world.shop();
      const customer = await world.customer(5000);
      const receiver = await world.receiver();
      const order = shop.order(700, { subject, passback_params: encodeURIComponent('table=7&tip=1') });
      const created = await shop.call('alipay.trade.precreate', order, { notify_url: `${receiver.url}?shop=7&a=b` });
      assertSucceeded(created);
      await customer.pay({ code: created.qrCode });
      await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.path, '/notify?shop=7&a=b');
      assert.equal(delivery.fields.subject, subject);
      assert.equal(delivery.fields.passback_params, order.passback_params);
    });
  }

  for (const { payer, cell } of PAIRS) {
    await test(`${payer} in ${cell}: the same precreate twice is one order, paid at most once`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 5000, payer);
      const order = shop.order(1000);
      const codes = [];
      for (let times = 0; times < 2; times += 1) {
        const created = await shop.call('alipay.trade.precreate', order);
        assertSucceeded(created);
        codes.push(created.qrCode);
      }
      const paid = await customer.pay({ code: codes[0] });
      assert.equal(paid.status, 'paid');
      // The payer's own second tap is the same payment; another customer is refused.
      assert.deepEqual(await customer.pay({ code: codes[1] }), paid);
      const other = await world.payer(shop, 5000, payer);
      await assertRefused(other.pay({ code: codes[1] }));
      await other.assertSpent(shop, []);
      await customer.assertSpent(shop, [1000]);
      assert.equal(await shop.balanceMinor(), 1000);
    });

    await test(`${payer} in ${cell}: a customer without enough money is refused and keeps what there is`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.poorPayer(payer);
      const created = await shop.call('alipay.trade.precreate', shop.order(1000));
      await assertRefused(customer.pay({ code: created.qrCode }));
      await customer.assertSpent(shop, []);
      assert.equal(await shop.balanceMinor(), 0);
    });
  }

  await test('half a won is not an amount', async () => {
    const shop = await world.shop('kr');
    const answer = await shop.call('alipay.trade.precreate', shop.order(1000, { total_amount: '1000.50' }));
    assertFailed(answer, 'ACQ.INVALID_PARAMETER');
  });
});
