/** Keeps the screen on until the returned function is called, where the browser can. */
export function stayAwake(): () => void {
  let isOver = false
  let lock: WakeLockSentinel | undefined
  const hold = async (): Promise<void> => {
    if (isOver || document.hidden || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      if (isOver) await lock.release()
    } catch {
      // Low battery or a browser that does not allow it: the screen goes dark after its own time.
    }
  }
  // The browser takes the lock away when the page is hidden.
  const seen = (): void => void hold()
  document.addEventListener('visibilitychange', seen)
  void hold()
  return () => {
    isOver = true
    document.removeEventListener('visibilitychange', seen)
    void lock?.release()
  }
}
