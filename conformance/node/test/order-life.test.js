// Orders made for a buyer, and all the ways an order ends: paid, cancelled, closed, expired; and what the same order
// number means a second time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused } from '../support/sandbox.js';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

await conformance(async (world) => {
  const shop = await world.shop('fr', { fee_bps: 0 });

  /** An order made for a buyer, waiting to be paid. */
  async function created(customer, minor, extra = {}) {
    const order = shop.order(minor, { buyer_id: customer.id, ...extra });
    const answer = await shop.call('alipay.trade.create', order);
    assertSucceeded(answer);
    assert.equal(answer.outTradeNo, order.out_trade_no);
    assert.ok(answer.tradeNo);
    return { order, outTradeNo: order.out_trade_no, tradeNo: answer.tradeNo };
  }

  await test('create: waits, is paid by the buyer it was made for, and by nobody else', async () => {
    const customer = await world.customer(5000);
    const stranger = await world.customer(5000);
    const { order, outTradeNo, tradeNo } = await created(customer, 1500);
    await shop.assertStatus(outTradeNo, 'WAIT_BUYER_PAY');
    const again = await shop.call('alipay.trade.create', order);
    assertSucceeded(again);
    assert.equal(again.tradeNo, tradeNo);

    await assertRefused(stranger.pay({ trade_no: tradeNo }));
    assert.equal((await customer.pay({ trade_no: tradeNo })).status, 'paid');
    const trade = await shop.assertStatus(outTradeNo, 'TRADE_SUCCESS');
    assert.equal(trade.tradeNo, tradeNo);
    assert.equal(trade.buyerUserId, customer.id);
    assert.equal(await customer.balanceMinor(), 3500);
    assert.equal(await stranger.balanceMinor(), 5000);
  });

  await test('cancel before payment closes', async () => {
    const customer = await world.customer(5000);
    const { outTradeNo, tradeNo } = await created(customer, 1500);
    const cancelled = await shop.call('alipay.trade.cancel', { out_trade_no: outTradeNo });
    assertSucceeded(cancelled);
    assert.equal(cancelled.action, 'close');
    assert.equal(cancelled.retryFlag, 'N');
    assert.equal(cancelled.tradeNo, tradeNo);
    assert.equal(cancelled.outTradeNo, outTradeNo);
    await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
    await assertRefused(customer.pay({ trade_no: tradeNo }));
    assert.equal(await customer.balanceMinor(), 5000);
  });

  await test('cancel after payment refunds, once', async () => {
    const customer = await world.customer(5000);
    const before = await shop.balanceMinor();
    const { order, paid } = await shop.sell(customer, 1500);
    assert.equal(await shop.balanceMinor(), before + 1500);
    const cancelled = await shop.call('alipay.trade.cancel', { trade_no: paid.tradeNo });
    assertSucceeded(cancelled);
    assert.equal(cancelled.action, 'refund');
    assert.equal(cancelled.retryFlag, 'N');
    assert.equal(cancelled.outTradeNo, order.out_trade_no);
    const again = await shop.call('alipay.trade.cancel', { trade_no: paid.tradeNo });
    assertSucceeded(again);
    assert.equal(again.retryFlag, 'N');
    await shop.assertStatus(order.out_trade_no, 'TRADE_CLOSED');
    assert.equal(await customer.balanceMinor(), 5000);
    assert.equal(await shop.balanceMinor(), before);
  });

  await test('cancel of a code nobody scanned: it can no longer be paid', async () => {
    const customer = await world.customer(5000);
    const order = shop.order(1500);
    const { qrCode } = await shop.call('alipay.trade.precreate', order);
    const cancelled = await shop.call('alipay.trade.cancel', { out_trade_no: order.out_trade_no });
    assertSucceeded(cancelled);
    assert.equal(cancelled.retryFlag, 'N');
    await assertRefused(customer.pay({ code: qrCode }));
    assert.equal(await customer.balanceMinor(), 5000);
  });

  await test('cancel of an unknown order succeeds and does nothing', async () => {
    const outTradeNo = newNumber('none');
    const cancelled = await shop.call('alipay.trade.cancel', { out_trade_no: outTradeNo });
    assertSucceeded(cancelled);
    assert.equal(cancelled.action, undefined);
    assert.equal(cancelled.retryFlag, 'N');
  });

  await test('close before payment', async () => {
    const customer = await world.customer(5000);
    const { order, outTradeNo, tradeNo } = await created(customer, 1500);
    const closed = await shop.call('alipay.trade.close', { out_trade_no: outTradeNo, operator_id: 'till_1' });
    assertSucceeded(closed);
    assert.equal(closed.tradeNo, tradeNo);
    assert.equal(closed.outTradeNo, outTradeNo);
    await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
    await assertRefused(customer.pay({ trade_no: tradeNo }));
    assertFailed(await shop.call('alipay.trade.create', order), 'ACQ.TRADE_HAS_CLOSE');
  });

  await test('close of a paid order, and of none', async () => {
    const customer = await world.customer(5000);
    const { order } = await shop.sell(customer, 1500);
    const close = (outTradeNo) => shop.call('alipay.trade.close', { out_trade_no: outTradeNo });
    assertFailed(await close(order.out_trade_no), 'ACQ.TRADE_STATUS_ERROR');
    await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
    assertFailed(await close(newNumber('none')), 'ACQ.TRADE_NOT_EXIST');
  });

  await test('expiry closes, and a minute too late is too late', async () => {
    const customer = await world.customer(5000);
    const { outTradeNo, tradeNo } = await created(customer, 1500, { timeout_express: '1m' });
    await shop.assertStatus(outTradeNo, 'WAIT_BUYER_PAY');
    await world.sandbox.advanceClock(120);
    await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
    await assertRefused(customer.pay({ trade_no: tradeNo }));
    assert.equal(await customer.balanceMinor(), 5000);
  });

  const repeats = [
    { name: 'precreate', first: 'alipay.trade.precreate', second: 'alipay.trade.precreate' },
    { name: 'create', first: 'alipay.trade.create', second: 'alipay.trade.create' },
    { name: 'pay after create', first: 'alipay.trade.create', second: 'alipay.trade.pay' },
  ];
  for (const { name, first, second } of repeats) {
    await test(`the same order number with another amount, ${name}: ACQ.CONTEXT_INCONSISTENT`, async () => {
      const customer = await world.customer(5000);
      const extra = {
        'alipay.trade.precreate': async () => ({}),
        'alipay.trade.create': async () => ({ buyer_id: customer.id }),
        'alipay.trade.pay': async () => ({ scene: 'bar_code', auth_code: await customer.payCode() }),
      };
      const order = shop.order(1000);
      assertSucceeded(await shop.call(first, { ...order, ...(await extra[first]()) }));
      const other = { ...order, total_amount: '10.01', ...(await extra[second]()) };
      assertFailed(await shop.call(second, other), 'ACQ.CONTEXT_INCONSISTENT');
      assert.equal(await customer.balanceMinor(), 5000);
    });
  }

  for (const method of ['alipay.trade.precreate', 'alipay.trade.create']) {
    await test(`the number of a paid order, ${method}: ACQ.TRADE_HAS_SUCCESS`, async () => {
      const customer = await world.customer(5000);
      const order = { ...shop.order(1000), ...(method.endsWith('.create') ? { buyer_id: customer.id } : {}) };
      const answer = await shop.call(method, order);
      assertSucceeded(answer);
      await customer.pay(method.endsWith('.create') ? { trade_no: answer.tradeNo } : { code: answer.qrCode });
      assertFailed(await shop.call(method, order), 'ACQ.TRADE_HAS_SUCCESS');
      assert.equal(await customer.balanceMinor(), 4000);
    });
  }
});
