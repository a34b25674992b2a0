import { language, t } from '../kit/i18n.svelte'
import type { Money } from '../kit/money'
import { amountText } from '../kit/texts'

/** A voice of `tag`'s language. Only one of this device's own: what a shop takes is not sent to a voice on the network. */
export function voiceOf<Voice extends { lang: string; localService: boolean }>(voices: Voice[], tag: string): Voice | undefined {
  return voices.find(voice => voice.localService && voice.lang.split(/[-_]/)[0]?.toLowerCase() === tag)
}

const speech = globalThis.speechSynthesis as SpeechSynthesis | undefined
// The first question only makes the browser look which voices there are.
speech?.getVoices()

/**
 * Says "paid" in the language of the counter, or with two rising notes where no voice has it. Only a credit that the server has
 * confirmed is said, so that the ear can be trusted.
 */
export function sayCredit(money: Money): void {
  const voice = voiceOf(speech?.getVoices() ?? [], language.tag)
  if (speech === undefined || voice === undefined) return notes()
  // Marks of direction are nothing to be spoken.
  const text = t('till.spoken', { amount: amountText(money) }).replace(/[\u2066-\u2069]/g, '')
  const words = Object.assign(new SpeechSynthesisUtterance(text), { voice, lang: voice.lang, onerror: notes })
  // What an earlier customer's payment had still to say is of no use any more.
  speech.cancel()
  speech.speak(words)
}

function notes(): void {
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
