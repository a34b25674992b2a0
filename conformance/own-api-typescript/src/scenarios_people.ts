// Passkeys, proofs and limits of customers; the people, apps and printed code of a shop.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';

import { anybody, bearer } from '../../../clients/typescript/dist/index.js';
import { SoftPasskey } from './passkey.js';
import { type Scenario, eur, minorOf, refused } from './world.js';

const pin = '739164';

export const PEOPLE: Record<string, Scenario> = {
  'a passkey signs in and proves': async (world) => {
    const anna = await world.customer(10_000, world.cell, 'EUR', { pin });
    const stranger = world.client(anybody());
    const phone = world.client(bearer((await stranger.signIn({ login: anna.number, pin })).token ?? ''));
    // The name of this machine, which is what a passkey of a server without a name is bound to.
    const passkey = new SoftPasskey(world.baseUrl.replace('127.0.0.1', 'localhost'));
    const adding = await phone.beginPasskey();
    const credential = passkey.create(adding.options);
    const added = await phone.addPasskey({ ceremony: adding.ceremony, credential, label: 'phone' });
    assert.deepEqual((await phone.listPasskeys()).passkeys.map((one) => one.passkey), [added.passkey]);

    const signing = await stranger.beginSignInByPasskey();
    const shown = { ceremony: signing.ceremony, credential: passkey.get(signing.options) };
    const session = await stranger.signInByPasskey(shown);
    assert.equal(session.party, anna.number);
    await refused(401, 'passkey_refused', stranger.signInByPasskey(shown));

    const other = world.client(bearer(session.token ?? ''));
    const proving = await other.beginProof();
    const proof = await other.prove({ ceremony: proving.ceremony, credential: passkey.get(proving.options) });
    assert.ok(Date.parse(proof.proved_until) > 0);

    assert.equal((await phone.removePasskey(added.passkey)).passkey, added.passkey);
    const late = await stranger.beginSignInByPasskey();
    const gone = { ceremony: late.ceremony, credential: passkey.get(late.options) };
    await refused(401, 'passkey_refused', stranger.signInByPasskey(gone));
  },

  'a customer sees what is left': async (world) => {
    const limits = await (await world.customer()).api.showLimits();
    assert.equal(limits.tier, limits.tiers.at(-1)?.name);
    const day = limits.limits.find((limit) => limit.kind === 'day');
    if (day !== undefined) assert.deepEqual(day.left, day.limit);
  },

  "a shop's people do what their roles are for": async (world) => {
    const [shop, stranger] = [await world.merchant(), world.client(anybody())];
    const olga = await shop.api.openMember({ name: 'Olga', role: 'owner', pin });
    const chloe = await shop.api.openMember({ name: 'Chloé', phone: '+33612360012', role: 'cashier', pin });
    const asked = { login: '+33612360012', cell: 'fr', at_shop: true };
    const cashier = world.client(bearer((await stranger.signIn({ ...asked, pin })).token ?? ''));
    assert.equal((await cashier.me()).member?.member, chloe.member);
    await refused(403, 'caller_unfit', cashier.listMembers());
    const owner = world.client(bearer((await stranger.signIn({ login: olga.member, pin })).token ?? ''));
    assert.deepEqual((await owner.listMembers()).members.map((one) => one.name), ['Olga', 'Chloé']);
    assert.equal((await owner.setMemberPin(chloe.member, { pin: '846275' })).sessions_ended, 1);
    await refused(401, 'sign_in_failed', stranger.signIn({ ...asked, pin }));
    assert.equal((await owner.changeMember(chloe.member, { role: 'cashier', dismissed: true })).dismissed, true);
    await refused(422, 'last_owner', owner.changeMember(olga.member, { role: 'manager', dismissed: false }));
  },

  'a payee is seen before and remembered after': async (world) => {
    const [anna, bruno] = [await world.customer(1_000), await world.customer()];
    const seen = await anna.api.findPayee({ payee: bruno.number });
    assert.equal(seen.party, bruno.number);
    await refused(404, 'payee_not_found', anna.api.findPayee({ payee: '+999999999998' }));
    await anna.api.send({ payee: seen.party, money: eur(250) });
    const moved = (await anna.api.listHistory({ limit: 1 })).items[0];
    assert.deepEqual([moved?.other_name, moved?.note], [seen.name, undefined]);
    const movement = moved?.movement ?? '';
    assert.deepEqual(await anna.api.noteMovement(movement, { text: 'rent' }), { movement, note: 'rent' });
    assert.equal((await anna.api.listHistory({ limit: 1 })).items[0]?.note, 'rent');
    assert.deepEqual(await anna.api.noteMovement(movement, { text: '' }), { movement });
  },

  'test money comes once': async (world) => {
    const anna = await world.customer();
    const came = await anna.api.topUp({ money: eur(2_000) }, { idempotencyKey: 'monday' });
    assert.deepEqual(await anna.api.topUp({ money: eur(2_000) }, { idempotencyKey: 'monday' }), came);
    assert.equal(await minorOf(anna), 2_000);
  },

  'both see what was asked for': async (world) => {
    const [anna, bruno] = [await world.customer(1_000), await world.customer()];
    const { request } = await bruno.api.requestMoney({ payer: anna.number, money: eur(300) });
    const asked = (await anna.api.listMoneyRequests({ state: 'open' })).items;
    assert.deepEqual(asked.map((one) => [one.request, one.direction, one.money]), [[request, 'incoming', eur(300)]]);
    await anna.api.payRequest(request);
    const told = (await bruno.api.listMoneyRequests({ direction: 'outgoing' })).items;
    assert.deepEqual(told.map((one) => [one.state, one.other_party]), [['paid', anna.number]]);
  },

  'a shop registers an app and hangs its code': async (world) => {
    const [shop, anna] = [await world.merchant(), await world.customer(1_000)];
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const made = await shop.api.makeApp({ public_key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') });
    assert.deepEqual((await shop.api.listApps()).apps.map((app) => app.app), [made.app]);
    const certified = await shop.api.certifyApp(made.app);
    assert.match(certified.root_cert, /^-----BEGIN CERTIFICATE-----\n/);
    assert.deepEqual(await shop.api.certifyApp(made.app), certified);
    const { code } = await shop.api.showShopCode();
    assert.equal((await anna.api.payPrintedCode({ code, total: eur(450) })).merchant, shop.number);
  },
};
