// Certificate mode: the SDK reads the platform's key out of a certificate and names its own by serial.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { assertShopTold } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { assertFailed, assertSucceeded, conformance } from '../support/world.js';

/** What the SDK is configured with instead of a bare public key. */
function certificateMode({ app_cert, alipay_cert, root_cert }) {
  return {
    alipayPublicKey: undefined,
    alipayRootCertContent: root_cert,
    alipayPublicCertContent: alipay_cert,
    appCertContent: app_cert,
  };
}

async function certifiedShop(world, cell, extra = {}) {
  const shop = await world.shop(cell, { certificates: true, ...extra });
  shop.sdk = shop.sdkWith(certificateMode(shop.registered.certificates));
  return shop;
}

await conformance(async (world) => {
  for (const { payer, cell } of [{ payer: 'cn', cell: 'cn' }, { payer: 'cn', cell: 'it' }]) {
    await test(`${payer} in ${cell}: precreate, scan, query, refund, notification`, async () => {
      const shop = await certifiedShop(world, cell);
      const customer = await world.payer(shop, 5000, payer);
      const receiver = await world.receiver();
      const order = shop.order(1250);
      const created = await shop.call('alipay.trade.precreate', order, { notify_url: receiver.url });
      assertSucceeded(created);
      const payment = await customer.pay({ code: created.qrCode });
      const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      if (payer !== cell) assertShopTold(trade, shop, payment);
      const [delivery] = await receiver.expect(1);
      assertGenuine(shop.sdk, delivery);

      const refund = { out_trade_no: order.out_trade_no, out_request_no: 'r1', refund_amount: shop.yuan(250) };
      assertSucceeded(await shop.call('alipay.trade.refund', refund));
      await customer.assertSpent(shop, [[1250, 250]]);
    });

    await test(`${payer} in ${cell}: the shop scans`, async () => {
      const shop = await certifiedShop(world, cell);
      const customer = await world.payer(shop, 5000, payer);
      const { order } = await shop.sell(customer, 700);
      await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
      await customer.assertSpent(shop, [700]);
    });
  }

  await test('the certificates are a chain, and hold the keys that sign', async () => {
    const shop = await certifiedShop(world, 'fr');
    const { certificates, gateway_public_key: gatewayKey } = shop.registered;
    const [platform, issuing] = certificates.alipay_cert
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map((pem) => new X509Certificate(pem));
    const root = new X509Certificate(certificates.root_cert);
    const app = new X509Certificate(certificates.app_cert);
    for (const [certificate, issuer] of [[root, root], [issuing, root], [platform, issuing], [app, issuing]]) {
      assert.ok(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey), certificate.subject);
      assert.match(certificate.issuer, /^C=\w\w\nO=[\w ]+\nOU=[\w ]+\nCN=[\w ]+$/);
    }
    assert.deepEqual([root.ca, issuing.ca, platform.ca, app.ca], [true, true, false, false]);
    const spki = (certificate) => certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    assert.equal(spki(platform), gatewayKey);
    assert.equal(spki(app), shop.key.publicBase64);
    assert.match(app.subject, new RegExp(`CN=${shop.appId}$`));
  });

  await test('refusals are verified in this mode too; another app’s certificate is refused', async () => {
    const [shop, other] = [await certifiedShop(world, 'fr'), await certifiedShop(world, 'fr')];
    assertFailed(await shop.query('nobody-1'), 'ACQ.TRADE_NOT_EXIST');
    const { certificates } = shop.registered;
    shop.sdk = shop.sdkWith(certificateMode({ ...certificates, app_cert: other.registered.certificates.app_cert }));
    assertFailed(await shop.query('nobody-1'), 'isv.app-cert-not-exist', '40002');
    // Any certificate that is not the root stands for a root of somebody else.
    shop.sdk = shop.sdkWith(certificateMode({ ...certificates, root_cert: certificates.alipay_cert }));
    assertFailed(await shop.query('nobody-1'), 'isv.invalid-alipay-root-cert-sn', '40002');
  });

  await test('certificates and encryption together', async () => {
    const key = 'AAECAwQFBgcICQoLDA0ODw==';
    const shop = await certifiedShop(world, 'fr', { encrypt_key: key });
    shop.sdk = shop.sdkWith({ ...certificateMode(shop.registered.certificates), encryptKey: key });
    const answer = await shop.sdk.exec('alipay.trade.precreate', { bizContent: shop.order(100), needEncrypt: true });
    assertSucceeded(answer);
  });
});
