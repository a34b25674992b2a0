import { randomDigits } from './chance'

/** The digits of a customer's PIN. */
const PIN_DIGITS = 6

/** Whether `text` is a PIN: six digits, 0 to 9. */
export function isPin(text: string): boolean {
  return text.length === PIN_DIGITS && /^[0-9]+$/.test(text)
}

/** Six times the same digit, or digits that go up or down by one: the server refuses them as a new PIN. */
export function isEasyPin(pin: string): boolean {
  return /^(.)\1*$/.test(pin) || '0123456789'.includes(pin) || '9876543210'.includes(pin)
}

/** A phone number or the number of a customer without blanks and hyphens; `undefined` if it is neither. */
export function loginOf(text: string): string | undefined {
  const number = text.replace(/[\s-]/g, '')
  return /^(\+?\d{6,15}|\d{16})$/.test(number) ? number : undefined
}

/** A PIN by chance that the server takes. */
export function randomPin(): string {
  const found = randomDigits(PIN_DIGITS)
  return isEasyPin(found) ? randomPin() : found
}
