// A person's browser without scripts: keeps its cookies, fills in forms, follows redirects of the server.

import assert from 'node:assert/strict';
import { attribute, browse, formOf } from './browser.js';

export class Visitor {
  cookies = new Map();

  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  async request(url, init = {}) {
    const target = new URL(url, this.baseUrl);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(target, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      assert.match(line, /; HttpOnly; SameSite=Strict/, line);
      const [name, value] = line.split(';')[0].split('=');
      this.cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) return { status: response.status, html: await response.text() };
    await response.body?.cancel();
    const next = new URL(location, target);
    return next.origin === target.origin ? this.request(next) : { status: response.status, away: next };
  }

  /** Opens a page, also one that only a link of the shop's leads to. */
  open(url) {
    return this.request(url);
  }

  /** Fills in the form of a page and presses its button. */
  send(page, fields) {
    const { url, init } = formOf(page.html);
    for (const [name, value] of Object.entries(fields)) init.body.set(name, value);
    return this.request(url, init);
  }

  /** From the shop's link to the page on which one signs in. */
  async payHere(link) {
    const { html } = await browse(link);
    const button = [...html.matchAll(/<a\b[^>]*>/gi)].map(([tag]) => tag).find((tag) => / class="button"/.test(tag));
    return this.open(attribute(button, 'href'));
  }
}
