// Content that goes encrypted both ways (`needEncrypt`), at home and across a border.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertShopTold } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { assertFailed, assertSucceeded, conformance } from '../support/world.js';

const ENCRYPT_KEY = 'AAECAwQFBgcICQoLDA0ODw==';

/** A shop whose SDK encrypts. It cannot check the signature of an encrypted answer, so it is not asked to. */
async function encryptingShop(world, cell) {
  const shop = await world.shop(cell, { encrypt_key: ENCRYPT_KEY });
  shop.sdk = shop.sdkWith({ encryptKey: ENCRYPT_KEY });
  shop.call = (method, bizContent, common = {}) => shop.sdk.exec(method, { ...common, bizContent, needEncrypt: true });
  return shop;
}

await conformance(async (world) => {
  for (const { payer, cell } of [{ payer: 'fr', cell: 'fr' }, { payer: 'th', cell: 'fr' }]) {
    await test(`${payer} in ${cell}: precreate, scan, query, refund, notification`, async () => {
      const shop = await encryptingShop(world, cell);
      const customer = await world.payer(shop, 5000, payer);
      const receiver = await world.receiver();
      const order = shop.order(1250, { subject: '可乐 {1} & "tea"' });
      const created = await shop.call('alipay.trade.precreate', order, { notify_url: receiver.url });
      assertSucceeded(created);
      const payment = await customer.pay({ code: created.qrCode });
      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      if (payer !== cell) assertShopTold(trade, shop, payment);
      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);
      assert.equal(delivery.fields.subject, order.subject);

      const refund = { out_trade_no: order.out_trade_no, out_request_no: 'r1', refund_amount: shop.yuan(250) };
      const refunded = await shop.call('alipay.trade.refund', refund);
      assertSucceeded(refunded);
      assert.equal(refunded.fundChange, 'Y');
      await customer.assertSpent(shop, [[1250, 250]]);
    });

    await test(`${payer} in ${cell}: the shop scans`, async () => {
      const shop = await encryptingShop(world, cell);
      const customer = await world.payer(shop, 5000, payer);
      const { order } = await shop.sell(customer, 700);
      await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      await customer.assertSpent(shop, [700]);
    });
  }

  await test('failures, another key, no key', async () => {
    const shop = await encryptingShop(world, 'fr');
    assertFailed(await shop.query('nobody-1'), 'ACQ.TRADE_NOT_EXIST');
    shop.sdk = shop.sdkWith({ encryptKey: 'EBESExQVFhcYGRobHB0eHw==' });
    assertFailed(await shop.query('nobody-1'), 'isv.decryption-error-unknown', '40003');
    const plain = await world.shop('fr');
    plain.sdk = plain.sdkWith({ encryptKey: ENCRYPT_KEY });
    const answer = await plain.sdk.exec('alipay.trade.query', {
      bizContent: { out_trade_no: 'nobody-1' },
      needEncrypt: true,
    });
    assertFailed(answer, 'isv.decryption-error-unknown', '40003');
  });
});
