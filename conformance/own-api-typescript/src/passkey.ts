// A passkey in software: what an authenticator answers (W3C Web Authentication, level 3), as far as these tests ask.

import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

/** Flags of authenticator data (section 6.1): a user was present and verified; a credential is attached. */
const PRESENT_AND_VERIFIED = 0x05;
const ATTACHED = 0x40;

interface Options {
  challenge: string;
  rpId?: string;
  rp?: { id: string };
  user?: { id: string };
}

function sha256(data: Buffer | string): Buffer {
  return createHash('sha256').update(data).digest();
}

/** One credential of one site, made when it is asked for. */
export class SoftPasskey {
  readonly #origin: string;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #id = randomBytes(32);
  #user = '';
  #used = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  #clientData(type: string, { challenge }: Options): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.#origin, crossOrigin: false }));
  }

  #authenticatorData(site: string, flags: number): Buffer {
    this.#used += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#used);
    return Buffer.concat([sha256(site), Buffer.from([flags]), counter]);
  }

  /** What `navigator.credentials.create` gives, by its `toJSON`. */
  create(asked: unknown): unknown {
    const options = asked as Options;
    this.#user = options.user?.id ?? '';
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    // COSE_Key (RFC 9052, section 7): EC2, ES256, P-256, x, y.
    const head = Buffer.from('a501020326200121', 'hex');
    const bytes32 = Buffer.from('5820', 'hex');
    const coordinate = (text = '') => Buffer.concat([bytes32, Buffer.from(text, 'base64url')]);
    const key = Buffer.concat([head, coordinate(x), Buffer.from('22', 'hex'), coordinate(y)]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.#id.length);
    const data = Buffer.concat([
      this.#authenticatorData(options.rp?.id ?? '', PRESENT_AND_VERIFIED | ATTACHED), Buffer.alloc(16), length, this.#id, key,
    ]);
    // {"fmt": "none", "attStmt": {}, "authData": data} in CBOR; data has 164 bytes.
    const attestation = Buffer.concat([
      Buffer.from('\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58', 'latin1'), Buffer.from([data.length]), data,
    ]);
    return this.#answer({
      clientDataJSON: this.#clientData('webauthn.create', options).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
    });
  }

  /** What `navigator.credentials.get` gives. */
  get(asked: unknown): unknown {
    const options = asked as Options;
    const clientData = this.#clientData('webauthn.get', options);
    const data = this.#authenticatorData(options.rpId ?? '', PRESENT_AND_VERIFIED);
    const signature = createSign('sha256').update(Buffer.concat([data, sha256(clientData)])).sign(this.#keys.privateKey);
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle: this.#user,
    });
  }

  #answer(response: Record<string, string>): unknown {
    const id = this.#id.toString('base64url');
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }
}
