// Across a border: a customer of France pays a shop in Thailand, and the network's operator settles.

import assert from 'node:assert/strict';

import type { Money } from '../../../clients/typescript/dist/index.js';
import { type Scenario, eur, minorOf, newNumber, refused } from './world.js';

function thb(minor: number): Money {
  return { currency: 'THB', minor: String(minor) };
}

const paysAbroad: Scenario = async (world) => {
  const [anna, shop] = [await world.customer(50_000), await world.merchant('th')];
  const asked = { code: await world.printedCode(shop), amount: thb(40_000), reference: 'table 4' };
  const key = { idempotencyKey: newNumber('noodles') };
  const quote = await anna.api.enquire(asked, key);
  assert.deepEqual([quote.state, quote.cell], ['quoted', 'th']);
  assert.equal((await anna.api.enquire(asked, key)).quote, quote.quote);
  assert.deepEqual((await anna.api.showQuote(quote.quote)).offer, quote.offer);
  const total = Number(quote.offer?.total.minor);
  const paid = await anna.api.payQuote(quote.quote);
  assert.deepEqual([paid.state, paid.total], ['paid', eur(total)]);
  assert.equal((await anna.api.payQuote(quote.quote)).payment, paid.payment);
  assert.deepEqual([await minorOf(anna), await minorOf(shop, 'THB')], [50_000 - total, 40_000]);
  assert.equal((await anna.api.showPayment(paid.payment)).trade_no, paid.trade_no);
  await refused(404, 'not_found', (await world.customer()).api.showPayment(paid.payment));
};

export const ABROAD: Record<string, Scenario> = {
  'the price is shown, and then exactly that is paid': paysAbroad,

  'the network is looked after': async (world) => {
    const [admin, finance] = [await world.staff('admin', 'net'), await world.staff('finance', 'net')];
    const { items } = await finance.listParticipants();
    const before = items.find(({ cell }) => cell === 'fr');
    const cap = String(Number(before?.net_debit_cap.minor) + 1);
    const registered = await admin.registerParticipant({ cell: 'fr', net_debit_cap_minor: cap });
    assert.equal(registered.net_debit_cap.minor, cap);
    assert.ok((await finance.listRates()).items.length > 0);
    const funded = await finance.prefund(String(before?.number), { money: eur(7_000), bank_reference: 'b1' });
    assert.equal(Number(funded.prefunded_minor) - Number(before?.prefunded_minor), 7_000);
    const exchanged = await finance.exchange({ given: eur(1_000), got: thb(39_000), bank_reference: 'x1' });
    assert.deepEqual(exchanged.given, eur(1_000));

    await paysAbroad(world);
    const { window } = await finance.showOpenWindow();
    assert.deepEqual(await finance.closeWindow(window), { window });
    // Both sides have counted when nothing is on its way any more.
    const settle = () => world.sandbox('POST', '/clock/advance', { seconds: 0 });
    await settle();
    for (const { cell, instructions } of (await finance.showWindow(window)).sides) {
      for (const { money } of instructions) {
        await finance.confirmSettlement(window, { cell, currency: money.currency, bank_reference: 'SIM-1' });
      }
    }
    await settle();
    assert.equal((await finance.showWindow(window)).open_sides, 0);
    assert.deepEqual((await finance.listWindows({ unsettled: true })).items, []);
  },

  'staff sees what is on its way abroad': async (world) => {
    await paysAbroad(world);
    const finance = await world.staff('finance');
    const [payment] = (await finance.listOutgoingPayments({ state: 'paid' })).items;
    const number = payment?.payment ?? '';
    assert.equal((await finance.showOutgoingPayment(number)).payer, payment?.payer);
    await refused(409, 'payment_not_waiting', finance.releasePayment(number, { reference: 'file 1' }));
    assert.deepEqual((await finance.listParkedMessages()).items, []);
    await refused(404, 'message_not_parked', finance.retryParkedMessage('98', '1'));
  },
};
