import type { components } from '../../api/schema'

/** The name under which the private key is saved; configurations read it. */
export const KEY_FILE = { pkcs1: 'app-private-key.pkcs1.pem', pkcs8: 'app-private-key.pkcs8.pem' } as const

/** The names under which an app's certificates are saved: those that Alipay's own tools give them. */
export function certificateFiles(app: string) {
  return { app: `appCertPublicKey_${app}.crt`, alipay: 'alipayCertPublicKey_RSA2.crt', root: 'alipayRootCert.crt' } as const
}

/** SDKs that a configuration is written for. */
export const SDKS = { node: 'Node.js (alipay-sdk)', python: 'Python (alipay-sdk-python)' } as const

export type Sdk = keyof typeof SDKS

/** A text as JavaScript and Python both write it. */
const quoted = (text: string): string => JSON.stringify(text)

function nodeConfiguration(app: string, url: string, key: string): string {
  return `import { readFileSync } from 'node:fs'
import { AlipaySdk } from 'alipay-sdk'

export const sdk = new AlipaySdk({
  appId: ${quoted(app)},
  privateKey: readFileSync(${quoted(KEY_FILE.pkcs1)}, 'ascii'),
  keyType: 'PKCS1',
  alipayPublicKey: ${quoted(key)},
  gateway: ${quoted(url)},
})
`
}

function pythonConfiguration(app: string, url: string, key: string): string {
  return `from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient

with open(${quoted(KEY_FILE.pkcs1)}) as file:
    lines = file.read().splitlines()

config = AlipayClientConfig()
config.server_url = ${quoted(url)}
config.app_id = ${quoted(app)}
config.app_private_key = "".join(line for line in lines if "-----" not in line)
config.alipay_public_key = ${quoted(key)}
config.sign_type = "RSA2"
client = DefaultAlipayClient(alipay_client_config=config)
`
}

/** What is pasted into a program that uses certificates: in place of the gateway's key it has three files. */
export function certificateConfiguration(app: string, url: string): string {
  const files = certificateFiles(app)
  return `import { readFileSync } from 'node:fs'
import { AlipaySdk } from 'alipay-sdk'

export const sdk = new AlipaySdk({
  appId: ${quoted(app)},
  privateKey: readFileSync(${quoted(KEY_FILE.pkcs1)}, 'ascii'),
  keyType: 'PKCS1',
  appCertPath: ${quoted(files.app)},
  alipayPublicCertPath: ${quoted(files.alipay)},
  alipayRootCertPath: ${quoted(files.root)},
  gateway: ${quoted(url)},
})
`
}

/** What is pasted into a shop's program. */
export function configuration(sdk: Sdk, app: string, { url, public_key: key }: components['schemas']['Gateway']): string {
  return sdk === 'node' ? nodeConfiguration(app, url, key) : pythonConfiguration(app, url, key)
}
