// A Sycee of our own: started on a free port with a fresh data directory, stopped with SIGTERM, then audited.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = path.resolve(
  process.env.SYCEE_BIN ?? path.join(import.meta.dirname, '../../../target/debug/sycee'),
);
const READY_WITHIN_MS = 60_000;
// The contract says 10 s; the rest is for a machine that is busy building.
const STOPPED_WITHIN_MS = 20_000;
const KEPT_LOG_LINES = 60;

/** Collects what a child process says, so that a failure can show the end of it. */
function keepLog(stream, lines) {
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    if (lines.length > KEPT_LOG_LINES) lines.shift();
  });
}

function exited(child) {
  return new Promise((resolve) => child.once('close', (status, signal) => resolve({ status, signal })));
}

function within(milliseconds, promise, message) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Starts a server in sandbox mode, with further options of `serve`, and resolves when it says that it listens. */
export async function startServer(...options) {
  const directory = await mkdtemp(path.join(tmpdir(), 'sycee-conformance-'));
  const log = [];
  const command = ['serve', '--sandbox', '--listen', '127.0.0.1:0', '--data', directory, ...options];
  const child = spawn(BINARY, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = exited(child);
  keepLog(child.stderr, log);
  // A test file that dies must not leave a server behind.
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);

  const ready = new Promise((resolve, reject) => {
    child.once('error', reject);
    end.then(({ status, signal }) =>
      reject(new Error(`the server ended before it was ready (${status ?? signal}):\n${log.join('\n')}`)),
    );
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /listening on (http:\/\/\S+)/.exec(line);
      if (match) resolve(match[1].replace(/\/$/, ''));
      else log.push(line);
    });
  });
  const kill = () => {
    process.removeListener('exit', killAtExit);
    child.kill('SIGKILL');
  };
  const noAddress = () => `no "listening on" line:\n${log.join('\n')}`;
  const baseUrl = await within(READY_WITHIN_MS, ready, noAddress).catch((error) => {
    kill();
    throw error;
  });

  return {
    baseUrl,
    /** Ends the server at once, for when a test run breaks off; without effect once it has ended. */
    kill,
    /** Asks the server to stop, expects exit status 0, then expects the audit of its data to hold. */
    async stopAndAudit() {
      child.kill('SIGTERM');
      const { status, signal } = await within(
        STOPPED_WITHIN_MS,
        end,
        () => `the server did not stop on SIGTERM:\n${log.join('\n')}`,
      );
      assert.equal(status, 0, `exit status ${status ?? signal} after SIGTERM:\n${log.join('\n')}`);

      const lines = [];
      const audit = spawn(BINARY, ['audit', '--data', directory], { stdio: ['ignore', 'pipe', 'pipe'] });
      keepLog(audit.stdout, lines);
      keepLog(audit.stderr, lines);
      const verdict = await exited(audit);
      assert.equal(verdict.status, 0, `sycee audit: exit status ${verdict.status}\n${lines.join('\n')}`);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
