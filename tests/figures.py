"""What tests read out of pictures in SVG."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def named(picture: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Return the elements of a class."""
    return [each for each in picture.iter() if name in each.get("class", "").split()]


def words(picture: ElementTree.Element) -> list[str]:
    """Return the lines of text."""
    return ["".join(each.itertext()) for each in picture.iter(f"{SVG}text")]


Box = tuple[float, float, float, float]


def label_boxes(picture: ElementTree.Element) -> list[tuple[str, Box]]:
    """Return each line of text with a box around it that is rather too small than too large."""
    boxes = []
    for each in picture.iter(f"{SVG}text"):
        content = "".join(each.itertext())
        x, y = float(each.get("x", "0")), float(each.get("y", "0"))
        wide = len(content) * 12 * 0.45
        x -= {"middle": wide / 2, "end": wide}.get(each.get("text-anchor", ""), 0)
        boxes.append((content, (x, y - 8, x + wide, y + 2)))
    return boxes


def labels_overlap(picture: ElementTree.Element) -> list[tuple[str, str]]:
    """Return the pairs of lines of text that lie on each other, or outside of the picture."""
    _, _, width, height = map(float, picture.get("viewBox", "").split())
    boxes = label_boxes(picture)
    overlaps = [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
    outside = [
        (each, "outside")
        for each, (left, top, right, bottom) in boxes
        if left < 0 or top < 0 or right > width or bottom > height
    ]
    return overlaps + outside
