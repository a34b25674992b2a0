import { join } from 'node:path'
import type { Rolldown } from 'vite'

/** The page whose first screen has a limit of script (`tests/reach.spec.ts`). */
const FIRST_PAGE = join(import.meta.dirname, 'src/wallet/main.ts')

/** A module and all that it brings at once, dynamic imports left out. */
function broughtBy(page: string, context: Rolldown.ChunkingContext): Set<string> {
  const found = new Set([page])
  for (const id of found) for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported)
  return found
}

/**
 * What the wallet's first screen has in common with other pages is one file, and so is what other screens share: cut module by
 * module, the same compresses worse. What is of the first screen is asked of the modules, so that no list grows stale when it uses
 * something new.
 */
export function splitting(): Rolldown.CodeSplittingOptions {
  let first: Set<string> | undefined
  const nameOf: Rolldown.CodeSplittingNameFunction = (id, context) => {
    first ??= broughtBy(FIRST_PAGE, context)
    if (!first.has(id) || id === FIRST_PAGE) return null
    return id.includes('/src/wallet/') ? 'home' : 'frame'
  }
  return {
    groups: [
      { name: nameOf, debugName: 'first screen', priority: 2 },
      { name: 'kit', test: /\/src\/kit\/|\/node_modules\/qr\/(?!decode)/, minShareCount: 2, priority: 1 },
    ],
  }
}
