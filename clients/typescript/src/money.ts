// Amounts between minor units, as the API has them, and decimals, as people write them. Digits only: no float touches money.

import { DECIMALS, type Money } from './generated.js';

/** The most minor units that an amount may have. */
const MINOR_MAX = 10_000_000_000_000_000n;

function decimalsOf(currency: string): number {
  const decimals = DECIMALS[currency];
  if (decimals === undefined) throw new RangeError(`${currency} is no currency of ISO 4217`);
  return decimals;
}

/** `money('EUR', '12.50')` is `{currency: 'EUR', minor: '1250'}`. What the currency cannot hold is refused, never rounded. */
export function money(currency: string, amount: string): Money {
  const decimals = decimalsOf(currency);
  const [, whole, fraction = ''] = /^(\d{1,17})(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === undefined) throw new RangeError(`${JSON.stringify(amount)} is no amount: digits, and a point before decimals`);
  if (fraction.length > decimals) throw new RangeError(`${currency} has ${decimals} decimals, ${amount} has more`);
  const minor = BigInt(whole + fraction.padEnd(decimals, '0'));
  if (minor > MINOR_MAX) throw new RangeError(`${amount} ${currency} is more than an amount can be`);
  return { currency, minor: minor.toString() };
}

/** `decimal({currency: 'EUR', minor: '1250'})` is `12.50`. */
export function decimal({ currency, minor }: Money): string {
  const decimals = decimalsOf(currency);
  if (!/^\d{1,17}$/.test(minor)) throw new RangeError(`${JSON.stringify(minor)} is no number of minor units`);
  if (decimals === 0) return minor;
  const digits = minor.padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
