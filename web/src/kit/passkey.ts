import { ask, type Outcome } from '../api/client'

/** What the server is told of a ceremony: which it was, and what the browser answered. */
export interface Answer {
  ceremony: string
  credential: unknown
}

/** Why the browser gave nothing: the user gave up or took too long, or the device has a passkey of theirs already. */
export type NoAnswer = 'given_up' | 'had_already'

/** What begins a ceremony: to add a passkey, to prove who one is, to sign in. */
export type Beginning = '/passkeys/begin' | '/proof/begin' | '/sessions/passkey/begin'

/** Runs a ceremony from its beginning at the server to the browser's answer. */
export async function answerOf(begin: Beginning): Promise<Outcome<Answer> | NoAnswer> {
  const begun = await ask(begin, {}, undefined)
  if (!begun.ok) return begun
  const { ceremony, options } = begun.data
  try {
    const made = begin === '/passkeys/begin'
      ? await navigator.credentials.create({ publicKey: creation(options) })
      : await navigator.credentials.get({ publicKey: wanted(options) })
    if (made === null) return 'given_up'
    return { ok: true, data: { ceremony, credential: written(made as PublicKeyCredential) } }
  } catch (error) {
    // Browsers do not say more, so that no page learns which passkeys a device has.
    return error instanceof DOMException && error.name === 'InvalidStateError' ? 'had_already' : 'given_up'
  }
}

// Browsers of before 2025 lack these three (level 3, sections 5.1.8 to 5.1.10). The options that this server sends have bytes in
// the places below only.

type Json = Record<string, unknown>

function creation(options: unknown): PublicKeyCredentialCreationOptions {
  const parse = PublicKeyCredential.parseCreationOptionsFromJSON as typeof PublicKeyCredential.parseCreationOptionsFromJSON | undefined
  if (parse !== undefined) return parse.call(PublicKeyCredential, options as PublicKeyCredentialCreationOptionsJSON)
  return creationFrom(options as Json)
}

function wanted(options: unknown): PublicKeyCredentialRequestOptions {
  const parse = PublicKeyCredential.parseRequestOptionsFromJSON as typeof PublicKeyCredential.parseRequestOptionsFromJSON | undefined
  if (parse !== undefined) return parse.call(PublicKeyCredential, options as PublicKeyCredentialRequestOptionsJSON)
  return requestFrom(options as Json)
}

/** Bytes of base64url text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, letter => letter.charCodeAt(0))
}

/** Bytes as base64url without padding. */
export function textOf(bytes: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return plain.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function named(list: unknown): unknown {
  return (list as { id: string }[] | undefined)?.map(one => ({ ...one, id: bytesOf(one.id) })) ?? []
}

export function creationFrom(options: Json): PublicKeyCredentialCreationOptions {
  const user = options.user as { id: string }
  const [challenge, id] = [bytesOf(options.challenge as string), bytesOf(user.id)]
  const made: Json = { ...options, challenge, user: { ...user, id }, excludeCredentials: named(options.excludeCredentials) }
  return made as unknown as PublicKeyCredentialCreationOptions
}

export function requestFrom(options: Json): PublicKeyCredentialRequestOptions {
  const challenge = bytesOf(options.challenge as string)
  const made: Json = { ...options, challenge, allowCredentials: named(options.allowCredentials) }
  return made as unknown as PublicKeyCredentialRequestOptions
}

const BYTES = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'] as const

/** A credential in the form that the server reads. */
export function written(made: PublicKeyCredential): unknown {
  if (typeof made.toJSON === 'function') return made.toJSON()
  const given = made.response as unknown as Record<string, ArrayBuffer | null | undefined>
  const response: Record<string, string> = {}
  for (const name of BYTES) {
    const bytes = given[name]
    if (bytes != null) response[name] = textOf(bytes)
  }
  return { id: made.id, rawId: textOf(made.rawId), type: made.type, clientExtensionResults: made.getClientExtensionResults(), response }
}
