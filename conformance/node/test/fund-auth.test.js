// Money frozen for a shop: alipay.fund.auth.*, and alipay.trade.pay out of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused } from '../support/sandbox.js';
import { assertGenuine } from '../support/receiver.js';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

const FREEZE = 'alipay.fund.auth.order.freeze';
const VOUCHER = 'alipay.fund.auth.order.voucher.create';
const UNFREEZE = 'alipay.fund.auth.order.unfreeze';
const DETAIL = 'alipay.fund.auth.operation.detail.query';
const CANCEL = 'alipay.fund.auth.operation.cancel';
const PAY = 'alipay.trade.pay';

function freeze(shop, minor, extra = {}) {
  return {
    out_order_no: newNumber('freeze'),
    out_request_no: newNumber('request'),
    order_title: 'A room for two nights',
    amount: shop.yuan(minor),
    product_code: 'PRE_AUTH',
    ...extra,
  };
}

async function frozen(shop, customer, minor) {
  const request = freeze(shop, minor, { auth_code: await customer.payCode(), auth_code_type: 'bar_code' });
  const answer = await shop.call(FREEZE, request);
  assertSucceeded(answer);
  return { request, answer };
}

/** How the freeze stands: status, and minor units frozen, left and paid. */
async function assertStands(shop, { request }, status, [total, rest, paid]) {
  const { out_order_no, out_request_no } = request;
  const detail = await shop.call(DETAIL, { out_order_no, out_request_no });
  assertSucceeded(detail);
  const shown = [detail.orderStatus, detail.totalFreezeAmount, detail.restAmount, detail.totalPayAmount];
  assert.deepEqual(shown, [status, shop.yuan(total), shop.yuan(rest), shop.yuan(paid)]);
  return detail;
}

function capture(shop, authNo, minor, mode, extra = {}) {
  return shop.order(minor, { auth_no: authNo, auth_confirm_mode: mode, product_code: 'PRE_AUTH', ...extra });
}

async function assertMoney(shop, customer, { free, held, earned }) {
  assert.equal(await customer.balanceMinor(), free, 'what the customer can spend');
  assert.equal(await customer.heldMinor(), held, 'what is frozen');
  assert.equal(await shop.balanceMinor(), earned, 'what the shop has');
  await shop.world.sandbox.assertBooksBalance(shop.cell);
}

