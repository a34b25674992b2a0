// Money frozen for a merchant, and what a customer sees of what happened.

import assert from 'node:assert/strict';

import { type Scenario, eur, minorOf, newNumber, refused } from './world.js';

function wanted(minor: number) {
  const numbers = { out_order_no: newNumber('room'), out_request_no: newNumber('room') };
  return { ...numbers, title: 'room 12', amount: eur(minor) };
}

export const AUTHORISATIONS: Record<string, Scenario> = {
  'money is frozen by a code, paid from and given back': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(1_000)];
    const asked = { authorisation: wanted(600) };
    const made = await shop.api.issueAuthorisationCode(asked);
    assert.equal((await shop.api.issueAuthorisationCode(asked)).repeated, true);
    const scanned = await anna.api.scan({ code: made.code ?? '' });
    const number = scanned.authorisation?.authorisation_no ?? '';
    assert.deepEqual((await anna.api.confirmAuthorisation(number)).authorisation.held, eur(600));
    assert.equal(await minorOf(anna), 400);
    assert.equal((await anna.api.showAuthorisation(number)).state, 'authorised');
    const breakfast = () => ({ out_trade_no: newNumber('breakfast'), total: eur(250), subject: 'breakfast' });
    const order = breakfast();
    assert.equal((await shop.api.payFromAuthorisation(number, { order })).order.status, 'paid');
    assert.equal((await shop.api.payFromAuthorisation(number, { order })).repeated, true);
    const less = { out_request_no: newNumber('room'), amount: eur(100) };
    assert.deepEqual((await shop.api.releaseAuthorisation(number, less)).authorisation.held, eur(250));
    assert.equal((await shop.api.cancelAuthorisation(number)).authorisation.state, 'closed');
    const shown = await shop.api.showAuthorisationByNumber(asked.authorisation.out_order_no);
    assert.deepEqual([shown.paid, shown.released, shown.held], [eur(250), eur(350), eur(0)]);
    assert.deepEqual([await minorOf(anna), await minorOf(shop)], [750, 250]);
    await refused(409, 'authorisation_closed', shop.api.payFromAuthorisation(number, { order: breakfast() }));
  },

  'money is frozen by a phone': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(1_000)];
    const { auth_code } = await anna.api.issuePayCode();
    const made = await shop.api.authoriseByPayCode({ authorisation: wanted(300), auth_code });
    assert.equal(made.authorisation.state, 'authorised');
    const { items } = await shop.api.listAuthorisations({ state: 'authorised' });
    assert.deepEqual(
      items.map(({ held }) => held),
      [eur(300)],
    );
  },

  'a customer sees what happened': async (world) => {
    const [anna, bruno] = [await world.customer(1_000), await world.customer()];
    await anna.api.send({ payee: bruno.number, money: eur(300) });
    const { items } = await anna.api.listHistory({ order: 'oldest' });
    assert.deepEqual(
      items.map(({ kind, direction, balance_after }) => [kind, direction, balance_after]),
      [
        ['cash_in', 'in', eur(1_000)],
        ['transfer', 'out', eur(700)],
      ],
    );
    assert.equal((await anna.api.listHistoryCsv()).trimEnd().split('\n').length, 3);
    const seen = await (await world.staff('support')).listHistoryOfCustomer(bruno.number);
    assert.deepEqual(seen.items.map(({ money }) => money), [eur(300)]);
  },
};
