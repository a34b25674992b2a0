// A shop sends money out of its proceeds (alipay.fund.trans.*; these codes carry no ACQ. prefix).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

const MARKETS = [
  { cell: 'fr', minor: 4000, written: '40.00', other: '40.01', tooMuch: '60.01' },
  { cell: 'kr', minor: 4000, written: '4000.00', other: '4001.00', tooMuch: '6001.00' },
];

await conformance(async (world) => {
  for (const { cell, minor, written, other, tooMuch } of MARKETS) {
    await test(`${cell}: transfer to a customer`, async (t) => {
      const shop = await world.shop(cell);
      const buyer = await world.customer(10_000, cell);
      const payee = await world.customer(0, cell);
      await shop.sell(buyer, 10_000);
      const number = newNumber('transfer');
      const transfer = (changes = {}) =>
        shop.call('alipay.fund.trans.uni.transfer', {
          out_biz_no: number,
          trans_amount: written,
          product_code: 'TRANS_ACCOUNT_NO_PWD',
          biz_scene: 'DIRECT_TRANSFER',
          order_title: 'Prize of the month',
          payee_info: { identity: payee.id, identity_type: 'ALIPAY_USER_ID' },
          ...changes,
        });
      let orderId;

      await t.test('succeeds', async () => {
        const answer = await transfer();
        assertSucceeded(answer);
        assert.equal(answer.status, 'SUCCESS');
        assert.equal(answer.outBizNo, number);
        assert.ok(answer.orderId);
        assert.ok(answer.payFundOrderId);
        assert.match(answer.transDate, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
        orderId = answer.orderId;
      });

      await t.test('the same number again is the same transfer', async () => {
        const again = await transfer();
        assertSucceeded(again);
        assert.equal(again.status, 'SUCCESS');
        assert.equal(again.orderId, orderId);
      });

      const refusals = [
        {
          name: 'the same number, another amount',
          changes: { trans_amount: other },
          subCode: 'PAYMENT_INFO_INCONSISTENCY',
        },
        {
          name: 'more than the shop has',
          changes: { out_biz_no: newNumber('transfer'), trans_amount: tooMuch },
          subCode: 'PAYER_BALANCE_NOT_ENOUGH',
        },
        {
          name: 'nobody by that id',
          changes: {
            out_biz_no: newNumber('transfer'),
            payee_info: { identity: '2088999999999990', identity_type: 'ALIPAY_USER_ID' },
          },
          subCode: 'PAYEE_NOT_EXIST',
        },
      ];
      for (const { name, changes, subCode } of refusals) {
        await t.test(`${name}: ${subCode}`, async () => assertFailed(await transfer(changes), subCode));
      }

      await t.test('the money moved once', async () => {
        assert.equal(await payee.balanceMinor(), minor);
        assert.equal(await shop.balanceMinor(), 10_000 - minor);
      });

      await t.test('query by either number, and by an unknown one', async () => {
        const query = (id) =>
          shop.call('alipay.fund.trans.common.query', {
            product_code: 'TRANS_ACCOUNT_NO_PWD',
            biz_scene: 'DIRECT_TRANSFER',
            ...id,
          });
        for (const id of [{ out_biz_no: number }, { order_id: orderId }]) {
          const known = await query(id);
          assertSucceeded(known);
          assert.equal(known.status, 'SUCCESS');
          assert.equal(known.transAmount, written);
          assert.equal(known.outBizNo, number);
          assert.equal(known.orderId, orderId);
          assert.match(known.payDate, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
        }
        assertFailed(await query({ out_biz_no: newNumber('none') }), 'ORDER_NOT_EXIST');
      });
    });
  }
});
