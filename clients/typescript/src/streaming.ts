// Server-sent events: read as they come, and taken up again where they stood when the connection ends.

import { setTimeout as pause } from 'node:timers/promises';

import { type CallOptions, type Parts, type Settings, type Stream, address, errorOf } from './calling.js';
import { ProblemError, UnansweredError } from './errors.js';
import { OPERATIONS, type OperationName } from './generated.js';

/** How long to wait before a connection is made again; doubled while none comes about. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** One event of a stream. */
export interface ServerSent {
  id: string | undefined;
  data: string;
}

/**
 * Makes the function that follows. It ends with `options.signal`, with `break`, or when no connection comes about in
 * patience.
 */
export function following({ baseUrl, credential, patienceMs = 30_000, onAnswer }: Settings): Stream {
  const origin = new URL(baseUrl).origin;

  return async function* follow<Item>(
    name: OperationName,
    parts: Parts,
    options: CallOptions = {},
  ): AsyncGenerator<Item> {
    const url = address(origin, OPERATIONS[name].path, parts);
    const { signal } = options;
    let last: string | undefined;
    let attempts = 0;
    let until = Date.now() + (options.patienceMs ?? patienceMs);
    while (!signal?.aborted) {
      attempts += 1;
      const broken = new AbortController();
      let failure: unknown = new Error('the stream has ended');
      try {
        const who = credential({ method: 'GET', url, body: undefined, key: undefined });
        const headers = { accept: 'text/event-stream, application/problem+json', ...who };
        const going = last === undefined ? headers : { ...headers, 'last-event-id': last };
        const both = signal ? AbortSignal.any([signal, broken.signal]) : broken.signal;
        const response = await fetch(url, { headers: going, signal: both, redirect: 'error' });
        const answer = { operation: name, status: response.status, headers: response.headers, key: undefined, attempts };
        onAnswer?.(answer);
        options.onAnswer?.(answer);
        if (!response.ok || !response.body) throw errorOf(name, response, await response.text(), undefined, attempts);
        for await (const event of serverSent(response.body)) {
          attempts = 0;
          until = Date.now() + (options.patienceMs ?? patienceMs);
          last = event.id ?? last;
          if (event.data !== '') yield JSON.parse(event.data) as Item;
        }
      } catch (error) {
        if (error instanceof ProblemError && ![429, 503].includes(error.status)) throw error;
        failure = error;
      } finally {
        // Also when whoever follows has had enough.
        broken.abort();
      }
      if (signal?.aborted) return;
      if (Date.now() > until) throw new UnansweredError(name, undefined, attempts, failure);
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts));
    }
  };
}

/** The events in a body (WHATWG HTML, section 9.2.6), as far as one server sends them: lines end with a line feed. */
export async function* serverSent(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSent> {
  const decoder = new TextDecoder();
  let rest = '';
  let event: ServerSent = { id: undefined, data: '' };
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line.replace(/\r$/, '')) ?? [];
      if (line.trim() === '') {
        if (event.id !== undefined || event.data !== '') yield event;
        event = { id: undefined, data: '' };
      } else if (field === 'id') {
        event.id = value;
      } else if (field === 'data') {
        event.data += event.data === '' ? value : `\n${value}`;
      }
    }
  }
}
