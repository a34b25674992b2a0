// Payment in a browser with encrypted content, and with certificates: page, payment, signed return, notification.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCashier, browse, readForm } from '../support/browser.js';
import { assertShopTold } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { conformance } from '../support/world.js';

const ENCRYPT_KEY = 'AAECAwQFBgcICQoLDA0ODw==';
const RETURN_URL = 'http://shop.example/thanks';

/** How the shop's SDK works, and whether it encrypts what it asks. */
const SECRETS = {
  encrypted: async (world, cell) => {
    const shop = await world.shop(cell, { encrypt_key: ENCRYPT_KEY });
    shop.sdk = shop.sdkWith({ encryptKey: ENCRYPT_KEY });
    return { shop, needEncrypt: true };
  },
  'with certificates': async (world, cell) => {
    const shop = await world.shop(cell, { certificates: true });
    const { app_cert, alipay_cert, root_cert } = shop.registered.certificates;
    shop.sdk = shop.sdkWith({
      alipayPublicKey: undefined,
      alipayRootCertContent: root_cert,
      alipayPublicCertContent: alipay_cert,
      appCertContent: app_cert,
    });
    return { shop, needEncrypt: undefined };
  },
};

const PAGES = [
  { method: 'alipay.trade.page.pay', verb: 'GET', product: 'FAST_INSTANT_TRADE_PAY' },
  { method: 'alipay.trade.wap.pay', verb: 'POST', product: 'QUICK_WAP_PAY' },
];

await conformance(async (world) => {
  for (const [how, make] of Object.entries(SECRETS)) {
    for (const { payer, cell } of [{ payer: 'fr', cell: 'fr' }, { payer: 'th', cell: 'fr' }]) {
      for (const { method, verb, product } of PAGES) {
        await test(`${method} by ${verb}, ${payer} in ${cell}, ${how}`, async () => {
          const { shop, needEncrypt } = await make(world, cell);
          const customer = await world.payer(shop, 10_000, payer);
          const receiver = await world.receiver();
          const order = shop.order(4990, { subject: 'Deux cafés', product_code: product });
          const asked = { bizContent: order, returnUrl: RETURN_URL, notifyUrl: receiver.url, needEncrypt };
          const made = shop.sdk.pageExecute(method, verb, asked);
          assert.equal(made.includes(order.out_trade_no), needEncrypt === undefined, 'what can be read on the way');
          const link = verb === 'GET' ? { url: made } : readForm(made);

          const payment = await customer.pay({ code: assertCashier(await browse(link), order.subject) });
          assert.equal(payment.status, 'paid');
          const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
          await customer.assertSpent(shop, [4990]);
          if (payer !== cell) assertShopTold(trade, shop, payment);

          const { away } = await browse(link);
          const returned = Object.fromEntries(away.searchParams);
          assert.equal(shop.sdk.checkNotifySignV2(returned), true, 'signature of the return');
          assert.equal(shop.sdk.checkNotifySignV2({ ...returned, total_amount: '999999.00' }), false);
          assert.equal(returned.trade_no, trade.tradeNo);
          const [delivery] = await receiver.expect(1);
          assertGenuine(shop.sdk, delivery);
          assert.equal(delivery.fields.out_trade_no, order.out_trade_no);
        });
      }
    }
  }
});
