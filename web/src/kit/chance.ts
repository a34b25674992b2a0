/** Letters and digits that are not taken for one another when read aloud. */
const CLEAR = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** A number for something of the user's own: the day, and enough chance that no two are alike. */
export function readableNumber(now = new Date()): string {
  const day = now.toISOString().slice(2, 10).replaceAll('-', '')
  const chance = Array.from(crypto.getRandomValues(new Uint8Array(8)), value => CLEAR[value % CLEAR.length])
  return `${day}-${chance.join('')}`
}

/** Hexadecimal digits of `bytes` random bytes. (`crypto.randomUUID` is not there on pages without TLS.) */
export function randomHex(bytes: number): string {
  const values = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(values, value => value.toString(16).padStart(2, '0')).join('')
}

/** Decimal digits, each as likely as the others: bytes from 250 on would make the first six likelier, and are passed over. */
export function randomDigits(count: number): string {
  let digits = ''
  while (digits.length < count) {
    for (const value of crypto.getRandomValues(new Uint8Array(count))) if (value < 250) digits += value % 10
  }
  return digits.slice(0, count)
}
