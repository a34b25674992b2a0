// What every test file needs: one server, shops with keys of their own, customers with money, and at the end the
// proof that the books balance, the server stops cleanly and its data pass the audit.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import { AMPLE, CURRENCIES, assertRecomputes, returned } from './corridors.js';
import { Receiver } from './receiver.js';
import { Sandbox } from './sandbox.js';
import { startServer } from './server.js';

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
  constructor(world, cell, customerId, startMinor) {
    Object.assign(this, { world, cell, id: customerId, currency: CURRENCIES[cell][0], startMinor });
  }

  payCode() {
    return this.world.sandbox.payCode(this.id);
  }

  pay(codeOrTrade) {
    return this.world.sandbox.pay(this.id, codeOrTrade);
  }

  /** What it would cost. */
  quote(codeOrTrade) {
    return this.world.sandbox.request('POST', `/customers/${this.id}/pay`, codeOrTrade);
  }

  balanceMinor() {
    return this.world.sandbox.balanceMinor('customers', this.id, this.currency);
  }

  /** The payments to shops of other cells, as the customer sees them. */
  payments() {
    return this.world.sandbox.request('GET', `/customers/${this.id}/payments`);
  }

  /**
   * That exactly these sales of a shop were paid, and refunded so far: `sales` are prices in minor units of the shop's
   * currency, or pairs of a price and what was refunded of it. Abroad every minor unit is recomputed.
   */
  async assertSpent(shop, sales) {
    const list = sales.map((sale) => (Array.isArray(sale) ? sale : [sale, 0]));
    let spent = 0;
    if (this.cell === shop.cell) {
      for (const [minor, refunded] of list) spent += minor - refunded;
    } else {
      await this.world.sandbox.settle();
      const payments = (await this.payments()).filter(({ status }) => status !== 'refused');
      assert.deepEqual(
        payments.map(({ status, order_amount, refunded_amount }) => [status, order_amount.minor, refunded_amount.minor]),
        list.map(([minor, refunded]) => ['paid', minor, refunded]),
      );
      for (const payment of payments) {
        const { order_amount: order, paid_amount: paid, refunded_amount: refunded } = payment;
        assert.equal(order.currency, shop.currency);
        assert.equal(paid.currency, this.currency);
        assertRecomputes(payment);
        const back = returned(paid.minor, refunded.minor, order.minor);
        assert.deepEqual(payment.returned_amount, { currency: this.currency, minor: back });
        spent += paid.minor - back;
      }
      for (const cell of [this.cell, shop.cell, 'net']) await this.world.sandbox.assertBooksBalance(cell);
    }
    assert.equal(await this.balanceMinor(), this.startMinor - spent);
    assert.equal(await this.heldMinor(), 0);
  }

  async heldMinor() {
    const rows = await this.world.sandbox.request('GET', `/customers/${this.id}/balances`);
    return rows.reduce((sum, row) => sum + row.held_minor, 0);
  }
}

class World {
  receivers = [];
  cells = new Set();

  async start() {
    this.server = await startServer();
    this.baseUrl = this.server.baseUrl;
    this.sandbox = new Sandbox(this.baseUrl);
    // Every cell has heard who takes part in the network.
    await this.sandbox.settle();
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
    return new Customer(this, cell, customer_id, balanceMinor);
  }

  /** A customer of `cell` who can pay so much to the shop; at home exactly that. */
  payer(shop, minor, cell) {
    return this.customer(cell === shop.cell ? minor : AMPLE[CURRENCIES[cell][0]], cell);
  }

  /** A customer of `cell` who has hardly anything. */
  poorPayer(cell) {
    return this.customer(1, cell);
  }

  async receiver(answers) {
    const receiver = await Receiver.open(answers);
    this.receivers.push(receiver);
    return receiver;
  }

  async close() {
    try {
      await this.sandbox.settle();
      for (const cell of [...this.cells, 'net']) await this.sandbox.assertBooksBalance(cell);
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
