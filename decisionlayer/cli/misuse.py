"""A command that was written wrongly: what is wrong, and how to write it. Exit code 2."""

from __future__ import annotations

import re
from collections.abc import Iterable

from typer.exceptions import TyperException

from decisionlayer.names import did_you_mean, near

#: Verbs that the design has and this version has not.
LATER_VERBS = ("refresh", "audit", "diff", "brief", "catalog", "frame", "export")

#: What words after a verb stand for.
_ARGUMENTS = {"DECISION": "the name of a decision", "REV_OR_DIR": "a revision or a folder", "FILE": "a file"}


class Misuse(Exception):
    """The command was written wrongly; says how to write it."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"error: {self.message}" + (f"\n  help: {self.help}" if self.help else "")


def unknown_verb(word: str, verbs: Iterable[str]) -> Misuse:
    """Return what to say to a first word that is no verb."""
    known = list(verbs)
    if word in LATER_VERBS:
        return Misuse(f"`{word}` comes with a later version", f"this one has {', '.join(known)}")
    if word == "help":
        return Misuse("`help` is an option", "`decisionlayer --help` lists the verbs, `decisionlayer query --help` the options of one")
    if word.startswith("-"):
        return Misuse(f"there is no option {word} before the verb", "`decisionlayer --help` lists what there is")
    return Misuse(f"there is no command `{word}`", did_you_mean(word, known))


def in_our_words(wrong: TyperException, verb: str | None) -> Misuse:
    """Return what the reader of the command line complains of, as this program would say it.

    ``verb`` is what was most likely asked for, where the complaint does not know it.
    """
    context = getattr(wrong, "ctx", None)
    if context is not None:
        verb = context.info_name if context.parent is not None else None
    lists = f"`decisionlayer {verb} --help` lists them all" if verb else "`decisionlayer --help` lists them all"
    option = str(getattr(wrong, "option_name", ""))
    match type(wrong).__name__:
        case "NoSuchOption":
            known = context.command.params if context is not None else ()
            options = [name for one in known if not getattr(one, "hidden", False) for name in one.opts]
            close = near(option, (name for name in options if name.startswith("--")))
            whose = f"`{verb}` has no option {option}" if verb else f"there is no option {option} before the verb"
            return Misuse(whose, f"Did you mean {' or '.join(close)}?" if close else lists)
        case "BadOptionUsage" if "requires" in wrong.message:
            return Misuse(f"{option} needs a value after it", lists.replace("them all", "the options"))
        case "BadOptionUsage":
            return Misuse(f"{option} takes no value")
        case _:
            extra = re.search(r"unexpected extra argument\S* \((.*)\)\s*\Z", wrong.format_message(), re.DOTALL)
            if extra is not None and verb:
                what = f"`{verb}` takes no further words, and here are: {extra[1]}"
                takes_project = context is not None and any("--project" in one.opts for one in context.command.params)
                return Misuse(what, "a project is named with --project, a warehouse with --warehouse" if takes_project else lists)
            lacking = re.fullmatch(r"Missing argument '(\w+)'\.", wrong.format_message())
            if lacking is not None and verb:
                what = _ARGUMENTS.get(lacking[1], lacking[1])
                return Misuse(f"`{verb}` needs {what} after it", lists.replace("lists them all", "says how"))
            return Misuse(wrong.format_message())
