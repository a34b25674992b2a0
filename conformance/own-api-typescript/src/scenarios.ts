// What people do with the own API: one small function a subject, in the table `SCENARIOS`. A new operation needs a line in one of
// them, or a function more; operations.test.ts says which operations nobody has done.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';

import { type Answer, anybody, bearer, ed25519, hmacSha256 } from '../../../clients/typescript/dist/index.js';
import { ABROAD } from './scenarios_abroad.js';
import { AUTHORISATIONS } from './scenarios_authorisations.js';
import { LISTS } from './scenarios_lists.js';
import { PEOPLE } from './scenarios_people.js';
import { TELLING } from './scenarios_telling.js';
import { type Scenario, eur, minorOf, newNumber, refused } from './world.js';

function rsaPublicKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

const SENDING: Record<string, Scenario> = {
  'everybody learns who they are': async (world) => {
    const anna = await world.customer(10_000);
    const me = await anna.api.me();
    assert.deepEqual([me.party, me.role], [anna.number, 'customer']);
    assert.equal((await (await world.merchant()).api.me()).role, 'merchant');
    assert.equal(await minorOf(anna), 10_000);
  },

  'money is sent once for a key': async (world) => {
    const [anna, bruno] = [await world.customer(1_000), await world.customer()];
    const answers: Answer[] = [];
    const options = { idempotencyKey: 'rent', onAnswer: (answer: Answer) => void answers.push(answer) };
    const asked = { payee: bruno.number, money: eur(250) };
    const first = await anna.api.send(asked, options);
    assert.deepEqual(await anna.api.send(asked, options), first);
    assert.deepEqual(
      answers.map(({ headers }) => headers.get('idempotent-replayed')),
      [null, 'true'],
    );
    const other = anna.api.send({ ...asked, money: eur(251) }, options);
    assert.equal((await refused(409, 'idempotency_key_reused', other)).field, 'money');
    await anna.api.send(asked);
    const poor = await refused(402, 'balance_not_enough', anna.api.send({ ...asked, money: eur(501) }));
    assert.match(poor.money, /nothing moved/);
    assert.notEqual(poor.whatToDo, '');
    assert.deepEqual([await minorOf(anna), await minorOf(bruno)], [500, 500]);
  },

  'money is asked for and paid or declined': async (world) => {
    const [anna, bruno] = [await world.customer(1_000), await world.customer()];
    const wanted = await bruno.api.requestMoney({ payer: anna.number, money: eur(300) });
    assert.equal((await anna.api.payRequest(wanted.request)).payee, bruno.number);
    const other = await bruno.api.requestMoney({ payer: anna.number, money: eur(1) });
    assert.deepEqual(await anna.api.declineRequest(other.request), { request: other.request });
    await refused(409, 'request_ended', anna.api.payRequest(other.request));
    assert.deepEqual([await minorOf(anna), await minorOf(bruno)], [700, 300]);
  },

  'servers sign their requests': async (world) => {
    const [anna, bruno] = [await world.customer(1_000), await world.customer()];
    const made = await anna.api.makeKey({ algorithm: 'hmac-sha256' });
    const signing = world.client(hmacSha256(made.key, made.secret ?? ''));
    await signing.send({ payee: bruno.number, money: eur(100) });
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
    const registered = await anna.api.makeKey({ algorithm: 'ed25519', public_key: raw });
    const other = world.client(ed25519(registered.key, privateKey));
    await other.send({ payee: bruno.number, money: eur(10) });
    assert.equal((await other.listKeys()).keys.length, 2);
    assert.ok((await other.revokeKey(made.key)).revoked_at);
    await refused(401, 'not_authenticated', signing.me());
    const forged = world.client(ed25519(registered.key, generateKeyPairSync('ed25519').privateKey));
    await refused(401, 'not_authenticated', forged.send({ payee: bruno.number, money: eur(1) }));
    assert.equal(await minorOf(bruno), 110);
  },
};

