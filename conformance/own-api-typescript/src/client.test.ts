// The client alone, against a server that does what a test says: what is sent again, and under which key; money; streams.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';

import { Client, ProblemError, UnansweredError, bearer, decimal, money } from '../../../clients/typescript/dist/index.js';
import { retryAfterMs } from '../../../clients/typescript/dist/calling.js';
import { serverSent } from '../../../clients/typescript/dist/streaming.js';

type Scripted = 'break' | string | [status: number, code: string];

const SENT = '{"transfer": "1", "payee": "2", "money": {"currency": "EUR", "minor": "1"}, "balance_minor": "0"}';
const SEND = { payee: '2088070000000000', money: { currency: 'EUR', minor: '1' } };

let answers: Scripted[] = [];
let keys: (string | undefined)[] = [];
let client: Client;

const server = createServer((request, response) => {
  request.resume();
  keys.push(request.headers['idempotency-key'] as string | undefined);
  const answer = answers.shift() ?? 'break';
  if (answer === 'break') {
    request.socket.destroy();
  } else if (typeof answer === 'string') {
    response.setHeader('content-type', 'application/json').end(answer);
  } else {
    const [status, code] = answer;
    const problem = { type: '/problems/x', title: 't', status, code, detail: 'd', money: 'm', what_to_do: 'w' };
    response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '0' });
    response.end(JSON.stringify(problem));
  }
});

before(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  client = new Client({ baseUrl: `http://127.0.0.1:${port}`, credential: bearer('t') });
});

beforeEach(() => {
  [answers, keys] = [[], []];
});

after(() => {
  server.close();
  server.closeAllConnections();
});

const FAILURES: Scripted[][] = [['break'], [[503, 'busy']], [[429, 'too_many_requests']], ['break', [503, 'cell_stopped']]];

for (const failures of FAILURES) {
  test(`after ${JSON.stringify(failures)} it is sent again under the same key`, async () => {
    answers = [...failures, SENT];
    assert.equal((await client.send(SEND)).transfer, '1');
    assert.equal(keys.length, failures.length + 1);
    assert.equal(new Set(keys).size, 1);
    answers = [SENT];
    await client.send(SEND);
    assert.notEqual(keys.at(-1), keys[0], 'another call has another key');
  });
}

test('Retry-After is seconds or a date, and anything else asks for nothing', () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  for (const [header, waitMs] of [
    [null, 0],
    ['2', 2_000],
    ['Sun, 29 Nov 2026 12:01:30 GMT', 90_000],
    ['Sun, 29 Nov 2026 11:00:00 GMT', 0],
    ['soon', 0],
    ['', 0],
  ] as const) {
    assert.equal(retryAfterMs(header, now), waitMs, String(header));
  }
});

test('what was refused is not sent again', async () => {
  answers = [[402, 'balance_not_enough']];
  await assert.rejects(client.send(SEND), (error) => error instanceof ProblemError && error.money === 'm');
  assert.equal(keys.length, 1);
});

test('what has neither key nor number is sent once, unless it is certain that it was not done', async () => {
  answers = ['break', SENT];
  await assert.rejects(client.makeKey({ algorithm: 'hmac-sha256' }), UnansweredError);
  assert.deepEqual(keys, [undefined]);
  answers = [[503, 'busy'], '{"key": "k", "algorithm": "hmac-sha256", "created_at": "2026-01-01T00:00:00Z"}'];
  assert.equal((await client.makeKey({ algorithm: 'hmac-sha256' })).key, 'k');
});

test('patience ends, and the error has the key', async () => {
  answers = Array.from({ length: 1_000 }, (): Scripted => [503, 'busy']);
  await assert.rejects(client.send(SEND, { patienceMs: 0 }), (error) => {
    return error instanceof ProblemError && error.code === 'busy' && error.key === keys[0];
  });
});

test('amounts are exact or refused', () => {
  for (const [currency, text, minor] of [
    ['EUR', '12.50', '1250'],
    ['EUR', '0.05', '5'],
    ['JPY', '1250', '1250'],
    ['KWD', '1.234', '1234'],
    ['EUR', '100000000000000.00', '10000000000000000'],
  ] as const) {
    assert.deepEqual(money(currency, text), { currency, minor });
    assert.equal(decimal({ currency, minor }), text);
  }
  for (const [currency, text] of [
    ['EUR', '12.505'],
    ['JPY', '1.5'],
    ['EUR', '-1'],
    ['EUR', '1,50'],
    ['EUR', ''],
    ['EUR', '100000000000000.01'],
    ['XXX', '1'],
  ] as const) {
    assert.throws(() => money(currency, text), RangeError, `${currency} ${text}`);
  }
});

test('streams are read event by event', async () => {
  const chunks = ['id: 7\nda', 'ta: {"a": 1}\n\n: hello\n\nid: 8\n\nda', 'ta: x\ndata: y\n\ndata: cut off\n'];
  async function* body() {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  }
  const read = [];
  for await (const { id, data } of serverSent(body())) read.push([id, data]);
  assert.deepEqual(read, [
    ['7', '{"a": 1}'],
    ['8', ''],
    [undefined, 'x\ny'],
  ]);
});
