// Debian's Chromium without a display, where it is installed.

import { access } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Runs `work` with two windows of a browser that remembers nothing, both as wide as a small phone: the customer's, in which
 * scripts are switched off because the cashier must do without, and one with scripts, in which pages can be examined.
 */
export async function withChromium(work) {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, headless: true, args: ARGUMENTS });
  const settings = { viewport: { width: 360, height: 740 }, locale: 'ur-PK' };
  try {
    const customer = await browser.newContext({ ...settings, javaScriptEnabled: false });
    const examiner = await browser.newContext(settings);
    return await work(await customer.newPage(), await examiner.newPage());
  } finally {
    await browser.close();
  }
}

export async function hasChromium() {
  return access(EXECUTABLE).then(
    () => true,
    () => false,
  );
}
