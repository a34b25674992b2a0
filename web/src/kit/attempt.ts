import type { Outcome } from '../api/client'
import { randomHex } from './chance'

/** Where a form that asks for something stands. `unknown`: it was sent and no answer came. */
export type AttemptState = 'open' | 'sending' | 'unknown' | 'done'

/**
 * One wish of the user, made when its form opens, so that a double tap, a retry or a lost answer never does it twice.
 *
 * Every sending has the same key until the server has refused: a refusal may bind the key, so what is asked after it has a new
 * one. While the answer is unknown nothing but the very same may be sent: the form locks what was typed.
 */
export class Attempt<Body, Data> {
  #key: string
  #state: AttemptState = 'open'
  #body: Body | undefined
  readonly #send: (body: Body, key: string) => Promise<Outcome<Data>>
  readonly #makeKey: () => string

  constructor(send: (body: Body, key: string) => Promise<Outcome<Data>>, makeKey: () => string = () => randomHex(16)) {
    this.#send = send
    this.#makeKey = makeKey
    this.#key = makeKey()
  }

  get state(): AttemptState {
    return this.#state
  }

  /** Sends `body`, or what is unknown again. `undefined`: it is being sent, or done, and this tap was one too many. */
  async send(body: Body): Promise<Outcome<Data> | undefined> {
    if (this.#state === 'sending' || this.#state === 'done') return undefined
    if (this.#state !== 'unknown') this.#body = body
    this.#state = 'sending'
    const outcome = await this.#send(this.#body as Body, this.#key)
    if (outcome.ok) this.#state = 'done'
    else if (outcome.trouble.isUnknown) this.#state = 'unknown'
    else {
      this.#state = 'open'
      this.#key = this.#makeKey()
    }
    return outcome
  }
}
