// Version 3 of the protocol: the SDK's `curl` with `endpoint`, which checks the signature of every answer below 400.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlipayRequestError } from 'alipay-sdk';
import { CORRIDORS, assertRecomputes, assertShopTold } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { assertRefused } from '../support/sandbox.js';
import { assertFailed, assertSucceeded, conformance, newKey, newNumber } from '../support/world.js';

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** A shop that speaks version 3. */
function client(shop, changes = {}) {
  const sdk = shop.sdkWith({ endpoint: shop.world.baseUrl, gateway: undefined, ...changes });
  const call = async (verb, path, options) => {
    const { data, responseHttpStatus, traceId } = await sdk.curl(verb, `/v3/alipay/${path}`, options);
    assert.equal(responseHttpStatus, 200);
    assert.match(traceId, /^[0-9a-f]{32}$/);
    for (const name of ['code', 'msg']) assert.equal(data[name], undefined, `${name} of a success`);
    return data;
  };
  return {
    sdk,
    post: (path, body, options = {}) => call('POST', path, { body, ...options }),
    get: (path, query) => call('GET', path, { query }),
    query: (outTradeNo) => call('POST', 'trade/query', { body: { out_trade_no: outTradeNo } }),
  };
}

/** Expects a failure as the SDK reports it, and that its link explains it. */
async function assertRefusal(promise, status, code) {
  let refusal;
  await assert.rejects(promise, (error) => {
    refusal = error;
    return true;
  });
  assert.ok(refusal instanceof AlipayRequestError, String(refusal));
  assert.deepEqual([refusal.responseHttpStatus, refusal.code], [status, code], refusal.message);
  assert.match(refusal.traceId, /^[0-9a-f]{32}$/);
  assert.ok(refusal.message.length > 0);
  const [{ link, desc }] = refusal.links;
  assert.ok(desc.length > 0);
  assert.ok((await (await fetch(link)).text()).startsWith(`${code}: `), link);
  return refusal;
}

