"""Amounts between minor units, as the API has them, and decimals, as people write them. Digits only: no float touches
money."""

from __future__ import annotations

import re

from .generated import DECIMALS, Money

_MINOR_MAX = 10_000_000_000_000_000


def _decimals(currency: str) -> int:
    if currency not in DECIMALS:
        raise ValueError(f"{currency} is no currency of ISO 4217")
    return DECIMALS[currency]


def money(currency: str, amount: str) -> Money:
    """`money("EUR", "12.50")` is `{"currency": "EUR", "minor": "1250"}`. What the currency cannot hold is refused, never
    rounded."""
    decimals = _decimals(currency)
    found = re.fullmatch(r"([0-9]{1,17})(?:\.([0-9]+))?", amount)
    if found is None:
        raise ValueError(f"{amount!r} is no amount: digits, and a point before decimals")
    whole, fraction = found.group(1), found.group(2) or ""
    if len(fraction) > decimals:
        raise ValueError(f"{currency} has {decimals} decimals, {amount} has more")
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > _MINOR_MAX:
        raise ValueError(f"{amount} {currency} is more than an amount can be")
    return {"currency": currency, "minor": str(minor)}


def decimal(amount: Money) -> str:
    """`decimal({"currency": "EUR", "minor": "1250"})` is `12.50`."""
    decimals = _decimals(amount["currency"])
    minor = amount["minor"]
    if re.fullmatch(r"[0-9]{1,17}", minor) is None:
        raise ValueError(f"{minor!r} is no number of minor units")
    if decimals == 0:
        return minor
    digits = minor.rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}"
