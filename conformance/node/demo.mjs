// `cargo xtask demo`: starts a whole world and runs one payment through it with the unmodified Alipay SDK, in the
// terminal; stays up until Ctrl-C. `--once` ends after the story. SYCEE_BIN is the server, SYCEE_DATA an empty folder.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Sandbox } from './support/sandbox.js';
import { Shop, assertSucceeded, newKey, newNumber } from './support/world.js';

const LISTEN = '127.0.0.1:8080';
const CELL = 'fr';
const CURRENCY = 'EUR';
const ONCE = process.argv.includes('--once');
// The contract says 10 s; the rest is for a busy machine.
const STOPPED_WITHIN_MS = 20_000;

function say(text = '') {
  console.log(text);
}

function title(text) {
  say(`\n${text}\n${'-'.repeat(text.length)}`);
}

/** Rows of cells; a column of numbers or amounts stands to the right. */
function table(rows) {
  const columns = rows[0].map((_, column) => rows.map((row) => String(row[column])));
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const numbers = columns.map((cells) => cells.slice(1).every((cell) => /^-?\d+(\.\d+ [A-Z]{3})?$/.test(cell)) );
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      numbers[column] ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]),
    );
    say(`  ${cells.join('  ')}`.trimEnd());
  }
}

function euros(minor) {
  const cents = BigInt(minor);
  const [sign, whole] = cents < 0n ? ['-', -cents] : ['', cents];
  return `${sign}${whole / 100n}.${String(whole % 100n).padStart(2, '0')} ${CURRENCY}`;
}

// ---- the server ----

const [command, parameters] = [process.env.SYCEE_BIN, ['serve', '--sandbox', '--listen', LISTEN, '--data', process.env.SYCEE_DATA]];
if (!command || !process.env.SYCEE_DATA) {
  console.error('demo: SYCEE_BIN and SYCEE_DATA are not set; run `cargo xtask demo`');
  process.exit(2);
}
say(`$ sycee ${parameters.slice(0, -1).join(' ')} …/demo/data`);
// In a process group of its own, so that Ctrl-C reaches it once, as the SIGTERM below.
const server = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
const ended = new Promise((resolve) => server.once('close', (status, signal) => resolve(status ?? signal)));
process.once('exit', () => server.kill('SIGKILL'));

let stopping = false;

/** Asks the server to stop and waits until it has; ends the demo. */
async function stop(status) {
  if (stopping) return;
  stopping = true;
  say('\nstopping the server …');
  server.kill('SIGTERM');
  const late = setTimeout(() => {
    console.error('demo: the server did not stop in time and is killed');
    process.exit(1);
  }, STOPPED_WITHIN_MS);
  const end = await ended;
  clearTimeout(late);
  if (end === 0) say('the server stopped cleanly');
  else console.error(`demo: the server ended with ${end}`);
  process.exit(end === 0 ? status : 1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0));

function listening() {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    ended.then((end) => {
      if (!stopping) reject(new Error(`the server ended with ${end}; is ${LISTEN} taken?`));
    });
    createInterface({ input: server.stdout }).on('line', (line) => {
      say(line);
      const address = /listening on (http:\/\/\S+)/.exec(line)?.[1];
      if (address) resolve(address.replace(/\/$/, ''));
    });
  });
}

// ---- the story ----

async function showWorld(baseUrl, sandbox) {
  title('Addresses');
  table([
    ['health', `${baseUrl}/healthz`],
    ['metrics', `${baseUrl}/metrics`],
    ['Alipay gateway', `${baseUrl}/gateway.do`],
    ['sandbox', `${baseUrl}/sandbox/v1/cells`],
  ]);
  title('Cells of the sandbox world');
  const cells = await sandbox.request('GET', '/cells');
  table([
    ['cell', 'market', 'currency', 'roles'],
    ...cells.map(({ cell, market, currency, roles }) => [cell, market, currency, roles.join(', ')]),
  ]);
}

