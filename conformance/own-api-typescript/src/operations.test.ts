// Every operation of the document is done through the generated client.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { type Server, startServer } from '../../node/support/server.js';
import { SCENARIOS } from './scenarios.js';
import { World, described, offered } from './world.js';

let server: Server;
let world: World;
const ran = new Set<string>();

before(async () => {
  server = await startServer('--cells', 'fr,th,net');
  world = new World(server.baseUrl);
});

after(async () => {
  await server.stopAndAudit();
});

async function run(name: string): Promise<void> {
  ran.add(name);
  await SCENARIOS[name]?.(world);
}

for (const name of Object.keys(SCENARIOS)) {
  test(name, () => run(name));
}

test('every operation of the document was done; whoever adds one adds a scenario', async () => {
  for (const name of Object.keys(SCENARIOS)) {
    if (!ran.has(name)) await run(name);
  }
  assert.deepEqual(offered(), described(), 'renew the client: cargo xtask clients');
  assert.deepEqual(world.undone(), [], 'these operations need a scenario in scenarios.ts');
});

test('the books balance', async () => {
  await world.sandbox('POST', '/clock/advance', { seconds: 0 });
  type Books = { invariants: { name: string; holds: boolean }[] };
  const { invariants } = await world.sandbox<Books>('GET', '/cells/fr/trial-balance');
  assert.ok(invariants.length > 0);
  assert.deepEqual(invariants.filter(({ holds }) => !holds), []);
});
