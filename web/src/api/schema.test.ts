// @vitest-environment node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import openapiTS, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'

it('the tracked types are those of the server’s document; renew them with `npm run api`', async () => {
  const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'))
  const made = astToString(await openapiTS(document, { defaultNonNullable: false }))
  const tracked = readFileSync(join(import.meta.dirname, 'schema.d.ts'), 'utf8').replace(/^\/\*\*[\s\S]*?\*\/\s*/, '')
  expect(tracked.trim() === made.trim(), 'src/api/schema.d.ts is not that of docs/openapi.json').toBe(true)
}, 60_000)
