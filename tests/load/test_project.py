"""A folder of files, and declarations made in Python, become one book; whatever is wrong is a finding of it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from decisionlayer import declare
from decisionlayer.declare import Book, Entry
from decisionlayer.findings import Place
from decisionlayer.load import load_project

Write = Callable[..., Book]
METRIC = "metrics:\n  - {metric: late, measure: count(*)}\n"


def entry(book: Book, kind: str, name: str) -> Entry:
    (found,) = (e for e in book.of(kind) if e.name == name)
    return found


def rendered(book: Book) -> str:
    return "\n".join(finding.render() for finding in book.findings)


def test_everything_that_is_declared_is_read(written: Write) -> None:
    book = written(
        {
            "definitions/who.yaml": "parties: [{party: ops, kind: team, since: 2012-01-31}]\nunits: [{unit: bun}]\n",
            "definitions/deep/er/prices.YML": "assumptions: [{assumption: cost, value: 0.50, unit: EUR/bun}]\n",
            "metrics/a.yml": METRIC,
        }
    )
    assert book.findings == ()
    assert [(e.kind, e.name) for e in book.entries] == [
        ("assumption", "cost"), ("project", "bakery"), ("party", "ops"), ("unit", "bun"), ("metric", "late"),
    ]  # fmt: skip
    party, cost = entry(book, "party", "ops").item, entry(book, "assumption", "cost").item
    assert isinstance(party, declare.Party)
    assert party.since == dt.date(2012, 1, 31)
    assert isinstance(cost, declare.Assumption)
    assert (cost.value, cost.unit) == (Decimal("0.50"), "EUR/bun")


def test_short_spellings_say_the_same_as_long_ones(written: Write) -> None:
    book = written(
        {
            "definitions/s.yml": """
sources:
  - source: short
    table: t
    key: id
    time: {day: day}
    links: {shop: shop_id, till: {entity: till, columns: [shop_id, till_no]}}
    columns: {id: integer}
    dimensions: [colour, size]
metrics:
  - {metric: m, formula: a / b, translation: {terms: {a: x, b: {from: y, where: z > 1}}}}
"""
        }
    )
    assert book.findings == ()
    source = entry(book, "source", "short").item
    assert source == declare.Source(
        source="short",
        table="t",
        key=["id"],
        time={"day": declare.Clock(grain="day")},
        links={
            "shop": declare.Link(entity="", column="shop_id"),
            "till": declare.Link(entity="till", columns=("shop_id", "till_no")),
        },
        columns={"id": declare.Column(type="integer")},
        dimensions={"colour": "colour", "size": "size"},
    )
    metric = entry(book, "metric", "m").item
    assert isinstance(metric, declare.Metric)
    assert metric.translation is not None
    assert metric.translation.terms == {
        "a": declare.Term(from_="x"),
        "b": declare.Term(from_="y", where="z > 1"),
    }


def test_a_metric_may_say_that_missing_is_null(written: Write) -> None:
    book = written({"metrics/a.yml": "metrics:\n  - {metric: a, measure: count(*), missing: null}\n"})
    item = entry(book, "metric", "a").item
    assert isinstance(item, declare.Metric)
    assert (book.findings, item.missing) == ((), "null")


def test_a_year_without_quotes_is_a_time(written: Write) -> None:
    book = written({"metrics/a.yml": "views:\n  - {view: v, metrics: [m], start: 2013, end: 2013-06}\n"})
    item = entry(book, "view", "v").item
    assert isinstance(item, declare.View)
    assert (book.findings, item.start, item.end) == ((), "2013", "2013-06")


# What items share.

SHARING = """\
for_all: {owner: ops, purpose: action, source: sales, grain: {time: hour, by: [shop]}}
metrics:
  - metric: late
    measure: count(*)
  - metric: seen
    owner: bizops
    measure: sum(x)
    grain: {by: []}
parties:
  - party: ops
