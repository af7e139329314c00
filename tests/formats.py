"""What reads the formats of a trace back: its JSON schema, and the cells of its page."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

from terminal import ROOT

SCHEMA = json.loads((ROOT / "docs" / "trace.schema.json").read_text())


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag) if tag != "br" else None
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
