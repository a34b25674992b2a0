/** An amount while it is typed: digits and at most one point, such as `12.5`. Empty is nothing typed. */
export type Typed = string

/** The keys of an amount pad. */
export type PadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '00' | '.' | 'back' | 'clear'

/** The most whole units that can be typed: more is a slip of the finger, and servers refuse it anyway. */
const WHOLE_DIGITS_MAX = 11

/** What stands after `key` is pressed; the same as before if the key has no meaning there. `digits`: of the currency. */
export function press(typed: Typed, key: PadKey, digits: number): Typed {
  if (key === 'clear') return ''
  if (key === 'back') return typed === '0.' ? '' : typed.slice(0, -1)
  if (key === '00') return press(press(typed, '0', digits), '0', digits)
  const [whole = '', fraction] = typed.split('.')
  if (key === '.') return digits === 0 || fraction !== undefined ? typed : `${whole || '0'}.`
  if (fraction !== undefined) return fraction.length >= digits ? typed : typed + key
  if (whole === '' || whole === '0') return key
  return whole.length >= WHOLE_DIGITS_MAX ? typed : typed + key
}

/** Minor units of what is typed. */
export function typedMinor(typed: Typed, digits: number): bigint {
  const [whole = '', fraction = ''] = typed.split('.')
  return BigInt((whole || '0') + fraction.slice(0, digits).padEnd(digits, '0'))
}

/** What has to be typed for `minor`. */
export function minorTyped(minor: bigint, digits: number): Typed {
  const text = minor.toString().padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** The key of a pad that a key of a keyboard means; `undefined` if none. A comma is a point in half of the world. */
export function keyOf(keyboard: string): PadKey | undefined {
  if (/^[0-9]$/.test(keyboard)) return keyboard as PadKey
  if (keyboard === '.' || keyboard === ',') return '.'
  if (keyboard === 'Backspace') return 'back'
  if (keyboard === 'Delete' || keyboard === 'Escape') return 'clear'
  return undefined
}