const SHOPS: Record<string, Scenario> = {
  'a code is shown, scanned, paid and refunded': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(5_000)];
    const number = newNumber('table');
    const asked = { order: { out_trade_no: number, total: eur(1_250), subject: 'Two coffees' } };
    const made = await shop.api.createOrderWithCode(asked);
    assert.deepEqual([made.order.status, made.repeated], ['not_scanned', false]);
    assert.equal((await shop.api.createOrderWithCode(asked)).repeated, true);
    const { order } = await anna.api.scan({ code: made.code ?? '' });
    assert.equal(order?.status, 'waits_for_payment');
    const paid = await anna.api.payOrder(made.order.trade_no);
    assert.deepEqual([paid.order.status, paid.order.payer_amount], ['paid', eur(1_250)]);
    assert.deepEqual(await shop.api.showOrderByNumber(number), await anna.api.showOrder(made.order.trade_no));
    const part = { out_trade_no: number, out_request_no: 'cold', amount: eur(450) };
    assert.deepEqual((await shop.api.refund(part)).to_payer, eur(450));
    assert.equal((await shop.api.refund(part)).repeated, true);
    assert.deepEqual((await shop.api.showRefund(number, 'cold')).amount, eur(450));
    assert.deepEqual([await minorOf(anna), await minorOf(shop)], [4_200, 800]);
  },

  'orders end unpaid or are given back': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(5_000)];
    const order = async (minor: number) => {
      const wanted = { out_trade_no: newNumber('order'), total: eur(minor), subject: 'tea' };
      return (await shop.api.createOrderForBuyer({ order: wanted, buyer: anna.number })).order;
    };
    const closed = await shop.api.closeOrder({ trade_no: (await order(100)).trade_no });
    assert.equal(closed.order.status, 'closed');
    const kept = await order(200);
    await anna.api.payOrder(kept.trade_no);
    const cancelled = await shop.api.cancelOrder({ out_trade_no: kept.out_trade_no });
    assert.deepEqual([cancelled.action, cancelled.order?.status], ['refund', 'closed']);
    assert.deepEqual([await minorOf(anna), await minorOf(shop)], [5_000, 0]);
  },

  'codes of phones pay once, also offline': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(5_000)];
    const { auth_codes: codes } = await anna.api.issueOfflineCodes({ count: 3 });
    const shown = [codes[1] ?? '', (await anna.api.issuePayCode()).auth_code];
    for (const auth_code of shown) {
      const order = { out_trade_no: newNumber('metro'), total: eur(200), subject: 'ticket' };
      assert.equal((await shop.api.chargePayCode({ order, auth_code })).repeated, false);
      assert.equal((await shop.api.chargePayCode({ order, auth_code })).repeated, true);
    }
    assert.equal(await minorOf(anna), 4_600);
  },

  'a printed code is paid, and the shop sends money on': async (world) => {
    const [shop, anna, bruno] = [await world.merchant(), await world.customer(1_000), await world.customer()];
    const code = await world.printedCode(shop);
    assert.equal((await anna.api.scan({ code })).shop?.merchant, shop.number);
    const paid = await anna.api.payPrintedCode({ code, total: eur(320), reference: 'bread' });
    assert.equal((await shop.api.showOrder(paid.trade_no)).status, 'paid');
    const number = newNumber('payout');
    const asked = { out_biz_no: number, payee: bruno.number, money: eur(200) };
    assert.equal((await shop.api.transferToCustomer(asked)).repeated, false);
    assert.equal((await shop.api.transferToCustomer(asked)).repeated, true);
    assert.equal((await shop.api.showTransfer(number)).state, 'done');
    assert.deepEqual([await minorOf(shop), await minorOf(bruno)], [120, 200]);
  },
};

