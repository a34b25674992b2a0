/** Tags of DER (X.690, section 8). */
const INTEGER = 0x02
const OCTETS = 0x04
const SEQUENCE = 0x30

/** The algorithm of an RSA key without the sequence around it: rsaEncryption, and no parameters (RFC 8017, appendix A). */
const RSA = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00]

/** Characters of a line of PEM (RFC 7468, section 2). */
const PEM_LINE = 64

interface Value {
  content: Uint8Array
  /** What stands behind it. */
  rest: Uint8Array
}

/** Takes a value of this tag off the beginning. */
function take(bytes: Uint8Array, tag: number): Value {
  const [found, first] = bytes
  if (found !== tag || first === undefined) throw new Error(`no DER value of tag ${tag}`)
  const more = first < 0x80 ? 0 : first - 0x80
  // Four bytes of length are 4 GiB; 0x80 alone is BER's length without end.
  if (first === 0x80 || more > 4 || bytes.length < 2 + more) throw new Error('no length of DER')
  const length = more === 0 ? first : bytes.subarray(2, 2 + more).reduce((sum, byte) => sum * 256 + byte, 0)
  const end = 2 + more + length
  if (bytes.length < end) throw new Error('a DER value that is cut off')
  return { content: bytes.subarray(2 + more, end), rest: bytes.subarray(end) }
}

/**
 * The RSA private key alone (PKCS #1, RFC 8017), out of what browsers export (PKCS #8, RFC 5208): some SDKs take no other form.
 */
export function pkcs1Of(pkcs8: Uint8Array): Uint8Array {
  const version = take(take(pkcs8, SEQUENCE).content, INTEGER)
  const algorithm = take(version.rest, SEQUENCE)
  const isRsa = algorithm.content.length === RSA.length && RSA.every((byte, at) => algorithm.content[at] === byte)
  if (!isRsa) throw new Error('no key of RSA')
  return take(algorithm.rest, OCTETS).content
}

export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
}

/** The text form of a key (RFC 7468), such as `-----BEGIN PRIVATE KEY-----`. */
export function pem(label: string, bytes: Uint8Array): string {
  const lines = base64(bytes).match(new RegExp(`.{1,${PEM_LINE}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** What somebody has pasted as a public key, as the server takes it: base64 alone. `private`: it is the other half. */
export function pastedKey(text: string): { key: string } | 'private' | 'none' {
  if (/PRIVATE/.test(text)) return 'private'
  const key = text.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, '')
  // A key of 2048 bits has 392 characters; the least that can be an RSA key at all is far shorter.
  return /^[A-Za-z0-9+/]{100,}={0,2}$/.test(key) && key.length % 4 === 0 ? { key } : 'none'
}
