"""Steps over cells: sources that meet, the periods of a question, and the cells of other periods.

Every step here works on aggregated rows. The text of one is what a person would write who sums by day first, then looks back.
"""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.plan.bind.filling import TOO_FAR
from decisionlayer.plan.nodes import (
    Cells,
    Compute,
    DrillAcross,
    Every,
    Field,
    First,
    Instants,
    Running,
    Shift,
    Spine,
    Window,
)
from decisionlayer.plan.shape import columns as columns_of
from decisionlayer.plan.shape import fields, grain
from decisionlayer.resolve.language.tree import Name, names
from decisionlayer.resolve.language.types import BOOLEAN
from decisionlayer.sql.functions import Text, length_of
from decisionlayer.sql.naming import literal
from decisionlayer.sql.rows import Emission, Known, RowsText
from decisionlayer.sql.select import Column, Select, indented

Made = tuple[str, Mapping[str, Known]]

#: How many results are joined; more are stacked, which takes less to plan. Joining is three times as fast over many cells.
MOST_JOINED = 4


def instants(e: Emission, cells: Instants) -> Made:
    """Write the last or first instants of periods as a step."""
    rows = RowsText(e, cells)
    end = "MAX" if cells.which == "last" else "MIN"
    each = [Column(rows.speller.text(one.expr).sql, e.quoted(one.name)) for one in cells.each]
    instant = Column(f"{end}({rows.speller.text(cells.instant.expr).sql})", e.quoted(cells.instant.name))
    grouped = [*(rows.speller.text(period).sql for period in cells.periods), *(column.text for column in each)]
    select = Select((*each, instant), rows.sources(), rows.where(), group_by=tuple(grouped))
    keys = (*(one.name for one in cells.each), cells.instant.name)
    return e.named(f"{cells.which}_of_{rows.scan.source}", keys, select.text()), rows.known


def first(e: Emission, cells: First) -> Made:
    """Write the first rows of an order as a step."""
    source, known = e.step(cells.input)
    order = tuple(f"{e.quoted(each.column)}{' DESC' if each.descending else ''} NULLS LAST" for each in cells.order)
    keys = grain(cells)
    columns = (*(Column(e.quoted(name), e.quoted(name)) for name in keys), Column("TRUE", e.quoted(cells.mark)))
    select = Select(columns, (f"FROM {source}",), order=order, limit=cells.limit)
    shown = {name: known[name] for name in keys} | {cells.mark: Known(BOOLEAN, e.dialect.type(BOOLEAN))}
    return e.named("top_groups", keys, select.text()), shown


def drill_across(e: Emission, cells: DrillAcross) -> Made:
    """Write several results as one: stacked and grouped once, what stands beside them joined to it."""
    keys = [key.name for key in cells.keys]
    inputs = [e.step(each) for each in cells.inputs]
    known: dict[str, Known] = {}
    for _, columns in inputs:
        for column, each in columns.items():
            before = known.get(column)
            known[column] = each if before is None or before == each else Known(before.type, "")
    values = [column for column in known if column not in keys]
    if len(inputs) == 1 and (cells.beside or cells.filled):
        name = inputs[0][0]
    elif keys and len(inputs) <= MOST_JOINED and any(isinstance(each, Shift | Window) for each in cells.inputs):
        name = e.named("cells", tuple(keys), _joined(e, cells, inputs, keys))
    else:
        outputs = [Column(e.quoted(key), e.quoted(key)) for key in keys]
        for column in values:
            greatest = f"MAX({e.quoted(column)})"
            outputs.append(Column(f"COALESCE({greatest}, 0)" if column in cells.counts else greatest, e.quoted(column)))
        stacked = _stacked(e, inputs, (*keys, *values))
        select = Select(tuple(outputs), ("FROM (", indented(stacked), ") AS stacked"), (), len(keys))
        name = e.named("cells", tuple(keys), select.text())
    if cells.filled is not None:
        name = _filled(e, cells, cells.filled, name, known)
    return _with_company(e, cells, name, known) if cells.beside else (name, known)


