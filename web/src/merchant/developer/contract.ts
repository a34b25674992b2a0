import { ask, read, type Outcome } from '../../api/client'

/** An app of the shop: what signs at the Alipay gateway. */
export interface App {
  /** 16 digits. */
  app: string
  /** Base64 of SPKI DER, and so is the gateway's. */
  public_key: string
  previous_key_valid_until: string | null
  notify_url: string | null
  opened_at: string
}

/** Where apps are heard, and with which key they are answered. */
export interface Gateway {
  url: string
  public_key: string
}

export interface Apps {
  apps: App[]
  /** A server may have no Alipay edge. */
  gateway: Gateway | null
}

export interface NewApp {
  public_key: string
  notify_url?: string
}

// docs/openapi.json has no lists of apps yet: these two are typed here, and nowhere else.
const readApps = read as unknown as (path: string, members: object) => Promise<Outcome<Apps>>
const askApps = ask as unknown as (path: string, members: object, body: NewApp, key: string) => Promise<Outcome<{ app: string }>>

/** The apps of the shop, and the gateway. */
export function apps(): Promise<Outcome<Apps>> {
  return readApps('/apps', {})
}

/** Registers an app of the shop. */
export function registerApp(wanted: NewApp, key: string): Promise<Outcome<{ app: string }>> {
  return askApps('/apps', {}, wanted, key)
}
