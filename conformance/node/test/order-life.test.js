// Orders made for a buyer, and all the ways an order ends: paid, cancelled, closed, expired; and what the same order
// number means a second time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAIRS } from '../support/corridors.js';
import { assertRefused } from '../support/sandbox.js';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

await conformance(async (world) => {
  const shop = await world.shop('fr', { fee_bps: 0 });

  for (const { payer, cell } of PAIRS) {
    /** A shop, its customer, and an order made for them, waiting to be paid. */
    async function created(extra = {}) {
      const shop = await world.shop(cell, { fee_bps: 0 });
      const customer = await world.payer(shop, 5000, payer);
      const order = shop.order(1500, { buyer_id: customer.id, ...extra });
      const answer = await shop.call('alipay.trade.create', order);
      assertSucceeded(answer);
      assert.equal(answer.outTradeNo, order.out_trade_no);
      assert.ok(answer.tradeNo);
      return { shop, customer, order, outTradeNo: order.out_trade_no, tradeNo: answer.tradeNo };
    }

    await test(`${payer} in ${cell}: create waits, is paid by the buyer it was made for, and by nobody else`, async () => {
      const { shop, customer, order, outTradeNo, tradeNo } = await created();
      const stranger = await world.payer(shop, 5000, payer);
      await shop.assertStatus(outTradeNo, 'WAIT_BUYER_PAY');
      const again = await shop.call('alipay.trade.create', order);
      assertSucceeded(again);
      assert.equal(again.tradeNo, tradeNo);

      await assertRefused(stranger.pay({ trade_no: tradeNo }));
      assert.equal((await customer.pay({ trade_no: tradeNo })).status, 'paid');
      const trade = await shop.assertStatus(outTradeNo, 'TRADE_SUCCESS');
      assert.equal(trade.tradeNo, tradeNo);
      assert.equal(trade.buyerUserId, customer.id);
      await customer.assertSpent(shop, [1500]);
      await stranger.assertSpent(shop, []);
    });

    await test(`${payer} in ${cell}: cancel before payment closes`, async () => {
      const { shop, customer, outTradeNo, tradeNo } = await created();
      const cancelled = await shop.call('alipay.trade.cancel', { out_trade_no: outTradeNo });
      assertSucceeded(cancelled);
      assert.equal(cancelled.action, 'close');
      assert.equal(cancelled.retryFlag, 'N');
      assert.equal(cancelled.tradeNo, tradeNo);
      assert.equal(cancelled.outTradeNo, outTradeNo);
      await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
      await assertRefused(customer.pay({ trade_no: tradeNo }));
      await customer.assertSpent(shop, []);
    });

    await test(`${payer} in ${cell}: cancel after payment refunds, once`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 5000, payer);
      const { order, paid } = await shop.sell(customer, 1500);
      assert.equal(await shop.balanceMinor(), 1500);
      const cancelled = await shop.call('alipay.trade.cancel', { trade_no: paid.tradeNo });
      assertSucceeded(cancelled);
      assert.equal(cancelled.action, 'refund');
      assert.equal(cancelled.retryFlag, 'N');
      assert.equal(cancelled.outTradeNo, order.out_trade_no);
      const again = await shop.call('alipay.trade.cancel', { trade_no: paid.tradeNo });
      assertSucceeded(again);
      assert.equal(again.retryFlag, 'N');
      await shop.assertStatus(order.out_trade_no, 'TRADE_CLOSED');
      await customer.assertSpent(shop, [[1500, 1500]]);
      assert.equal(await shop.balanceMinor(), 0);
    });

    await test(`${payer} in ${cell}: cancel of a code nobody scanned: it can no longer be paid`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 5000, payer);
      const order = shop.order(1500);
      const { qrCode } = await shop.call('alipay.trade.precreate', order);
      const cancelled = await shop.call('alipay.trade.cancel', { out_trade_no: order.out_trade_no });
      assertSucceeded(cancelled);
      assert.equal(cancelled.retryFlag, 'N');
      await assertRefused(customer.pay({ code: qrCode }));
      await customer.assertSpent(shop, []);
    });

    await test(`${payer} in ${cell}: close before payment`, async () => {
      const { shop, customer, order, outTradeNo, tradeNo } = await created();
      const closed = await shop.call('alipay.trade.close', { out_trade_no: outTradeNo, operator_id: 'till_1' });
      assertSucceeded(closed);
      assert.equal(closed.tradeNo, tradeNo);
      assert.equal(closed.outTradeNo, outTradeNo);
      await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
      await assertRefused(customer.pay({ trade_no: tradeNo }));
      assertFailed(await shop.call('alipay.trade.create', order), 'ACQ.TRADE_HAS_CLOSE');
      await customer.assertSpent(shop, []);
    });

    await test(`${payer} in ${cell}: close of a paid order, and of none`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 1500, payer);
      const { order } = await shop.sell(customer, 1500);
      const close = (outTradeNo) => shop.call('alipay.trade.close', { out_trade_no: outTradeNo });
      assertFailed(await close(order.out_trade_no), 'ACQ.TRADE_STATUS_ERROR');
      await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      assertFailed(await close(newNumber('none')), 'ACQ.TRADE_NOT_EXIST');
      await customer.assertSpent(shop, [1500]);
    });

    await test(`${payer} in ${cell}: expiry closes, and a minute too late is too late`, async () => {
      const { shop, customer, outTradeNo, tradeNo } = await created({ timeout_express: '1m' });
      await shop.assertStatus(outTradeNo, 'WAIT_BUYER_PAY');
      await world.sandbox.advanceClock(120);
      await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
      await assertRefused(customer.pay({ trade_no: tradeNo }));
      await customer.assertSpent(shop, []);
    });
  }

  await test('cancel of an unknown order succeeds and does nothing', async () => {
    const outTradeNo = newNumber('none');
    const cancelled = await shop.call('alipay.trade.cancel', { out_trade_no: outTradeNo });
    assertSucceeded(cancelled);
    assert.equal(cancelled.action, undefined);
    assert.equal(cancelled.retryFlag, 'N');
  });

  const repeats = [
    { name: 'precreate', first: 'alipay.trade.precreate', second: 'alipay.trade.precreate' },
    { name: 'create', first: 'alipay.trade.create', second: 'alipay.trade.create' },
    { name: 'pay after create', first: 'alipay.trade.create', second: 'alipay.trade.pay' },
  ];
  for (const { payer, cell } of PAIRS) {
    for (const { name, first, second } of repeats) {
      const flow = `the same order number with another amount, ${name}: ACQ.CONTEXT_INCONSISTENT`;
      await test(`${payer} in ${cell}: ${flow}`, async () => {
        const shop = await world.shop(cell);
        const customer = await world.payer(shop, 5000, payer);
        const extra = {
          'alipay.trade.precreate': async () => ({}),
          'alipay.trade.create': async () => ({ buyer_id: customer.id }),
          'alipay.trade.pay': async () => ({ scene: 'bar_code', auth_code: await customer.payCode() }),
        };
        const order = shop.order(1000);
        assertSucceeded(await shop.call(first, { ...order, ...(await extra[first]()) }));
        const other = { ...order, total_amount: shop.yuan(1001), ...(await extra[second]()) };
        assertFailed(await shop.call(second, other), 'ACQ.CONTEXT_INCONSISTENT');
        await customer.assertSpent(shop, []);
      });
    }

    for (const method of ['alipay.trade.precreate', 'alipay.trade.create']) {
      await test(`${payer} in ${cell}: the number of a paid order, ${method}: ACQ.TRADE_HAS_SUCCESS`, async () => {
        const shop = await world.shop(cell);
        const customer = await world.payer(shop, 5000, payer);
        const order = { ...shop.order(1000), ...(method.endsWith('.create') ? { buyer_id: customer.id } : {}) };
        const answer = await shop.call(method, order);
        assertSucceeded(answer);
        await customer.pay(method.endsWith('.create') ? { trade_no: answer.tradeNo } : { code: answer.qrCode });
        assertFailed(await shop.call(method, order), 'ACQ.TRADE_HAS_SUCCESS');
        await customer.assertSpent(shop, [1000]);
      });
    }
  }
});
