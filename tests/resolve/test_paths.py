"""Paths walk links by role, many-to-one only, and say what they cannot reach."""

from __future__ import annotations

import pytest

from decisionlayer.resolve.reach.paths import MOST_WALKS, Paths, Route
from tests.resolve.made import BASE, model_of, only, with_metrics


def paths(extra: str = "") -> Paths:
    return Paths.of(model_of(extra) if extra else model_of())


def walked(route: Route | None) -> tuple[str, str, str] | None:
    return None if route is None else (route.path, route.end, route.holder)


@pytest.mark.parametrize(
    ("source", "asked", "path", "end", "holder"),
    [
        ("departures", "carrier", "carrier", "key", "departures"),
        ("departures", "haul", "haul", "dimension", "departures"),
        ("departures", "carrier.name", "carrier.name", "dimension", "carriers"),
        ("departures", "origin.region", "origin.region", "key", "airports"),
        ("departures", "origin.region.label", "origin.region.label", "dimension", "regions"),
        ("carriers", "carrier", "carrier", "key", "carriers"),
        ("carriers", "carrier.name", "name", "dimension", "carriers"),
        ("carriers", "name", "name", "dimension", "carriers"),
    ],
)
def test_a_path_in_full_is_walked_by_role(source: str, asked: str, path: str, end: str, holder: str) -> None:
    assert walked(paths().exact(source, tuple(asked.split(".")))) == (path, end, holder)


@pytest.mark.parametrize(
    "asked", ["distance", "time_hour", "aircraft.seats", "carrier.label", "nothing", "carrier.name.x"]
)
def test_a_question_reaches_no_raw_column_and_nothing_undeclared(asked: str) -> None:
    assert paths().exact("departures", tuple(asked.split("."))) is None


@pytest.mark.parametrize(
    ("source", "written", "end"),
    [
        ("departures", "dep_delay", "column"),
        ("departures", "never_declared", "column"),
        ("departures", "origin", "column"),
        ("departures", "destination", "key"),
        ("departures", "aircraft.seats", "column"),
        ("departures", "aircraft.tailnum", "column"),
        ("departures", "origin.region.label", "column"),
        ("departures", "is_long", "dimension"),
        ("departures", "dep_dealy", None),
        ("departures", "aircraft.engines", None),
        ("departures", "aircrft.seats", None),
    ],
)
def test_a_metric_reads_columns_and_undeclared_ones_of_its_own_table_only(
    source: str, written: str, end: str | None
) -> None:
    route = paths().exact(source, tuple(written.split(".")), "row")
    assert (route.end if route else None) == end


def test_a_unique_suffix_is_a_path() -> None:
    assert walked(paths().suffix("weather", ("label",))) == ("airport.region.label", "dimension", "regions")


def test_an_ambiguous_suffix_is_none() -> None:
    assert paths().suffix("departures", ("label",)) is None
    readings = paths().ending_in("departures", ("label",))
    assert [route.path for route in readings] == ["origin.region.label", "destination.region.label"]


def test_two_sources_meet_in_the_attribute_of_an_entity() -> None:
    known = paths()
    asked = known.exact("departures", ("origin", "name"))
    assert asked is not None
    assert known.attribute(asked) == ("airport", "name")
    assert [route.path for route in known.to_attribute("weather", "airport", "name")] == ["airport.name"]
    assert [route.path for route in known.to_attribute("departures", "airport", "name")] == [
        "origin.name",
        "destination.name",
    ]
    assert [route.path for route in known.to_attribute("weather", "airport", None)] == ["airport"]


def test_what_belongs_to_no_entity_has_no_attribute() -> None:
    known = paths()
    haul = known.exact("departures", ("haul",))
    assert haul is not None and known.attribute(haul) is None


def test_all_paths_lists_what_may_be_asked_shortest_first() -> None:
    assert list(paths().all_paths("weather")) == [
        "airport",
        "airport.name",
        "airport.region",
        "airport.region.label",
    ]


STAFF = """
sources:
  - source: people
    one_row_is: one person
    describes: person
    table: people
    key: [id]
    links: {manager: {entity: person, column: manager_id}}
    columns: {id: integer, name: text}
    dimensions: [name]
    owner: ops
"""


