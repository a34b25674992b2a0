// The bill of yesterday: fetched, unpacked and added up as an accountant would, against the merchant's balance.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { assertFailed, assertSucceeded, conformance, newNumber } from '../support/world.js';

const METHOD = 'alipay.data.dataservice.bill.downloadurl.query';
const DAY_SECONDS = 86_400;
// A bill is there a minute after its day.
const MINUTE_SECONDS = 60;

/** The files of an archive by name, decoded as the bills' charset says. */
function unpack(archive) {
  const files = new Map();
  const end = archive.length - 22;
  assert.equal(archive.toString('latin1', end, end + 4), 'PK\x05\x06');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [packed, nameLength] = [archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28)];
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = inflateRawSync(archive.subarray(begin, begin + packed));
    files.set(name, new TextDecoder('gbk', { fatal: true }).decode(content));
    at += 46 + nameLength;
  }
  return files;
}

/** The rows of a file by column; no text of this suite needs quotes. */
function rows(text) {
  const lines = text.split('\r\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [columns, ...rest] = lines.map((line) => line.split(',').map((field) => field.trim()));
  return rest.map((fields) => {
    assert.equal(fields.length, columns.length);
    return Object.fromEntries(columns.map((column, index) => [column, fields[index]]));
  });
}

const hundredths = (text) => (text === '' ? 0 : Number(text.replace('.', '')));
const sum = (list, column) => list.reduce((total, row) => total + hundredths(row[column]), 0);

await conformance(async (world) => {
  for (const cell of ['fr', 'kr']) {
    await test(`${cell}: the bill of yesterday is what the merchant has`, async () => {
      const shop = await world.shop(cell);
      const ask = (type, date) => shop.call(METHOD, { bill_type: type, bill_date: date });
      const details = async (type, date) => {
        const answer = await ask(type, date);
        assertSucceeded(answer);
        const fetched = await fetch(answer.billDownloadUrl);
        assert.equal(fetched.status, 200);
        const files = unpack(Buffer.from(await fetched.arrayBuffer()));
        assert.equal(files.size, 2);
        const name = [...files.keys()].find((file) => file.endsWith('明细.csv'));
        return rows(files.get(name));
      };
      const customer = await world.customer(20_000, cell);
      const { order, paid } = await shop.sell(customer, 9000);
      const second = await shop.sell(customer, 1000);
      const number = newNumber('refund');
      const content = { out_trade_no: order.out_trade_no, refund_amount: shop.yuan(2500), out_request_no: number };
      const refunded = await shop.call('alipay.trade.refund', content);
      assertSucceeded(refunded);
      const cancelled = await shop.call('alipay.trade.cancel', { out_trade_no: second.order.out_trade_no });
      assertSucceeded(cancelled);

      // Should midnight pass meanwhile, both days are asked for.
      const days = [...new Set([paid.gmtPayment, refunded.gmtRefundPay].map((time) => time.slice(0, 10)))];
      assertFailed(await ask('trade', days.at(-1)), 'BILL_NOT_EXIST');
      await world.sandbox.advanceClock(DAY_SECONDS + MINUTE_SECONDS);

      const trade = (await Promise.all(days.map((day) => details('trade', day)))).flat();
      const account = (await Promise.all(days.map((day) => details('signcustomer', day)))).flat();
      assert.deepEqual(
        trade.map((row) => [row['商户订单号'], row['业务类型'], row['商家实收（元）']]),
        [
          [order.out_trade_no, '交易', shop.yuan(9000)],
          [second.order.out_trade_no, '交易', shop.yuan(1000)],
          [order.out_trade_no, '退款', `-${shop.yuan(2500)}`],
          [second.order.out_trade_no, '退款', `-${shop.yuan(1000)}`],
        ],
      );
      assert.equal(trade[0]['支付宝交易号'], paid.tradeNo);
      assert.equal(trade[2]['退款批次号/请求号'], number);
      const balance = hundredths(shop.yuan(await shop.balanceMinor()));
      assert.equal(balance, hundredths(shop.yuan(6500)));
      assert.equal(sum(trade, '商家实收（元）'), balance);
      assert.equal(sum(account, '收入金额（+元）') + sum(account, '支出金额（-元）'), balance);
      assert.equal(hundredths(account.at(-1)['账户余额（元）']), balance);

      const { billDownloadUrl } = await ask('trade', days[0]);
      await world.sandbox.advanceClock(MINUTE_SECONDS);
      assert.equal((await fetch(billDownloadUrl)).status, 403);
      assertFailed(await ask('merchant_act', days[0]), 'TYPE_NOT_SUPPORTED');
      assertFailed(await ask('trade', '2026-02-30'), 'INVAILID_ARGUMENTS');
    });
  }
});
