/** Two rising notes. Only a credit that the server has confirmed sounds, so that the ear can be trusted. */
export function soundOfCredit(): void {
  try {
    const context = new AudioContext()
    for (const [index, hertz] of [880, 1320].entries()) {
      const begin = context.currentTime + index * 0.12
      const note = context.createOscillator()
      const loudness = context.createGain()
      note.frequency.value = hertz
      loudness.gain.setValueAtTime(0.25, begin)
      loudness.gain.exponentialRampToValueAtTime(0.001, begin + 0.3)
      note.connect(loudness).connect(context.destination)
      note.start(begin)
      note.stop(begin + 0.3)
    }
  } catch {
    // No sound in this browser, or not before the first touch: the screen says it too.
  }
}
