// As much of a web browser as a cashier page needs: follow a link or submit a form, stop at another site.

import assert from 'node:assert/strict';

function unescapeHtml(text) {
  const names = { quot: '"', amp: '&', lt: '<', gt: '>', '#39': "'", '#x27': "'", apos: "'" };
  return text.replace(/&(quot|amp|lt|gt|#39|#x27|apos);/g, (_, name) => names[name]);
}

export function attribute(tag, name) {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  return match === null ? undefined : unescapeHtml(match[1] ?? match[2]);
}

/** What a form sends as it stands, and where to. */
export function formOf(html) {
  const form = /<form\b[^>]*>/i.exec(html)[0];
  const fields = [...html.matchAll(/<input\b[^>]*>/gi)]
    .map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')])
    .filter(([name]) => name !== undefined);
  return {
    url: attribute(form, 'action'),
    init: { method: attribute(form, 'method').toUpperCase(), body: new URLSearchParams(fields) },
  };
}

/** What a self-submitting form sends, and where to. */
export const readForm = formOf;

/** Requests a page; redirects within the server are followed, a redirect to another site is returned. */
export async function browse({ url, init = {} }) {
  const { origin } = new URL(url);
  let response = await fetch(url, { ...init, redirect: 'manual' });
  for (let hops = 0; hops < 5; hops += 1) {
    const location = response.headers.get('location');
    if (location === null) break;
    const target = new URL(location, response.url || url);
    if (target.origin !== origin) return { status: response.status, away: target };
    await response.body?.cancel();
    response = await fetch(target, { redirect: 'manual' });
  }
  return { status: response.status, type: response.headers.get('content-type'), html: await response.text() };
}

/** The text to scan that a cashier page carries as `<meta name="sycee:code" content="...">`, if it does. */
export function codeOf(html) {
  const tags = [...html.matchAll(/<meta\b[^>]*>/gi)].map(([text]) => text);
  const tag = tags.find((text) => attribute(text, 'name') === 'sycee:code');
  return tag === undefined ? undefined : attribute(tag, 'content');
}

/** Expects a cashier page for an order and gives the code on it. */
export function assertCashier({ status, type, html }, ...shown) {
  assert.equal(status, 200, html);
  assert.match(type, /^text\/html/);
  for (const text of shown) assert.ok(html.includes(text), `the page shows ${text}`);
  const code = codeOf(html);
  assert.ok(code, 'the page carries a code to scan');
  return code;
}
