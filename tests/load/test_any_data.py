"""Whatever stands where in a file, it is read or refused in plain words; nothing else can happen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisionlayer.declare import KINDS
from decisionlayer.declare.shape import keys_of
from decisionlayer.load import load_project
from decisionlayer.load.spell import key, text

SCALARS = st.sampled_from(["count(*)", "a", "", "true", "none", "2026-01-01", "x y"]).map(text) | st.sampled_from(
    ["5", "0.5", "-1", "true", "null", "~", "2013", "1e3", "day", "higher", "action"]
)
WORDS = st.sampled_from(sorted({word for _, model in KINDS.values() for word in keys_of(model)} | {"from", "near", "split", "zzz"}))


def flow(depth: int) -> st.SearchStrategy[str]:
    """Return YAML of any shape, in braces and brackets."""
    if depth == 0:
        return SCALARS
    inner = flow(depth - 1)
    listed = st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
    keyed = st.dictionaries(WORDS, inner, max_size=3).map(lambda d: "{" + ", ".join(f"{key(k)}: {v}" for k, v in d.items()) + "}")
    return SCALARS | listed | keyed


@st.composite
def files(draw: Any) -> str:
    heading = draw(st.sampled_from(sorted(KINDS)))
    kind, model = KINDS[heading]
    keys = draw(st.dictionaries(st.sampled_from(keys_of(model)) | WORDS, flow(3), max_size=4))
    item = {kind: "thing", **keys}
    shared = draw(st.dictionaries(WORDS, flow(2), max_size=2))
    lines = [f"{heading}:", "  -"] + [f"    {key(k)}: {v}" for k, v in item.items()]
    if shared:
        lines += ["for_all:"] + [f"  {key(k)}: {v}" for k, v in shared.items()]
    return "\n".join(lines)


JARGON = ("pydantic", "input should", " valid ", "tuple", "dict", "instance", "literal", "modelmetaclass", "cannot be read:", "{wanted}")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(files())
def test_any_file_is_read_or_refused_in_plain_words(tmp_path: Path, written: str) -> None:
    (tmp_path / "metrics").mkdir(exist_ok=True)
    (tmp_path / "metrics/a.yml").write_text("project: {name: x}\n" + written, encoding="utf-8")
    book = load_project(tmp_path)
    things = [entry for entry in book.entries if entry.kind != "project"]
    assert things or book.findings, "a thing is read, or what is wrong with it is said"
    assert not ({(entry.kind, entry.name) for entry in things} & set(book.unread))
    for finding in book.findings:
        assert finding.place is not None
        words = f"{finding.message} {finding.help}".lower()
        assert not any(jargon in words for jargon in JARGON), words
    for entry in things:
        for path in entry.origin.parts:
            place = entry.origin.place(*path)
            assert 1 <= place.line <= written.count("\n") + 2
