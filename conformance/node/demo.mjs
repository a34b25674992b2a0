// `cargo xtask demo`: starts a whole world some weeks ago, lets it live until today, and tells one payment across a
// border in the terminal, made with the unmodified Alipay SDK; stays up until Ctrl-C.
//
// --once ends after the story; --days N and --seed N are the history's. SYCEE_BIN is the server, SYCEE_DEMO an empty
// folder, SYCEE_LISTEN another address than 127.0.0.1:8080.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { story } from './demo/story.js';
import { say, table, title } from './demo/terminal.js';
import { Sandbox } from './support/sandbox.js';

const LISTEN = process.env.SYCEE_LISTEN ?? '127.0.0.1:8080';
const DAYS = 28;
/** With --once it is a test, which shall be quick. */
const DAYS_ONCE = 5;
const DAY_MS = 86_400_000;
// The contract says 10 s; the rest is for a busy machine.
const STOPPED_WITHIN_MS = 20_000;
const LOG_LINES_SHOWN = 20;

const options = { once: { type: 'boolean' }, days: { type: 'string' }, seed: { type: 'string' } };
const flags = parseArgs({ options }).values;
const days = Number(flags.days ?? (flags.once ? DAYS_ONCE : DAYS));
const { SYCEE_BIN: binary, SYCEE_DEMO: folder } = process.env;
if (!binary || !folder || !Number.isInteger(days) || days < 1) {
  console.error('demo: SYCEE_BIN and SYCEE_DEMO must be set, and --days is a number; run `cargo xtask demo`');
  process.exit(2);
}
const logFile = path.join(folder, 'server.log');
const signInsFile = path.join(folder, 'sign-ins.json');

// ---- the server ----

const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const clockStart = new Date(midnight - days * DAY_MS).toISOString().replace('.000Z', 'Z');
const serve = ['serve', '--sandbox', '--listen', LISTEN, '--clock-start', clockStart, '--data', path.join(folder, 'data')];
say(`$ sycee ${serve.slice(0, -1).join(' ')} …/demo/data`);
const log = openSync(logFile, 'a');
// In a process group of its own, so that Ctrl-C reaches it once, as the SIGTERM below.
const server = spawn(binary, serve, { stdio: ['ignore', 'pipe', log], detached: true });
closeSync(log);
const ended = new Promise((resolve) => server.once('close', (status, signal) => resolve(status ?? signal)));
process.once('exit', () => server.kill('SIGKILL'));

let stopping = false;

/** Asks the server to stop and waits until it has; ends the demo. */
async function stop(status) {
  if (stopping) return;
  stopping = true;
  say('\nstopping the server …');
  server.kill('SIGTERM');
  const late = setTimeout(() => {
    console.error('demo: the server did not stop in time and is killed');
    process.exit(1);
  }, STOPPED_WITHIN_MS);
  const end = await ended;
  clearTimeout(late);
  if (end === 0) say('the server stopped cleanly');
  else console.error(`demo: the server ended with ${end}`);
  process.exit(end === 0 ? status : 1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0));

function listening() {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    ended.then((end) => {
      if (!stopping) reject(new Error(`the server ended with ${end}; is ${LISTEN} taken?`));
    });
    createInterface({ input: server.stdout }).on('line', (line) => {
      say(line);
      const address = /listening on (http:\/\/\S+)/.exec(line)?.[1];
      if (address) resolve(address.replace(/\/$/, ''));
    });
  });
}

// ---- the world ----

/** As a browser should ask: passkeys are bound to a name. */
function forBrowsers(baseUrl) {
  return baseUrl.replace('127.0.0.1', 'localhost');
}

async function showWorld(baseUrl, sandbox) {
  title('Addresses');
  table([
    ['wallet', `${forBrowsers(baseUrl)}/wallet/`],
    ["a shop's counter", `${forBrowsers(baseUrl)}/merchant/`],
    ['health', `${baseUrl}/healthz`],
    ['metrics', `${baseUrl}/metrics`],
    ['Alipay gateway', `${baseUrl}/gateway.do`],
    ['sandbox', `${baseUrl}/sandbox/v1/cells`],
    ['log', logFile],
  ]);
  title('Cells of the sandbox world');
  const cells = await sandbox.request('GET', '/cells');
  table([
    ['cell', 'market', 'currency', 'roles'],
    ...cells.map(({ cell, market, currency, roles }) => [cell, market, currency, roles.join(', ')]),
  ]);
  return cells;
}

function makeHistory(baseUrl) {
  title(`${days} days of history, made by asking the server as everybody does`);
  const made = ['demo', 'history', '--url', baseUrl, '--days', String(days), '--sign-ins', signInsFile];
  if (flags.seed !== undefined) made.push('--seed', flags.seed);
  const history = spawn(binary, made, { stdio: ['ignore', 'inherit', 'inherit'] });
  process.once('exit', () => history.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    history.once('error', reject);
    history.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`the history ended with ${status}`))));
  });
}

/** One customer and one shop of each market; the file has all. */
function showSignIns(baseUrl) {
  const { customers, shops } = JSON.parse(readFileSync(signInsFile, 'utf8'));
  const firsts = (list) => list.filter(({ cell }, place) => list.findIndex((other) => other.cell === cell) === place);
  title(`Sign-ins: some of ${customers.length} customers and ${shops.length} shops`);
  say(`  all are in ${signInsFile}`);
  say(`\n  the wallet, ${forBrowsers(baseUrl)}/wallet/: choose the market, then phone and PIN`);
  table([
    ['market', 'phone', 'PIN', 'name'],
    ...firsts(customers).map(({ cell, phone, pin, name }) => [cell, phone, pin, name]),
  ]);
  say(`\n  the counter, ${forBrowsers(baseUrl)}/merchant/: number and PIN`);
  table([
    ['market', 'number', 'PIN', 'role', 'shop'],
    ...firsts(shops).flatMap(({ cell, people, name }) => people.map((one) => [cell, one.number, one.pin, one.role, name])),
  ]);
  say('\n  for programs: tokens of the customers, and app ids of the shops');
  table([
    ['cell', 'customer or merchant', 'token or app_id'],
    ...firsts(customers).map(({ cell, customer_id, token }) => [cell, customer_id, token]),
    ...firsts(shops).map(({ cell, merchant_id, app_id }) => [cell, merchant_id, app_id]),
  ]);
}

try {
  const baseUrl = await listening();
  const sandbox = new Sandbox(baseUrl);
  const cells = await showWorld(baseUrl, sandbox);
  await makeHistory(baseUrl);
  await story(baseUrl, sandbox, cells);
  showSignIns(baseUrl);
  if (flags.once) await stop(0);
  else say(`\nThe world stays up at ${baseUrl} until Ctrl-C.`);
} catch (error) {
  if (!stopping) {
    console.error(`\ndemo: ${error.message}`);
    console.error(readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n'));
    await stop(1);
  }
}
