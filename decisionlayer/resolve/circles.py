"""Order: what stands on what, dependencies first, with every circle found once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def in_order(needs: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the names so that each comes after what it needs, and the groups whose members need each other in a circle.

    Names that ``needs`` has no entry for are left out. A thing that needs itself is a group of one. Nothing recurses, so a
    chain may be as long as it likes.

    >>> in_order({"share": ["late", "all"], "late": [], "all": ["late"]})
    (('late', 'all', 'share'), ())
    >>> in_order({"a": ["b"], "b": ["a"], "c": ["a"]})
    (('b', 'a', 'c'), (('b', 'a'),))
    """
    order: list[str] = []
    groups: list[tuple[str, ...]] = []
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    for start in needs:
        if start in number:
            continue
        number[start] = lowest[start] = len(number)
        open_names.append(start)
        is_open.add(start)
        stack = [(start, iter(needs[start]))]
        while stack:
            name, rest = stack[-1]
            for need in rest:
                if need not in needs:
                    continue
                if need not in number:
                    number[need] = lowest[need] = len(number)
                    open_names.append(need)
                    is_open.add(need)
                    stack.append((need, iter(needs[need])))
                    break
                if need in is_open:
                    lowest[name] = min(lowest[name], number[need])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == number[name]:
                    group: list[str] = []
                    while not group or group[-1] != name:
                        group.append(open_names.pop())
                        is_open.discard(group[-1])
                    order += group
                    if len(group) > 1 or name in needs[name]:
                        groups.append(tuple(group))
    return tuple(order), tuple(groups)


def circle(group: Iterable[str], needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return one way round within a group, beginning with its first name by the alphabet and ending before it comes again.

    >>> circle(("b", "a"), {"a": ["b"], "b": ["x", "a"]})
    ('a', 'b')
    """
    members = set(group)
    way = [min(members)]
    while True:
        # Back to the start as soon as possible, else on to a member that was not met yet, else stop at the one met again.
        inside = [need for need in needs[way[-1]] if need in members]
        if way[0] in inside:
            return tuple(way)
        fresh = [need for need in inside if need not in way]
        if not fresh:
            return tuple(way[way.index(inside[0]) :])
        way.append(fresh[0])