def test_a_circle_of_links_ends() -> None:
    known = paths(STAFF)
    assert list(known.all_paths("people")) == ["manager", "name", "person", "manager.manager", "manager.name"]
    twice = known.exact("people", ("manager", "manager", "name"))
    assert twice is not None and twice.path == "manager.manager.name"


def crowd(count: int) -> str:
    """As many entities, each linked to every other: their ways over links are more than anybody can list."""
    rows = []
    for one in range(count):
        links = ", ".join(f"e{other}: {{entity: e{other}, column: c{other}}}" for other in range(count) if other != one)
        rows.append(
            f"  - {{source: s{one}, one_row_is: a row, describes: e{one}, table: t{one}, key: [id], links: {{{links}}}, "
            "dimensions: {label: label}, owner: ops}"
        )
    return "sources:\n" + "\n".join(rows) + "\n"


def test_a_thicket_of_links_is_cut_and_must_be_asked_in_full() -> None:
    known = paths(crowd(12))
    assert len(known.walks("s0")) == MOST_WALKS
    assert known.is_cut("s0")
    assert known.suffix("s0", ("label",)) is None
    exact = known.exact("s0", ("e1", "e2", "e3", "label"))
    assert exact is not None and exact.holder == "s3"


def test_the_paths_of_a_model_are_worked_out_once() -> None:
    model = model_of()
    assert Paths.of(model) is Paths.of(model)


# -- refusals -----------------------------------------------------------------------------------------------------------


def refusal(source: str, asked: str) -> str:
    return paths().refusal(source, tuple(asked.split(".")), metric="x").render()


def test_a_typo_is_refused_with_near_names() -> None:
    assert refusal("departures", "carier.name") == (
        "error[unreachable-dimension]: `x` cannot be split by `carier.name`: `departures` leads to nothing of that name\n"
        "  help: Did you mean carrier.name or destination.name or origin.name?"
    )


def test_a_column_is_refused_with_the_way_to_make_it_a_dimension() -> None:
    assert refusal("departures", "distance").endswith(
        "help: `distance` is a column of `departures`; to ask by it, declare it under its `dimensions:`"
    )


def test_a_clock_is_refused_with_periods() -> None:
    assert refusal("departures", "time_hour").endswith(
        "help: `time_hour` is a clock: ask by a period, such as `day` or `month`"
    )


def test_an_ambiguous_path_is_refused_with_every_reading() -> None:
    assert refusal("departures", "label") == (
        "error[ambiguous-path]: `label` can be read in 2 ways for `x`: `origin.region.label`, `destination.region.label`\n"
        "  why: each of them groups the rows in another way, so they are different numbers\n"
        "  help: write the one you mean in full, such as `origin.region.label`"
    )


def test_a_path_against_a_link_is_fan_out_and_names_the_link() -> None:
    assert refusal("carriers", "haul") == (
        "error[fan-out] DL108: `x` cannot be split by `haul`: that lies against the link `carrier` of `departures`\n"
        "  why: one carrier may have many rows in `departures`, so it would count once for each of them\n"
        "  help: ask a metric over `departures`, or declare a bridge to it under `bridges:` where one row is one carrier"
    )


def test_a_path_over_a_shared_entity_is_fan_out_too() -> None:
    assert "`weather` and `departures` meet only in the airport" in refusal("weather", "carrier")


def test_a_measure_over_the_many_side_is_fan_out() -> None:
    finding = only(
        with_metrics(
            "metric: x, purpose: action, owner: ops, definition: D., unit: mile, source: carriers, measure: sum(departures.distance)"
        )
    )
    assert (finding.code, finding.subject) == ("fan-out", "metric x")
    assert "with many rows to one" in finding.message


def test_a_path_through_something_broken_names_it() -> None:
    broken = BASE.replace("table: regions", "table: a..b")
    model = model_of(base=broken)
    finding = Paths.of(model).refusal("departures", ("origin", "region", "label"))
    assert finding.code == "stands-on-broken"
    assert "source `regions`" in finding.message
