import { over } from './over'
import ProofSheet from './ProofSheet.svelte'

let running: Promise<boolean> | undefined

/** Asks the person once more who they are; whether they proved it. What is asked meanwhile waits for the same answer. */
export function prove(): Promise<boolean> {
  running ??= over<boolean>(ProofSheet).finally(() => { running = undefined })
  return running
}
