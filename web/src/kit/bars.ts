/** What the height of a plot is cut into: fine enough for every screen, and whole numbers for an amount that no float may hold. */
export const PLOT_HEIGHT = 1_000

/** The least that something which is not nothing is drawn with, so that it is seen. */
const SEEN = 8

/** From where to where the axis of a plot goes; nought is always on it. */
export interface Axis {
  top: bigint
  bottom: bigint
}

/** The next of 1, 2, 5, 10, 20, 50 … that is not less: what an axis can be read by. */
export function roundUp(size: bigint): bigint {
  let power = 1n
  while (power * 10n < size) power *= 10n
  for (const step of [1n, 2n, 5n]) if (step * power >= size) return step * power
  return 10n * power
}

/** The axis on which all these have their place. */
export function axisOf(amounts: bigint[]): Axis {
  const most = amounts.reduce((most, one) => (one > most ? one : most), 0n)
  const least = amounts.reduce((least, one) => (one < least ? one : least), 0n)
  return { top: most > 0n || least === 0n ? roundUp(most) : 0n, bottom: least < 0n ? -roundUp(-least) : 0n }
}

/** Where nought is, from above. */
export function noughtOf({ top, bottom }: Axis): number {
  return Number((top * BigInt(PLOT_HEIGHT)) / (top - bottom))
}

/** Where a bar begins, from above, and how high it is: up from nought, or down if more was given back than taken. */
export function barOf(amount: bigint, axis: Axis): { y: number; height: number } {
  const nought = noughtOf(axis)
  if (amount === 0n) return { y: nought, height: 0 }
  const size = amount < 0n ? -amount : amount
  const height = Math.max(Number((size * BigInt(PLOT_HEIGHT)) / (axis.top - axis.bottom)), SEEN)
  return { y: amount > 0n ? nought - height : nought, height }
}
