// Notifications when the shop does not answer as it should: tried again, the same notification, to nobody's delay.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAIRS } from '../support/corridors.js';
import { assertGenuine } from '../support/receiver.js';
import { assertSucceeded, conformance } from '../support/world.js';

const MINUTE = 60;

function assertSameNotification(sdk, deliveries, outTradeNo) {
  for (const delivery of deliveries) {
    assertGenuine(sdk, delivery);
    assert.equal(delivery.fields.out_trade_no, outTradeNo);
    assert.equal(delivery.fields.trade_status, 'TRADE_SUCCESS');
  }
  assert.equal(new Set(deliveries.map(({ fields }) => fields.notify_id)).size, 1, 'one notify_id');
}

await conformance(async (world) => {
  for (const { payer, cell } of PAIRS) {
    await test(`${payer} in ${cell}: two failures, then success: one notification, after 0, 2 and 10 minutes`, async () => {
      const shop = await world.shop(cell);
      const customer = await world.payer(shop, 5000, payer);
      const receiver = await world.receiver([500, 500]);
      const { order } = await shop.sell(customer, 1000, { notify_url: receiver.url });
      await receiver.expect(1);
      await world.sandbox.advanceClock(1 * MINUTE);
      assert.equal(receiver.deliveries.length, 1, 'not before its time');
      await world.sandbox.advanceClock(1 * MINUTE);
      await receiver.expect(2);
      await world.sandbox.advanceClock(10 * MINUTE);
      await receiver.expect(3);
      assertSameNotification(shop.sdk, receiver.deliveries, order.out_trade_no);
      await world.sandbox.advanceClock(25 * 60 * MINUTE);
      assert.equal(receiver.deliveries.length, 3, 'no delivery after success');
    });
  }

  await test('200 without the word success is no success', async () => {
    const shop = await world.shop();
    const customer = await world.customer(5000);
    const receiver = await world.receiver(['mumble']);
    const { order } = await shop.sell(customer, 100, { notify_url: receiver.url });
    await receiver.expect(1);
    await world.sandbox.advanceClock(2 * MINUTE);
    await receiver.expect(2);
    assertSameNotification(shop.sdk, receiver.deliveries, order.out_trade_no);
  });

  await test('a shop that is never there gets eight attempts', async () => {
    const shop = await world.shop();
    const customer = await world.customer(5000);
    const receiver = await world.receiver(Array(20).fill(500));
    const { order } = await shop.sell(customer, 100, { notify_url: receiver.url });
    await receiver.expect(1);
    for (const [attempt, minutes] of [[2, 2], [3, 10], [4, 10], [5, 60], [6, 120], [7, 360], [8, 900]]) {
      await world.sandbox.advanceClock(minutes * MINUTE);
      await receiver.expect(attempt);
    }
    await world.sandbox.advanceClock(48 * 60 * MINUTE);
    assert.equal(receiver.deliveries.length, 8);
    assertSameNotification(shop.sdk, receiver.deliveries, order.out_trade_no);
    await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
  });

  await test('a shop whose port is closed delays nobody, and is told later', async () => {
    const closedShop = await world.shop();
    const shop = await world.shop();
    const customer = await world.customer(5000);
    const gone = await world.receiver();
    const { url } = gone;
    gone.close();
    await closedShop.sell(customer, 100, { notify_url: url });
    const receiver = await world.receiver();
    const { order } = await shop.sell(customer, 100, { notify_url: receiver.url });
    const [delivery] = await receiver.expect(1);
    assertSameNotification(shop.sdk, [delivery], order.out_trade_no);
  });

  for (const { mode, count, advance } of [
    { mode: 'lose', count: 1, advance: 2 * MINUTE },
    { mode: 'double', count: 2, advance: 0 },
  ]) {
    await test(`fault "${mode}": the shop hears ${count === 1 ? 'once, later' : 'twice, of the same'}`, async () => {
      const shop = await world.shop();
      const customer = await world.customer(5000);
      const receiver = await world.receiver();
      const order = shop.order(100, { scene: 'bar_code', auth_code: await customer.payCode() });
      await world.sandbox.fault('notification', mode, 1, shop.cell);
      assertSucceeded(await shop.call('alipay.trade.pay', order, { notify_url: receiver.url }));
      if (advance > 0) await world.sandbox.advanceClock(advance);
      assertSameNotification(shop.sdk, await receiver.expect(count), order.out_trade_no);
    });
  }

  // The last one: its silent receiver stays silent while the server stops.
  await test('a silent shop delays nobody', async () => {
    const silentShop = await world.shop();
    const shop = await world.shop();
    const customer = await world.customer(5000);
    const silent = await world.receiver(Array(20).fill('hang'));
    const receiver = await world.receiver();
    for (let sales = 0; sales < 3; sales += 1) await silentShop.sell(customer, 100, { notify_url: silent.url });
    await silent.expect(1);
    const { order } = await shop.sell(customer, 100, { notify_url: receiver.url });
    const [delivery] = await receiver.expect(1);
    // Order, not time, is the measure: the silent shop's post still hangs while the other shop hears.
    assert.ok(silent.deliveries.some(({ open }) => open), 'the silent shop was waited for');
    assertSameNotification(shop.sdk, [delivery], order.out_trade_no);
  });
});
