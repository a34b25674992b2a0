// What an actor does again and again while the server is killed: one function a step, in the table `STEPS`, as in
// ../../own-api-python/steps.py. A step says what it has done by what it was answered; the test there adds that up.

import assert from 'node:assert/strict';

import {
  type Answer,
  type CallOptions,
  Client,
  type Money,
  ProblemError,
  bearer,
} from '../../../clients/typescript/dist/index.js';

// A call is tried through any number of kills; it must be answered in the end.
const PATIENCE_MS = 120_000;

interface Opened {
  number: string;
  token: string;
}

/** Who there is, as the test says it. */
export interface People {
  people: string[];
  cashier: Opened;
  support: Opened;
  actors: Record<string, { customers: [Opened, Opened]; shop: Opened & { code: string } }>;
}

/** What was done: money from party to party, names that nothing else may have, orders as they must be found. */
export interface Done {
  step: string;
  moves: [from: string, to: string, minor: number][];
  names: string[];
  orders: [actor: string, tradeNo: string, status: string, refundedMinor: number][];
}

interface Party {
  number: string;
  api: Client;
}

/** Small, seeded, and good enough to choose steps (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A shop with its two customers and a cashier. */
export class Actor {
  readonly name: string;
  readonly random: (below: number) => number;
  readonly people: string[];
  readonly anna: Party;
  readonly bruno: Party;
  readonly shop: Party & { code: string };
  readonly cashier: Party;
  readonly support: Party;
  readonly agains: (() => Promise<void>)[] = [];
  retried = 0;
  foundDone = 0;
  #count = 0;
  #attempts = 1;
  #asksAgain = false;
  readonly #tell: (done: Done) => void;

  constructor(baseUrl: string, seed: number, people: People, tell: (done: Done) => void) {
    this.name = `typescript-${seed}`;
    this.random = randomOf(seed);
    this.people = people.people;
    this.#tell = tell;
    const onAnswer = (answer: Answer): void => this.#hear(answer);
    const party = ({ number, token }: Opened): Party => {
      const settings = { baseUrl, credential: bearer(token), patienceMs: PATIENCE_MS, onAnswer };
      return { number, api: new Client(settings) };
    };
    const mine = people.actors[this.name];
    if (!mine) throw new Error(`nobody is called ${this.name}`);
    this.anna = party(mine.customers[0]);
    this.bruno = party(mine.customers[1]);
    this.shop = { ...party(mine.shop), code: mine.shop.code };
    this.cashier = party(people.cashier);
    this.support = party(people.support);
  }

  #hear({ attempts, status, headers, operation }: Answer): void {
    this.#attempts = attempts;
    if (this.#asksAgain) return;
    if (status === 200 && attempts > 1) this.retried += 1;
    if (headers.get('idempotent-replayed') !== 'true') return;
    assert.ok(attempts > 1, `${operation}: a new key was answered as known`);
    this.foundDone += 1;
  }

  /** A number or key that nobody else has. */
  number(prefix: string): string {
    this.#count += 1;
    return `${this.name}-${prefix}-${this.#count}`;
  }

  /** A small amount. */
  minor(): number {
    return 1 + this.random(50);
  }

  /** Asks under the key that the client makes, and remembers how to ask again. */
  async keyed<Reply>(call: (options: CallOptions) => Promise<Reply>): Promise<Reply> {
    const answers: Answer[] = [];
    const onAnswer = (answer: Answer): void => void answers.push(answer);
    const reply = await call({ onAnswer });
    const idempotencyKey = answers.at(-1)?.key ?? '';
    this.agains.push(async () => {
      const repeated = await call({ idempotencyKey, onAnswer });
      assert.deepEqual(repeated, reply, idempotencyKey);
      assert.equal(answers.at(-1)?.headers.get('idempotent-replayed'), 'true', idempotencyKey);
    });
    return reply;
  }

