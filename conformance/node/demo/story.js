// The main job, told: a French bakery asks for money with the unmodified Alipay SDK, a traveller from Thailand pays it
// from her own wallet, a part comes back, and the books of all three who took part are laid side by side.

import assert from 'node:assert/strict';
import { Shop, assertSucceeded, newKey, newNumber } from '../support/world.js';
import { rule, say, sideBySide, table, title } from './terminal.js';

const [HOME, ABROAD, NETWORK] = ['th', 'fr', 'net'];
const PRICE_MINOR = 1250;
const REFUND_MINOR = 500;
const POCKET_MINOR = 500_000;
/** Simulated rates are set anew every ten minutes. */
const LATER_SECONDS = 900;
/** All currencies of this story have two decimals. */
const CENTS = 100n;

function money({ currency, minor }) {
  const all = BigInt(minor);
  const [sign, whole] = all < 0n ? ['-', -all] : ['', all];
  return `${sign}${whole / CENTS}.${String(whole % CENTS).padStart(2, '0')} ${currency}`;
}

const euros = (minor) => money({ currency: 'EUR', minor });
const baht = (minor) => money({ currency: 'THB', minor });

/** A rate as people read it: it is exact in the quote. */
function short(rate) {
  return rate.replace(/^(\d+\.\d{4})\d+$/, '$1…');
}

function check(holds, text) {
  assert.ok(holds, text);
  say(`  ${text} ✓`);
}

async function openPeople(baseUrl, sandbox) {
  title('The people');
  const key = newKey();
  const merchant = { cell: ABROAD, name: 'Boulangerie Lefort', mcc: '5462', app_public_key: key.publicBase64 };
  const registered = await sandbox.createMerchant(merchant);
  const bakery = new Shop({ baseUrl, sandbox }, ABROAD, registered, key);
  const balance = { currency: 'THB', minor: POCKET_MINOR };
  const nok = await sandbox.createCustomer({ cell: HOME, name: 'นก ศรีใส', balance });
  say('  Nok lives in Bangkok. Her wallet is in Thailand (th) and holds baht. She is in Paris today.');
  say('  Boulangerie Lefort is a bakery in Paris. Its acquirer is in France (fr) and has never heard of');
  say('  Nok\'s wallet. Its till speaks to the acquirer with the Alipay SDK from npm, unmodified.');
  table([
    ['Nok', nok.customer_id, baht(POCKET_MINOR)],
    ['the bakery', registered.merchant_id, euros(0)],
  ]);
  return { bakery, nok: nok.customer_id };
}

async function ask(bakery) {
  title('1  The bakery asks for 12.50 EUR                            (SDK: alipay.trade.precreate)');
  const order = bakery.order(PRICE_MINOR, { subject: 'A loaf and two tarts' });
  const created = await bakery.call('alipay.trade.precreate', order);
  assertSucceeded(created);
  say(`  order ${order.out_trade_no}: the till shows a QR code, which reads`);
  for (const line of created.qrCode.match(/.{1,94}/g)) say(`    ${line}`);
  return { outTradeNo: order.out_trade_no, code: created.qrCode };
}

async function quote(sandbox, nok, code) {
  title('2  Nok scans it, and sees what it would cost before she agrees');
  const offer = await sandbox.request('POST', `/customers/${nok}/pay`, { code });
  assert.equal(offer.status, 'quoted');
  const { fx } = offer;
  const fee = offer.fee_amount?.minor ?? 0;
  const percent = (Number(fx.margin) * 100).toFixed(2);
  table([
    ['the bakery gets', money(offer.order_amount), ''],
    ['at mid-market', baht(fx.mid_minor), `1 EUR = ${short(fx.rate)} THB (source: ${fx.source}, ${fx.rate_at.slice(0, 16)}Z)`],
    ['the network\'s margin', baht(fx.margin_minor), `${percent} % over mid-market`],
    ['rounding', baht(fx.residual_minor), 'to whole satang: booked, like everything else'],
    ['fee', baht(fee), ''],
    ['Nok pays', money(offer.paid_amount), `this price is hers until ${offer.expires_at.slice(11, 19)} UTC, and for one payment`],
  ]);
  const parts = fx.mid_minor + fx.margin_minor + fx.residual_minor + fee;
  check(parts === offer.paid_amount.minor, 'the parts add up to what she pays');
  return offer;
}

async function pay(sandbox, { bakery, nok }, offer) {
  title('3  She agrees');
  const payment = await sandbox.pay(nok, { quote_id: offer.quote_id });
  assert.equal(payment.status, 'paid');
  assert.deepEqual(payment.paid_amount, offer.paid_amount, 'what she was shown is what she pays');
  say(`  ${payment.status}: trade ${payment.payment_id}`);
  await balances(sandbox, { bakery, nok });
  return payment;
}

async function balances(sandbox, { bakery, nok }) {
  table([
    ['Nok has', baht(await sandbox.balanceMinor('customers', nok, 'THB'))],
    ['the bakery has', euros(await bakery.balanceMinor())],
  ]);
}

async function query(bakery, outTradeNo) {
  title('4  The bakery asks what became of it                           (SDK: alipay.trade.query)');
  const trade = await bakery.assertStatus(outTradeNo, 'TRADE_SUCCESS');
  say(`  ${trade.tradeStatus}`);
  table([
    ['receipt of trade', trade.tradeNo],
    ['paid at', trade.sendPayDate],
    ['total', `${trade.totalAmount} EUR`],
    ['received by the bakery', `${trade.receiptAmount} EUR`],
  ]);
}

