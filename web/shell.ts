import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HtmlTagDescriptor, Plugin, Rolldown } from 'vite'
import { ENTERING } from './splitting.ts'

/** Where the wallet's service worker is: in the wallet's folder, since it serves what is below its own place. */
export const WORKER = 'wallet/sw.js'

const PAGE = join(import.meta.dirname, 'wallet/index.html')

/** All files of a page, those of screens that come later included. */
function filesOf(page: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle): string[] {
  const found = new Set([page.fileName])
  for (const name of found) {
    const file = bundle[name]
    if (file?.type !== 'chunk') continue
    for (const next of [...file.imports, ...file.dynamicImports, ...(file.viteMetadata?.importedCss ?? [])]) found.add(next)
  }
  return [...found].map(name => `/${name}`).sort()
}

/**
 * Has the wallet's page ask at once for what a first visit shows, which else is asked for only when the script before it has come and
 * run. Whoever is signed in brings it too, once: the service worker keeps it with the rest of the wallet.
 */
export function early(): Plugin {
  return {
    name: 'early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { filename, bundle }): HtmlTagDescriptor[] {
        if (filename !== PAGE) return []
        const chunks = Object.values(bundle ?? {}).filter(one => one.type === 'chunk')
        const screen = chunks.find(one => one.facadeModuleId === ENTERING)
        const page = chunks.find(one => one.facadeModuleId === PAGE)
        if (screen === undefined || page === undefined) throw new Error('the wallet has no screen for signing in, or no page')
        const files = [screen.fileName, ...screen.imports].filter(name => !page.imports.includes(name))
        return files.map(name => (
          { tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` }, injectTo: 'head' }
        ))
      },
    },
  }
}

/** Tells the wallet's service worker which files the wallet consists of. */
export function shell(): Plugin {
  return {
    name: 'shell',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const chunks = Object.values(bundle).filter(one => one.type === 'chunk')
        const worker = chunks.find(one => one.fileName === WORKER)
        const page = chunks.find(one => one.facadeModuleId === PAGE)
        if (worker === undefined || page === undefined) throw new Error('the wallet has no service worker, or no page')
        const files = filesOf(page, bundle)
        // Names of files carry a hash of what is in them; that of the page does not.
        const version = createHash('sha256').update([readFileSync(PAGE, 'utf8'), ...files].join('\n')).digest('hex').slice(0, 16)
        worker.code = worker.code.replace('SHELL', JSON.stringify({ version, files }))
      },
    },
  }
}