await conformance(async (world) => {
  for (const cell of ['fr', 'cn', 'kr']) {
    await test(`${cell}: frozen, paid in two parts, the rest released`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.customer(50_000, cell);
      const receiver = await world.receiver();
      const made = await frozen(shop, customer, 20_000);
      const { answer } = made;
      assert.equal(answer.status, 'SUCCESS');
      assert.equal(answer.amount, shop.yuan(20_000));
      assert.equal(answer.payerUserId, customer.id);
      assert.match(answer.gmtTrans, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      const detail = await assertStands(shop, made, 'AUTHORIZED', [20_000, 20_000, 0]);
      assert.deepEqual([detail.authNo, detail.operationId], [answer.authNo, answer.operationId]);
      assert.equal(detail.operationType, 'FREEZE');
      await assertMoney(shop, customer, { free: 30_000, held: 20_000, earned: 0 });

      const first = capture(shop, answer.authNo, 7_000, 'NOT_COMPLETE');
      const paid = await shop.call(PAY, first, { notify_url: receiver.url });
      assertSucceeded(paid);
      assert.equal(paid.totalAmount, shop.yuan(7_000));
      assert.equal(paid.buyerUserId, customer.id);
      await assertStands(shop, made, 'AUTHORIZED', [20_000, 13_000, 7_000]);
      const again = await shop.call(PAY, first, { notify_url: receiver.url });
      assertSucceeded(again);
      assert.equal(again.tradeNo, paid.tradeNo);
      await assertMoney(shop, customer, { free: 30_000, held: 13_000, earned: 7_000 });
      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.fields.trade_status, 'TRADE_SUCCESS');

      assertSucceeded(await shop.call(PAY, capture(shop, answer.authNo, 2_500, 'NOT_COMPLETE')));
      const release = { auth_no: answer.authNo, out_request_no: newNumber('release'), amount: shop.yuan(10_500), remark: 'Bye' };
      const released = await shop.call(UNFREEZE, release);
      assertSucceeded(released);
      assert.deepEqual([released.status, released.amount], ['SUCCESS', shop.yuan(10_500)]);
      const repeated = await shop.call(UNFREEZE, release);
      assertSucceeded(repeated);
      assert.equal(repeated.operationId, released.operationId);
      await assertStands(shop, made, 'FINISH', [20_000, 0, 9_500]);
      const operation = await shop.call(DETAIL, { auth_no: answer.authNo, operation_id: released.operationId });
      assert.deepEqual([operation.operationType, operation.remark], ['UNFREEZE', 'Bye']);
      await assertMoney(shop, customer, { free: 40_500, held: 0, earned: 9_500 });

      const refund = { out_trade_no: first.out_trade_no, refund_amount: shop.yuan(7_000) };
      const back = await shop.call('alipay.trade.refund', refund);
      assertSucceeded(back);
      assert.equal(back.fundChange, 'Y');
      await shop.assertStatus(first.out_trade_no, 'TRADE_CLOSED');
      await assertMoney(shop, customer, { free: 47_500, held: 0, earned: 2_500 });
    });
  }

  await test('the last payment releases what is left', async () => {
    const shop = await world.shop();
    const customer = await world.customer(50_000);
    const made = await frozen(shop, customer, 20_000);
    assertSucceeded(await shop.call(PAY, capture(shop, made.answer.authNo, 12_345, 'COMPLETE')));
    await assertStands(shop, made, 'FINISH', [20_000, 0, 12_345]);
    await assertMoney(shop, customer, { free: 37_655, held: 0, earned: 12_345 });
    const late = await shop.call(PAY, capture(shop, made.answer.authNo, 1, 'COMPLETE'));
    assertFailed(late, 'ACQ.AUTH_NO_ERROR');
    assert.equal(late.receiptAmount, '0.00');
  });

  await test('what cannot be is refused and moves nothing', async () => {
    const [shop, other] = [await world.shop(), await world.shop()];
    const customer = await world.customer(50_000);
    const made = await frozen(shop, customer, 20_000);
    const { authNo } = made.answer;
    const release = (minor, extra = {}) => ({
      auth_no: authNo, out_request_no: newNumber('release'), amount: shop.yuan(minor), remark: 'x', ...extra,
    });
    const { request } = made;
    const table = [
      [shop, PAY, capture(shop, authNo, 20_001, 'COMPLETE'), 'ACQ.AUTH_AMOUNT_NOT_ENOUGH'],
      [other, PAY, capture(other, authNo, 1, 'COMPLETE'), 'ACQ.AUTH_NO_ERROR'],
      [shop, PAY, capture(shop, `${authNo.slice(0, -1)}x`, 1, 'COMPLETE'), 'ACQ.AUTH_NO_ERROR'],
      [shop, PAY, capture(shop, authNo, 1, 'PERHAPS'), 'ACQ.INVALID_PARAMETER'],
      [shop, UNFREEZE, release(20_001), 'REQUEST_AMOUNT_EXCEED'],
      [shop, UNFREEZE, release(0), 'ILLEGAL_ARGUMENT'],
      [shop, UNFREEZE, release(1, { out_request_no: request.out_request_no }), 'UNIQUE_VIOLATION'],
      [other, UNFREEZE, release(1), 'AUTH_ORDER_NOT_EXIST'],
      [shop, FREEZE, { ...request, amount: shop.yuan(1) }, 'UNIQUE_VIOLATION'],
      [shop, FREEZE, { ...request, auth_code_type: 'magic' }, 'ILLEGAL_ARGUMENT'],
      [shop, FREEZE, { ...request, auth_code: '281234567890123456', out_order_no: 'o1', out_request_no: 'r1' }, 'PAYMENT_AUTH_CODE_INVALID'],
      [shop, DETAIL, { out_order_no: 'nobody', out_request_no: 'knows' }, 'AUTH_ORDER_NOT_EXIST'],
      [shop, DETAIL, { auth_no: authNo, out_request_no: 'nobody' }, 'AUTH_OPERATION_NOT_EXIST'],
      [other, CANCEL, { auth_no: authNo, operation_id: made.answer.operationId }, 'AUTH_ORDER_NOT_EXIST'],
    ];
    for (const [caller, method, content, subCode] of table) assertFailed(await caller.call(method, content), subCode);
    const poor = await world.customer(100);
    const request2 = freeze(shop, 101, { auth_code: await poor.payCode(), auth_code_type: 'bar_code' });
    assertFailed(await shop.call(FREEZE, request2), 'MONEY_NOT_ENOUGH');
    await assertStands(shop, made, 'AUTHORIZED', [20_000, 20_000, 0]);
    await assertMoney(shop, customer, { free: 30_000, held: 20_000, earned: 0 });
    // The same request again is the same freeze.
    const again = await shop.call(FREEZE, request);
    assertSucceeded(again);
    assert.equal(again.authNo, authNo);
    await assertMoney(shop, customer, { free: 30_000, held: 20_000, earned: 0 });

    const cancelled = await shop.call(CANCEL, { auth_no: authNo, operation_id: made.answer.operationId, remark: 'x' });
    assertSucceeded(cancelled);
    assert.equal(cancelled.action, 'unfreeze');
    await assertStands(shop, made, 'CLOSED', [20_000, 0, 0]);
    assertFailed(await shop.call(UNFREEZE, release(1)), 'ORDER_ALREADY_CLOSED');
    assertFailed(await shop.call(FREEZE, request), 'ORDER_ALREADY_CLOSED');
    await assertMoney(shop, customer, { free: 50_000, held: 0, earned: 0 });
  });

  await test('a code of the shop is confirmed by the customer who scans it', async () => {
    const shop = await world.shop();
    const customer = await world.customer(50_000);
    const request = freeze(shop, 20_000);
    const voucher = await shop.call(VOUCHER, request);
    assertSucceeded(voucher);
    assert.equal(voucher.codeType, 'qr_code');
    await assertStands(shop, { request }, 'INIT', [0, 0, 0]);
    const quoted = await customer.quote({ code: voucher.codeValue });
    assert.deepEqual([quoted.status, quoted.order_amount.minor], ['quoted', 20_000]);
    await assertMoney(shop, customer, { free: 50_000, held: 0, earned: 0 });
    const confirmed = await customer.pay({ code: voucher.codeValue });
    assert.equal(confirmed.status, 'frozen');
    const detail = await assertStands(shop, { request }, 'AUTHORIZED', [20_000, 20_000, 0]);
    assert.deepEqual([detail.authNo, detail.status], [confirmed.payment_id, 'SUCCESS']);
    assertFailed(await shop.call(VOUCHER, request), 'FREEZE_ALREADY_SUCCESS');
    await assertRefused((await world.customer(50_000)).pay({ code: voucher.codeValue }));
    assertSucceeded(await shop.call(PAY, capture(shop, detail.authNo, 20_000, 'NOT_COMPLETE')));
    await assertStands(shop, { request }, 'FINISH', [20_000, 0, 20_000]);
    await assertMoney(shop, customer, { free: 30_000, held: 0, earned: 20_000 });
  });

  await test('a code that nobody confirms, and money that nobody takes, end by their time', async () => {
    const shop = await world.shop();
    const customer = await world.customer(50_000);
    const request = freeze(shop, 20_000, { pay_timeout: '5m' });
    const voucher = await shop.call(VOUCHER, request);
    assertSucceeded(voucher);
    const made = await frozen(shop, customer, 10_000);
    await world.sandbox.advanceClock(300);
    await assertRefused(customer.pay({ code: voucher.codeValue }));
    await assertStands(shop, { request }, 'CLOSED', [0, 0, 0]);
    await assertMoney(shop, customer, { free: 40_000, held: 10_000, earned: 0 });
    await world.sandbox.advanceClock(30 * 86_400);
    await assertStands(shop, made, 'CLOSED', [10_000, 0, 0]);
    await assertMoney(shop, customer, { free: 50_000, held: 0, earned: 0 });
    assertFailed(await shop.call(PAY, capture(shop, made.answer.authNo, 1, 'COMPLETE')), 'ACQ.AUTH_NO_ERROR');
  });

  await test('money is frozen within one market only', async () => {
    const shop = await world.shop('fr');
    const abroad = await world.customer(1_000_000, 'th');
    const request = freeze(shop, 1_000, { auth_code: await abroad.payCode(), auth_code_type: 'bar_code' });
    assertFailed(await shop.call(FREEZE, request), 'ACCESS_FORBIDDEN');
    const voucher = await shop.call(VOUCHER, freeze(shop, 1_000));
    assertSucceeded(voucher);
    await assertRefused(abroad.pay({ code: voucher.codeValue }));
    assert.equal(await abroad.heldMinor(), 0);
    assert.equal(await shop.balanceMinor(), 0);
  });
});
