// What a call can end with, other than its reply.

import type { OperationName, Problem } from './generated.js';

/** The server has answered that it was not done, and why (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly operation: OperationName;
  /** The document as it came. */
  readonly problem: Problem;
  /** The key that was sent, if the operation takes one. */
  readonly key: string | undefined;
  /** How often it was sent. */
  readonly attempts: number;

  constructor(operation: OperationName, problem: Problem, key: string | undefined, attempts: number) {
    super(`${operation}: ${problem.status} ${problem.code}: ${problem.detail}. ${problem.money} ${problem.what_to_do}`);
    this.operation = operation;
    this.problem = problem;
    this.key = key;
    this.attempts = attempts;
  }

  get status(): number {
    return this.problem.status;
  }

  /** The stable code. */
  get code(): Problem['code'] {
    return this.problem.code;
  }

  /** The field that is wrong, if it is one. */
  get field(): string | undefined {
    return this.problem.field ?? undefined;
  }

  /** Where the money is, one sentence. */
  get money(): string {
    return this.problem.money;
  }

  get whatToDo(): string {
    return this.problem.what_to_do;
  }
}

/** No answer came in time. Whether it was done is not known: call again with the same key, or the same number, to learn it. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
  readonly operation: OperationName;
  /** Give it as `options.idempotencyKey` to go on. */
  readonly key: string | undefined;
  readonly attempts: number;

  constructor(operation: OperationName, key: string | undefined, attempts: number, cause: unknown) {
    super(`${operation}: no answer after ${attempts} attempts; whether it was done is not known`, { cause });
    this.operation = operation;
    this.key = key;
    this.attempts = attempts;
  }
}

/** An answer that is not this API's: something else stands at this address, or in between. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
  readonly operation: OperationName;
  readonly status: number;
  readonly key: string | undefined;
  readonly attempts: number;

  constructor(operation: OperationName, status: number, text: string, key: string | undefined, attempts: number) {
    super(`${operation}: ${status} without a problem document: ${text.slice(0, 200)}`);
    this.operation = operation;
    this.status = status;
    this.key = key;
    this.attempts = attempts;
  }
}

/** Whether a document has what every problem has. */
export function isProblem(document: unknown): document is Problem {
  if (typeof document !== 'object' || document === null) return false;
  const fields = document as Record<string, unknown>;
  const texts = ['type', 'title', 'code', 'detail', 'money', 'what_to_do'];
  return typeof fields['status'] === 'number' && texts.every((name) => typeof fields[name] === 'string');
}
