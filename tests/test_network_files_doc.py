"""torch agrees with the examples of docs/network-files.md; test_docs.py compares the output."""

from __future__ import annotations

import re

import pytest
from terminal import ROOT
from torch_networks import by_convshape, by_torch

EXAMPLES = re.findall(
    r"```yaml\n(.*?)```\n\n```console\n\$ convshape trace net.yaml\n(.*?)```",
    (ROOT / "docs" / "network-files.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize(("text", "shown"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example(text: str, shown: str) -> None:
    ours = by_convshape(text)
    assert ours == by_torch(text)
    assert ours.accepted == ("error: " not in shown)


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == (ROOT / "docs" / "network-files.md").read_text(encoding="utf-8").count(
        "```yaml"
    )
