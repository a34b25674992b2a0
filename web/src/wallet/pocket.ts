import { ask, read } from '../api/client'
import { CODES } from '../kept'
import { session } from '../session.svelte'
import { isWanting, withShown, type Batch } from './batch'

/**
 * The payment codes that this phone keeps. They are money, so they lie encrypted under a key that the browser gives to nobody, not
 * even to this page: a copy of the database pays nothing. Whoever can run script in the page could use it; nothing helps there.
 */
interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  bytes: ArrayBuffer
}

const STORE = 'pocket'

function settled<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'))
  })
}

/** Opened for a moment only: a database that is open cannot be removed when somebody signs out. */
async function withStore<Value>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<Value>): Promise<Value> {
  const opening = indexedDB.open(CODES, 1)
  opening.onupgradeneeded = () => { opening.result.createObjectStore(STORE) }
  const database = await settled(opening)
  try {
    return await settled(use(database.transaction(STORE, mode).objectStore(STORE)))
  } finally {
    database.close()
  }
}

async function key(): Promise<CryptoKey> {
  const found = await withStore<CryptoKey | undefined>('readonly', store => store.get('key'))
  if (found !== undefined) return found
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  await withStore('readwrite', store => store.put(made, 'key'))
  return made
}

/** Binds what is sealed to whose it is. */
function terms(party: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(party) }
}

async function load(party: string): Promise<Batch | undefined> {
  const sealed = await withStore<Sealed | undefined>('readonly', store => store.get('batch'))
  if (sealed === undefined) return undefined
  try {
    const bytes = await crypto.subtle.decrypt(terms(party, sealed.iv), await key(), sealed.bytes)
    return JSON.parse(new TextDecoder().decode(bytes)) as Batch
  } catch {
    return undefined // somebody else's
  }
}

async function save(party: string, batch: Batch): Promise<void> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const bytes = await crypto.subtle.encrypt(terms(party, iv), await key(), new TextEncoder().encode(JSON.stringify(batch)))
  // Meanwhile signed out: nothing is to be left behind.
  if (session.me?.party === party) await withStore('readwrite', store => store.put({ iv, bytes } satisfies Sealed, 'batch'))
}

/** Changes what is kept, one after the other in all tabs: no code is taken twice. Where a browser keeps nothing there is nothing. */
async function change(to: (batch: Batch) => Batch | undefined): Promise<Batch | undefined> {
  const party = session.me?.party
  if (party === undefined) return undefined
  try {
    return await navigator.locks.request(CODES, async () => {
      const before = await load(party)
      const after = before === undefined ? undefined : to(before)
      if (after !== undefined && after !== before) await save(party, after)
      return after
    })
  } catch {
    return undefined
  }
}

/** Takes a code out to be shown, or gives the one that is being shown; nothing where none is left. */
export function takeCode(): Promise<Batch | undefined> {
  return change(batch => withShown(batch, Date.now()))
}

/** What is kept now. */
export function pocketNow(): Promise<Batch | undefined> {
  return change(batch => batch)
}

/** As many as a customer's market gives, once it is known; 0: it gives none. */
let market: { party: string; full: number } | undefined

async function full(party: string): Promise<number> {
  if (market?.party !== party) {
    const outcome = await read('/limits', {})
    if (!outcome.ok) return 0
    market = { party, full: outcome.data.offline_codes?.count ?? 0 }
  }
  return market.full
}

async function fill(party: string): Promise<void> {
  const count = await full(party)
  if (count === 0 || !isWanting(await pocketNow(), count, Date.now())) return
  // Before it is asked: if no answer comes, what is kept may have ended.
  await change(batch => ({ ...batch, isDoubtful: true }))
  const outcome = await ask('/offline-codes', {}, { count })
  if (outcome.ok) {
    const { auth_codes: codes, expires_at: expiresAt, amount_limit: limit } = outcome.data
    return navigator.locks.request(CODES, () => save(party, { codes, expiresAt: Date.parse(expiresAt), limit }))
  }
  if (outcome.trouble.problem !== undefined) await change(batch => ({ ...batch, isDoubtful: false }))
  // The market has changed its mind: what it gives now is asked for with the next code.
  if (outcome.trouble.problem?.code === 'offline_codes_refused') market = undefined
}

/** Asks for a new batch where the one that is kept is not what it should be. */
export async function fillPocket(): Promise<void> {
  const party = session.me?.party
  if (party === undefined) return
  try {
    await navigator.locks.request(`${CODES}.fill`, { ifAvailable: true }, lock => (lock === null ? undefined : fill(party)))
  } catch {
    // A browser that keeps nothing: online it pays all the same.
  }
}