async function refund(sandbox, people, outTradeNo, offer) {
  title('5  A quarter of an hour later: one tart was wrong, 5.00 EUR back (SDK: alipay.trade.refund)');
  await sandbox.advanceClock(LATER_SECONDS);
  const request = { out_trade_no: outTradeNo, refund_amount: '5.00', out_request_no: newNumber('refund') };
  const refunded = await people.bakery.call('alipay.trade.refund', request);
  assertSucceeded(refunded);
  await sandbox.settle();
  const [payment] = await sandbox.request('GET', `/customers/${people.nok}/payments`);
  const paid = offer.paid_amount.minor;
  say(`  the bakery gives back ${money(payment.refunded_amount)} of ${euros(PRICE_MINOR)}, which is 40 %;`);
  say(`  Nok gets back ${money(payment.returned_amount)} of ${baht(paid)}, which is 40 %: at the rate at which she paid.`);
  const rates = await sandbox.request('GET', '/network/rates');
  const { rate } = rates.find(({ base, counter }) => base === 'EUR' && counter === 'THB');
  say(`  Then 1 EUR was ${short(offer.fx.rate)} THB, now it is ${short(rate)} THB: what has moved is the network's`);
  say('  gain or loss, not hers.');
  // Halves go up, as products/interop/src/quote.rs says of a refund's share.
  const share = Math.floor((paid * REFUND_MINOR * 2 + PRICE_MINOR) / (PRICE_MINOR * 2));
  check(payment.returned_amount.minor === share, `${baht(paid)} × 5.00 ÷ 12.50 = ${baht(share)}`);
  await balances(sandbox, people);
  return payment;
}

/** What an account is called in the story. */
function name({ account, with: other }, amount) {
  switch (account) {
    case 'balance': return 'Nok';
    case 'merchant_balance': return 'bakery';
    case 'clearing': return `clearing ${other}`;
    case 'fx_position': return `position in ${amount.currency}`;
    case 'fx_margin': return 'margin';
    case 'fx_residual': return 'rounding';
    case 'fx_result': return 'rate result';
    default: return account;
  }
}

function phase(books, which) {
  const lines = ({ movements }) => movements
    .filter((movement) => movement.phase === which)
    .flatMap(({ debit, credit, amount }) => [
      `${name(debit, amount)} → ${name(credit, amount)}`,
      ['', money(amount)],
    ]);
  sideBySide(books.map(lines));
}

async function showBooks(sandbox, payment) {
  title('6  The three books of this payment, side by side');
  say('  A line reads: debited → credited. "clearing" is what two cells owe each other, "position" what');
  say('  the network has bought and sold of a currency, "rate result" what it gains or loses as rates move.');
  say('  Nobody sees anybody else\'s book: each is computed from the rows of its own cell.\n');
  const { cells } = await sandbox.request('GET', `/payments/${HOME}/${payment.payment}/books`);
  const books = ['payer', 'network', 'payee'].map((part) => cells.find((cell) => cell.part === part));
  sideBySide([[`WALLET ${HOME}`], [`NETWORK ${NETWORK}`], [`ACQUIRER ${ABROAD}`]]);
  rule(3);
  sideBySide([['she pays'], [''], ['']]);
  phase(books, 'payment');
  rule(3);
  sideBySide([['the bakery gives back'], [''], ['']]);
  phase(books, 'refund');
  rule(3);
  const owed = ({ peer, currency, minor }) =>
    minor < 0 ? [`owes ${peer}`, money({ currency, minor: -minor })] : [`is owed by ${peer}`, money({ currency, minor })];
  sideBySide(books.map((book) => book.owed.map(owed)));
  say();
  mirror(books);
}

/** Two cells say the same of what is between them, each from its own rows. */
function mirror([wallet, network, acquirer]) {
  const of = (book, peer) => book.owed.find((owed) => owed.peer === peer);
  for (const [book, cell] of [[wallet, HOME], [acquirer, ABROAD]]) {
    const [theirs, ours] = [of(book, NETWORK), of(network, cell)];
    const amount = money({ currency: theirs.currency, minor: Math.abs(theirs.minor) });
    const holds = theirs.currency === ours.currency && theirs.minor === -ours.minor;
    const text = theirs.minor < 0
      ? `${cell} owes the network ${amount}; the network is owed ${amount} by ${cell}`
      : `${cell} is owed ${amount} by the network; the network owes ${cell} ${amount}`;
    check(holds, text);
  }
}

async function showMirrors(sandbox, cells) {
  title('7  And with everything that happened before');
  const clearing = async (cell) => (await sandbox.request('GET', `/cells/${cell}/clearing`)).balances;
  const ours = await clearing(NETWORK);
  const rows = [['cell', 'currency', 'is owed by the network', 'the network owes it', 'the same']];
  for (const { cell } of cells.filter((each) => each.cell !== NETWORK)) {
    for (const { currency, balance_minor: theirs } of await clearing(cell)) {
      const balance = ours.find((each) => each.peer === cell && each.currency === currency);
      assert.equal(theirs, -balance.balance_minor, `${cell} and the network say the same of ${currency}`);
      rows.push([cell, currency, theirs, -balance.balance_minor, '✓']);
    }
  }
  table(rows);
  say('  (minor units; below zero it is the other way round: what windows have settled is taken off)');
  for (const { cell } of cells) await sandbox.assertBooksBalance(cell);
  say(`  in the books of all ${cells.length} cells debits equal credits, and every invariant holds ✓`);
}

export async function story(baseUrl, sandbox, cells) {
  title('Nok buys bread in Paris');
  const people = await openPeople(baseUrl, sandbox);
  const { outTradeNo, code } = await ask(people.bakery);
  const offer = await quote(sandbox, people.nok, code);
  await pay(sandbox, people, offer);
  await query(people.bakery, outTradeNo);
  const payment = await refund(sandbox, people, outTradeNo, offer);
  await showBooks(sandbox, payment);
  await showMirrors(sandbox, cells);
}
