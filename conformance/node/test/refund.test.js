// Money back: in parts, once each, never more than was paid.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAIRS } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

const MARKETS = [...PAIRS, { payer: 'kr', cell: 'kr' }];

await conformance(async (world) => {
  for (const { payer, cell } of MARKETS) {
    await test(`${payer} in ${cell}: partial refunds, repeats, refusals, the rest`, async (t) => {
      const shop = await world.shop(cell);
      const parts = { total: 10_000, first: 3000, second: 2000, both: 5000, rest: 5000 };
      const written = Object.entries(parts).map(([name, minor]) => [name, shop.yuan(minor)]);
      const amounts = Object.fromEntries(written);
      const customer = await world.payer(shop, 10_000, payer);
      const receiver = await world.receiver();
      const { order, paid } = await shop.sell(customer, 10_000, { notify_url: receiver.url });
      assert.equal(order.total_amount, amounts.total);
      const outTradeNo = order.out_trade_no;
      const refund = (request) => shop.call('alipay.trade.refund', { out_trade_no: outTradeNo, ...request });
      const refundQuery = (number) =>
        shop.call('alipay.trade.fastpay.refund.query', { out_trade_no: outTradeNo, out_request_no: number });
      const [first, second, rest] = ['first', 'second', 'rest'].map(newNumber);

      const steps = [
        { name: 'the first part', number: first, amount: amounts.first, changed: 'Y', total: amounts.first },
        { name: 'the second part', number: second, amount: amounts.second, changed: 'Y', total: amounts.both },
        { name: 'the first part again', number: first, amount: amounts.first, changed: 'N', total: amounts.both },
      ];
      for (const { name, number, amount, changed, total } of steps) {
        await t.test(name, async () => {
          const answer = await refund({ refund_amount: amount, out_request_no: number, refund_reason: 'cold' });
          assertSucceeded(answer);
          assert.equal(answer.fundChange, changed);
          assert.equal(answer.refundFee, total);
          assert.equal(answer.tradeNo, paid.tradeNo);
          assert.equal(answer.outTradeNo, outTradeNo);
          assert.equal(answer.buyerUserId, customer.id);
          if (changed === 'Y') assert.equal(answer.sendBackFee, amount);
          if (changed === 'Y') assert.match(answer.gmtRefundPay, TIME);
        });
      }
      await customer.assertSpent(shop, [[10_000, 5000]]);
      assert.equal(await shop.balanceMinor(), 5000);

      const refusals = [
        {
          name: 'a known number with another amount',
          request: { refund_amount: amounts.second, out_request_no: first },
          subCode: 'ACQ.DISCORDANT_REPEAT_REQUEST',
        },
        {
          name: 'more than is left, with a number',
          request: { refund_amount: amounts.total, out_request_no: newNumber('over') },
          subCode: 'ACQ.REASON_TRADE_REFUND_FEE_ERR',
        },
        {
          name: 'a part without a number',
          request: { refund_amount: amounts.first },
          subCode: 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL',
        },
      ];
      for (const { name, request, subCode } of refusals) {
        await t.test(`${name}: ${subCode}`, async () => assertFailed(await refund(request), subCode));
      }
      await customer.assertSpent(shop, [[10_000, 5000]]);
      await shop.assertStatus(outTradeNo, 'TRADE_SUCCESS');

      await t.test('refund query: known and unknown', async () => {
        const known = await refundQuery(second);
        assertSucceeded(known);
        assert.equal(known.refundStatus, 'REFUND_SUCCESS');
        assert.equal(known.outRequestNo, second);
        assert.equal(known.refundAmount, amounts.second);
        assert.equal(known.totalAmount, amounts.total);
        const unknown = await refundQuery(newNumber('never'));
        assertSucceeded(unknown);
        assert.equal(unknown.refundStatus, undefined);
        assert.equal(unknown.refundAmount, undefined);
      });

      await t.test('the rest closes the trade', async () => {
        const answer = await refund({ refund_amount: amounts.rest, out_request_no: rest });
        assertSucceeded(answer);
        assert.equal(answer.fundChange, 'Y');
        assert.equal(answer.refundFee, amounts.total);
        await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
        const again = await refund({ refund_amount: amounts.rest, out_request_no: rest });
        assertSucceeded(again);
        assert.equal(again.fundChange, 'N');
        await customer.assertSpent(shop, [[10_000, 10_000]]);
        assert.equal(await shop.balanceMinor(), 0);
      });

      await t.test('each refund was notified, with the sum so far', async () => {
        const wanted = [
          { out_biz_no: first, trade_status: 'TRADE_SUCCESS', refund_fee: amounts.first },
          { out_biz_no: second, trade_status: 'TRADE_SUCCESS', refund_fee: amounts.both },
          { out_biz_no: rest, trade_status: 'TRADE_CLOSED', refund_fee: amounts.total },
        ];
        for (const fields of wanted) {
          const [delivery] = await receiver.expect(1, fields);
          assertGenuine(shop.sdk, delivery);
          assert.equal(delivery.fields.out_trade_no, outTradeNo);
          assert.equal(delivery.fields.trade_no, paid.tradeNo);
          assert.equal(delivery.fields.total_amount, amounts.total);
          assert.match(delivery.fields.gmt_refund, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3})?$/);
        }
        const ids = new Set(receiver.deliveries.map(({ fields }) => fields.notify_id));
        assert.equal(ids.size, 4, 'one notification for the payment and one for each of three refunds');
      });
    });
  }

  for (const { payer, cell } of PAIRS) {
    await test(`${payer} in ${cell}: the whole amount needs no number: it goes under the order number`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 2000, payer);
      const { order } = await shop.sell(customer, 2000);
      const outTradeNo = order.out_trade_no;
      const request = { out_trade_no: outTradeNo, refund_amount: shop.yuan(2000) };
      const answer = await shop.call('alipay.trade.refund', request);
      assertSucceeded(answer);
      assert.equal(answer.fundChange, 'Y');
      assert.equal(answer.refundFee, shop.yuan(2000));
      const known = await shop.call('alipay.trade.fastpay.refund.query', {
        out_trade_no: outTradeNo,
        out_request_no: outTradeNo,
      });
      assert.equal(known.refundStatus, 'REFUND_SUCCESS');
      assert.equal(known.refundAmount, shop.yuan(2000));
      await shop.assertStatus(outTradeNo, 'TRADE_CLOSED');
      await customer.assertSpent(shop, [[2000, 2000]]);
    });
  }

  await test('a third thrice: what comes back of odd parts adds up to what was paid', async () => {
    const shop = await world.shop('kr');
    const customer = await world.payer(shop, 1001, 'fr');
    const { order } = await shop.sell(customer, 1001);
    for (const [minor, refunded] of [[333, 333], [334, 667], [334, 1001]]) {
      const request = { out_trade_no: order.out_trade_no, refund_amount: shop.yuan(minor) };
      assertSucceeded(await shop.call('alipay.trade.refund', { ...request, out_request_no: newNumber('part') }));
      await customer.assertSpent(shop, [[1001, refunded]]);
    }
  });

  await test('an order that does not exist cannot be refunded', async () => {
    const shop = await world.shop();
    const request = { out_trade_no: newNumber('none'), refund_amount: '1.00', out_request_no: newNumber('refund') };
    assertFailed(await shop.call('alipay.trade.refund', request), 'ACQ.TRADE_NOT_EXIST');
  });

  await test("another shop's order is not there", async () => {
    const shop = await world.shop();
    const stranger = await world.shop();
    const customer = await world.customer(2000);
    const { order, paid } = await shop.sell(customer, 2000);
    const request = { refund_amount: '20.00', out_request_no: newNumber('refund') };
    for (const id of [{ out_trade_no: order.out_trade_no }, { trade_no: paid.tradeNo }]) {
      assertFailed(await stranger.call('alipay.trade.refund', { ...id, ...request }), 'ACQ.TRADE_NOT_EXIST');
    }
    await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
  });
});
