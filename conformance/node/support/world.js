// What every test file needs: one server, shops with keys of their own, customers with money, and at the end the
// proof that the books balance, the server stops cleanly and its data pass the audit.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import { Receiver } from './receiver.js';
import { Sandbox } from './sandbox.js';
import { startServer } from './server.js';

/** Currency and number of decimals by cell of the sandbox world. */
const CURRENCIES = { fr: ['EUR', 2], kr: ['KRW', 0], cn: ['CNY', 2] };

/** An RSA-2048 key as the SDK takes it (PKCS#1) and as the sandbox takes it (base64 SPKI). */
export function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privatePem: privateKey.export({ type: 'pkcs1', format: 'pem' }),
    publicBase64: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}

let orderCount = 0;

/** A shop's own order, refund or transfer number. */
export function newNumber(prefix) {
  orderCount += 1;
  return `${prefix}_${Date.now().toString(36)}_${orderCount}`;
}

/** A merchant with a key, spoken for by the unmodified SDK; every answer's signature is checked. */
export class Shop {
  constructor(world, cell, registered, key) {
    Object.assign(this, { world, cell, registered, key });
    [this.currency, this.decimals] = CURRENCIES[cell];
    this.merchantId = registered.merchant_id;
    this.appId = registered.app_id;
    this.sdk = this.sdkWith({});
  }

  sdkWith(changes) {
    return new AlipaySdk({
      appId: this.appId,
      privateKey: this.key.privatePem,
      keyType: 'PKCS1',
      alipayPublicKey: this.registered.gateway_public_key,
      gateway: `${this.world.baseUrl}/gateway.do`,
      timeout: 20_000,
      ...changes,
    });
  }

  /** Calls a method with signature verification; `common` holds notify_url and the like. */
  call(method, bizContent, common = {}) {
    return this.sdk.exec(method, { ...common, bizContent }, { validateSign: true });
  }

  /** An amount in minor units as the protocol writes it: two decimals in every currency. */
  yuan(minor) {
    const cents = BigInt(minor) * (this.decimals === 0 ? 100n : 1n);
    return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
  }

  order(minor, extra = {}) {
    return { out_trade_no: newNumber('order'), subject: 'Two coffees', total_amount: this.yuan(minor), ...extra };
  }

  query(outTradeNo) {
    return this.call('alipay.trade.query', { out_trade_no: outTradeNo });
  }

  async assertStatus(outTradeNo, status) {
    const answer = await this.query(outTradeNo);
    assertSucceeded(answer);
    assert.equal(answer.tradeStatus, status);
    return answer;
  }

  balanceMinor() {
    return this.world.sandbox.balanceMinor('merchants', this.merchantId, this.currency);
  }

  /** A paid order, by the shortest way: the shop scans the customer's code. */
  async sell(customer, minor, common = {}) {
    const order = this.order(minor, { scene: 'bar_code', auth_code: await customer.payCode() });
    const paid = await this.call('alipay.trade.pay', order, common);
    assertSucceeded(paid);
    return { order, paid };
  }
}

/** A customer with a balance, acting through the sandbox as the app would. */
export class Customer {
  constructor(world, cell, customerId) {
    Object.assign(this, { world, id: customerId, currency: CURRENCIES[cell][0] });
  }

  payCode() {
    return this.world.sandbox.payCode(this.id);
  }

  pay(codeOrTrade) {
    return this.world.sandbox.pay(this.id, codeOrTrade);
  }

  balanceMinor() {
    return this.world.sandbox.balanceMinor('customers', this.id, this.currency);
  }
}

class World {
  receivers = [];
  cells = new Set();

  async start() {
    this.server = await startServer();
    this.baseUrl = this.server.baseUrl;
    this.sandbox = new Sandbox(this.baseUrl);
  }

  async shop(cell = 'fr', extra = {}) {
    this.cells.add(cell);
    const key = newKey();
    const merchant = { cell, name: 'Café de la Gare', app_public_key: key.publicBase64, ...extra };
    return new Shop(this, cell, await this.sandbox.createMerchant(merchant), key);
  }

  async customer(balanceMinor, cell = 'fr') {
    this.cells.add(cell);
    const balance = { currency: CURRENCIES[cell][0], minor: balanceMinor };
    const { customer_id } = await this.sandbox.createCustomer({ cell, name: 'Amélie Martin', balance });
    assert.match(customer_id, /^2088\d{12}$/);
    return new Customer(this, cell, customer_id);
  }

  async receiver(answers) {
    const receiver = await Receiver.open(answers);
    this.receivers.push(receiver);
    return receiver;
  }

  async close() {
    try {
      for (const cell of this.cells) await this.sandbox.assertBooksBalance(cell);
      // Receivers still hang while the server stops: a silent shop must not keep it up.
      await this.server.stopAndAudit();
    } finally {
      this.server.kill();
      for (const receiver of this.receivers) receiver.close();
    }
  }
}

/** Declares a test file's flows between the start of a server and the check of what it leaves behind. */
export async function conformance(flows) {
  const world = new World();
  await world.start();
  try {
    await flows(world);
  } finally {
    await test('books balance, the server stops cleanly, the audit holds', () => world.close());
  }
}

export function assertSucceeded(answer) {
  assert.equal(answer.code, '10000', JSON.stringify(answer));
  assert.equal(answer.msg, 'Success');
}

export function assertFailed(answer, subCode, code = '40004') {
  assert.deepEqual([answer.code, answer.subCode], [code, subCode], JSON.stringify(answer));
}