async function showBalances(sandbox, shop, customerId) {
  const balance = (owner, id) => sandbox.balanceMinor(owner, id, CURRENCY).then(euros);
  table([
    ['Amélie Martin', await balance('customers', customerId)],
    ['Café de la Gare', await balance('merchants', shop.merchantId)],
  ]);
}

async function pay(sandbox, shop, customerId) {
  title('The shop asks for 12.50 EUR through the SDK: alipay.trade.precreate');
  const order = shop.order(1250);
  const created = await shop.call('alipay.trade.precreate', order);
  assertSucceeded(created);
  table([['out_trade_no', order.out_trade_no], ['QR text', created.qrCode]]);

  title('The customer scans the code and pays');
  const payment = await sandbox.pay(customerId, { code: created.qrCode });
  table([
    ['payment', payment.payment_id],
    ['status', payment.status],
    ['order', euros(payment.order_amount.minor)],
    ['paid', euros(payment.paid_amount.minor)],
  ]);

  title('The shop asks what became of it: alipay.trade.query');
  const trade = await shop.assertStatus(order.out_trade_no, 'TRADE_SUCCESS');
  say(`  ${trade.tradeStatus}`);
  title('Receipt');
  table([
    ['trade', trade.tradeNo],
    ['paid at', trade.sendPayDate],
    ['total', `${trade.totalAmount} ${CURRENCY}`],
    ['paid by the customer', `${trade.buyerPayAmount} ${CURRENCY}`],
    ['received by the shop', `${trade.receiptAmount} ${CURRENCY}`],
  ]);
  await showBalances(sandbox, shop, customerId);
  return order.out_trade_no;
}

async function refund(sandbox, shop, customerId, outTradeNo) {
  title('One coffee was cold: alipay.trade.refund of 4.50 EUR');
  const request = { out_trade_no: outTradeNo, refund_amount: '4.50', out_request_no: newNumber('refund') };
  const refunded = await shop.call('alipay.trade.refund', request);
  assertSucceeded(refunded);
  table([
    ['trade', refunded.tradeNo],
    ['out_request_no', request.out_request_no],
    ['refunded so far', `${refunded.refundFee} ${CURRENCY}`],
    ['money moved', refunded.fundChange],
  ]);
  await showBalances(sandbox, shop, customerId);
}

async function showBooks(sandbox) {
  title(`Trial balance of the cell ${CELL}`);
  const { currencies, invariants } = await sandbox.request('GET', `/cells/${CELL}/trial-balance`);
  table([
    ['currency', 'debits', 'credits'],
    ...currencies.map(({ currency, debits_minor, credits_minor }) => [currency, debits_minor, credits_minor]),
  ]);
  table([['invariant', 'holds'], ...invariants.map(({ name, holds }) => [name, holds ? 'yes' : 'NO'])]);
  await sandbox.assertBooksBalance(CELL);
}

async function story(baseUrl) {
  const sandbox = new Sandbox(baseUrl);
  await showWorld(baseUrl, sandbox);

  title('A shop and a customer in France');
  const key = newKey();
  const registered = await sandbox.createMerchant({ cell: CELL, name: 'Café de la Gare', app_public_key: key.publicBase64 });
  const shop = new Shop({ baseUrl }, CELL, registered, key);
  const balance = { currency: CURRENCY, minor: 5000 };
  const { customer_id: customerId, token } = await sandbox.createCustomer({ cell: CELL, name: 'Amélie Martin', balance });
  table([
    ['merchant', registered.merchant_id],
    ['store', registered.store_id],
    ['app_id of the SDK', registered.app_id],
    ['customer', customerId],
    ['token of the customer', token],
  ]);
  await showBalances(sandbox, shop, customerId);

  const outTradeNo = await pay(sandbox, shop, customerId);
  await refund(sandbox, shop, customerId, outTradeNo);
  await showBooks(sandbox);
}

try {
  const baseUrl = await listening();
  await story(baseUrl);
  if (ONCE) await stop(0);
  else say(`\nThe world stays up at ${baseUrl} until Ctrl-C.`);
} catch (error) {
  if (!stopping) {
    console.error(`\ndemo: ${error.message}`);
    await stop(1);
  }
}
