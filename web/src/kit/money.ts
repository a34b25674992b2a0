/** Money as the server writes it: minor units (cents, yen) as digits, with an optional sign. */
export interface Money {
  currency: string
  minor: string
}

/** A piece of a formatted amount, so that a screen can make the currency smaller than the figure. */
export interface MoneyPart {
  kind: 'figure' | 'fraction' | 'currency' | 'space' | 'sign'
  text: string
}

/** Minor units of a wire amount. Anything that is not digits is a defect of the server, and is said, not guessed. */
export function minorOf(money: Money): bigint {
  if (!/^-?\d{1,30}$/.test(money.minor)) throw new Error(`not minor units: ${money.minor}`)
  return BigInt(money.minor)
}

const formats = new Map<string, Intl.NumberFormat>()

function format(locale: string, currency: string): Intl.NumberFormat {
  const name = `${locale} ${currency}`
  let found = formats.get(name)
  if (found === undefined) {
    // Intl only places the currency and groups the whole units. Its own idea of a currency's digits is never used:
    // browsers give PKR, IDR, HUF and others none, ISO 4217 gives them two.
    found = new Intl.NumberFormat(locale, {
      style: 'currency', currency, numberingSystem: 'latn', minimumFractionDigits: 0, maximumFractionDigits: 0,
    })
    formats.set(name, found)
  }
  return found
}

const separators = new Map<string, string>()

/** What stands between whole units and the fraction in `locale`. */
export function decimalSeparator(locale: string): string {
  let found = separators.get(locale)
  if (found === undefined) {
    const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn', minimumFractionDigits: 1 }).formatToParts(0)
    found = parts.find(part => part.type === 'decimal')?.value ?? '.'
    separators.set(locale, found)
  }
  return found
}

/**
 * `minor` of `currency`, which has `digits` decimals, in pieces. `typedFraction` replaces the decimals by
 * those typed so far: `null` before the point. */
export function moneyParts(
  minor: bigint, currency: string, digits: number, locale: string, typedFraction?: string | null,
): MoneyPart[] {
  const size = minor < 0n ? -minor : minor
  const unit = 10n ** BigInt(digits)
  const decimals = typedFraction ?? (digits === 0 ? '' : (size % unit).toString().padStart(digits, '0'))
  const hasFraction = typedFraction === undefined ? digits > 0 : typedFraction !== null
  const shown = format(locale, currency).formatToParts(size / unit)
  const lastFigure = shown.findLastIndex(part => part.type === 'integer')
  const parts: MoneyPart[] = minor < 0n ? [{ kind: 'sign', text: '−' }] : []
  for (const [index, part] of shown.entries()) {
    if (part.type === 'integer' || part.type === 'group') parts.push({ kind: 'figure', text: part.value })
    else if (part.type === 'currency') parts.push({ kind: 'currency', text: part.value })
    else parts.push({ kind: 'space', text: part.value })
    if (index === lastFigure && hasFraction) parts.push({ kind: 'fraction', text: decimalSeparator(locale) + decimals })
  }
  return parts
}

/** `minor` of `currency` as one text, for labels and messages. */
export function moneyText(minor: bigint, currency: string, digits: number, locale: string): string {
  return moneyParts(minor, currency, digits, locale).map(part => part.text).join('')
}
