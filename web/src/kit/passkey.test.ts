import { describe, expect, it } from 'vitest'
import { bytesOf, creationFrom, requestFrom, textOf, written } from './passkey'

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('passkeys in browsers that do not convert by themselves', () => {
  // From RFC 4648, section 10, and of the two letters in which base64url is another alphabet (section 5).
  it.each([
    ['', bytes()],
    ['Zg', bytes(0x66)],
    ['Zm8', bytes(0x66, 0x6f)],
    ['Zm9vYmFy', bytes(0x66, 0x6f, 0x6f, 0x62, 0x61, 0x72)],
    ['-_-_', bytes(0xfb, 0xff, 0xbf)],
  ])('read and write %j', (text, value) => {
    expect(bytesOf(text)).toEqual(value)
    expect(textOf(value.buffer)).toBe(text)
  })

  it('have bytes where the browser wants bytes, and the rest as it came', () => {
    const options = {
      challenge: 'Zm8', rp: { id: 'pay.example' }, user: { id: 'Zg', name: '2088' }, excludeCredentials: [{ type: 'public-key', id: '-_-_' }],
    }
    expect(creationFrom(options)).toEqual({
      challenge: bytes(0x66, 0x6f), rp: { id: 'pay.example' }, user: { id: bytes(0x66), name: '2088' },
      excludeCredentials: [{ type: 'public-key', id: bytes(0xfb, 0xff, 0xbf) }],
    })
    expect(requestFrom({ challenge: 'Zg', rpId: 'pay.example' })).toEqual({
      challenge: bytes(0x66), rpId: 'pay.example', allowCredentials: [],
    })
  })

  it('tell the server what the authenticator answered, and leave out what it did not', () => {
    const made = {
      id: 'Zg', rawId: bytes(0x66).buffer, type: 'public-key', getClientExtensionResults: () => ({}),
      response: { clientDataJSON: bytes(0x66, 0x6f).buffer, signature: bytes(0xfb, 0xff, 0xbf).buffer, userHandle: null },
    } as unknown as PublicKeyCredential
    expect(written(made)).toEqual({
      id: 'Zg', rawId: 'Zg', type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON: 'Zm8', signature: '-_-_' },
    })
  })
})
