/**
 * The wallet's service worker: the app opens without a connection. Built to `/wallet/sw.js`, so that it sees what the wallet's pages
 * ask for and nothing else. What the API says it neither sees nor keeps: that is the app's own to keep (`kept.ts`).
 */

/** Written here by the build (`shell.ts`): the files of the wallet, and a name that changes with any of them. */
declare const SHELL: { version: string; files: string[] }

// TypeScript's own types of service workers and of pages exclude each other.
interface Lifetime extends Event {
  waitUntil(until: Promise<unknown>): void
}
interface Asked extends Lifetime {
  request: Request
  respondWith(answer: Promise<Response>): void
}

const { version, files } = SHELL
const PREFIX = 'sycee.wallet.'
const SHELVES = PREFIX + version
const PAGE = '/wallet/'

/** Of the server, not of the build: the brand's, which may change at any time. */
const BRAND = ['/site.json', '/brand.css', '/logo.svg', '/wallet/manifest.webmanifest']

/** How long the network is waited for when there is a copy. */
const PATIENCE_MS = 3000

addEventListener('install', event => {
  (event as Lifetime).waitUntil(caches.open(SHELVES).then(shelves => shelves.addAll([PAGE, ...BRAND, ...files])))
})

// Not before the last page of the shell before is closed: until then it may open a screen whose file only that shell has.
addEventListener('activate', event => {
  (event as Lifetime).waitUntil(caches.keys().then(names => Promise.all(
    names.filter(name => name.startsWith(PREFIX) && name !== SHELVES).map(name => caches.delete(name)),
  )))
})

addEventListener('fetch', event => {
  const { request } = event as Asked
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || /^\/(api|sandbox)\//.test(pathname)) return
  const answer = files.includes(pathname) ? kept(pathname).then(copy => copy ?? fetch(request))
    : BRAND.includes(pathname) ? newest(request, pathname, true)
      // The page that is kept fits the files that are kept: a newer one has to wait for its own.
      : request.mode === 'navigate' ? newest(request, PAGE, false) : undefined
  if (answer !== undefined) (event as Asked).respondWith(answer)
})

function kept(path: string): Promise<Response | undefined> {
  return caches.open(SHELVES).then(shelves => shelves.match(path))
}

/** What the network says, or the copy of `path` when it says nothing in time. */
async function newest(request: Request, path: string, isRenewed: boolean): Promise<Response> {
  const asking = fetch(request)
  const copy = await kept(path)
  if (copy === undefined) return asking
  const late = new Promise<Response>(resolve => setTimeout(() => resolve(copy), PATIENCE_MS))
  const answer = await Promise.race([asking, late]).catch(() => copy)
  if (isRenewed && answer.ok && answer !== copy) await (await caches.open(SHELVES)).put(path, answer.clone())
  return answer
}

export {}
