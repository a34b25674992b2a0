// Payments across a border: between which cells, what they must come to, and proof by a computation of our own.

import assert from 'node:assert/strict';

/** Currency and number of decimals by cell of the sandbox world. */
export const CURRENCIES = {
  cn: ['CNY', 2],
  hk: ['HKD', 2],
  th: ['THB', 2],
  pk: ['PKR', 2],
  kr: ['KRW', 0],
  it: ['EUR', 2],
  fr: ['EUR', 2],
};

/** Whose customer pays in whose shop. */
export const CORRIDORS = [
  { payer: 'th', cell: 'fr' },
  { payer: 'cn', cell: 'it' },
  { payer: 'kr', cell: 'hk' },
  { payer: 'fr', cell: 'cn' },
  { payer: 'hk', cell: 'kr' },
];

/** The corridors, and before them customers who pay at home. */
export const PAIRS = [{ payer: 'fr', cell: 'fr' }, ...CORRIDORS];

/** Enough for anything that is sold in these suites, and below every market's limits; in minor units. */
export const AMPLE = { THB: 1_500_000, CNY: 300_000, KRW: 600_000, EUR: 40_000, HKD: 300_000, PKR: 3_000_000 };

/** A decimal number as an exact fraction [numerator, denominator]. */
function fraction(text) {
  assert.match(text, /^\d+(\.\d+)?$/);
  const [whole, decimals = ''] = text.split('.');
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
}

function digitsOf(currency) {
  return Object.values(CURRENCIES).find(([code]) => code === currency)[1];
}

/** numerator / denominator, rounded up. */
function up(numerator, denominator) {
  return (numerator + denominator - 1n) / denominator;
}

/** What a price comes to in the payer's currency, from the rate and the margin alone. */
export function converted(order, currency, { rate, margin }) {
  const [rateN, rateD] = fraction(rate);
  const [marginN, marginD] = fraction(margin);
  const shift = [10n ** BigInt(digitsOf(currency)), 10n ** BigInt(digitsOf(order.currency))];
  const [n, d] = [BigInt(order.minor) * rateN * shift[0], rateD * shift[1]];
  const mid = n / d;
  const isSame = order.currency === currency;
  const total = isSame ? mid : up(n * (marginD + marginN), d * marginD);
  const marginMinor = isSame ? 0n : (mid * marginN) / marginD;
  return { mid, margin: marginMinor, residual: total - mid - marginMinor, total };
}

/** rate × (1 + margin), exactly, as a decimal number. */
export function customerRate({ rate, margin }) {
  const [rateN, rateD] = fraction(rate);
  const [marginN, marginD] = fraction(margin);
  const [n, d] = [rateN * (marginD + marginN), rateD * marginD];
  const decimals = String(d).length - 1;
  const digits = String(n).padStart(decimals + 1, '0');
  const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return text.replace(/\.?0+$/, '');
}

/** What comes back of `paid` after refunds of `refunded` of a price, in all; halves up. */
export function returned(paidMinor, refundedMinor, priceMinor) {
  const [n, d] = [BigInt(paidMinor) * BigInt(refundedMinor), BigInt(priceMinor)];
  return Number((2n * n + d) / (2n * d));
}

/** That what the payer was shown recomputes to the last minor unit. */
export function assertRecomputes({ order_amount: order, paid_amount: paid, fee_amount: fee, fx }) {
  assert.ok(fx, 'a payment to another cell is explained');
  assert.ok(fx.source.length > 0);
  const own = converted(order, paid.currency, fx);
  const shown = { mid: fx.mid_minor, margin: fx.margin_minor, residual: fx.residual_minor };
  assert.deepEqual(shown, { mid: Number(own.mid), margin: Number(own.margin), residual: Number(own.residual) });
  assert.ok(own.residual >= 0n && own.residual <= 3n, `residual ${own.residual}`);
  assert.equal(paid.minor, Number(own.total) + (fee?.minor ?? 0));
  if (order.currency === paid.currency) {
    assert.equal(paid.minor, order.minor + (fee?.minor ?? 0));
  } else {
    assert.equal(fx.customer_rate, customerRate(fx));
  }
}

/** The same for money that is sent: so much is given, and the payee gets what it buys, rounded down. */
export function assertBought({ order_amount: got, paid_amount: paid, fee_amount: fee, fx }) {
  const [rateN, rateD] = fraction(fx.rate);
  const [marginN, marginD] = fraction(fx.margin);
  const [paidUnit, gotUnit] = [10n ** BigInt(digitsOf(paid.currency)), 10n ** BigInt(digitsOf(got.currency))];
  const given = BigInt(paid.minor) - BigInt(fee?.minor ?? 0);
  const buys = (given * gotUnit * rateD * marginD) / (paidUnit * rateN * (marginD + marginN));
  assert.equal(got.minor, Number(buys));
  const mid = (buys * rateN * paidUnit) / (rateD * gotUnit);
  const margin = (mid * marginN) / marginD;
  const shown = [fx.mid_minor, fx.margin_minor, fx.residual_minor];
  assert.deepEqual(shown, [mid, margin, given - mid - margin].map(Number));
}

/** That the shop was told of the same payment: its full price, and beside it what the payer's currency was charged. */
export function assertShopTold(answer, shop, payment) {
  const { order_amount: order, paid_amount: paid, fx } = payment;
  assert.equal(answer.totalAmount, shop.yuan(order.minor));
  for (const name of ['receiptAmount', 'buyerPayAmount', 'settleAmount']) {
    assert.equal(answer[name], answer.totalAmount, name);
  }
  assert.equal(answer.transCurrency, order.currency);
  assert.equal(answer.settleCurrency, order.currency);
  assert.equal(answer.payCurrency, paid.currency);
  const hundredths = BigInt(paid.minor) * 10n ** BigInt(2 - digitsOf(paid.currency));
  assert.equal(answer.payAmount, `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`);
  assert.equal(answer.transPayRate, fx.customer_rate);
}
