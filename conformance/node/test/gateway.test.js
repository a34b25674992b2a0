// What the gateway itself refuses. Every refusal is signed, so the SDK's check of the answer holds here too.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFailed, assertSucceeded, conformance, newKey, newNumber } from '../support/world.js';

await conformance(async (world) => {
  await test('refusals of the gateway', async (t) => {
    const shop = await world.shop();
    const cases = [
      { name: 'a foreign key', changes: { privateKey: newKey().privatePem }, subCode: 'isv.invalid-signature' },
      { name: 'an unknown app', changes: { appId: '2021999999999999' }, subCode: 'isv.invalid-app-id' },
      { name: 'an unknown method', method: 'alipay.sycee.no.such.method', subCode: 'isv.invalid-method' },
    ];
    for (const { name, changes = {}, method = 'alipay.trade.query', subCode } of cases) {
      await t.test(`${name}: 40002 ${subCode}`, async () => {
        const answer = await shop
          .sdkWith(changes)
          .exec(method, { bizContent: { out_trade_no: newNumber('none') } }, { validateSign: true });
        assertFailed(answer, subCode, '40002');
        assert.ok(answer.msg);
        assert.ok(answer.subMsg);
      });
    }
  });

  await test('an SDK with the wrong gateway key notices', async () => {
    const shop = await world.shop();
    const sdk = shop.sdkWith({ alipayPublicKey: newKey().publicBase64 });
    const bizContent = { out_trade_no: newNumber('none') };
    const call = sdk.exec('alipay.trade.query', { bizContent }, { validateSign: true });
    await assert.rejects(call, { name: 'AlipayRequestError' });
  });

  await test('RSA with SHA-1 is refused, by name', async () => {
    const shop = await world.shop();
    const sdk = shop.sdkWith({ signType: 'RSA' });
    // The answer is signed with RSA2 all the same, which this client would check as SHA-1: so it does not check.
    const answer = await sdk.exec('alipay.trade.precreate', { bizContent: shop.order(500) });
    assert.equal(answer.code, '40002');
    assert.equal(answer.subCode, 'isv.invalid-signature-type');
  });

  await test('camel-case names in bizContent, as the SDK documents them', async () => {
    const shop = await world.shop();
    const outTradeNo = newNumber('order');
    const goodsDetail = [{ goodsId: 'g1', goodsName: 'Tea', quantity: 1, price: '5.00' }];
    const bizContent = { outTradeNo, totalAmount: '5.00', subject: 'Tea', goodsDetail };
    const answer = await shop.sdk.exec('alipay.trade.precreate', { bizContent }, { validateSign: true });
    assertSucceeded(answer);
    assert.equal(answer.outTradeNo, outTradeNo);
  });

  await test('an answer can be traced', async () => {
    const shop = await world.shop();
    const answer = await shop.query(newNumber('none'));
    assert.ok(answer.traceId, 'the header trace_id');
  });
});
