/** The longest pause between two keys of a scanner; people are slower. */
const PAUSE_MAX_MS = 60

/** The fewest keys that are a code and not a person who types fast. */
const CODE_KEYS_MIN = 12

/**
 * Tells a hand-held scanner from a person: it is a keyboard that types fast and ends with Enter.
 * Times come with the keys, so nothing here waits.
 */
export class Burst {
  #keys = ''
  #lastMs = Number.NEGATIVE_INFINITY

  /** `began`: this key may be the first of a code. `code`: this was the Enter that ended one. */
  press(key: string, atMs: number): { began: boolean; code?: string } {
    const isFast = atMs - this.#lastMs <= PAUSE_MAX_MS
    this.#lastMs = atMs
    if (key === 'Enter') {
      const code = this.#keys
      this.#keys = ''
      return isFast && code.length >= CODE_KEYS_MIN ? { began: false, code } : { began: false }
    }
    if (key.length !== 1) return { began: false }
    this.#keys = isFast ? this.#keys + key : key
    return { began: !isFast }
  }
}
