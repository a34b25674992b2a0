// Order strings: the SDK signs them offline (`sdkExecute`), the customer's wallet brings them, the shop's app gets a signed result.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused } from '../support/sandbox.js';
import { assertGenuine } from '../support/receiver.js';
import { assertFailed, assertSucceeded, conformance, newKey, newNumber } from '../support/world.js';

const PAY = 'alipay.trade.app.pay';
const FREEZE = 'alipay.fund.auth.order.app.freeze';

/** The node of a result, after the SDK's own check of its signature; a forged one does not pass. */
function genuine(shop, method, { result }) {
  const { sign, sign_type: signType } = JSON.parse(result);
  assert.equal(signType, 'RSA2');
  const key = `${method.replaceAll('.', '_')}_response`;
  shop.sdk.checkResponseSign(result, key, sign, '');
  assert.throws(() => shop.sdk.checkResponseSign(result.replace('"code":"', '"code":"9'), key, sign, ''));
  return JSON.parse(result)[key];
}

async function refusedWith(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return error.problem;
  }
  return assert.fail('not refused');
}

await conformance(async (world) => {
  for (const { payer, cell } of [{ payer: 'fr', cell: 'fr' }, { payer: 'th', cell: 'fr' }, { payer: 'kr', cell: 'hk' }]) {
    await test(`${payer} in ${cell}: signed offline, paid by the wallet, told to the app and the server`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 5000, payer);
      const receiver = await world.receiver();
      const order = shop.order(1250, { subject: 'Thé & gâteau + {1}', product_code: 'QUICK_MSECURITY_PAY' });
      const code = shop.sdk.sdkExecute(PAY, { bizContent: order, notify_url: receiver.url });
      const quoted = await customer.quote({ code });
      assert.deepEqual([quoted.status, quoted.order_amount.minor, quoted.app_result], ['quoted', 1250, undefined]);
      await shop.assertStatus(order.out_trade_no, 'WAIT_BUYER_PAY');
      const paid = await customer.pay({ code });
      assert.equal(paid.status, 'paid');
      assert.equal(paid.app_result.resultStatus, '9000');
      const node = genuine(shop, PAY, paid.app_result);
      assert.deepEqual(
        [node.code, node.out_trade_no, node.total_amount, node.app_id, node.seller_id],
        ['10000', order.out_trade_no, shop.yuan(1250), shop.appId, shop.merchantId],
      );
      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      assert.deepEqual([trade.tradeNo, paid.payment_id], [node.trade_no, node.trade_no]);
      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.fields.out_trade_no, order.out_trade_no);

      const again = await customer.pay({ code });
      assert.equal(again.app_result.resultStatus, '9000');
      await customer.assertSpent(shop, [1250]);
      const other = await world.payer(shop, 5000, payer);
      const taken = await refusedWith(other.pay({ code }));
      assert.equal(taken.app_result.resultStatus, '4000');
      assert.equal(genuine(shop, PAY, taken.app_result).sub_code, 'ACQ.TRADE_HAS_SUCCESS');
    });
  }

  await test('not enough money: the app hears that nothing came of it, and the order waits', async () => {
    const shop = await world.shop();
    const poor = await world.poorPayer('fr');
    const order = shop.order(1250);
    const code = shop.sdk.sdkExecute(PAY, { bizContent: order });
    const refused = await refusedWith(poor.pay({ code }));
    assert.equal(refused.code, 'buyer_balance_not_enough');
    assert.deepEqual([refused.app_result.resultStatus, refused.app_result.result], ['6001', '']);
    await shop.assertStatus(order.out_trade_no, 'WAIT_BUYER_PAY');
    const rich = await world.customer(5000);
    assert.equal((await rich.pay({ code })).app_result.resultStatus, '9000');
  });

  await test('an order string that has ended, and ones that are not genuine', async () => {
    const shop = await world.shop();
    const customer = await world.customer(5000);
    const order = shop.order(1250, { timeout_express: '5m' });
    const code = shop.sdk.sdkExecute(PAY, { bizContent: order });
    await customer.quote({ code });
    await world.sandbox.advanceClock(300);
    const late = await refusedWith(customer.pay({ code }));
    assert.equal(late.app_result.resultStatus, '4000');
    assert.equal(genuine(shop, PAY, late.app_result).sub_code, 'ACQ.TRADE_HAS_CLOSE');
    const foreign = shop.sdkWith({ privateKey: newKey().privatePem });
    const forged = [
      foreign.sdkExecute(PAY, { bizContent: shop.order(1250) }),
      shop.sdk.sdkExecute(PAY, { bizContent: shop.order(1250) }).replace('12.50', '0.50'),
    ];
    for (const text of forged) {
      const refused = await refusedWith(customer.pay({ code: text }));
      assert.equal(refused.code, 'order_string_refused');
      assert.equal(genuine(shop, PAY, refused.app_result).sub_code, 'isv.invalid-signature');
    }
    assert.equal(await customer.balanceMinor(), 5000);
    // The gateway takes none: a wallet brings them.
    const sent = await shop.call(PAY, shop.order(1250));
    assertFailed(sent, 'isv.invalid-method', '40002');
  });

  await test('money is frozen by an order string, told of, and released', async () => {
    const shop = await world.shop();
    const customer = await world.customer(50_000);
    const receiver = await world.receiver();
    const request = {
      out_order_no: newNumber('freeze'),
      out_request_no: newNumber('request'),
      order_title: 'A room for two nights',
      amount: shop.yuan(20_000),
      product_code: 'PRE_AUTH_ONLINE',
      payee_user_id: shop.merchantId,
    };
    const code = shop.sdk.sdkExecute(FREEZE, { bizContent: request, notify_url: receiver.url });
    const confirmed = await customer.pay({ code });
    assert.deepEqual([confirmed.status, confirmed.app_result.resultStatus], ['frozen', '9000']);
    const node = genuine(shop, FREEZE, confirmed.app_result);
    assert.deepEqual([node.status, node.amount, node.payer_user_id], ['SUCCESS', shop.yuan(20_000), customer.id]);
    const [frozen] = await receiver.expect(1, { notify_type: 'fund_auth_freeze' });
    assertGenuine(shop.sdk, frozen);
    assert.deepEqual(
      [frozen.fields.auth_no, frozen.fields.rest_amount, frozen.fields.out_request_no, frozen.fields.status],
      [node.auth_no, shop.yuan(20_000), request.out_request_no, 'SUCCESS'],
    );
    const release = { auth_no: node.auth_no, out_request_no: newNumber('release'), amount: shop.yuan(5_000), remark: 'Bye' };
    assertSucceeded(await shop.call('alipay.fund.auth.order.unfreeze', release));
    const [released] = await receiver.expect(1, { notify_type: 'fund_auth_unfreeze' });
    assertGenuine(shop.sdk, released);
    assert.deepEqual(
      [released.fields.amount, released.fields.rest_amount, released.fields.out_request_no],
      [shop.yuan(5_000), shop.yuan(15_000), release.out_request_no],
    );
    const order = shop.order(12_000, { auth_no: node.auth_no, auth_confirm_mode: 'COMPLETE', product_code: 'PRE_AUTH_ONLINE' });
    assertSucceeded(await shop.call('alipay.trade.pay', order));
    const [, ended] = await receiver.expect(2, { notify_type: 'fund_auth_unfreeze' });
    assert.deepEqual([ended.fields.amount, ended.fields.rest_amount], [shop.yuan(3_000), '0.00']);
    assert.equal(await customer.balanceMinor(), 38_000);
  });
});
