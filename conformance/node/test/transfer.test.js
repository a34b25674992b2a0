// A shop sends money out of its proceeds (alipay.fund.trans.*; these codes carry no ACQ. prefix).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORRIDORS, assertBought } from '../support/corridors.js';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

/** A shop of `payer` sells at home and sends to a customer of `cell`; amounts are the shop's. */
const MARKETS = [{ payer: 'fr', cell: 'fr' }, { payer: 'kr', cell: 'kr' }, ...CORRIDORS];

/** What the customer got of what the shop sent, by what the shop was told of it; every minor unit is recomputed. */
async function received(world, shop, payee, number, minor) {
  if (shop.cell === payee.cell) return minor;
  await world.sandbox.settle();
  const payments = await world.sandbox.request('GET', `/merchants/${shop.merchantId}/payments`);
  assert.deepEqual(payments.map(({ status }) => status), ['paid', 'refused'], 'one to somebody, one to nobody');
  const payment = payments.find(({ out_biz_no }) => out_biz_no === number);
  assert.deepEqual(payment.paid_amount, { currency: shop.currency, minor });
  assert.equal(payment.order_amount.currency, payee.currency);
  assertBought(payment);
  return payment.order_amount.minor;
}

await conformance(async (world) => {
  for (const { payer, cell } of MARKETS) {
    await test(`${payer} sends to a customer in ${cell}`, async (t) => {
      const shop = await world.shop(payer);
      const [minor, written, other, tooMuch] = [4000, shop.yuan(4000), shop.yuan(4001), shop.yuan(6001)];
      const buyer = await world.customer(10_000, payer);
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

      const nobody = {
        out_biz_no: newNumber('transfer'),
        payee_info: { identity: payee.id.replace(/\d{5}$/, '99999'), identity_type: 'ALIPAY_USER_ID' },
      };
      await t.test('nobody by that id in the payee\'s cell: PAYEE_NOT_EXIST, again and again', async () => {
        for (let times = 0; times < 2; times += 1) assertFailed(await transfer(nobody), 'PAYEE_NOT_EXIST');
      });

      await t.test('the money moved once', async () => {
        assert.equal(await payee.balanceMinor(), await received(world, shop, payee, number, minor));
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
