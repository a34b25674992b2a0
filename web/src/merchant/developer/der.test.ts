import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { base64, pastedKey, pem, pkcs1Of } from './der'

// OpenSSL, by Node, says what the forms of one and the same key are.
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const curve = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })

const bytes = (buffer: Buffer) => new Uint8Array(buffer)

describe('a private key', () => {
  it('is taken out of PKCS #8 as OpenSSL takes it out', () => {
    expect(base64(pkcs1Of(bytes(pkcs8)))).toBe(privateKey.export({ type: 'pkcs1', format: 'der' }).toString('base64'))
  })

  it('has the text forms that OpenSSL writes', () => {
    expect(pem('PRIVATE KEY', bytes(pkcs8))).toBe(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    expect(pem('RSA PRIVATE KEY', pkcs1Of(bytes(pkcs8)))).toBe(privateKey.export({ type: 'pkcs1', format: 'pem' }))
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['its first half', bytes(pkcs8.subarray(0, pkcs8.length / 2))],
    ['without its first byte', bytes(pkcs8.subarray(1))],
    ['a key of another algorithm', bytes(curve)],
    ['a length without end', new Uint8Array([0x30, 0x80, 0, 0])],
    ['a length of which a part is missing', new Uint8Array([0x30, 0x82, 1])],
  ])('is not made of %s', (_, given) => {
    expect(() => pkcs1Of(given)).toThrow()
  })
})

describe('a pasted public key', () => {
  it.each([
    ['base64', spki, { key: spki }],
    ['base64 in lines', spki.replace(/(.{64})/g, '$1\r\n'), { key: spki }],
    ['PEM', publicKey.export({ type: 'spki', format: 'pem' }).toString(), { key: spki }],
    ['the private half', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private'],
    ['nothing', '', 'none'],
    ['words', 'my key', 'none'],
    ['a character lost', spki.slice(1), 'none'],
  ])('as %s', (_, text, expected) => {
    expect(pastedKey(text)).toEqual(expected)
  })
})
