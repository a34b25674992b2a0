import { describe, expect, it } from 'vitest'
import { configuration, KEY_FILE, SDKS, type Sdk } from './configuration'

const gateway = { url: 'https://pay.example/gateway.do', public_key: 'MIIBIjAN+/=' }

describe('a configuration', () => {
  it.each(Object.keys(SDKS) as Sdk[])('for %s has all that differs from shop to shop', sdk => {
    const text = configuration(sdk, '2021000000000017', gateway)
    for (const part of ['2021000000000017', gateway.url, gateway.public_key, KEY_FILE.pkcs1]) expect(text).toContain(`"${part}"`)
  })
})
