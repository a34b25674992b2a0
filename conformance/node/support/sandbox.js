// The sandbox API, as docs and tests see it: people, shops, clock, faults, books.

import assert from 'node:assert/strict';

/** A refusal of the sandbox: an RFC 9457 problem document. */
export class Refused extends Error {
  constructor(status, problem, what) {
    super(`${what}: ${status} ${JSON.stringify(problem)}`);
    this.status = status;
    this.problem = problem;
  }
}

export class Sandbox {
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  async request(verb, path, body) {
    const response = await fetch(`${this.baseUrl}/sandbox/v1${path}`, {
      method: verb,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const answer = text === '' ? null : JSON.parse(text);
    if (!response.ok) throw new Refused(response.status, answer, `${verb} ${path}`);
    return answer;
  }

  createMerchant(merchant) {
    return this.request('POST', '/merchants', merchant);
  }

  createCustomer(customer) {
    return this.request('POST', '/customers', customer);
  }

  /** The code that a shop's scanner reads off the customer's phone. */
  async payCode(customerId) {
    const { auth_code } = await this.request('POST', `/customers/${customerId}/pay-code`, {});
    assert.match(auth_code, /^(2[5-9]|30)\d{16,22}$/);
    return auth_code;
  }

  /** The customer scans a shop's code, or opens a trade made for them, and pays it. */
  pay(customerId, codeOrTrade) {
    return this.request('POST', `/customers/${customerId}/pay`, { ...codeOrTrade, confirm: true });
  }

  /** Free funds in minor units; a currency never held counts as nothing. */
  async balanceMinor(owner, id, currency) {
    const rows = await this.request('GET', `/${owner}/${id}/balances`);
    return rows.filter((row) => row.currency === currency).reduce((sum, row) => sum + row.minor, 0);
  }

  /** Waits until nothing is on its way between cells. */
  settle() {
    return this.advanceClock(0);
  }

  async advanceClock(seconds) {
    await this.request('POST', '/clock/advance', { seconds });
  }

  async fault(effect, mode, count, cell) {
    await this.request('POST', '/faults', { cell, effect, mode, count });
  }

  /** Debits equal credits in every currency, and every invariant of the cell holds. */
  async assertBooksBalance(cell) {
    const { currencies, invariants } = await this.request('GET', `/cells/${cell}/trial-balance`);
    assert.ok(currencies.length > 0, `${cell}: a trial balance without currencies`);
    for (const { currency, debits_minor, credits_minor } of currencies) {
      assert.equal(debits_minor, credits_minor, `${cell}: ${currency} debits and credits`);
    }
    assert.ok(invariants.some(({ name }) => name === 'clearing_mirrors'), `${cell}: clearing is compared`);
    for (const { name, holds, findings } of invariants) {
      assert.equal(holds, true, `${cell}: invariant ${name}: ${findings}`);
    }
  }
}

/** Expects the sandbox to refuse, as the caller's fault (4xx). */
export async function assertRefused(promise) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.ok(error.status >= 400 && error.status < 500, error.message);
    return true;
  });
}
