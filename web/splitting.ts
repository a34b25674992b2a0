import { join } from 'node:path'
import type { Rolldown } from 'vite'

/** The page whose first screen has a limit of script (`tests/reach.spec.ts`). */
const FIRST_PAGE = join(import.meta.dirname, 'src/wallet/main.ts')

/** What a first visit shows instead: nobody is signed in. */
export const ENTERING = join(import.meta.dirname, 'src/wallet/SignInScreen.svelte')

/** A module and all that it brings at once, dynamic imports left out. */
function broughtBy(page: string, context: Rolldown.ChunkingContext): Set<string> {
  const found = new Set([page])
  for (const id of found) for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported)
  return found
}

/**
 * What the wallet's first screen has in common with other pages is one file, so is what signing in needs beside it, and so is what
 * other screens share: cut module by module, the same compresses worse. What is of a screen is asked of the modules, so that no list
 * grows stale when it uses something new.
 *
 * The styles of both first screens are in one file: it holds up the first paint, and two of them would do so longer.
 */
export function splitting(): Rolldown.CodeSplittingOptions {
  let first: Set<string> | undefined
  let entering: Set<string> | undefined
  const firstName: Rolldown.CodeSplittingNameFunction = (id, context) => {
    first ??= broughtBy(FIRST_PAGE, context)
    entering ??= broughtBy(ENTERING, context)
    if (id.endsWith('.css') && (first.has(id) || entering.has(id))) return 'frame'
    if (!first.has(id) || id === FIRST_PAGE) return null
    return id.includes('/src/wallet/') ? 'home' : 'frame'
  }
  // After the first, whose modules it would take too.
  const enteringName: Rolldown.CodeSplittingNameFunction = id => (entering?.has(id) && id !== ENTERING ? 'entering' : null)
  return {
    groups: [
      { name: firstName, debugName: 'first screen', priority: 3 },
      { name: enteringName, debugName: 'signing in', priority: 2 },
      { name: 'kit', test: /\/src\/kit\/|\/node_modules\/qr\/(?!decode)/, minShareCount: 2, priority: 1 },
    ],
  }
}
