// One request: sent, and sent again under the same key until it is answered or patience ends.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { ProblemError, UnansweredError, UnexpectedAnswerError, isProblem } from './errors.js';
import { OPERATIONS, type OperationName } from './generated.js';
import type { Credential } from './signing.js';

/** Below which path the API is. */
const BASE_PATH = '/api/v1';
/** How long to wait before the second attempt; doubled for each further one. */
const FIRST_PAUSE_MS = 50;
/** The longest pause of our own; a server's Retry-After may be longer. */
const LONGEST_PAUSE_MS = 2_000;

/** What a header Retry-After asks for: seconds or a date, RFC 9110 section 10.2.3. Nothing if it is neither. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  if (header === null) return 0;
  const waitMs = /^\d+$/.test(header) ? 1_000 * Number(header) : Date.parse(header) - nowMs;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : 0;
}

/** What the document says of how an operation is asked. */
export interface OperationFacts {
  method: string;
  path: string;
  /**
   * What makes a repeat one request: `read` changes nothing, `key` has the header Idempotency-Key, `number` a number of
   * the caller's own; `never` has nothing, and is not sent again unless it is certain that it was not done.
   */
  repeat: 'read' | 'key' | 'number' | 'never';
  /** `stream` does not end: one event after the other, each JSON. */
  reply: 'json' | 'text' | 'stream';
}

/** An answer before it is read; for logs and tests. */
export interface Answer {
  operation: OperationName;
  status: number;
  headers: Headers;
  /** The key that was sent, if the operation takes one. */
  key: string | undefined;
  /** How often it was sent. */
  attempts: number;
}

/** What may be said of one call. */
export interface CallOptions {
  /** One is made for each call if none is given; give one to finish a call of an earlier process. */
  idempotencyKey?: string;
  /** Gives up. Whether it was done is not known then. */
  signal?: AbortSignal;
  /** For how long to try, instead of the client's patience. */
  patienceMs?: number;
  /** Is told of every answer, also of those after which the call is tried again. */
  onAnswer?: (answer: Answer) => void;
}

/** The parts of a request. */
export interface Parts {
  path?: Record<string, string>;
  query?: object | undefined;
  body?: unknown;
  /** The media type that is wanted, if it is not JSON. */
  accept?: string;
}

/** Asks an operation by its name. */
export type Ask = <Reply>(name: OperationName, parts: Parts, options?: CallOptions) => Promise<Reply>;

/** Follows an operation that does not end, by its name. */
export type Stream = <Item>(name: OperationName, parts: Parts, options?: CallOptions) => AsyncIterable<Item>;

/** How a client is made. */
export interface Settings {
  /** The server's origin, such as `https://pay.example`. */
  baseUrl: string;
  credential: Credential;
  /** For how long a call is tried before it ends with an error. */
  patienceMs?: number;
  /** How long one attempt may take. */
  attemptMs?: number;
  /** Is told of every answer to every call. */
  onAnswer?: (answer: Answer) => void;
}

interface Sent {
  response: Response;
  text: string;
}

/** Makes the function that asks. */
export function asking(settings: Settings): Ask {
  const { credential, patienceMs = 30_000, attemptMs = 15_000 } = settings;
  const origin = new URL(settings.baseUrl).origin;

  return async function ask<Reply>(name: OperationName, parts: Parts, options: CallOptions = {}): Promise<Reply> {
    const facts: OperationFacts = OPERATIONS[name];
    const key = facts.repeat === 'key' ? (options.idempotencyKey ?? randomUUID()) : undefined;
    const url = address(origin, facts.path, parts);
    const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
    const until = Date.now() + (options.patienceMs ?? patienceMs);

    for (let attempts = 1; ; attempts += 1) {
      const accept = `${parts.accept ?? 'application/json'}, application/problem+json`;
      const headers: Record<string, string> = { accept };
      if (key !== undefined) headers['idempotency-key'] = key;
      if (body !== undefined) headers['content-type'] = 'application/json';
      // A signature says when it was made, so each attempt has its own.
      Object.assign(headers, credential({ method: facts.method, url, body, key }));

      let failure: unknown;
      let wait = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1)) * (0.5 + Math.random() / 2);
      try {
        const { response, text } = await send(url, { method: facts.method, headers, body }, attemptMs, options.signal);
        const answer: Answer = { operation: name, status: response.status, headers: response.headers, key, attempts };
        settings.onAnswer?.(answer);
        options.onAnswer?.(answer);
        if (response.ok) return (facts.reply === 'json' && !parts.accept ? JSON.parse(text) : text) as Reply;
        const refused = errorOf(name, response, text, key, attempts);
        if (!isWorthRepeating(facts, refused)) throw refused;
        failure = refused;
        wait = Math.max(wait, retryAfterMs(response.headers.get('retry-after'), Date.now()));
      } catch (error) {
        if (error instanceof ProblemError || error instanceof UnexpectedAnswerError) throw error;
        if (options.signal?.aborted || (facts.repeat === 'never' && !wasNotSent(error))) {
          throw new UnansweredError(name, key, attempts, error);
        }
        failure = error;
      }
      if (Date.now() + wait > until) {
        if (failure instanceof ProblemError) throw failure;
        throw new UnansweredError(name, key, attempts, failure);
      }
      try {
        await pause(wait, undefined, options.signal ? { signal: options.signal } : {});
      } catch (error) {
        throw new UnansweredError(name, key, attempts, error);
      }
    }
  };
}

/** Where an operation is, with the values of its path and query. */
export function address(origin: string, template: string, { path = {}, query = {} }: Parts): URL {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    // A path with an empty part, `.` or `..` in it is another path.
    if (!value || value === '.' || value === '..') throw new TypeError(`${name} may not be ${JSON.stringify(value)}`);
    return encodeURIComponent(value);
  });
  const url = new URL(`${origin}${BASE_PATH}${filled}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
  }
  return url;
}

async function send(url: URL, init: RequestInit, attemptMs: number, signal?: AbortSignal): Promise<Sent> {
  const late = AbortSignal.timeout(attemptMs);
  const ends = signal ? AbortSignal.any([signal, late]) : late;
  const response = await fetch(url, { ...init, redirect: 'error', signal: ends });
  // An answer counts when it is there whole.
  return { response, text: await response.text() };
}

/** What an answer other than 200 is. */
export function errorOf(
  name: OperationName,
  response: Response,
  text: string,
  key: string | undefined,
  attempts: number,
): ProblemError | UnexpectedAnswerError {
  if (response.headers.get('content-type') === 'application/problem+json') {
    const document: unknown = JSON.parse(text);
    if (isProblem(document)) return new ProblemError(name, document, key, attempts);
  }
  return new UnexpectedAnswerError(name, response.status, text, key, attempts);
}

/** What says that it was not done, or that the same again will tell. */
function isWorthRepeating({ repeat }: OperationFacts, error: ProblemError | UnexpectedAnswerError): boolean {
  if (error instanceof ProblemError) {
    if (error.status === 429 || error.code === 'busy') return true;
    return error.status === 503 && repeat !== 'never';
  }
  // Whatever stands between did not reach the server, or its answer did not reach us.
  return [502, 503, 504].includes(error.status) && repeat !== 'never';
}

function wasNotSent(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  return cause?.code === 'ECONNREFUSED';
}
