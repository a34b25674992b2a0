/// <reference types="vitest/config" />
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { defineConfig, type Plugin } from 'vite'
import { early, shell, WORKER } from './shell.ts'
import { splitting } from './splitting.ts'

const folder = import.meta.dirname
const dist = join(folder, 'dist')

/** The server whose API the development server passes on. */
const server = process.env.SYCEE_SERVER ?? 'http://127.0.0.1:8080'

/** Below this a compressed form saves less than its headers cost. */
const COMPRESSED_FROM_BYTES = 512

/** Writes `.br` and `.gz` beside what they are smaller than; the binary embeds and serves all three. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    buildStart() {
      // Not Vite's own emptying: it would remove the tracked file that keeps cargo from building anew each time.
      for (const name of readdirSync(dist)) if (name !== '.gitignore') rmSync(join(dist, name), { recursive: true })
    },
    closeBundle() {
      const names = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      for (const file of names.map(name => join(dist, name)).filter(file => /\.(html|js|css|json|svg|wasm)$/.test(file))) {
        if (!statSync(file).isFile()) continue
        const raw = readFileSync(file)
        if (raw.length < COMPRESSED_FROM_BYTES) continue
        const forms: [string, Buffer][] = [
          ['br', brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } })],
          ['gz', gzipSync(raw, { level: 9 })],
        ]
        for (const [name, form] of forms) if (form.length < raw.length) writeFileSync(`${file}.${name}`, form)
      }
    },
  }
}

export default defineConfig({
  root: folder,
  appType: 'mpa',
  plugins: [svelte(), svelteTesting(), early(), shell(), compressed()],
  build: {
    outDir: dist,
    emptyOutDir: false,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        wallet: join(folder, 'wallet/index.html'), merchant: join(folder, 'merchant/index.html'),
        worker: join(folder, 'src/wallet/sw.ts'),
      },
      output: {
        codeSplitting: splitting(),
        entryFileNames: ({ name }) => (name === 'worker' ? WORKER : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: {
    // The languages lie beside this folder: the server's pages read them too.
    fs: { allow: [join(folder, '..')] },
    proxy: Object.fromEntries(
      ['/api', '/sandbox', '/brand.css', '/logo.svg', '/site.json', '/wallet/manifest.webmanifest',
        '/merchant/manifest.webmanifest'].map(path => [path, server]),
    ),
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
})