  /** Asks what has a number of its own. */
  async numbered<Reply extends { repeated: boolean }>(call: () => Promise<Reply>): Promise<Reply> {
    const reply = await call();
    if (reply.repeated) {
      assert.ok(this.#attempts > 1, 'a new number was answered as known');
      this.foundDone += 1;
    }
    this.agains.push(async () => {
      const answer = await call().catch((error: unknown) => error);
      // What was paid or cancelled since is not to be made again under its number.
      if (answer instanceof ProblemError && ['trade_has_success', 'trade_has_closed'].includes(answer.code)) return;
      if (answer instanceof Error) throw answer;
      assert.equal((answer as Reply).repeated, true, JSON.stringify(reply));
    });
    return reply;
  }

  /** Every request, under the key or number that it had: nothing is done, and the answers are the same. */
  async askEverythingAgain(): Promise<void> {
    this.#asksAgain = true;
    for (const again of this.agains) await again();
  }

  /** Says what was done. */
  did(step: string, moves: Done['moves'] = [], names: string[] = [], orders: Done['orders'] = []): void {
    this.#tell({ step, moves, names, orders });
  }

  /** Steps by chance until it is over, and each of them once at least. */
  async run(isOver: () => boolean): Promise<void> {
    const rest = Object.entries(STEPS);
    const all = Object.entries(STEPS);
    while (rest.length > 0 || !isOver()) {
      const [step] = rest.length > 0 ? rest.splice(this.random(rest.length), 1) : [all[this.random(all.length)]];
      if (step) await step[1](this, step[0]);
    }
  }
}

type Step = (actor: Actor, name: string) => Promise<void>;

function eur(minor: number): Money {
  return { currency: 'EUR', minor: String(minor) };
}

async function sells(actor: Actor, minor: number): Promise<{ out_trade_no: string; trade: string }> {
  const order = { out_trade_no: actor.number('order'), total: eur(minor), subject: 'tea' };
  const made = await actor.numbered(() => actor.shop.api.createOrderWithCode({ order }));
  const scanned = await actor.bruno.api.scan({ code: made.code ?? '' });
  const trade = scanned.order?.trade_no ?? '';
  await actor.numbered(() => actor.bruno.api.payOrder(trade));
  return { out_trade_no: order.out_trade_no, trade };
}

const STEPS: Record<string, Step> = {
  async sends(actor, name) {
    const minor = actor.minor();
    const chosen = actor.people[actor.random(actor.people.length)] ?? actor.bruno.number;
    const payee = chosen === actor.anna.number ? actor.bruno.number : chosen;
    const sent = await actor.keyed((options) => actor.anna.api.send({ payee, money: eur(minor) }, options));
    actor.did(name, [[actor.anna.number, payee, minor]], [`transfer ${sent.transfer}`]);
  },

  async sendsMoreThanThereIs(actor, name) {
    const asked = { payee: actor.bruno.number, money: eur(4_999_999) };
    await assert.rejects(actor.anna.api.send(asked), (error) => {
      return error instanceof ProblemError && error.code === 'balance_not_enough';
    });
    actor.did(name);
  },

  async asksForMoney(actor, name) {
    const minor = actor.minor();
    const body = { payer: actor.anna.number, money: eur(minor) };
    const { request } = await actor.keyed((options) => actor.bruno.api.requestMoney(body, options));
    const { transfer } = await actor.keyed((options) => actor.anna.api.payRequest(request, options));
    const moves: Done['moves'] = [[actor.anna.number, actor.bruno.number, minor]];
    actor.did(name, moves, [`request ${request}`, `transfer ${transfer}`]);
  },

  async asksForMoneyInVain(actor, name) {
    const body = { payer: actor.anna.number, money: eur(7) };
    const { request } = await actor.keyed((options) => actor.bruno.api.requestMoney(body, options));
    await actor.keyed((options) => actor.anna.api.declineRequest(request, options));
    actor.did(name, [], [`request ${request}`]);
  },

  async paysInAndOut(actor, name) {
    const [customer, cash, into, out] = [actor.anna.number, actor.cashier.api, actor.minor() + 50, actor.minor()];
    const [inward, outward] = [into, out].map((minor) => ({ money: eur(minor), bank_reference: actor.number('bank') }));
    if (!inward || !outward) return;
    const paidIn = await actor.keyed((options) => cash.cashIn(customer, inward, options));
    const paidOut = await actor.keyed((options) => cash.cashOut(customer, outward, options));
    const moves: Done['moves'] = [
      ['bank', customer, into],
      [customer, 'bank', out],
    ];
    actor.did(name, moves, [`transfer ${paidIn.transfer}`, `transfer ${paidOut.transfer}`]);
  },

  async opensPeople(actor, name) {
    const [support, cash, shop] = [actor.support.api, actor.cashier.api, actor.shop.api];
    const customer = { name: `Opened ${actor.number('name')}` };
    const { party } = await actor.keyed((options) => support.openCustomer(customer, options));
    const inward = { money: eur(3), bank_reference: actor.number('bank') };
    await actor.keyed((options) => cash.cashIn(party, inward, options));
    await actor.keyed((options) => support.freeze(party, { reason_code: 1 }, options));
    await actor.keyed((options) => support.unfreeze(party, options));
    const opened = { name: 'Opened', mcc: '5999', fee_bps: 0 };
    const { merchant } = await actor.keyed((options) => support.openMerchant(opened, options));
    const { store } = await actor.keyed((options) => shop.addStore(options));
    const { terminal } = await actor.keyed((options) => shop.addTerminal({ store }, options));
    const names = [`party ${party}`, `party ${merchant}`, `store ${store}`, `terminal ${terminal}`];
    actor.did(name, [['bank', party, 3]], names);
  },

  async paysAPrintedCode(actor, name) {
    const minor = actor.minor();
    const asked = { code: actor.shop.code, total: eur(minor) };
    const { trade_no: trade } = await actor.keyed((options) => actor.anna.api.payPrintedCode(asked, options));
    const moves: Done['moves'] = [[actor.anna.number, actor.shop.number, minor]];
    actor.did(name, moves, [`trade ${trade}`], [[actor.name, trade, 'paid', 0]]);
  },

  async sellsAndRefunds(actor, name) {
    const minor = actor.minor() + 1;
    const { out_trade_no, trade } = await sells(actor, minor);
    const part = 1 + actor.random(minor - 1);
    const refund = { out_trade_no, out_request_no: actor.number('refund'), amount: eur(part) };
    await actor.numbered(() => actor.shop.api.refund(refund));
    const moves: Done['moves'] = [
      [actor.bruno.number, actor.shop.number, minor],
      [actor.shop.number, actor.bruno.number, part],
    ];
    actor.did(name, moves, [`trade ${trade}`], [[actor.name, trade, 'paid', part]]);
  },

  async sellsAndCancels(actor, name) {
    const minor = actor.minor();
    const { out_trade_no, trade } = await sells(actor, minor);
    await actor.shop.api.cancelOrder({ out_trade_no });
    const moves: Done['moves'] = [
      [actor.bruno.number, actor.shop.number, minor],
      [actor.shop.number, actor.bruno.number, minor],
    ];
    actor.did(name, moves, [`trade ${trade}`], [[actor.name, trade, 'closed', minor]]);
  },

  async chargesAPhone(actor, name) {
    const [minor, { auth_code }] = [actor.minor(), await actor.anna.api.issuePayCode()];
    const order = { out_trade_no: actor.number('order'), total: eur(minor), subject: 'bread' };
    const paid = await actor.numbered(() => actor.shop.api.chargePayCode({ order, auth_code }));
    const trade = paid.order.trade_no;
    const moves: Done['moves'] = [[actor.anna.number, actor.shop.number, minor]];
    actor.did(name, moves, [`trade ${trade}`], [[actor.name, trade, 'paid', 0]]);
  },

  async paysOut(actor, name) {
    const minor = actor.minor();
    const asked = { out_biz_no: actor.number('payout'), payee: actor.bruno.number, money: eur(minor) };
    const made = await actor.numbered(() => actor.shop.api.transferToCustomer(asked));
    const moves: Done['moves'] = [[actor.shop.number, actor.bruno.number, minor]];
    actor.did(name, moves, [`payout ${made.transfer_no}`]);
  },
};
