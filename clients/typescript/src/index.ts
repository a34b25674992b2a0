// A typed client of Sycee's own API: `generated.ts` has its types and operations, the rest is what every call needs.

import { type Settings, asking } from './calling.js';
import { Operations } from './generated.js';
import { following } from './streaming.js';

/** The API, asked by one party. */
export class Client extends Operations {
  constructor(settings: Settings) {
    super(asking(settings), following(settings));
  }
}

export type { Answer, CallOptions, OperationFacts, Settings } from './calling.js';
export { ProblemError, UnansweredError, UnexpectedAnswerError } from './errors.js';
export * from './generated.js';
export { decimal, money } from './money.js';
export { type Page, every } from './paging.js';
export { type Credential, type Unsigned, anybody, bearer, ed25519, hmacSha256 } from './signing.js';