const STAFF: Record<string, Scenario> = {
  'staff opens people who then act': async (world) => {
    const [support, cashier] = [await world.staff('support'), await world.staff('cashier')];
    const key = { idempotencyKey: 'open-bruno' };
    const asked = { name: 'Bruno', phone: '+33 6 98 76 54 32' };
    const opened = await support.openCustomer(asked, key);
    assert.deepEqual(await support.openCustomer(asked, key), opened);
    const { party } = opened;
    const paidIn = await cashier.cashIn(party, { money: eur(5_000), bank_reference: 'SEPA-1' });
    assert.equal(paidIn.balance_minor, '5000');
    const paidOut = await cashier.cashOut(party, { money: eur(1_000), bank_reference: 'SEPA-2' });
    assert.equal(paidOut.balance_minor, '4000');
    await refused(403, 'caller_unfit', support.cashIn(party, { money: eur(1), bank_reference: 'x' }));
    await support.changeContact(party, { phone: null });
    assert.deepEqual(await support.setKycRank(party, { kyc_rank: 1 }), { party });
    await support.freeze(party, { reason_code: 7 });
    await support.unfreeze(party);
  },

  'people sign in and out': async (world) => {
    const support = await world.staff('support');
    const { party } = await support.openCustomer({ name: 'Anna', phone: '+33655443322' });
    await support.setPin(party, { pin: '739164' });
    const stranger = world.client(anybody());
    const asked = { login: '+33655443322', cell: 'fr', pin: '739164' };
    await refused(401, 'sign_in_failed', stranger.signIn({ ...asked, pin: '111222' }));
    const session = await stranger.signIn({ ...asked, label: 'phone' });
    const phone = world.client(bearer(session.token ?? ''));
    assert.equal((await phone.me()).party, party);
    const other = await stranger.signIn({ ...asked, label: 'tablet' });
    assert.equal((await phone.listTokens()).tokens.length, 2);
    assert.equal((await phone.revokeToken(other.token_id)).token_id, other.token_id);
    await phone.changePin({ pin: '739164', new_pin: '846275' });
    assert.deepEqual(await phone.listConsents(), { consents: [] });
    await refused(404, 'not_found', phone.withdrawConsent('2088070000000001'));
    assert.equal((await phone.signOut()).token_id, session.token_id);
    await refused(401, 'not_authenticated', phone.me());
  },

  'somebody opens a wallet with a phone': async (world) => {
    const stranger = world.client(anybody());
    const { sign_up, code } = await stranger.signUp({ name: 'Zoé', phone: '+33612360001', cell: 'fr' });
    const session = await stranger.confirmSignUp({ sign_up, code, pin: '739164', label: 'phone' });
    const phone = world.client(bearer(session.token ?? ''));
    assert.equal((await phone.me()).party, session.party);
    await refused(429, 'sign_in_later', stranger.signUp({ name: 'Zoé', phone: '+33612360001', cell: 'fr' }));
  },

  'an admin opens shops and staff and gives them tokens': async (world) => {
    const admin = await world.staff('admin');
    const { merchant } = await admin.openMerchant({ name: 'Boulangerie', mcc: '5462', fee_bps: 100 });
    const boulangerie = world.client(bearer((await admin.issueToken(merchant, {})).token));
    assert.equal((await boulangerie.me()).name, 'Boulangerie');
    await admin.openStaff({ name: 'Clara', staff_role: 'cashier' });
    const app = await admin.registerApp(merchant, { public_key: rsaPublicKey() });
    assert.deepEqual(await boulangerie.setAppKey(app.app, { public_key: rsaPublicKey() }), app);
    const { store } = await boulangerie.addStore();
    assert.ok((await boulangerie.addTerminal({ store })).terminal);
    const anna = await world.customer(100_000);
    const order = { out_trade_no: newNumber('bread'), total: eur(10_000), subject: 'bread', store };
    await boulangerie.chargePayCode({ order, auth_code: (await anna.api.issuePayCode()).auth_code });
    const finance = await world.staff('finance');
    // 1 % of 100.00.
    assert.deepEqual((await finance.settleFees(merchant, { currency: 'EUR' })).taken, eur(100));
    assert.equal((await finance.trialBalance()).balanced, true);
  },
};

/** All of them. */
export const SCENARIOS: Record<string, Scenario> = { ...SENDING, ...SHOPS, ...STAFF, ...LISTS, ...TELLING, ...PEOPLE, ...AUTHORISATIONS, ...ABROAD };
