/**
 * Calls `look` now and again after each answer, until it says that it has seen enough or the returned function is called.
 * A page that nobody sees does not look; it looks at once when it is seen again. Events of the server will replace this.
 */
export function watch(look: () => Promise<boolean>, everyMs: number): () => void {
  let isStopped = false
  let isLooking = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const turn = async (): Promise<void> => {
    if (isStopped || isLooking || document.hidden) return
    clearTimeout(timer)
    isLooking = true
    const isEnough = await look()
    isLooking = false
    if (isEnough) stop()
    else if (!isStopped) timer = setTimeout(() => void turn(), everyMs)
  }
  const seen = (): void => { if (!document.hidden) void turn() }
  const stop = (): void => {
    isStopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  }
  document.addEventListener('visibilitychange', seen)
  void turn()
  return stop
}
