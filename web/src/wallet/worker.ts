/** What makes an address fit to be one of a script, where the browser asks for that (Trusted Types). */
interface Policies {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): { createScriptURL(address: string): string }
}

/** Has the browser keep the app, so that it opens without a connection. Nothing depends on it: browsers may refuse. */
export function keepShell(): void {
  // The development server has no such file.
  if (!import.meta.env.PROD || navigator.serviceWorker === undefined) return
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes
  const policy = policies?.createPolicy('sw-url', { createScriptURL: address => address })
  const address = '/wallet/sw.js'
  void navigator.serviceWorker.register(policy?.createScriptURL(address) ?? address).catch(() => undefined)
}
