import { isStanding, onEvent } from './events'

/** How often is looked while the server says by itself when something has happened: events may be of things that we do not know. */
const SLOW_MS = 30_000

/**
 * Calls `look` now, when an event of the server arrives, and again `everyMs` after each answer (`slowMs` while the stream of events
 * stands), until it says that it has seen enough or the returned function is called. A page that nobody sees does not look; it looks
 * at once when it is seen again.
 */
export function watch(look: () => Promise<boolean>, everyMs: number, slowMs = SLOW_MS): () => void {
  let isStopped = false
  let isLooking = false
  let isStale = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const turn = async (): Promise<void> => {
    if (isStopped || document.hidden) return
    if (isLooking) {
      // What is on its way may have been answered before this happened.
      isStale = true
      return
    }
    clearTimeout(timer)
    isLooking = true
    isStale = false
    const isEnough = await look()
    isLooking = false
    if (isEnough) stop()
    else if (!isStopped) timer = setTimeout(() => void turn(), isStale ? 0 : isStanding() ? slowMs : everyMs)
  }
  const seen = (): void => { if (!document.hidden) void turn() }
  const leave = onEvent(() => void turn())
  const stop = (): void => {
    isStopped = true
    clearTimeout(timer)
    leave()
    document.removeEventListener('visibilitychange', seen)
  }
  document.addEventListener('visibilitychange', seen)
  void turn()
  return stop
}
