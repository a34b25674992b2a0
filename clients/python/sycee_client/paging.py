"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypedDict, TypeVar

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list; `next` is where the next one begins."""

    items: list[Item]
    next: str | None


def every(ask: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """Every item of a list: `for order in every(lambda cursor: shop.list_orders({"limit": 100, "cursor": cursor})): …`."""
    cursor: str | None = None
    while True:
        page = ask(cursor)
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return
