/** Where the app is: the path below its own folder, such as `/send/2088…`. */
export const route = $state({ path: '/' })

let base = ''

function now(): string {
  return location.pathname.startsWith(base) ? `/${location.pathname.slice(base.length).replace(/^\/+/, '')}` : '/'
}

/** Begins to follow the address. `folder`: of the app, such as `/wallet`. */
export function startRouter(folder: string): void {
  base = folder
  route.path = now()
  addEventListener('popstate', () => { route.path = now() })
  document.addEventListener('click', event => {
    const link = (event.target as Element | null)?.closest?.('a')
    const isPlain = event.button === 0 && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey
    if (link == null || !isPlain || link.target !== '' || link.origin !== location.origin) return
    if (!link.pathname.startsWith(`${base}/`)) return
    event.preventDefault()
    go(`/${link.pathname.slice(base.length + 1)}`)
  })
}

/** Address of a path of the app, for `href`. */
export function to(path: string): string {
  return base + path
}

/** Goes to a path of the app. `instead`: the page now shown is not one to come back to. */
export function go(path: string, instead = false): void {
  if (instead) history.replaceState(null, '', to(path))
  else history.pushState({ inside: true }, '', to(path))
  route.path = path
  scrollTo(0, 0)
}

/** Back to where the user came from inside the app, else to its first page. */
export function back(): void {
  if ((history.state as { inside?: boolean } | null)?.inside === true) history.back()
  else go('/', true)
}

/** The members of `path` if it is of the form `pattern`, such as `/send/:payee`. */
export function matches(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const parts = path.replace(/(.)\/$/, '$1').split('/')
  if (wanted.length !== parts.length) return undefined
  const members: Record<string, string> = {}
  for (const [index, name] of wanted.entries()) {
    const part = parts[index] ?? ''
    if (name.startsWith(':')) {
      try {
        members[name.slice(1)] = decodeURIComponent(part)
      } catch {
        return undefined
      }
    } else if (name !== part) return undefined
  }
  return members
}
