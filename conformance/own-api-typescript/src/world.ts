// People of one cell, each with a client of the own API.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  type Answer,
  Client,
  type Credential,
  type Money,
  OPERATIONS,
  type OperationName,
  ProblemError,
  bearer,
} from '../../../clients/typescript/dist/index.js';

export type StaffRole = 'admin' | 'cashier' | 'support' | 'finance';

interface Described {
  operationId: string;
}

const DOCUMENT = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'),
) as { paths: Record<string, Record<string, Described>> };

// Operations that cannot be done by tests yet, each with the reason.
const NOT_YET: Partial<Record<OperationName, string>> = {
  release_payment: 'a payment waits for people only after its network was silent for days; its refusal is tried',
  retry_parked_message: 'a message is parked only when a peer is mistaken; its refusal is tried',
};

let numbers = 0;

/** A number of the caller's own: of an order, a refund, a transfer. */
export function newNumber(prefix: string): string {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

/** An amount in cents. */
export function eur(minor: number): Money {
  return { currency: 'EUR', minor: String(minor) };
}

/** A party with a token. */
export interface Person {
  number: string;
  token: string;
  api: Client;
}

/** A shop. */
export interface Shop extends Person {
  store: string;
}

/** One cell's people. The sandbox opens them, because outside the sandbox somebody must be the first admin. */
export class World {
  readonly baseUrl: string;
  readonly cell: string;
  /** The operations that were done. */
  readonly done = new Set<OperationName>();

  constructor(baseUrl: string, cell = 'fr') {
    this.baseUrl = baseUrl;
    this.cell = cell;
  }

  client(credential: Credential): Client {
    const onAnswer = ({ operation, status }: Answer): void => {
      if (status === 200) this.done.add(operation);
    };
    return new Client({ baseUrl: this.baseUrl, credential, onAnswer });
  }

  /** Asks the sandbox. */
  async sandbox<Reply>(method: string, below: string, body?: unknown): Promise<Reply> {
    const response = await fetch(`${this.baseUrl}/sandbox/v1${below}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${below}: ${response.status} ${text}`);
    return JSON.parse(text) as Reply;
  }

  async customer(minor = 0, cell = this.cell, currency = 'EUR', more: Record<string, string> = {}): Promise<Person> {
    const balance = minor === 0 ? {} : { balance: { currency, minor } };
    type Opened = { customer_id: string; token: string };
    const opened = await this.sandbox<Opened>('POST', '/customers', { cell, name: 'Anna Weiß', ...balance, ...more });
    return { number: opened.customer_id, token: opened.token, api: this.client(bearer(opened.token)) };
  }

  async merchant(cell = this.cell): Promise<Shop> {
    type Opened = { merchant_id: string; store_id: string; token: string };
    const opened = await this.sandbox<Opened>('POST', '/merchants', { cell, name: 'Café du Port' });
    const { merchant_id: number, store_id: store, token } = opened;
    return { number, store, token, api: this.client(bearer(token)) };
  }

  async staff(role: StaffRole, cell = this.cell): Promise<Client> {
    const { token } = await this.sandbox<{ token: string }>('POST', '/staff', { cell, name: role, role });
    return this.client(bearer(token));
  }

  /** What the shop's printed code says. */
  async printedCode(shop: Shop): Promise<string> {
    const { code } = await this.sandbox<{ code: string }>('POST', `/merchants/${shop.number}/static-code`, {});
    return code;
  }

  /** The operations of the document that nobody has done. */
  undone(): string[] {
    return described().filter((name) => !this.done.has(name as OperationName) && !(name in NOT_YET));
  }
}

/** What people do, one subject. */
export type Scenario = (world: World) => Promise<void>;

/** What is free, in minor units. */
export async function minorOf({ api }: Person, currency = 'EUR'): Promise<number> {
  const { balances } = await api.balances();
  return Number(balances.find((balance) => balance.currency === currency)?.minor ?? 0);
}

/** The names of the document's operations. */
export function described(): string[] {
  const all = Object.values(DOCUMENT.paths).flatMap((methods) => Object.values(methods));
  return all.map(({ operationId }) => operationId).sort();
}

/** The names of the client's operations. */
export function offered(): string[] {
  return Object.keys(OPERATIONS).sort();
}

/** Expects a problem with this status and code, and gives it. */
export async function refused(status: number, code: string, call: Promise<unknown>): Promise<ProblemError> {
  const error: unknown = await call.then(
    (reply) => assert.fail(`not refused: ${JSON.stringify(reply)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw error;
  assert.deepEqual([error.status, error.code], [status, code], error.message);
  return error;
}
