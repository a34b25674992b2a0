import { base64, pem, pkcs1Of } from './der'

/** A key pair of an app, as text. The private half is nowhere but here and where the user puts it. */
export interface AppKey {
  /** Base64 of SPKI DER. */
  publicKey: string
  pkcs1: string
  pkcs8: string
}

/** A key pair that signs requests to the own API. */
export interface RequestKey {
  /** Base64 of its 32 bytes. */
  publicKey: string
  pkcs8: string
}

/** Browsers give pages the means for keys only with TLS, or on the machine itself. */
export function canMakeKeys(): boolean {
  return globalThis.crypto.subtle !== undefined
}

async function exported(form: 'spki' | 'pkcs8' | 'raw', key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey(form, key))
}

/** A new RSA key pair, as the Alipay protocol's `RSA2` signs with. */
export async function makeAppKey(): Promise<AppKey> {
  const kind = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
  const pair = await crypto.subtle.generateKey(kind, true, ['sign', 'verify'])
  const pkcs8 = await exported('pkcs8', pair.privateKey)
  return {
    publicKey: base64(await exported('spki', pair.publicKey)),
    pkcs1: pem('RSA PRIVATE KEY', pkcs1Of(pkcs8)),
    pkcs8: pem('PRIVATE KEY', pkcs8),
  }
}

/** A new Ed25519 key pair; `undefined` where the browser does not know the algorithm. */
export async function makeRequestKey(): Promise<RequestKey | undefined> {
  if (!canMakeKeys()) return undefined
  try {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']) as CryptoKeyPair
    return {
      publicKey: base64(await exported('raw', pair.publicKey)),
      pkcs8: pem('PRIVATE KEY', await exported('pkcs8', pair.privateKey)),
    }
  } catch {
    return undefined
  }
}
