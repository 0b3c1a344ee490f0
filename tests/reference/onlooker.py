"""An onlooker: what looks at every answer that a test gets, and writes down what there is to say of it. No test fails for it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from decisionlayer.layer import Layer
from decisionlayer.run.result import Result

#: What is found in an answer to the keys of a question: how it is counted, under which title, and what to write, "" for nothing.
Look = Callable[[Layer, Result, dict[str, Any]], Iterable[tuple[str, str, str]]]

#: How a layer answers by itself.
answer = Layer.query


class Onlooker:
    """Counts what it finds, and writes it into the file that a variable of the environment names, or its own."""

    def __init__(self, look: Look, name: str) -> None:
        self.look = look
        self.name = name
        self.tally: Counter[str] = Counter()
        self._within = False

    def begin(self) -> None:
        def query(layer: Layer, **keys: Any) -> Result:
            result = answer(layer, **keys)
            if not self._within:  # what it asks itself is no question of a test
                self._within = True
                try:
                    self._write(layer, result, keys)
                finally:
                    self._within = False
            return result

        Layer.query = query  # type: ignore[method-assign]

    def _write(self, layer: Layer, result: Result, keys: dict[str, Any]) -> None:
        for how, title, said in self.look(layer, result, keys):
            self.tally[how] += 1
            if said:
                with Path(os.environ.get(self.name.upper(), f"{self.name}.log")).open("a", encoding="utf-8") as log:
                    log.write(f"{title} {os.environ.get('PYTEST_CURRENT_TEST')}\n{keys}\n{said}\n\n")

    def told(self) -> str:
        return ", ".join(f"{count} {how}" for how, count in self.tally.most_common())
