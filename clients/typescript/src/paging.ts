// Lists that come in pages.

/** One page of a list; `next` is where the next one begins. */
export interface Page<Item> {
  items: Item[];
  next?: string | null;
}

/** Every item of a list: `for await (const order of every((query) => shop.listOrders(query), { limit: 100 })) …`. */
export async function* every<Item, Query extends { cursor?: string | null }>(
  list: (query: Query) => Promise<Page<Item>>,
  query: Query,
): AsyncGenerator<Item> {
  let asked = query;
  for (;;) {
    const { items, next } = await list(asked);
    yield* items;
    if (!next) return;
    asked = { ...query, cursor: next };
  }
}
