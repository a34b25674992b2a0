// Actors for the test of kills (../../own-api-python/test_kills.py). Standard input: a line of JSON that says who there is, then
// `over` when the kills are over, then `again`. Standard output: a line of JSON for each step that was done, at the end of each
// phase a line that says so. Whatever is wrong ends the process with exit status 1.

import { createInterface } from 'node:readline';

import { Actor, type People } from './steps.js';

interface Told {
  baseUrl: string;
  seeds: number[];
  people: People;
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
const { baseUrl, seeds, people } = JSON.parse(first.value as string) as Told;

let over = false;
const actors = seeds.map((seed) => new Actor(baseUrl, seed, people, (done) => say({ done })));
const running = actors.map((actor) => actor.run(() => over));
// Whoever fails says so at once, not when the others have ended.
const failed = Promise.all(running);
await Promise.race([failed, lines.next()]);
over = true;
await failed;
const sum = (count: (actor: Actor) => number): number => actors.map(count).reduce((left, right) => left + right, 0);
say({ over: { retried: sum((actor) => actor.retried), foundDone: sum((actor) => actor.foundDone) } });

await lines.next();
for (const actor of actors) await actor.askEverythingAgain();
say({ again: sum((actor) => actor.agains.length) });
process.exit(0);
