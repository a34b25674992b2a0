import { describe, expect, it } from 'vitest'
import { certificateConfiguration, certificateFiles, configuration, KEY_FILE, SDKS, type Sdk } from './configuration'

const gateway = { url: 'https://pay.example/gateway.do', public_key: 'MIIBIjAN+/=' }

describe('a configuration', () => {
  it.each(Object.keys(SDKS) as Sdk[])('for %s has all that differs from shop to shop', sdk => {
    const text = configuration(sdk, '2021000000000017', gateway)
    for (const part of ['2021000000000017', gateway.url, gateway.public_key, KEY_FILE.pkcs1]) expect(text).toContain(`"${part}"`)
  })

  it('with certificates names the files as they are saved, and has no key in it', () => {
    const text = certificateConfiguration('2021000000000017', gateway.url)
    expect(Object.values(certificateFiles('2021000000000017')))
      .toEqual(['appCertPublicKey_2021000000000017.crt', 'alipayCertPublicKey_RSA2.crt', 'alipayRootCert.crt'])
    for (const [member, file] of [
      ['appCertPath', 'appCertPublicKey_2021000000000017.crt'], ['alipayPublicCertPath', 'alipayCertPublicKey_RSA2.crt'],
      ['alipayRootCertPath', 'alipayRootCert.crt'],
    ]) expect(text).toContain(`${member}: "${file}"`)
    expect(text).not.toContain('alipayPublicKey')
  })
})
