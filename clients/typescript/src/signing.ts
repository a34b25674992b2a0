// Who asks: by a bearer token, or by a signature of the request (RFC 9421, digests by RFC 9530).

import { type KeyLike, createHash, createHmac, createPrivateKey, sign } from 'node:crypto';

/** What a signature covers. */
export interface Unsigned {
  method: string;
  url: URL;
  body: string | undefined;
  key: string | undefined;
}

/** Makes the headers that say who asks. */
export type Credential = (request: Unsigned) => Record<string, string>;

/** Where time comes from: milliseconds since 1970. It must be within 300 seconds of the server's. */
export type Now = () => number;

/** A token that was given to the party. */
export function bearer(token: string): Credential {
  return () => ({ authorization: `Bearer ${token}` });
}

/** Nobody yet: for signing in. */
export function anybody(): Credential {
  return () => ({});
}

/** The secret, base64, as `POST /keys` has told it. */
export function hmacSha256(keyId: string, secret: string, now: Now = Date.now): Credential {
  const bytes = Buffer.from(secret, 'base64');
  const signature = (base: string): Buffer => createHmac('sha256', bytes).update(base).digest();
  return (request) => signed(request, keyId, 'hmac-sha256', now, signature);
}

/** The private key whose public key was given to `POST /keys`. */
export function ed25519(keyId: string, privateKey: KeyLike, now: Now = Date.now): Credential {
  const key = typeof privateKey === 'string' || Buffer.isBuffer(privateKey) ? createPrivateKey(privateKey) : privateKey;
  return (request) => signed(request, keyId, 'ed25519', now, (base) => sign(null, Buffer.from(base), key));
}

function signed(
  { method, url, body, key }: Unsigned,
  keyId: string,
  algorithm: string,
  now: Now,
  signature: (base: string) => Buffer,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const covered: [string, string][] = [
    ['@method', method],
    ['@path', url.pathname],
  ];
  if (url.search !== '') covered.push(['@query', url.search]);
  if (body !== undefined) {
    const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
    headers['content-digest'] = digest;
    covered.push(['content-digest', digest]);
  }
  if (key !== undefined) covered.push(['idempotency-key', key]);

  const names = covered.map(([name]) => `"${name}"`).join(' ');
  const parameters = `(${names});created=${Math.floor(now() / 1_000)};keyid="${keyId}";alg="${algorithm}"`;
  const lines = covered.map(([name, value]) => `"${name}": ${value}`);
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n');
  headers['signature-input'] = `s=${parameters}`;
  headers['signature'] = `s=:${signature(base).toString('base64')}:`;
  return headers;
}
