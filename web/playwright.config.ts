import { defineConfig } from '@playwright/test'

/** The server with the apps: an origin named localhost, as passkeys will need it. `tests/run.mjs` starts one and sets this. */
const baseURL = process.env.SYCEE_URL ?? 'http://localhost:8080'

export default defineConfig({
  testDir: 'tests',
  workers: 1,
  // Generous: a busy machine is no failure.
  timeout: 240_000,
  expect: { timeout: 40_000 },
  reporter: 'line',
  // What moves the sandbox's clock comes last: the browser's own clock stays, and prices with a time on them look expired to it.
  projects: [
    { name: 'apps', testIgnore: /with-moved-clock|passkeys/ },
    { name: 'moved clock', testMatch: /with-moved-clock|passkeys/, dependencies: ['apps'] },
  ],
  use: {
    baseURL,
    viewport: { width: 360, height: 780 },
    locale: 'en-GB',
    launchOptions: { executablePath: process.env.SYCEE_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
})