await conformance(async (world) => {
  for (const { payer, cell } of [{ payer: 'fr', cell: 'fr' }, { payer: 'kr', cell: 'kr' }, ...CORRIDORS.slice(0, 2)]) {
    await test(`${payer} in ${cell}: code shown, scanned, paid, refunded in part, cancelled`, async () => {
      const shop = await world.shop(cell);
      const v3 = client(shop);
      const customer = await world.payer(shop, 9000, payer);
      const receiver = await world.receiver();
      const order = shop.order(9000, { subject: 'Café {crème}, 龙井茶 "a/b" & c=d' });
      const outTradeNo = order.out_trade_no;
      const created = await v3.post('trade/precreate', { ...order, notify_url: `${receiver.url}?shop=7` });
      assert.equal(created.out_trade_no, outTradeNo);
      await assertRefusal(v3.query(outTradeNo), 400, 'ACQ.TRADE_NOT_EXIST');
      const payment = await customer.pay({ code: created.qr_code });
      assert.equal(payment.status, 'paid');

      const trade = await v3.query(outTradeNo);
      assert.equal(trade.trade_status, 'TRADE_SUCCESS');
      assert.equal(trade.total_amount, order.total_amount);
      assert.equal(trade.buyer_user_id, customer.id);
      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.path, '/notify?shop=7');
      assert.equal(delivery.fields.trade_status, 'TRADE_SUCCESS');
      assert.equal(delivery.fields.subject, order.subject);
      if (payer !== cell) {
        assertRecomputes(payment);
        assertShopTold(await shop.assertStatus(outTradeNo, 'TRADE_SUCCESS'), shop, payment);
      }

      const part = { out_trade_no: outTradeNo, refund_amount: shop.yuan(4000), out_request_no: newNumber('part') };
      for (const changed of ['Y', 'N']) {
        const refund = await v3.post('trade/refund', part);
        assert.equal(refund.fund_change, changed);
        assert.equal(refund.refund_fee, part.refund_amount);
      }
      const tooMuch = { ...part, refund_amount: shop.yuan(9000), out_request_no: newNumber('over') };
      await assertRefusal(v3.post('trade/refund', tooMuch), 400, 'ACQ.REASON_TRADE_REFUND_FEE_ERR');
      const asked = { out_trade_no: outTradeNo, out_request_no: part.out_request_no };
      const known = await v3.post('trade/fastpay/refund/query', asked);
      assert.equal(known.refund_status, 'REFUND_SUCCESS');
      assert.equal(known.refund_amount, part.refund_amount);
      await customer.assertSpent(shop, [[9000, 4000]]);
      assert.equal(await shop.balanceMinor(), 5000);

      await assertRefusal(v3.post('trade/close', { out_trade_no: outTradeNo }), 400, 'ACQ.TRADE_STATUS_ERROR');
      const cancelled = await v3.post('trade/cancel', { trade_no: trade.trade_no });
      assert.deepEqual([cancelled.action, cancelled.retry_flag], ['refund', 'N']);
      assert.equal((await v3.query(outTradeNo)).trade_status, 'TRADE_CLOSED');
      await customer.assertSpent(shop, [[9000, 9000]]);
      assert.equal(await shop.balanceMinor(), 0);
    });

    await test(`${payer} in ${cell}: code of the customer scanned; a wrong code; the same in version 2`, async () => {
      const shop = await world.shop(cell);
      const v3 = client(shop);
      const customer = await world.payer(shop, 4500, payer);
      const order = shop.order(4500, { scene: 'bar_code', auth_code: await customer.payCode() });
      const wrong = { ...order, auth_code: order.auth_code.replace(/\d{14}$/, '99999999999999') };
      await assertRefusal(v3.post('trade/pay', wrong), 400, 'ACQ.PAYMENT_AUTH_CODE_INVALID');
      const paid = await v3.post('trade/pay', order);
      assert.equal(paid.out_trade_no, order.out_trade_no);
      assert.equal(paid.total_amount, order.total_amount);
      assert.equal(paid.buyer_user_id, customer.id);
      assert.match(paid.gmt_payment, TIME);
      const again = await v3.post('trade/pay', order);
      assert.equal(again.trade_no, paid.trade_no);
      const byVersion2 = await shop.call('alipay.trade.pay', order);
      assertSucceeded(byVersion2);
      assert.equal(byVersion2.tradeNo, paid.trade_no);
      await customer.assertSpent(shop, [4500]);
      assert.equal(await shop.balanceMinor(), 4500);
    });

    await test(`${payer} in ${cell}: an order made for a customer is closed and can no longer be paid`, async () => {
      const shop = await world.shop(cell);
      const v3 = client(shop);
      const customer = await world.payer(shop, 1500, payer);
      const created = await v3.post('trade/create', shop.order(1500, { buyer_id: customer.id }));
      assert.equal((await v3.query(created.out_trade_no)).trade_status, 'WAIT_BUYER_PAY');
      const closed = await v3.post('trade/close', { out_trade_no: created.out_trade_no });
      assert.equal(closed.trade_no, created.trade_no);
      assert.equal((await v3.query(created.out_trade_no)).trade_status, 'TRADE_CLOSED');
      await assertRefused(customer.pay({ trade_no: created.trade_no }));
      await customer.assertSpent(shop, []);
    });
  }

  for (const { payer, cell } of [{ payer: 'fr', cell: 'fr' }, CORRIDORS[0]]) {
    await test(`${payer} sends to a customer in ${cell}, and asks with GET`, async () => {
      const shop = await world.shop(payer);
      const v3 = client(shop);
      await shop.sell(await world.customer(10_000, payer), 10_000);
      const payee = await world.customer(0, cell);
      const transfer = {
        out_biz_no: newNumber('transfer'),
        trans_amount: shop.yuan(4000),
        product_code: 'TRANS_ACCOUNT_NO_PWD',
        biz_scene: 'DIRECT_TRANSFER',
        order_title: 'Prize of the month',
        payee_info: { identity: payee.id, identity_type: 'ALIPAY_USER_ID' },
      };
      const sent = await v3.post('fund/trans/uni/transfer', transfer);
      assert.equal(sent.status, 'SUCCESS');
      assert.match(sent.trans_date, TIME);
      const other = { ...transfer, trans_amount: shop.yuan(4001) };
      await assertRefusal(v3.post('fund/trans/uni/transfer', other), 400, 'PAYMENT_INFO_INCONSISTENCY');
      const { product_code, biz_scene, out_biz_no } = transfer;
      for (const id of [{ out_biz_no }, { order_id: sent.order_id }]) {
        const known = await v3.get('fund/trans/common/query', { product_code, biz_scene, ...id });
        assert.equal(known.status, 'SUCCESS');
        assert.equal(known.trans_amount, transfer.trans_amount);
        assert.equal(known.order_id, sent.order_id);
      }
      const none = { product_code, biz_scene, out_biz_no: newNumber('none') };
      await assertRefusal(v3.get('fund/trans/common/query', none), 400, 'ORDER_NOT_EXIST');
      assert.equal(await shop.balanceMinor(), 6000);
      assert.ok((await payee.balanceMinor()) > 0);
    });
  }

  await test('refusals of the gateway', async () => {
    const shop = await world.shop();
    const { post, sdk } = client(shop);
    const order = { out_trade_no: newNumber('none') };
    await assertRefusal(post('trade/nothing', {}), 400, 'invalid-method');
    await assertRefusal(post('trade/query', order, { appAuthToken: '202611BB1' }), 401, 'invalid-app-auth-token');
    await assertRefusal(sdk.curl('DELETE', '/v3/alipay/trade/query', { body: order }), 400, 'invalid-http-method');
    const unknown = client(shop, { appId: '2021079999999999' });
    await assertRefusal(unknown.post('trade/query', order), 400, 'invalid-app-id');
  });

  await test('a foreign key: 401, and the sandbox says what it checked the signature against', async () => {
    const shop = await world.shop();
    const foreign = { privateKey: newKey().privatePem };
    const body = { out_trade_no: newNumber('none'), note: '{"a":"}"}' };
    const refusal = await assertRefusal(client(shop, foreign).post('trade/query', body), 401, 'invalid-signature');
    const [, checked] = refusal.message.split('from the next character on:\n');
    const line = new RegExp(`^app_id=${shop.appId},nonce=[0-9a-f-]{36},timestamp=\\d{13}$`);
    const [auth, ...rest] = checked.split('\n');
    assert.match(auth, line);
    // The SDK adds the trace id to the message.
    const after = ` (traceId: ${refusal.traceId})`;
    assert.deepEqual(rest, ['POST', '/v3/alipay/trade/query', JSON.stringify(body), after]);

    // In version 2 as well: the SDK finds the end of the answer in spite of the braces, and checks its signature.
    const sdk = shop.sdkWith(foreign);
    const answer = await sdk.exec('alipay.trade.query', { bizContent: body }, { validateSign: true });
    assertFailed(answer, 'isv.invalid-signature', '40002');
    const ofVersion2 = /from the next character on:\napp_id=.*&biz_content=\{"out_trade_no":.*\}&charset=utf-8/;
    assert.match(answer.subMsg, ofVersion2);
  });
});