"""


def test_what_is_shared_fills_what_an_item_does_not_say(written: Write) -> None:
    book = written({"metrics/a.yml": SHARING})
    assert book.findings == ()
    late, seen = entry(book, "metric", "late").item, entry(book, "metric", "seen").item
    assert isinstance(late, declare.Metric)
    assert isinstance(seen, declare.Metric)
    assert (late.owner, late.source, late.grain) == ("ops", "sales", declare.Grain(time="hour", by=("shop",)))
    # An item's own key wins whole: its grain has no time.
    assert (seen.owner, seen.source, seen.grain) == ("bizops", "sales", declare.Grain(by=()))


def test_what_is_shared_has_its_place_where_it_was_written(written: Write) -> None:
    book = written({"metrics/a.yml": SHARING})
    late, seen = entry(book, "metric", "late").origin, entry(book, "metric", "seen").origin
    assert late.place("owner") == Place("metrics/a.yml", 1, 18)
    assert late.place("grain", "by", 0) == Place("metrics/a.yml", 1, 80)
    assert late.place("measure") == Place("metrics/a.yml", 4, 14)
    assert seen.place("owner") == Place("metrics/a.yml", 6, 12)
    assert seen.place("grain", "time") == Place("metrics/a.yml", 8, 12)
    assert set(seen.parts) == {
        (), ("metric",), ("owner",), ("measure",), ("grain",), ("grain", "by"), ("purpose",), ("source",),
    }  # fmt: skip


def test_each_document_of_a_file_shares_its_own(written: Write) -> None:
    book = written({"metrics/a.yml": f"for_all: {{owner: ops}}\n{METRIC}---\nmetrics: [{{metric: b, measure: count(*)}}]\n"})
    assert book.findings == ()
    assert [getattr(e.item, "owner", "?") for e in book.of("metric")] == ["ops", None]


def test_a_unit_is_shared_with_metrics_and_is_the_name_of_units(written: Write) -> None:
    book = written({"metrics/a.yml": f"for_all: {{unit: bun}}\nunits: [{{unit: roll}}]\n{METRIC}"})
    assert book.findings == ()
    assert getattr(entry(book, "metric", "late").item, "unit", None) == "bun"


# Places within a value.


def test_a_place_within_an_expression_is_that_in_the_file(written: Write) -> None:
    text = """\
metrics:
  - metric: late
    measure: 'count(*) filter (where haul = ''short'' and x > 1)'
    where: >
      a > 1
      and b > 2
"""
    origin = entry(written({"metrics/a.yml": text}), "metric", "late").origin
    inside = "count(*) filter (where haul = 'short' and x > 1)"
    # Before the x stand two quotes more in the file than in the text.
    assert origin.place("measure", offset=inside.index("x >")) == Place("metrics/a.yml", 3, 15 + inside.index("x >") + 2)
    assert origin.place("where", offset="a > 1 and b > 2".index("b")) == Place("metrics/a.yml", 6, 11)
    assert origin.place("where", "nothing", offset=3) == Place("metrics/a.yml", 5, 7)
    assert origin.key_place("where") == Place("metrics/a.yml", 4, 5)


# Where projects cannot be read.


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    book = load_project(tmp_path / "nowhere")
    assert rendered(book) == f"""\
error[unreadable]: there is no folder `{tmp_path}/nowhere`
  --> {tmp_path}/nowhere:1:1
  help: check the path"""


def test_a_path_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text("project: {name: x}")
    book = load_project(tmp_path / "project.yml")
    assert rendered(book) == f"""\
error[unreadable]: `{tmp_path}/project.yml` is a file; a project is the folder that holds definitions and metrics
  --> {tmp_path}/project.yml:1:1
  help: name the folder"""


def test_a_folder_without_a_project(tmp_path: Path) -> None:
    assert rendered(load_project(tmp_path)) == f"""\
error[unreadable]: `{tmp_path}` holds no project: it has neither a definitions nor a metrics folder
  --> {tmp_path}:1:1
  help: `decisionlayer init` writes one"""


def test_a_project_that_nobody_named(written: Write) -> None:
    book = written({"metrics/a.yml": METRIC}, project="# to come\n")
    assert rendered(book) == """\
