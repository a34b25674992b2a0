// What `cargo xtask demo --once` runs: the history of a few days, the story, and a clean stop; then the audit of what it
// leaves behind.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const BINARY = path.resolve(
  process.env.SYCEE_BIN ?? path.join(import.meta.dirname, '../../../target/debug/sycee'),
);
const DEMO = path.join(import.meta.dirname, '../demo.mjs');
const WIDTH = 100;

function run(program, parameters, environment = {}) {
  const child = spawn(program, parameters, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece) => { text += piece; });
  }
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, text })));
}

test('the demo makes its history, tells the story and leaves good books', async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sycee-demo-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const environment = { SYCEE_BIN: BINARY, SYCEE_DEMO: folder, SYCEE_LISTEN: '127.0.0.1:0' };
  const { status, text } = await run(process.execPath, [DEMO, '--once', '--days', '4', '--seed', '7'], environment);
  assert.equal(status, 0, text);
  for (const wanted of [
    /^in all: \d+ paid \(\d+ abroad\), \d+ refunds/m,
    new RegExp(`^today is ${new Date().toISOString().slice(0, 4)}-\\d\\d-\\d\\d; the books of all 8 cells balance$`, 'm'),
    /^ {2}TRADE_SUCCESS$/m,
    /^ {2}the bakery gets +12\.50 EUR$/m,
    /^ {2}the bakery has +7\.50 EUR$/m,
    /^ {2}th owes the network (\d+\.\d\d THB); the network is owed \1 by th ✓$/m,
    /^ {2}fr is owed 7\.50 EUR by the network; the network owes fr 7\.50 EUR ✓$/m,
    /^the server stopped cleanly$/m,
  ]) {
    assert.match(text, wanted);
  }
  const told = text.slice(text.indexOf('Cells of the sandbox'), text.indexOf('Sign-ins'));
  for (const line of told.split('\n')) assert.ok(line.length <= WIDTH, `${line.length} columns: ${line}`);

  const { customers, shops } = JSON.parse(await readFile(path.join(folder, 'sign-ins.json'), 'utf8'));
  assert.deepEqual([customers.length, shops.length], [40, 25]);
  const audit = await run(BINARY, ['audit', '--data', path.join(folder, 'data')]);
  assert.equal(audit.status, 0, audit.text);
});