def _joined(e: Emission, cells: DrillAcross, inputs: list[Made], keys: list[str]) -> str:
    """Return the query for cells beside those of other periods: each is unique by its keys, and a NULL key matches a NULL key."""
    met: dict[str, list[str]] = {key: [] for key in keys}
    columns: list[Column] = []
    sources = []
    for number, (name, known) in enumerate(inputs, start=1):
        alias = f"cells_{number}"
        own = {key: f"{alias}.{e.quoted(key)}" for key in keys}
        if number == 1:
            sources.append(f"FROM {name} AS {alias}")
        else:
            on = " AND ".join(f"{_first_known(met[key])} IS NOT DISTINCT FROM {own[key]}" for key in keys)
            sources.append(f"FULL JOIN {name} AS {alias} ON {on}")
        for key in keys:
            met[key].append(own[key])
        for column in known:
            if column not in keys:
                text = f"{alias}.{e.quoted(column)}"
                columns.append(Column(f"COALESCE({text}, 0)" if column in cells.counts else text, e.quoted(column)))
    heads = [Column(_first_known(texts), e.quoted(key)) for key, texts in met.items()]
    return Select((*heads, *columns), tuple(sources)).text()


def _first_known(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"COALESCE({', '.join(texts)})"


def _stacked(e: Emission, inputs: list[Made], columns: tuple[str, ...]) -> str:
    """Return the rows of all inputs as one; a column that an input lacks is NULL in its rows."""
    if e.capabilities.union_by_name:  # shorter to read, and a third faster to plan with many sources
        return "\nUNION ALL BY NAME\n".join(f"SELECT * FROM {name}" for name, _ in inputs)
    return "\nUNION ALL\n".join(
        f"SELECT {', '.join(_cell(e, column, known) for column in columns)} FROM {name}" for name, known in inputs
    )


def _cell(e: Emission, column: str, known: Mapping[str, Known]) -> str:
    return e.quoted(column) if column in known else f"NULL AS {e.quoted(column)}"


def _filled(e: Emission, cells: DrillAcross, spine: Spine, name: str, known: Mapping[str, Known]) -> str:
    """Write the cells of every period and group, those without rows too; return the step's name."""
    periods, _ = e.step(spine)
    keys = [key.name for key in cells.keys]
    groups = ", ".join(e.quoted(key) for key in keys if key != spine.key.name)
    columns = [
        Column(f"{'every_period' if key == spine.key.name else 'every_group'}.{e.quoted(key)}", e.quoted(key)) for key in keys
    ]
    for column in (each for each in known if each not in keys):
        text = f"found.{e.quoted(column)}"
        columns.append(Column(f"COALESCE({text}, 0)" if column in cells.counts else text, e.quoted(column)))
    sources = [f"FROM {periods} AS every_period"]
    if groups:
        sources.append(f"CROSS JOIN (SELECT DISTINCT {groups} FROM {name}) AS every_group")
    on = " AND ".join(f"found.{e.quoted(key)} IS NOT DISTINCT FROM {column.text}" for key, column in zip(keys, columns, strict=False))
    sources.append(f"LEFT JOIN {name} AS found ON {on}")
    return e.named("every_cell", tuple(keys), Select(tuple(columns), tuple(sources)).text())


def _with_company(e: Emission, cells: DrillAcross, name: str, known: dict[str, Known]) -> Made:
    """Write the join of cells with what stands beside them, NULL keys matching NULL keys."""
    columns = [Column(f"met.{e.quoted(column)}", e.quoted(column)) for column in known]
    sources = [f"FROM {name} AS met"]
    for number, each in enumerate(cells.beside, start=1):
        # What stands beside only picks columns of a step: they are picked in the join.
        picks = isinstance(each, Compute) and each.where is None and all(c.expr == Name((c.name,)) for c in each.columns)
        beside, below = e.step(each.input if picks and isinstance(each, Compute) else each)
        wanted = [name for name in columns_of(each) if name in below]
        alias = f"beside_{number}"
        keys = grain(each)
        on = " AND ".join(f"met.{e.quoted(key)} IS NOT DISTINCT FROM {alias}.{e.quoted(key)}" for key in keys)
        sources.append(f"LEFT JOIN {beside} AS {alias} ON {on}" if keys else f"CROSS JOIN {beside} AS {alias}")
        for column in wanted:
            if column not in keys:
                text = f"{alias}.{e.quoted(column)}"
                columns.append(Column(f"COALESCE({text}, 0)" if column in cells.counts else text, e.quoted(column)))
                known[column] = below[column]
    made = e.named("cells_beside", tuple(key.name for key in cells.keys), Select(tuple(columns), tuple(sources)).text())
    return made, known


def spine(e: Emission, cells: Spine) -> Made:
    """Write the asked periods, with what each of them reads."""
    key = e.quoted(cells.key.name)
    asked = []
    for input, period in cells.inputs:
        name, below = e.step(input)
        asked.append(f"SELECT {e.speller(below).text(period).sql} AS {key} FROM {name}")
    periods = "\nUNION\n".join(asked) if len(asked) > 1 else asked[0].replace("SELECT ", "SELECT DISTINCT ", 1)
    known = {cells.key.name: Known(cells.key.type, e.dialect.type(cells.key.type))}
    where = () if cells.where is None else e.speller(known).filter_over_groups(cells.where)
    if cells.every is not None:
        name = e.named("periods_found", (cells.key.name,), periods)
        periods = _every(e, cells, cells.every, name, where)
    available = dict(known)
    sources = ["FROM (", indented(periods), ") AS asked"]
    for span in cells.spans:
        name, columns = e.step(span)
        available |= columns
        sources.append(f"CROSS JOIN {name}")
    for number, step in enumerate(cells.steps):
        speller = e.speller(available)
        later = {name.text for columns in (*cells.steps[number:], cells.columns) for column in columns for name in names(column.expr)}
        kept = [Column(e.quoted(name), e.quoted(name)) for name in available if name in later or name == cells.key.name]
        made = [Column(speller.text(column.expr).sql, e.quoted(column.name)) for column in step]
        name = e.named("periods_worked_out", (cells.key.name,), Select((*kept, *made), tuple(sources), where).text())
        available |= {column.name: Known(column.type, speller.physical(column.expr)) for column in step}
        sources, where = [f"FROM {name}"], ()
    speller = e.speller(available)
    outputs = [Column(key, key)]
    for column in cells.columns:
        outputs.append(Column(speller.text(column.expr).sql, e.quoted(column.name)))
        known[column.name] = Known(column.type, speller.physical(column.expr))
    name = e.named("periods_asked", (cells.key.name,), Select(tuple(outputs), tuple(sources), where).text())
    return _picked(e, cells, name, known) if cells.picks else (name, known)


def _picked(e: Emission, cells: Spine, name: str, known: dict[str, Known]) -> Made:
    """Write beside each asked period the last, or first, of those that it reads in which there is an instant at all."""
    columns = [Column(f"asked.{e.quoted(column)}", e.quoted(column)) for column in known]
    sources = [f"FROM {name} AS asked"]
    for number, pick in enumerate(cells.picks, start=1):
        step, below = e.step(pick.cells)
        alias, last = f"pick_{number}", f"asked.{e.quoted(pick.last)}"
        key = f"{alias}.{e.quoted(pick.key)}"
        first = None if pick.first is None else f"asked.{e.quoted(pick.first)}"
        if pick.which == "last":
            sources.append(f"ASOF LEFT JOIN {step} AS {alias} ON {last} >= {key}")
            text = key if first is None else f"CASE WHEN {key} >= {first} THEN {key} END"
        elif first is not None:
            sources.append(f"ASOF LEFT JOIN {step} AS {alias} ON {first} <= {key}")
            text = f"CASE WHEN {key} <= {last} THEN {key} END"
        else:
            sources.append(f"CROSS JOIN (SELECT MIN({e.quoted(pick.key)}) AS {e.quoted(pick.key)} FROM {step}) AS {alias}")
            text = f"CASE WHEN {key} <= {last} THEN {key} END"
        columns.append(Column(text, e.quoted(pick.name)))
        known[pick.name] = Known(pick.type, below[pick.key].physical)
    return e.named("periods_read", (cells.key.name,), Select(tuple(columns), tuple(sources)).text()), known


def _every(e: Emission, cells: Spine, every: Every, found: str, where: tuple[str, ...]) -> str:
    """Return the query for all periods of the range, those that no cell lies in too; none that has cells is lost."""
    key = e.quoted(cells.key.name)
    speller = e.speller({cells.key.name: Known(cells.key.type, e.dialect.type(cells.key.type))})
    kept = f" WHERE {' AND '.join(where)}" if where else ""
    first, last = (None if end is None else speller.text(end).sql for end in (every.first, every.last))
    if first is not None and last is not None:
        ends = f"SELECT {first} AS first, {last} AS last"
    else:
        ends = f"SELECT MIN({first or key}) AS first, MAX({last or key}) AS last FROM {found}{kept}"
    step = f"INTERVAL {length_of(every.count, every.unit)}"
    # A stray date in the year 9999 must not become millions of periods.
    far = f"first + INTERVAL {length_of(every.count * every.most, every.unit)} < last"
    guarded = f"CASE WHEN {far} THEN error({literal(TOO_FAR)}) ELSE last END"
    series = speller.cast(Text(f"unnest(generate_series(first, {guarded}, {step}))"), cells.key.type).sql
    steps = f"SELECT {series} AS {key}\nFROM ({ends}) AS ends"
    if every.starts is not None:
        steps = f"SELECT {key}\nFROM (\n{indented(steps)}\n) AS steps\nWHERE {key} = {speller.text(every.starts).sql}"
    return f"{steps}\nUNION\nSELECT {key} FROM {found}"


def shift(e: Emission, cells: Shift) -> Made:
    """Write the cells of another period beside each asked one."""
    periods, _ = e.step(cells.spine)
    base, below = e.step(cells.input)
    keys = grain(cells)
    columns = [Column(_key_of(e, key, cells.spine), e.quoted(key)) for key in keys]
    speller = e.speller(below)
    known = {key: Known(field.type, "") for key, field in _fields(cells).items() if key in keys}
    for column in cells.columns:
        text = f"base.{speller.text(column.expr).sql}" if isinstance(column.expr, Name) else speller.text(column.expr).sql
        columns.append(Column(text, e.quoted(column.name)))
        known[column.name] = Known(column.type, speller.physical(column.expr))
    sources = (
        f"FROM {periods} AS asked",
        f"JOIN {base} AS base ON base.{e.quoted(cells.key)} = asked.{e.quoted(cells.read)}",
    )
    return e.named(f"cells_of_{cells.read}", keys, Select(tuple(columns), sources).text()), known


def window(e: Emission, cells: Window) -> Made:
    """Write what is accumulated up to each asked period: in one pass along time where that gives it, else by a range join."""
    if cells.running is not None:
        return _along_time(e, cells)
    periods, _ = e.step(cells.spine)
    base, _ = e.step(cells.input)
    keys = grain(cells)
    columns = [Column(_key_of(e, key, cells.spine), e.quoted(key)) for key in keys]
    columns += [
        Column(f"{each.function.upper()}(base.{e.quoted(each.state)})", e.quoted(each.name)) for each in cells.columns
    ]
    at = f"base.{e.quoted(cells.key)}"
    bounds = [f"{at} <= asked.{e.quoted(cells.last)}"]
    if cells.first is not None:
        bounds.insert(0, f"{at} >= asked.{e.quoted(cells.first)}")
    sources = (f"FROM {periods} AS asked", f"JOIN {base} AS base ON {' AND '.join(bounds)}")
    name = e.named("cells_read", keys, Select(tuple(columns), sources, (), len(keys)).text())
    return name, _known(cells)


def _along_time(e: Emission, cells: Window) -> Made:
    assert cells.running is not None
    base, below = e.step(cells.input)
    groups = [key for key in grain(cells.input) if key != cells.key]
    key = e.quoted(cells.key)
    own = cells.last == cells.spine.key.name == cells.key
    is_whole = own and cells.spine.every is None and len(cells.spine.inputs) == 1 and cells.spine.inputs[0][0] is cells.input
    # Where every period has its cells, nothing has to be laid between them; else some may read nothing at all.
    is_dense = bool(groups) or not is_whole
    source = f"FROM {_dense(e, cells, base, groups) if is_dense else base} AS base"
    partition = [f"base.{e.quoted(group)}" for group in groups]
    if cells.running.bucket is not None:
        partition.append(e.speller(below).text(cells.running.bucket).sql)
    over = _over(cells.running, key, partition)
    columns = [Column(f"base.{e.quoted(name)}", e.quoted(name)) for name in grain(cells.input)]
    columns += [
        Column(f"{each.function.upper()}(base.{e.quoted(each.state)}) OVER {over}", e.quoted(each.name))
        for each in cells.columns
    ]
    if is_dense:
        columns.append(Column(f"COUNT(base.has_rows) OVER {over}", "rows_read"))
    name = e.named("running", grain(cells.input), Select(tuple(columns), (source,), (f"base.{key} IS NOT NULL",)).text())
    if own and not is_dense and cells.spine.where is None:
        return name, _known(cells)
    return _asked_of(e, cells, name, is_dense=is_dense), _known(cells)


def _over(running: Running, key: str, partition: list[str]) -> str:
    by = f"PARTITION BY {', '.join(partition)} " if partition else ""
    if running.reach is None:
        frame = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    else:
        frame = f"RANGE BETWEEN INTERVAL {length_of(running.reach, running.unit)} PRECEDING AND CURRENT ROW"
    return f"({by}ORDER BY base.{key} {frame})"


def _dense(e: Emission, cells: Window, base: str, groups: list[str]) -> str:
    """Write every period that is there or asked for, for every group; return the step's name."""
    periods, _ = e.step(cells.spine)
    key = e.quoted(cells.key)
    every = f"SELECT {key} FROM {base} UNION SELECT {e.quoted(cells.last)} FROM {periods}"
    columns = [Column(f"every_period.{key}", key)]
    sources = [f"FROM ({every}) AS every_period"]
    on = [f"found.{key} = every_period.{key}"]
    if groups:
        listed = ", ".join(e.quoted(group) for group in groups)
        sources.append(f"CROSS JOIN (SELECT DISTINCT {listed} FROM {base}) AS every_group")
        columns += [Column(f"every_group.{e.quoted(group)}", e.quoted(group)) for group in groups]
        on += [f"found.{e.quoted(group)} IS NOT DISTINCT FROM every_group.{e.quoted(group)}" for group in groups]
    sources.append(f"LEFT JOIN {base} AS found ON {' AND '.join(on)}")
    states = dict.fromkeys(each.state for each in cells.columns)
    columns += [Column(f"found.{e.quoted(state)}", e.quoted(state)) for state in states]
    columns.append(Column(f"found.{key}", "has_rows"))
    return e.named("every_cell", grain(cells.input), Select(tuple(columns), tuple(sources)).text())


def _asked_of(e: Emission, cells: Window, running: str, *, is_dense: bool) -> str:
    """Write those of the running values that the asked periods end with; return the step's name."""
    periods, _ = e.step(cells.spine)
    keys = grain(cells)
    columns = [
        Column(f"asked.{e.quoted(key)}" if key == cells.spine.key.name else f"running.{e.quoted(key)}", e.quoted(key))
        for key in keys
    ]
    columns += [Column(f"running.{e.quoted(each.name)}", e.quoted(each.name)) for each in cells.columns]
    sources = (
        f"FROM {periods} AS asked",
        f"JOIN {running} AS running ON running.{e.quoted(cells.key)} = asked.{e.quoted(cells.last)}",
    )
    where = ("running.rows_read > 0",) if is_dense else ()
    return e.named("cells_read", keys, Select(tuple(columns), sources, where).text())


def _key_of(e: Emission, key: str, periods: Spine) -> str:
    return f"asked.{e.quoted(key)}" if key == periods.key.name else f"base.{e.quoted(key)}"


def _fields(cells: Cells) -> dict[str, Field]:
    return {field.name: field for field in fields(cells)}


def _known(cells: Window) -> dict[str, Known]:
    known = {name: Known(field.type, "") for name, field in _fields(cells).items()}
    return known | {each.name: Known.merged(each.type, each.function) for each in cells.columns}