error[missing-key]: no file says what the project is called and in which time zone its days begin
  --> definitions/project.yml:1:1
  help: add `project: {name: NAME, timezone: Europe/Berlin, week_start: monday}`"""
    assert [e.name for e in book.of("metric")] == ["late"]


@pytest.mark.parametrize("project", ["project: {nam: x}\n", "project: bakery\n", "project: {name: a\n", "project:\n"])
def test_a_project_that_cannot_be_read_is_not_missing_too(written: Write, project: str) -> None:
    book = written({}, project=project)
    assert len(book.findings) == 1
    assert book.findings[0].place is not None
    assert book.findings[0].place.file == "definitions/project.yml"


def test_a_link_that_leads_nowhere(written: Write, tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "gone.yml").symlink_to(tmp_path / "nothing.yml")
    assert rendered(written({})) == """\
error[unreadable]: this is a link to something that is not there
  --> metrics/gone.yml:1:1
  why: what it declares is missing from the project"""


def test_a_file_that_may_not_be_read(written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    book = written({})
    assert rendered(book) == """\
error[unreadable]: you are not allowed to read this
  --> definitions/project.yml:1:1
  why: what it declares is missing from the project"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_not_waited_for(written: Write, tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    os.mkfifo(tmp_path / "metrics" / "pipe.yml")
    assert [f.message for f in written({}).findings] == ["this is no ordinary file"]


def test_a_loop_of_folders_ends(written: Write, tmp_path: Path) -> None:
    (tmp_path / "metrics" / "deep").mkdir(parents=True)
    (tmp_path / "metrics" / "deep" / "back").symlink_to(tmp_path / "metrics", target_is_directory=True)
    book = written({"metrics/a.yml": METRIC})
    assert (book.findings, [e.name for e in book.of("metric")]) == ((), ["late"])


def test_records_hidden_files_and_python_are_no_declarations(written: Write, tmp_path: Path) -> None:
    book = written(
        {
            "definitions/records/sign/2026-01-01-ab.yml": "sign: [late]\n",
            "definitions/.#draft.yml": "nonsense: [",
            "metrics/.old/a.yml": METRIC,
            "definitions/more.py": "raise SystemExit(3)\n",
            "definitions/notes.txt": "nonsense: [",
        }
    )
    assert (book.findings, [e.kind for e in book.entries]) == ((), ["project"])


def test_all_findings_come_in_one_run(written: Write) -> None:
    book = written(
        {
            "definitions/a.yml": "parties:\n\t- x\n",
            "definitions/b.yml": "units: [{unit: 'a b'}]\n",
            "metrics/c.yml": "metrics:\n  - {metric: a, measure: 5, ownr: x}\n  - {metric: b}\n  - {metric: c, measure: count(*)}\n",
            "metrics/d.yml": "\nmetrics:\n  - {metric: c, measure: sum(x)}\n",
        }
    )
    assert [(f.code, str(f.place)) for f in book.findings] == [
        ("unreadable", "definitions/a.yml:2:1"),
        ("bad-name", "definitions/b.yml:1:17"),
        ("wrong-type", "metrics/c.yml:2:26"),
        ("unknown-key", "metrics/c.yml:2:29"),
        ("missing-key", "metrics/c.yml:3:5"),
        ("duplicate-name", "metrics/d.yml:3:5"),
    ]
    assert book.unread == (("unit", "a b"), ("metric", "a"), ("metric", "b"), ("metric", "c"))


def test_of_one_name_said_twice_the_first_is_kept_and_nothing_may_stand_on_it(written: Write) -> None:
    book = written({"metrics/a.yml": METRIC, "metrics/b.yml": METRIC})
    assert rendered(book) == """\
error[duplicate-name]: metric `late` is declared twice
  --> metrics/b.yml:2:5
  why: nobody can tell which of the two is meant; the first stands at metrics/a.yml:2:5
  help: rename one of them, or take it out"""
    assert [e.origin.file for e in book.of("metric")] == ["metrics/a.yml"]
    assert book.unread == (("metric", "late"),)


