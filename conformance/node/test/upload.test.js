// Pictures that go as parts of a form, in both versions, by the SDK's own form classes.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { AlipayFormData, AlipayFormStream, AlipayRequestError } from 'alipay-sdk';
import { assertFailed, assertSucceeded, conformance, newKey } from '../support/world.js';

const UPLOAD = 'alipay.offline.material.image.upload';
const PATH = '/v3/alipay/offline/material/image/upload';

/** What begins as a picture of the type PNG, with every byte in it. */
function picture(size = 1000) {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = at % 256;
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').copy(bytes);
  return bytes;
}

function form(content, fields = {}) {
  const data = new AlipayFormData();
  const all = { image_type: 'PNG', image_name: 'La façade & {1}.png', ...fields };
  for (const [name, value] of Object.entries(all)) data.addField(name, value);
  data.addFile('image_content', 'a b.png', content);
  return data;
}

async function assertShown(url, content) {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), content);
}

await conformance(async (world) => {
  await test('version 2: from memory, from a stream, from a file', async () => {
    const shop = await world.shop();
    const content = picture();
    const folder = await mkdtemp(join(tmpdir(), 'upload-'));
    const path = join(folder, 'a.png');
    await writeFile(path, content);
    try {
      const ids = new Set();
      for (const source of [content, Readable.from([content.subarray(0, 10), content.subarray(10)]), path]) {
        const sent = await shop.sdk.exec(UPLOAD, {}, { formData: form(source), validateSign: true });
        assertSucceeded(sent);
        assert.match(sent.imageId, /^[0-9a-f]{32}$/);
        await assertShown(sent.imageUrl, content);
        ids.add(sent.imageId);
      }
      assert.equal(ids.size, 1, 'the same picture is the same number');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  await test('version 3: by both form classes, and the same picture is the same number', async () => {
    const shop = await world.shop();
    const content = picture(2_000_000);
    const sdk = shop.sdkWith({ endpoint: world.baseUrl });
    const first = await sdk.curl('POST', PATH, { form: form(content) });
    assert.equal(first.responseHttpStatus, 200);
    await assertShown(first.data.image_url ?? first.data.imageUrl, content);
    const stream = new AlipayFormStream();
    stream.buffer('image_content', content, 'a.png');
    const body = { image_type: 'png', image_name: 'x' };
    const second = await sdk.curl('POST', PATH, { form: stream, body });
    assert.deepEqual(second.data, first.data);
  });

  await test('what is wrong is said', async () => {
    const shop = await world.shop();
    const exec = (data) => shop.sdk.exec(UPLOAD, {}, { formData: data, validateSign: true });
    assertFailed(await exec(form(Buffer.from('<svg/>'))), 'INVALID_PARAM');
    assertFailed(await exec(form(picture(), { image_type: 'exe' })), 'INVALID_PARAM');
    assertFailed(await exec(form(picture(5 * 1024 * 1024 + 1))), 'isv.invalid-parameter', '40002');
    const foreign = shop.sdkWith({ privateKey: newKey().privatePem, endpoint: world.baseUrl });
    assertFailed(await foreign.exec(UPLOAD, {}, { formData: form(picture()), validateSign: true }), 'isv.invalid-signature', '40002');
    await assert.rejects(foreign.curl('POST', PATH, { form: form(picture()) }), (error) => {
      assert.ok(error instanceof AlipayRequestError, String(error));
      assert.deepEqual([error.responseHttpStatus, error.code], [401, 'invalid-signature']);
      return true;
    });
  });
});
