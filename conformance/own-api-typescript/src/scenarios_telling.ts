// What parties are told: events, webhooks, notifications of orders, their own requests; a sandbox's clock; merchants' settlement.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { type Person, type Scenario, type Shop, eur, newNumber, refused } from './world.js';

const NOBODY_LISTENS = 'http://127.0.0.1:9/hook';
// A weekend and a holiday are shorter: in so many days there is a banking day whose cut-off has passed.
const DAYS = 6;

interface Page {
  html: string;
}

/** A browser without scripts, which the suite of the Alipay SDK has. */
interface Visitor {
  open(url: string): Promise<Page>;
  send(page: Page, fields: Record<string, string>): Promise<Page>;
}

async function newVisitor(baseUrl: string): Promise<Visitor> {
  const module: string = '../../node/support/visitor.js';
  const { Visitor } = (await import(module)) as { Visitor: new (baseUrl: string) => Visitor };
  return new Visitor(baseUrl);
}

async function sale(shop: Shop, anna: Person, minor: number, notifyUrl?: string): Promise<string> {
  const { auth_code } = await anna.api.issuePayCode();
  const order = { out_trade_no: newNumber('sale'), total: eur(minor), subject: 'tea', notify_url: notifyUrl ?? null };
  return (await shop.api.chargePayCode({ order, auth_code })).order.trade_no;
}

