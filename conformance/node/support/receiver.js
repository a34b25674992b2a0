// A shop's notification receiver: an HTTP server that keeps every post and answers as it is told.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

const ARRIVES_WITHIN_MS = 15_000;

export class Receiver {
  /** Posts in order of arrival, each a plain object of decoded form fields. */
  deliveries = [];
  #server;
  #answers;
  #waiting = new Set();

  /**
   * `answers` are the first ones: an HTTP status, `'mumble'` (200 without the word) or `'hang'` (none at all).
   * After them every answer is 200 with `success`.
   */
  static async open(answers = []) {
    const receiver = new Receiver();
    receiver.#answers = [...answers];
    receiver.#server = createServer((request, response) => receiver.#take(request, response));
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/notify`;
  }

  async #take(request, response) {
    request.setEncoding('utf8');
    let body = '';
    for await (const chunk of request) body += chunk;
    const delivery = {
      verb: request.method,
      path: request.url,
      contentType: request.headers['content-type'],
      fields: Object.fromEntries(new URLSearchParams(body)),
      open: true,
    };
    response.once('close', () => {
      delivery.open = false;
    });
    const answer = this.#answers.length > 0 ? this.#answers.shift() : 'success';
    if (answer !== 'hang') {
      response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'text/plain' });
      response.end(answer === 'success' ? 'success' : 'thank you');
    }
    this.deliveries.push(delivery);
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves with the first `count` deliveries whose fields contain `wanted`, as soon as there are so many. */
  async expect(count, wanted = {}) {
    const matching = () =>
      this.deliveries.filter(({ fields }) => Object.entries(wanted).every(([name, value]) => fields[name] === value));
    let look;
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        look = () => {
          if (matching().length >= count) resolve(matching().slice(0, count));
        };
        this.#waiting.add(look);
        timer = setTimeout(() => {
          const seen = JSON.stringify(this.deliveries.map(({ fields }) => fields), null, 1);
          reject(new Error(`${matching().length} of ${count} deliveries with ${JSON.stringify(wanted)}; all: ${seen}`));
        }, ARRIVES_WITHIN_MS);
        look();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Posts are forms in UTF-8, signed by the gateway, and carry no empty values. */
export function assertGenuine(sdk, delivery) {
  assert.equal(delivery.verb, 'POST');
  assert.match(delivery.contentType, /^application\/x-www-form-urlencoded/i);
  for (const [name, value] of Object.entries(delivery.fields)) assert.notEqual(value, '', `${name} is empty`);
  assert.equal(sdk.checkNotifySignV2(delivery.fields), true, `signature of ${JSON.stringify(delivery.fields)}`);
  // The same check must notice a forged amount, or the line above proves nothing.
  assert.equal(sdk.checkNotifySignV2({ ...delivery.fields, total_amount: '999999.00' }), false);
}
