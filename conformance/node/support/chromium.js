// Debian's Chromium, without a window; `undefined` where it is not installed.

import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

/** Runs `work` with a browser that has nothing in its profile, and takes the profile away again. */
export async function withChromium(work) {
  const profile = await mkdtemp(path.join(tmpdir(), 'sycee-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    // The cashier must do without scripts; the width is that of a small phone.
    javaScriptEnabled: false,
    viewport: { width: 360, height: 740 },
    locale: 'ur-PK',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    return await work(context);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

export async function hasChromium() {
  return access(EXECUTABLE).then(
    () => true,
    () => false,
  );
}
