import { read, readCsv, type Outcome, type Query, type Trouble } from '../api/client'
import type { Movement } from './movement'

/** Which movements are asked for. */
export type Filter = Pick<Query<'/history'>, 'direction' | 'kind' | 'from' | 'to'>

/** As many as a long screen shows, so that the next are there before the end is reached. */
const PAGE_ITEMS = 30

/** The list of the movements of one filter, the newest first, loaded page by page. */
export class History {
  movements = $state.raw<Movement[]>([])
  isLoading = $state(false)
  trouble = $state<Trouble>()
  /** What to ask for next: `undefined` at the beginning, `null` at the end. */
  next = $state<string | null>()
  #filter: Filter = {}
  #asking = new AbortController()

  /** Forgets what is shown and begins with another filter. */
  begin(filter: Filter): Promise<void> {
    this.stop()
    this.#filter = filter
    Object.assign(this, { movements: [], next: undefined, trouble: undefined, isLoading: false })
    return this.more()
  }

  /** The next page. One that has nothing, though there is more, is followed by the one after it. */
  async more(): Promise<void> {
    if (this.isLoading || this.next === null) return
    const { signal } = this.#asking
    const before = this.movements.length
    this.isLoading = true
    this.trouble = undefined
    while (this.movements.length === before && this.next !== null) {
      const query: Query<'/history'> = { ...this.#filter, limit: PAGE_ITEMS, cursor: this.next }
      const outcome = await read('/history', {}, query, signal)
      // Another filter was chosen meanwhile: this answer is of no list that is shown.
      if (signal.aborted) return
      if (!outcome.ok) {
        this.trouble = outcome.trouble
        break
      }
      this.movements = [...this.movements, ...outcome.data.items]
      this.next = outcome.data.next
    }
    this.isLoading = false
  }

  /** One of them is known anew. */
  replace(movement: Movement): void {
    this.movements = this.movements.map(one => (one.movement === movement.movement ? movement : one))
  }

  /** Nobody looks at the list any more. */
  stop(): void {
    this.#asking.abort()
    this.#asking = new AbortController()
  }
}

/** The newest movements. */
export async function newest(limit: number): Promise<Movement[] | undefined> {
  const outcome = await read('/history', {}, { limit })
  return outcome.ok ? outcome.data.items : undefined
}

/** Everything of a filter as the text of a file. */
export function statement(filter: Filter): Promise<Outcome<string>> {
  return readCsv('/history', {}, filter)
}
