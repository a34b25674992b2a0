/**
 * Code 128 (ISO/IEC 15417) of digits: code set C, two digits a symbol, the last one of an odd number in set B.
 * The widths of bars and spaces, beginning with a bar, in modules; without the quiet zones.
 */
export function code128(digits: string): number[] {
  if (!/^\d{2,48}$/.test(digits)) throw new Error('Code 128 is drawn of 2 to 48 digits here')
  const values = [START_C]
  const pairs = digits.length - (digits.length % 2)
  for (let at = 0; at < pairs; at += 2) values.push(Number(digits.slice(at, at + 2)))
  if (pairs < digits.length) values.push(TO_B, Number(digits.at(-1)) + DIGIT_0_IN_B)
  const sum = values.reduce((total, value, index) => total + value * Math.max(index, 1), 0)
  values.push(sum % 103, STOP)
  return values.flatMap(value => Array.from(PATTERNS[value] ?? '', Number))
}

/** Modules without ink that a reader needs on each side. */
export const QUIET_MODULES = 10

const START_C = 105
const TO_B = 100
const STOP = 106
const DIGIT_0_IN_B = 16

/** Widths of each value's bars and spaces, ISO/IEC 15417, table 1. */
const PATTERNS = (
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 ' +
  '123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 ' +
  '131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 ' +
  '213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 ' +
  '141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 ' +
  '124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 ' +
  '411131 211412 211214 211232 2331112'
).split(' ')
