// An app learns who a customer is: the authorisation page by forms, codes and tokens by the SDK, versions 2 and 3.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlipayRequestError } from 'alipay-sdk';
import { Visitor } from '../support/visitor.js';
import { conformance } from '../support/world.js';

const BACK = 'http://127.0.0.1:9/in?shop=1';
const PIN = '739164';

function link(world, shop, scope) {
  const query = new URLSearchParams({ app_id: shop.appId, scope, redirect_uri: BACK, state: 'a&b' });
  return `${world.baseUrl}/oauth2/publicAppAuthorize.htm?${query}`;
}

async function code(world, shop, phone, scope) {
  const visitor = new Visitor(world.baseUrl);
  const asked = await visitor.open(link(world, shop, scope));
  const consent = await visitor.send(asked, { login: phone, pin: PIN, wallet: 'fr' });
  assert.ok(consent.html.includes('Café de la Gare'), consent.html);
  const { away } = await visitor.send(consent, { answer: 'allow' });
  assert.equal(away.searchParams.get('state'), 'a&b');
  assert.equal(away.searchParams.get('shop'), '1');
  return away.searchParams.get('auth_code');
}

await conformance(async (world) => {
  const phone = '+33612340000';
  world.cells.add('fr');
  const made = await world.sandbox.createCustomer({ cell: 'fr', name: 'Amélie Martin', phone, pin: PIN });
  const bearer = { authorization: `Bearer ${made.token}` };

  await test('version 2: code, tokens, name, and the consent taken back', async () => {
    const shop = await world.shop('fr', { redirect_uris: [BACK] });
    const grant = { grantType: 'authorization_code', code: await code(world, shop, phone, 'auth_user') };
    const tokens = await shop.sdk.exec('alipay.system.oauth.token', grant, { validateSign: true });
    assert.equal(tokens.userId, made.customer_id);
    assert.equal(tokens.expiresIn, '1296000');
    const again = await shop.sdk.exec('alipay.system.oauth.token', grant).catch((error) => error);
    assert.match(JSON.stringify(again) + String(again), /isv\.code-invalid/);
    const share = { auth_token: tokens.accessToken };
    const who = await shop.sdk.exec('alipay.user.info.share', share, { validateSign: true });
    assert.deepEqual([who.code, who.userId, who.nickName], ['10000', made.customer_id, 'Amélie Martin']);

    const { consents } = await (await fetch(`${world.baseUrl}/api/v1/consents`, { headers: bearer })).json();
    assert.deepEqual(
      consents.map(({ app, scope, merchant_name }) => [app, scope, merchant_name]),
      [[shop.appId, 'profile', 'Café de la Gare']],
    );
    const gone = await fetch(`${world.baseUrl}/api/v1/consents/${shop.appId}`, { method: 'DELETE', headers: bearer });
    assert.equal(gone.status, 200);
    const refused = await shop.sdk.exec('alipay.user.info.share', share, { validateSign: true });
    assert.deepEqual([refused.code, refused.subCode], ['20001', 'aop.invalid-auth-token']);
    const refresh = { grantType: 'refresh_token', refreshToken: tokens.refreshToken };
    const late = await shop.sdk.exec('alipay.system.oauth.token', refresh).catch((error) => error);
    assert.match(JSON.stringify(late) + String(late), /isv\.refresh-token-invalid/);
  });

  await test('version 3: the same by paths', async () => {
    const shop = await world.shop('fr', { redirect_uris: [BACK] });
    const sdk = shop.sdkWith({ endpoint: world.baseUrl });
    const body = { grant_type: 'authorization_code', code: await code(world, shop, phone, 'auth_user') };
    const { data } = await sdk.curl('POST', '/v3/alipay/system/oauth/token', { body });
    assert.equal(data.user_id, made.customer_id);
    const query = { auth_token: data.access_token };
    const who = await sdk.curl('POST', '/v3/alipay/user/info/share', { query });
    assert.equal(who.data.nick_name, 'Amélie Martin');
    await assert.rejects(sdk.curl('POST', '/v3/alipay/system/oauth/token', { body }), (error) => {
      assert.ok(error instanceof AlipayRequestError);
      assert.deepEqual([error.responseHttpStatus, error.code], [400, 'isv.code-invalid']);
      return true;
    });
  });

  await test('auth_base tells the number and no more', async () => {
    const shop = await world.shop('fr', { redirect_uris: [BACK] });
    const grant = { grantType: 'authorization_code', code: await code(world, shop, phone, 'auth_base') };
    const tokens = await shop.sdk.exec('alipay.system.oauth.token', grant, { validateSign: true });
    assert.equal(tokens.userId, made.customer_id);
    const refused = await shop.sdk.exec('alipay.user.info.share', { auth_token: tokens.accessToken }, { validateSign: true });
    assert.deepEqual([refused.code, refused.subCode], ['40006', 'isv.insufficient-user-permissions']);
  });

  await test('nobody is sent to an address that the app has not named', async () => {
    const shop = await world.shop('fr', { redirect_uris: ['https://shop.example/in'] });
    const page = await new Visitor(world.baseUrl).open(link(world, shop, 'auth_user'));
    assert.equal(page.away, undefined);
    assert.ok(!page.html.includes('<form'), page.html);
  });
});
