// Across a border: a customer of France pays a shop in Thailand.

import assert from 'node:assert/strict';

import type { Money } from '../../../clients/typescript/dist/index.js';
import { type Scenario, eur, minorOf, refused } from './world.js';

function thb(minor: number): Money {
  return { currency: 'THB', minor: String(minor) };
}

export const ABROAD: Record<string, Scenario> = {
  'the price is shown, and then exactly that is paid': async (world) => {
    const [anna, shop] = [await world.customer(50_000), await world.merchant('th')];
    const asked = { code: await world.printedCode(shop), amount: thb(40_000), reference: 'table 4' };
    const key = { idempotencyKey: 'noodles' };
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
  },
};