def test_names_in_text_that_cannot_be_read_are_known_to_be_unread(written: Write) -> None:
    text = "metrics:\n  - {metric: a, measure: count(*)}\n  - metric: b\n    measure: 'open\n  - {metric: c, measure: sum(x)}\n"
    book = written({"metrics/a.yml": text})
    assert [e.name for e in book.of("metric")] == ["a"]
    assert book.unread == (("metric", "b"), ("metric", "c"))


def test_names_under_a_mistyped_heading_are_known_to_be_unread(written: Write) -> None:
    assert written({"metrics/a.yml": "metrcs:\n  - {metric: a, measure: count(*)}\n"}).unread == (("metric", "a"),)


def test_a_heading_without_items_declares_nothing(written: Write) -> None:
    book = written({"metrics/a.yml": "metrics:\n#  - metric: late\n"})
    assert (book.findings, [e.kind for e in book.entries]) == ((), ["project"])


def test_finding_ids_do_not_change_when_lines_move(written: Write) -> None:
    before = written({"metrics/a.yml": f"{METRIC}  - {{metric: late, ownr: x}}\n"})
    after = written({"metrics/a.yml": f"# a remark\n\n{METRIC}  - {{metric: late, ownr: x}}\n"})
    assert [f.id for f in before.findings] == [f.id for f in after.findings]
    assert [f.place for f in before.findings] != [f.place for f in after.findings]


# Declarations made in Python.


def test_python_and_files_make_one_book(written: Write, tmp_path: Path) -> None:
    written({"metrics/a.yml": METRIC})
    made = declare.Metric(metric="seen", measure="sum(x)")
    book = load_project(tmp_path, declarations=[made, declare.Party(party="ops")])
    assert [(e.kind, e.name) for e in book.entries][1:] == [("metric", "late"), ("metric", "seen"), ("party", "ops")]
    place = entry(book, "metric", "seen").origin.place("measure")
    assert place.file.endswith("tests/load/test_project.py")
    assert "declare.Metric(metric=" in Path(__file__).read_text().splitlines()[place.line - 1]


def test_a_name_in_python_and_in_a_file_is_said_twice(written: Write, tmp_path: Path) -> None:
    written({"metrics/a.yml": METRIC})
    book = load_project(tmp_path, declarations=[declare.Metric(metric="late", measure="sum(x)")])
    (finding,) = book.findings
    assert (finding.code, finding.message) == ("duplicate-name", "metric `late` is declared twice")
    assert "metrics/a.yml:2:5" in finding.why


def test_a_project_may_be_named_in_python(written: Write, tmp_path: Path) -> None:
    written({"metrics/a.yml": METRIC}, project="")
    book = load_project(tmp_path, declarations=[declare.Project(name="bakery")])
    assert (book.findings, [e.kind for e in book.entries]) == ((), ["metric", "project"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("late", "text"),
        ({"metric": "late"}, "keys with values"),
        (declare.Metric, "Python's ModelMetaclass"),
        (declare.Grain(), "a Grain"),
        (None, "nothing"),
    ],
)
def test_what_does_not_stand_by_itself_is_refused(written: Write, tmp_path: Path, given: object, told: str) -> None:
    written({})
    book = load_project(tmp_path, declarations=[given])  # type: ignore[list-item]
    (finding,) = book.findings
    assert finding.message == f"item 1 of `declarations` is {told}, not a declaration that stands by itself"


def test_a_metric_made_in_python_needs_a_body_too(written: Write, tmp_path: Path) -> None:
    written({})
    book = load_project(tmp_path, declarations=[declare.Metric(metric="late")])
    assert [f.message for f in book.findings] == ["a metric needs a body"]
    assert book.unread == (("metric", "late"),)


# The same folder reads the same everywhere.


def test_files_are_read_in_one_order(written: Write) -> None:
    names = ["b.yml", "B.yml", "a.yml", "ä.yml", "a/z.yml", "_.yml"]
    book = written({f"metrics/{name}": f"units: [{{unit: u{index}}}]\n" for index, name in enumerate(names)})
    assert [e.origin.file for e in book.of("unit")] == [
        "metrics/B.yml", "metrics/_.yml", "metrics/a/z.yml", "metrics/a.yml", "metrics/b.yml", "metrics/ä.yml",
    ]  # fmt: skip
