/** A short notice; it is said once and goes by itself, so nothing that must be known is in it. */
export const toasts = $state<{ text: string; number: number }[]>([])

const SHOWN_MS = 4000

let last = 0

export function toast(text: string): void {
  last += 1
  const number = last
  toasts.push({ text, number })
  setTimeout(() => {
    const at = toasts.findIndex(shown => shown.number === number)
    if (at >= 0) toasts.splice(at, 1)
  }, SHOWN_MS)
}
