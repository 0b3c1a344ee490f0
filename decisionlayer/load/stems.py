"""What the names of tables and columns say by custom: ``customer_id`` is about a customer, ``carriers`` lists carriers.

A name is a reason to count, never a reason to believe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

#: Endings of columns that name one of something, longest first.
_ENDINGS = ("_identifier", "_number", "_code", "_uuid", "_guid", "_key", "_id", "_no", "_nr", "_pk", "_sk")
_BARE = frozenset({"id", "key", "code", "uuid", "guid", "number", "no", "nr", "pk", "sk"})
#: Words that end in ``key`` and are about something else; ``nationkey`` and ``custkey`` are about a nation and a customer.
_WORDS = frozenset({"whiskey", "passkey", "latchkey", "turnkey"})
#: The letters of a table that some people put before each of its columns, as ``l_`` before ``l_quantity``.
_PREFIX = re.compile(r"[a-z]{1,3}_")
_FIRST_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(name: str) -> str:
    """Return a name in lower case with underscores.

    >>> snake("CustomerID"), snake("Order Date"), snake("a__b")
    ('customer_id', 'order_date', 'a_b')
    """
    return re.sub(r"[\W_]+", "_", _FIRST_SPLIT.sub("_", name)).strip("_").lower()


def stem(column: str) -> str:
    """Return what a column is about, without the ending that says "the number of"; empty when it says nothing else.

    >>> stem("customer_id"), stem("carrier"), stem("id"), stem("SKU"), stem("nationkey")
    ('customer', 'carrier', '', 'sku', 'nation')
    """
    name = snake(column)
    if name in _BARE:
        return ""
    ending = next((one for one in _ENDINGS if name.endswith(one)), "")
    if not ending and _ends_in_key(name):
        ending = "key"
    return name[: len(name) - len(ending)]


def _ends_in_key(name: str) -> bool:
    return len(name) > len("monkey") and name.endswith("key") and name not in _WORDS


def plain_names(columns: Sequence[str]) -> Mapping[str, str]:
    """Return column → its name without the letters that every column of the table begins with.

    >>> dict(plain_names(["l_orderkey", "l_tax"])), dict(plain_names(["id", "l_tax"])), dict(plain_names(["l_tax"]))
    ({'l_orderkey': 'orderkey', 'l_tax': 'tax'}, {'id': 'id', 'l_tax': 'l_tax'}, {'l_tax': 'l_tax'})
    """
    prefixes = {match[0] if (match := _PREFIX.match(column.lower())) else "" for column in columns}
    if len(columns) < 2 or len(prefixes) > 1:
        return {column: column for column in columns}
    longest = len(next(iter(prefixes)))
    return {column: column[longest:] or column for column in columns}


def said(about: str, table: str) -> str:
    """Return what a stem is short for, where a table's name says it.

    >>> said("cust", "customers"), said("home", "customers"), said("", "customers")
    ('customer', 'home', '')
    """
    return singular(table) if about and singular(table).startswith(about) else about


def singular(table: str) -> str:
    """Return what one row of a table is called, by English habit.

    >>> singular("carriers"), singular("Companies"), singular("addresses"), singular("dim_customer"), singular("status")
    ('carrier', 'company', 'address', 'customer', 'status')
    """
    name = re.sub(r"^(dim|fact|fct|stg|tbl|t|d|f)_", "", snake(table))
    for ending, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending) + one
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2:
        return name.removesuffix("s")
    return name


def is_identifier(column: str) -> bool:
    """Say whether a column names something rather than measures it.

    >>> is_identifier("order_id"), is_identifier("id"), is_identifier("custkey"), is_identifier("amount")
    (True, True, True, False)
    """
    name = snake(column)
    return name in _BARE or name.endswith(_ENDINGS) or _ends_in_key(name)


def likely_key_first(columns: Sequence[str], times: Sequence[str], table: str) -> list[str]:
    """Return columns with those first that are likely part of a key: identifiers, then clocks, then all others in order.

    >>> likely_key_first(["amount", "at", "till", "sale", "id"], ["at"], "sales")
    ['id', 'sale', 'at', 'amount', 'till']
    """

    def rank(column: str) -> int:
        if snake(column) in _BARE:
            return 0
        if names_rows_of(column, table):
            return 1
        return 2 if column in times else 3

    return sorted(columns, key=rank)


def names_rows_of(column: str, table: str) -> bool:
    """Say whether a column's name is a reason to take it for a key by itself: an identifier, or called as the table's rows.

    >>> names_rows_of("order_id", "lines"), names_rows_of("sale", "sales"), names_rows_of("amount", "sales")
    (True, True, False)
    """
    return is_identifier(column) or stem(column) == singular(table)


def leads_to(columns: Sequence[str], table: str, key: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the columns whose names lead to a table's key.

    For a key of one column: a column of the same name, unless that is bare (``id``); one that is about what the key or the
    table is about (``customer``, ``customer_id``); one that ends so (``home_customer_id``, as a second role of it). A key of
    several columns is led to by columns of the same names only.

    >>> list(leads_to(["id", "shop_id", "from_shop_id", "shopper"], "shops", ["id"]))
    [('shop_id',), ('from_shop_id',)]
    >>> list(leads_to(["day", "till", "shop"], "shifts", ["shop", "day"]))
    [('shop', 'day')]
    """
    by_name = {snake(column): column for column in columns}
    if len(key) > 1:
        same = [by_name.get(snake(part)) for part in key]
        if all(same):
            yield tuple(str(column) for column in same)
        return
    words = {word for word in (stem(key[0]), singular(table)) if word}
    for name, column in by_name.items():
        same_name = name == snake(key[0]) and name not in _BARE
        if same_name or _is_about(column, words):
            yield (column,)


def _is_about(column: str, words: set[str]) -> bool:
    about = stem(column)
    return about in words or (is_identifier(column) and any(about.endswith(f"_{word}") for word in words))
