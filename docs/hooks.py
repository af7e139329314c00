"""What the site has that is not written by hand: the commands, and the playground's engine.

MkDocs calls these functions while it builds the site (`hooks` in mkdocs.yml).
"""

from __future__ import annotations

import importlib.util
import logging
import re
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING

from convshape.cli import COMMANDS, command
from convshape.cli.parameters import REQUIRED, declared

if TYPE_CHECKING:
    from typing import Any

    from convshape.cli.parameters import Parameter

HERE = Path(__file__).parent
log = logging.getLogger("mkdocs.hooks.convshape")


def on_files(files: Any, config: Any) -> Any:
    """Add the page of the commands."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "reference/commands.md", content=commands_page()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn links to files of the checkout into the text alone: the site does not hold them."""
    if page.parent is None:  # a tab of one page needs no list of pages beside it
        page.meta["hide"] = ["navigation"]
    return re.sub(r"\[([^\]]+)\]\((?:\.\./examples|\w+\.py)\)", r"`\1`", markdown)


def on_post_build(config: Any) -> None:
    """Add what the playground runs; without npm the rest of the site is built all the same."""
    spec = importlib.util.spec_from_file_location("build", HERE / "playground" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        module.build(Path(config["site_dir"]) / "playground")
    except FileNotFoundError as error:
        log.info("The playground is left out: %s.", error)


def commands_page() -> str:
    """Return the page of all commands, from their declarations."""
    parts = [
        "# Commands",
        "Generated from the program. `convshape COMMAND --help` shows the same in a terminal.",
        "Exit codes: 0 the shapes fit, 1 they don't, 2 the input can't be read. "
        "Results go to stdout, errors to stderr.",
    ]
    return "\n\n".join([*parts, *map(_section, COMMANDS)]) + "\n"


def _section(name: str) -> str:
    function = command(name)
    summary, _, rest = (getdoc(function) or "").partition("\n\n")
    parameters = declared(function).values()
    places = [each for each in parameters if not each.names]
    usage = " ".join(["convshape", name, *map(_place, places), "[OPTIONS]"])
    lines = [f"## {name}", _plain(summary), f"```text\n{usage}\n```"]
    lines += [_table("Argument", places)] if places else []
    lines += [_table("Option", [each for each in parameters if each.names])]
    return "\n\n".join([*lines, *map(_examples, filter(None, rest.split("\n\n")))])


def _place(parameter: Parameter) -> str:
    text = (parameter.metavar or "").strip("[]")
    text += "..." if parameter.many else ""
    return text if parameter.default is REQUIRED else f"[{text}]"


def _examples(text: str) -> str:
    """Return the examples of a docstring as code: ``Examples: convshape ...; convshape ...``."""
    found = re.fullmatch(r"Examples?: (.*)", " ".join(text.split()))
    if found is None:
        return _plain(text)
    return "```sh\n" + found[1].replace("; ", "\n") + "\n```"


def _table(heading: str, parameters: list[Parameter]) -> str:
    rows = [f"| {heading} | Description |", "| --- | --- |"]
    for each in parameters:
        value = each.metavar or (", ".join(each.choices) if each.choices else "")
        names = ", ".join(f"`{name}`" for name in each.names) or f"`{_place(each)}`"
        shown = f" `{value}`" if each.names and value and each.type is not bool else ""
        rows.append(f"| {names}{shown} | {_cell(_plain(each.help))}{_default(each)} |")
    return "\n".join(rows)


def _default(parameter: Parameter) -> str:
    default = parameter.default
    if default in (REQUIRED, None, "", False, ()) or isinstance(default, (bool, list)):
        return ""
    return f" Default: `{default}`."


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
