// Royalties: receivers are bound, a part of a trade's proceeds goes to them, a refund takes it back. In both versions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlipayRequestError } from 'alipay-sdk';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

const BIND = 'alipay.trade.royalty.relation.bind';
const UNBIND = 'alipay.trade.royalty.relation.unbind';
const LIST = 'alipay.trade.royalty.relation.batchquery';
const SETTLE = 'alipay.trade.order.settle';
const QUERY = 'alipay.trade.order.settle.query';
const REFUND = 'alipay.trade.refund';

function part(receiver, amount) {
  return { royalty_type: 'transfer', trans_in_type: 'userId', trans_in: receiver, amount, desc: 'their share' };
}

await conformance(async (world) => {
  for (const { payer, cell } of [{ payer: 'fr', cell: 'fr' }, { payer: 'kr', cell: 'kr' }, { payer: 'th', cell: 'fr' }]) {
    await test(`${payer} in ${cell}: bound, paid once, asked about, taken back`, async () => {
      const [shop, partner] = [await world.shop(cell), await world.shop(cell)];
      const friend = await world.customer(0, cell);
      const customer = await world.payer(shop, 10_000, payer);
      const { order, paid } = await shop.sell(customer, 10_000);
      const receivers = [partner.merchantId, friend.id].map((account) => ({ type: 'userId', account, memo: 'share' }));
      const bound = await shop.call(BIND, { out_request_no: newNumber('bind'), receiver_list: receivers });
      assertSucceeded(bound);
      assert.equal(bound.resultCode, 'SUCCESS');
      const list = await shop.call(LIST, { out_request_no: newNumber('list'), page_num: 1, page_size: 20 });
      assert.deepEqual(list.receiverList.map(({ account }) => account), [partner.merchantId, friend.id]);

      const request = {
        out_request_no: newNumber('settle'),
        trade_no: paid.tradeNo,
        royalty_parameters: [part(partner.merchantId, shop.yuan(2_000)), part(friend.id, shop.yuan(500))],
        royalty_mode: 'async',
      };
      const settled = await shop.call(SETTLE, request);
      assertSucceeded(settled);
      assert.equal((await shop.call(SETTLE, request)).settleNo, settled.settleNo);
      const known = await shop.call(QUERY, { settle_no: settled.settleNo });
      assertSucceeded(known);
      assert.deepEqual(
        known.royaltyDetailList.map(({ transIn, amount, state }) => [transIn, amount, state]),
        [[partner.merchantId, shop.yuan(2_000), 'SUCCESS'], [friend.id, shop.yuan(500), 'SUCCESS']],
      );
      const tooMuch = {
        ...request,
        out_request_no: newNumber('settle'),
        royalty_parameters: [part(partner.merchantId, shop.yuan(501))],
      };
      assertFailed(await shop.call(SETTLE, tooMuch), 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR');
      const balances = () => Promise.all([shop, partner, friend].map((party) => party.balanceMinor()));
      assert.deepEqual(await balances(), [7_500, 2_000, 500]);

      const refund = {
        out_trade_no: order.out_trade_no,
        out_request_no: newNumber('refund'),
        refund_amount: shop.yuan(5_000),
        refund_royalty_parameters: [
          {
            royalty_type: 'transfer',
            trans_out: partner.merchantId,
            trans_out_type: 'userId',
            trans_in: shop.merchantId,
            trans_in_type: 'userId',
            amount: shop.yuan(1_000),
          },
        ],
      };
      const back = await shop.call(REFUND, refund);
      assertSucceeded(back);
      assert.equal(back.fundChange, 'Y');
      assert.equal((await shop.call(REFUND, refund)).fundChange, 'N');
      assert.deepEqual(await balances(), [3_500, 1_000, 500]);
      const fromFriend = {
        ...refund,
        out_request_no: newNumber('refund'),
        refund_royalty_parameters: [{ trans_out: friend.id, amount: shop.yuan(100) }],
      };
      assertFailed(await shop.call(REFUND, fromFriend), 'ACQ.REFUNDALLOC_UNAUTH_LIMIT');
      await customer.assertSpent(shop, [[10_000, 5_000]]);

      const unbind = { out_request_no: newNumber('unbind'), receiver_list: receivers.slice(0, 1) };
      assertSucceeded(await shop.call(UNBIND, unbind));
      const unbound = { ...request, out_request_no: newNumber('settle') };
      assertFailed(await shop.call(SETTLE, unbound), 'ACQ.ROYALTY_RECEIVER_INVALID');
    });
  }

  await test('over version 3', async () => {
    const [shop, partner] = [await world.shop(), await world.shop()];
    const { paid } = await shop.sell(await world.customer(10_000), 10_000);
    const sdk = shop.sdkWith({ endpoint: world.baseUrl });
    const post = (path, body) => sdk.curl('POST', `/v3/alipay/trade/${path}`, { body });
    const receivers = [{ type: 'userId', account: partner.merchantId }];
    const bound = await post('royalty/relation/bind', { out_request_no: newNumber('bind'), receiver_list: receivers });
    assert.deepEqual(bound.data, { result_code: 'SUCCESS' });
    const royalty_parameters = [part(partner.merchantId, '3.00')];
    const settle = { out_request_no: newNumber('settle'), trade_no: paid.tradeNo, royalty_parameters };
    const settled = await post('order/settle', settle);
    assert.equal(settled.responseHttpStatus, 200);
    const known = await sdk.curl('GET', '/v3/alipay/trade/order/settle/query', { query: { settle_no: settled.data.settle_no } });
    assert.equal(known.data.royalty_detail_list[0].amount, '3.00');
    await assert.rejects(post('order/settle', { ...settle, trade_no: '1' }), (error) => {
      assert.ok(error instanceof AlipayRequestError, String(error));
      assert.deepEqual([error.responseHttpStatus, error.code], [400, 'ACQ.TRADE_NOT_EXIST']);
      return true;
    });
    assert.equal(await partner.balanceMinor(), 300);
  });
});
