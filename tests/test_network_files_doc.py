"""What docs/network-files.md shows is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from terminal import ROOT, on_terminal

from convshape.verify.generators.networks import by_convshape, by_torch

EXAMPLES = re.findall(
    r"```yaml\n(.*?)```\n\n```console\n\$ convshape (trace net.yaml)\n(.*?)```",
    (ROOT / "docs" / "network-files.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize(("text", "command", "shown"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example(text: str, command: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    assert on_terminal(*command.split(), columns=140, folder=tmp_path) == shown
    ours = by_convshape(text)
    assert ours == by_torch(text)
    assert ours.accepted == ("error: " not in shown)


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == (ROOT / "docs" / "network-files.md").read_text(encoding="utf-8").count(
        "```yaml"
    )