export const TELLING: Record<string, Scenario> = {
  'what happened is read by page and as a stream': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(1_000)];
    const start = (await shop.api.listEvents({ after: 'now', limit: '1' })).next;
    const numbers: string[] = [];
    for (let at = 0; at < 3; at += 1) numbers.push(await sale(shop, anna, 100));
    const query = { after: start, type: 'acquiring.order_paid' };
    const { events } = await shop.api.listEvents(query);
    assert.deepEqual(
      events.map(({ data }) => (data as { trade_no: string }).trade_no),
      numbers,
    );
    const streamed: unknown[] = [];
    for await (const event of shop.api.streamEvents(query)) {
      if (streamed.push(event) === 3) break;
    }
    assert.deepEqual(streamed, events, 'the stream says the same');
    await refused(422, 'bad_field', shop.api.listEvents({ after: 'nonsense' }));
  },

  'a webhook is made, shown, set back and forgotten': async (world) => {
    const shop = await world.merchant();
    const made = await shop.api.makeWebhook({ url: NOBODY_LISTENS });
    assert.match(made.secret, /^whsec_/);
    assert.equal((await shop.api.listWebhooks()).webhooks.length, 1);
    await shop.api.replayWebhook(made.webhook, { after: made.place });
    await shop.api.deleteWebhook(made.webhook);
    assert.deepEqual((await shop.api.listWebhooks()).webhooks, []);
  },

  'a notification is seen and sent again': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(1_000)];
    const tradeNo = await sale(shop, anna, 100, NOBODY_LISTENS);
    let { deliveries } = await shop.api.listDeliveries();
    for (let tries = 0; deliveries.length === 0 && tries < 1_000; tries += 1) {
      await pause(50);
      ({ deliveries } = await shop.api.listDeliveries());
    }
    const [delivery] = deliveries;
    assert.equal(delivery?.trade_no, tradeNo);
    const id = delivery?.notify_id ?? '';
    assert.equal((await shop.api.showDelivery(id)).payload, delivery?.payload);
    assert.equal((await shop.api.replayDelivery(id)).payload, delivery?.payload);
    assert.equal((await shop.api.notifyAgain(tradeNo)).trade_no, tradeNo);
  },

  'a developer reads what its requests came to': async (world) => {
    const shop = await world.merchant();
    await refused(404, 'not_found', shop.api.showOrder('0'.repeat(28)));
    const { requests } = await shop.api.listRequests({ status: '404' });
    assert.deepEqual(
      requests.map(({ operation }) => operation),
      ['show_order'],
    );
  },

  'an app says where its customers may be sent back to': async (world) => {
    const [shop, admin] = [await world.merchant(), await world.staff('admin')];
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const { app } = await admin.registerApp(shop.number, { public_key: key });
    const addresses = ['https://shop.example/in'];
    assert.deepEqual((await shop.api.setReturnAddresses(app, { addresses })).addresses, addresses);
    assert.deepEqual((await shop.api.listReturnAddresses(app)).addresses, addresses);
  },

  'an app that a customer has let in is put out again': async (world) => {
    const [shop, admin] = [await world.merchant(), await world.staff('admin')];
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const { app } = await admin.registerApp(shop.number, { public_key: key });
    await shop.api.setReturnAddresses(app, { addresses: [NOBODY_LISTENS] });
    const [phone, pin] = ['+33612350001', '739164'];
    const anna = await world.customer(0, 'fr', 'EUR', { phone, pin });
    const query = new URLSearchParams({ app_id: app, scope: 'auth_user', redirect_uri: NOBODY_LISTENS, state: 's' });
    const visitor = await newVisitor(world.baseUrl);
    const asked = await visitor.open(`/oauth2/publicAppAuthorize.htm?${query.toString()}`);
    const consent = await visitor.send(asked, { login: phone, pin, wallet: 'fr' });
    await visitor.send(consent, { answer: 'allow' });
    const { consents } = await anna.api.listConsents();
    assert.deepEqual(
      consents.map((consent) => consent.app),
      [app],
    );
    assert.equal((await anna.api.withdrawConsent(app)).app, app);
    assert.deepEqual(await anna.api.listConsents(), { consents: [] });
    await refused(404, 'not_found', anna.api.withdrawConsent(app));
  },

  'a payout of which the bank says nothing is resolved by finance': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(20_000)];
    const [finance, admin] = [await world.staff('finance'), await world.staff('admin')];
    await world.sandbox('POST', `/merchants/${shop.number}/settlement`, { account: 'silent' });
    await sale(shop, anna, 10_000);
    await admin.advanceTestClock({ seconds: DAYS * 86_400 });
    const settlement = (await shop.api.listSettlements('EUR')).items.find(({ gross }) => gross.minor === '10000');
    const number = settlement?.closing?.payout ?? '';
    for (let hour = 0; hour < 4; hour += 1) await admin.advanceTestClock({ seconds: 3_600 });
    const unknown = (await finance.listPayouts({ state: 'unknown' })).items.map(({ payout }) => payout);
    assert.ok(unknown.includes(number), `${number} is not among ${unknown.join()}`);
    const said = { is_settled: true, bank_reference: 'CALL-1', reason: 'by telephone' };
    const resolved = await finance.resolvePayout(number, said);
    assert.deepEqual([resolved.state, resolved.bank_reference], ['settled', 'CALL-1']);
  },

  'a day is settled and paid out': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(20_000)];
    const [finance, admin] = [await world.staff('finance'), await world.staff('admin')];
    await finance.setSettlementTerms(shop.number, { schedule: 'daily', reserve_bps: 1_000, reserve_days: 30 });
    await finance.setBankAccount(shop.number, { holder: 'Café du Port', iban: 'FR1420041010050500013M02606' });
    assert.equal((await shop.api.showSettlementTerms()).reserve_bps, 1_000);
    await sale(shop, anna, 10_000);
    const before = await admin.testClock();
    assert.ok((await admin.advanceTestClock({ seconds: DAYS * 86_400 })).now > before.now);
    const { items: settlements } = await shop.api.listSettlements('EUR');
    const settlement = settlements.find(({ gross }) => gross.minor === '10000');
    assert.ok(settlement?.closing);
    assert.deepEqual(await shop.api.showSettlement('EUR', settlement.date), settlement);
    const { items: entries } = await shop.api.listSettlementEntries('EUR', settlement.date);
    const sum = entries.reduce((total, { on_balance_minor }) => total + BigInt(on_balance_minor), 0n);
    assert.equal(sum, BigInt(settlement.closing.carried_forward_minor));
    const payout = await shop.api.showPayout(settlement.closing.payout ?? '');
    assert.deepEqual([payout.state, payout.money], ['settled', settlement.closing.paid_out]);
    assert.ok((await finance.listPayouts()).items.length > 0);
    const said = { is_settled: true, bank_reference: 'CALL-1', reason: 'by telephone' };
    await refused(409, 'payout_not_unknown', finance.resolvePayout(payout.payout, said));
    assert.equal((await finance.settleMerchant(shop.number, { currency: 'EUR' })).is_more, false);
  },

  'own money is put aside, and calls are made to fail': async (world) => {
    const [finance, admin] = [await world.staff('finance'), await world.staff('admin')];
    await finance.moveAdvanceFunds({ money: eur(3_000), bank_reference: 'OWN-1' });
    await finance.moveAdvanceFunds({ money: eur(3_000), bank_reference: 'OWN-2', is_withdrawal: true });
    const none = { effect: 'webhook', mode: 'lose', count: 0 };
    assert.deepEqual(await admin.setTestFault(none), none);
  },
};
