// Lists and exports of a merchant's, how staff sees them, and what needs two people.

import assert from 'node:assert/strict';

import { type ListOrdersQuery, type ListPartiesQuery, every } from '../../../clients/typescript/dist/index.js';
import { type Person, type Scenario, type Shop, type World, eur, minorOf, newNumber, refused } from './world.js';

/** A shop with two paid orders, one that nobody has paid, a refund and a payout. */
async function day(world: World): Promise<{ shop: Shop; anna: Person; numbers: string[] }> {
  const [shop, anna] = [await world.merchant(), await world.customer(10_000)];
  const numbers: string[] = [];
  for (const minor of [500, 1_000]) {
    const order = { out_trade_no: newNumber('day'), total: eur(minor), subject: 'tea' };
    numbers.push(order.out_trade_no);
    await shop.api.chargePayCode({ order, auth_code: (await anna.api.issuePayCode()).auth_code });
  }
  const unpaid = { out_trade_no: newNumber('day'), total: eur(75), subject: 'later' };
  await shop.api.createOrderWithCode({ order: unpaid });
  await shop.api.refund({ out_trade_no: numbers[1] ?? '', out_request_no: 'R-1', amount: eur(400), reason: 'cold' });
  await shop.api.transferToCustomer({ out_biz_no: newNumber('day'), payee: anna.number, money: eur(50) });
  return { shop, anna, numbers: [...numbers, unpaid.out_trade_no] };
}

export const LISTS: Record<string, Scenario> = {
  'a shop lists what it did': async (world) => {
    const { shop, numbers } = await day(world);
    const listed: string[] = [];
    for await (const order of every((query: ListOrdersQuery) => shop.api.listOrders(query), { limit: 1 })) {
      listed.push(order.out_trade_no);
    }
    assert.deepEqual(listed.sort(), [...numbers].sort());
    const { items: entries } = await shop.api.listEntries({ order: 'oldest' });
    assert.deepEqual(
      entries.map(({ kind, balance_after }) => [kind, balance_after.minor]),
      [
        ['payment', '500'],
        ['payment', '1500'],
        ['refund', '1100'],
        ['transfer', '1050'],
      ],
    );
    assert.equal((await shop.api.listEntriesCsv()).trimEnd().split('\n').length, 5);
    assert.equal((await shop.api.listReceivedPayments()).items.length, 2);
    assert.deepEqual(
      (await shop.api.listRefunds()).items.map(({ reason }) => reason),
      ['cold'],
    );
    assert.equal((await shop.api.listTransfers({ state: 'done' })).items.length, 1);
    const [report] = (await shop.api.settlementReport()).items;
    assert.deepEqual([report?.payments, report?.gross_minor, report?.refunded_minor], [2, '1500', '400']);
  },

  "staff sees a shop's lists": async (world) => {
    const { shop, anna, numbers } = await day(world);
    const support = await world.staff('support');
    assert.equal((await support.listOrdersOfMerchant(shop.number)).items.length, numbers.length);
    assert.equal((await support.listEntriesOfMerchant(shop.number)).items.length, 4);
    assert.equal((await support.listReceivedPaymentsOfMerchant(shop.number)).items.length, 2);
    assert.equal((await support.listRefundsOfMerchant(shop.number)).items.length, 1);
    assert.equal((await support.listTransfersOfMerchant(shop.number)).items.length, 1);
    assert.deepEqual(await support.settlementReportOfMerchant(shop.number), await shop.api.settlementReport());
    assert.equal((await support.showParty(anna.number)).kind, 'customer');
    const merchants: ListPartiesQuery = { kind: 'merchant', limit: 100 };
    const shops: string[] = [];
    for await (const { party } of every((query: ListPartiesQuery) => support.listParties(query), merchants)) shops.push(party);
    assert.ok(shops.includes(shop.number));
  },

  'a posting by hand needs two people': async (world) => {
    const [ann, ben] = [await world.staff('finance'), await world.staff('admin')];
    const [debit, credit] = [901, 902].map((sub) => ({ kind: 'general' as const, sub }));
    if (!debit || !credit) return;
    const accounts = [debit, credit].map((account) => ({ ...account, currency: 'EUR' }));
    assert.deepEqual(await ann.openBookAccounts({ accounts }), { opened: 2 });
    const wanted = { debit, credit, money: eur(700), reason: 'ticket 17' };
    const { proposal } = await ann.proposeManualPosting(wanted);
    assert.equal((await ben.showProposal(proposal)).state, 'open');
    await refused(403, 'same_person', ann.approveProposal(proposal));
    assert.equal((await ben.approveProposal(proposal)).state, 'approved');
    const { accounts: books } = await ann.listBookAccounts();
    assert.equal(books.find(({ sub }) => sub === 902)?.credits_minor, '700');
    const other = await ann.proposeManualPosting({ ...wanted, money: eur(1) });
    assert.equal((await ben.rejectProposal(other.proposal)).state, 'rejected');
    const states = (await ann.listProposals({ limit: 100 })).items.map(({ state }) => state);
    assert.deepEqual([...new Set(states)].sort(), ['approved', 'rejected']);
  },

  "a customer's own limits need two people": async (world) => {
    const [payer, payee] = [await world.customer(1_000), await world.customer()];
    const limits = { customer: payer.number, limits: { transaction_minor: '199' }, reason: 'at their wish' };
    const { proposal } = await (await world.staff('support')).proposeOwnLimits(limits);
    await (await world.staff('admin')).approveProposal(proposal);
    await refused(402, 'transaction_limit', payer.api.send({ payee: payee.number, money: eur(200) }));
    await payer.api.send({ payee: payee.number, money: eur(199) });
    assert.equal(await minorOf(payee), 199);
  },
};
