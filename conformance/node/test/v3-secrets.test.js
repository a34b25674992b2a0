// Version 3 with encrypted content and with certificates: the unmodified SDK checks signature and serial of every answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGenuine } from '../support/receiver.js';
import { conformance } from '../support/world.js';

const ENCRYPT_KEY = 'AAECAwQFBgcICQoLDA0ODw==';

/** The settings of a client in certificate mode. */
function certificateMode({ app_cert, alipay_cert, root_cert }) {
  return {
    alipayPublicKey: undefined,
    alipayRootCertContent: root_cert,
    alipayPublicCertContent: alipay_cert,
    appCertContent: app_cert,
  };
}

await conformance(async (world) => {
  const rest = (shop, settings) => shop.sdkWith({ endpoint: world.baseUrl, gateway: undefined, ...settings });

  const WAYS = [
    { how: 'encrypted', secrets: { encrypt_key: ENCRYPT_KEY } },
    { how: 'with certificates', secrets: { certificates: true } },
    { how: 'encrypted and with certificates', secrets: { certificates: true, encrypt_key: ENCRYPT_KEY } },
  ];
  for (const { how, secrets } of WAYS) {
    for (const payer of ['fr', 'th']) {
      await test(`${payer} in fr: paid, told and refunded in part, ${how}`, async () => {
        const shop = await world.shop('fr', secrets);
        const needEncrypt = secrets.encrypt_key !== undefined;
        const settings = secrets.certificates ? certificateMode(shop.registered.certificates) : {};
        const sdk = rest(shop, needEncrypt ? { ...settings, encryptKey: ENCRYPT_KEY } : settings);
        const post = async (path, body) => (await sdk.curl('POST', `/v3/alipay/${path}`, { body, needEncrypt })).data;
        const customer = await world.payer(shop, 9000, payer);
        const receiver = await world.receiver();
        const order = shop.order(4000);
        const created = await post('trade/precreate', { ...order, notify_url: receiver.url });
        assert.equal(created.out_trade_no, order.out_trade_no);
        assert.equal((await customer.pay({ code: created.qr_code })).status, 'paid');
        const [delivery] = await receiver.expect(1);
        assertGenuine(sdk, delivery);
        assert.equal(delivery.fields.out_trade_no, order.out_trade_no);
        const asked = { out_trade_no: order.out_trade_no };
        assert.equal((await post('trade/query', asked)).trade_status, 'TRADE_SUCCESS');
        const refund = { ...asked, refund_amount: shop.yuan(1000), out_request_no: 'r1' };
        assert.equal((await post('trade/refund', refund)).fund_change, 'Y');
        await customer.assertSpent(shop, [[4000, 1000]]);
        // Failures are in the clear, and say so.
        await assert.rejects(post('trade/query', { out_trade_no: 'nobody-1' }), { code: 'ACQ.TRADE_NOT_EXIST' });
      });
    }
  }

  await test('another key, no key and another app’s certificate are refused', async () => {
    const shop = await world.shop('fr', { certificates: true, encrypt_key: ENCRYPT_KEY });
    const plain = await world.shop('fr', { certificates: true });
    const query = (sdk, needEncrypt) =>
      sdk.curl('POST', '/v3/alipay/trade/query', { body: { out_trade_no: 'nobody-1' }, needEncrypt });
    const failsWith = (promise, code) => assert.rejects(promise, { code });
    const code = 'decryption-error-unknown';
    await failsWith(query(rest(shop, { encryptKey: 'EBESExQVFhcYGRobHB0eHw==' }), true), code);
    await failsWith(query(rest(plain, { encryptKey: ENCRYPT_KEY }), true), code);
    const { certificates } = shop.registered;
    const foreign = certificateMode({ ...certificates, app_cert: plain.registered.certificates.app_cert });
    await failsWith(query(rest(shop, foreign), false), 'app-cert-not-exist');
    await failsWith(query(rest(shop, certificateMode(certificates)), false), 'ACQ.TRADE_NOT_EXIST');
  });
});
