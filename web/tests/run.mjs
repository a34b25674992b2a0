// Starts the binary that SYCEE_BIN names as a sandbox of its own, and the browser's tests against it.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const binary = process.env.SYCEE_BIN
if (binary === undefined) throw new Error('SYCEE_BIN must name the binary with the apps')
const data = mkdtempSync(join(tmpdir(), 'sycee-browser-'))
const server = spawn(binary, ['serve', '--sandbox', '--listen', '127.0.0.1:0', '--data', data], {
  stdio: ['ignore', 'pipe', 'ignore'],
})

/** Rejects when the server ends before it has said where it listens. */
const port = await new Promise((resolve, reject) => {
  createInterface(server.stdout).on('line', line => {
    const found = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)
    if (found !== null) resolve(found[1])
  })
  server.on('exit', code => reject(new Error(`the server ended with ${code}`)))
})

// By name: the browser treats localhost as a secure place, and passkeys need a name.
const SYCEE_URL = `http://localhost:${port}`
const tests = spawn('npx', ['playwright', 'test', ...process.argv.slice(2)], {
  stdio: 'inherit', env: { ...process.env, SYCEE_URL },
})
const code = await new Promise(resolve => tests.on('exit', resolve))
server.removeAllListeners('exit')
const ended = new Promise(resolve => server.on('exit', resolve))
server.kill('SIGTERM')
await ended
rmSync(data, { recursive: true, force: true })
process.exit(code ?? 1)
