"""Makes docs/gallery.md and its pictures in docs/gallery: python docs/make_gallery.py.

Each picture is what its command writes, so that the page can be made anew and compared; a test
does.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from convshape.cli import main

HERE = Path(__file__).parent
#: One layer: the cases of Dumoulin and Visin's guide (arXiv 1603.07285), then others.
GUIDE = {
    "No padding, no strides": "conv --in 4x4 --k 3",
    "Arbitrary padding, no strides": "conv --in 5x5 --k 4 --p 2",
    "Half (same) padding, no strides": "conv --in 5x5 --k 3 --p same",
    "Full padding, no strides": "conv --in 5x5 --k 3 --p 2",
    "No padding, strides": "conv --in 5x5 --k 3 --s 2",
    "Padding, strides": "conv --in 5x5 --k 3 --s 2 --p 1",
    "Padding, strides (odd)": "conv --in 6x6 --k 3 --s 2 --p 1",
    "Dilation": "conv --in 7x7 --k 3 --d 2",
    "No padding, no strides, transposed": "deconv --in 2x2 --k 3",
    "Arbitrary padding, no strides, transposed": "deconv --in 6x6 --k 4 --p 2",
    "Half (same) padding, no strides, transposed": "deconv --in 5x5 --k 3 --p 1",
    "Full padding, no strides, transposed": "deconv --in 7x7 --k 3 --p 2",
    "No padding, strides, transposed": "deconv --in 2x2 --k 3 --s 2",
    "Padding, strides, transposed": "deconv --in 3x3 --k 3 --s 2 --p 1",
    "Padding, strides, transposed (odd)": "deconv --in 3x3 --k 3 --s 2 --p 1 --op 1",
}
LAYERS = {
    "Pooling": "pool --in 6x6 --k 2",
    "Pooling with ceil mode: the last windows reach beyond the input": "pool --in 5x5 --k 2 --ceil",
    "Pooling with ceil mode: the last windows would start in the padding and are dropped": (
        "pool --in 5x5 --k 2 --p 1 --ceil"
    ),
    "Elements that no window reaches": "conv --in 8x8 --k 2 --s 3",
    "One axis": "conv --1d --in 12 --k 3 --s 2 --d 2 --p 1",
    "Axes that differ": "conv --in 5x9 --k 3x5 --s 1x2 --p 1x2",
}
BLOCKS = {
    "LeNet": "examples/lenet.yaml",
    "AlexNet": "examples/alexnet.yaml",
    "VGG16": "examples/vgg16.yaml",
    "A generator": "examples/dcgan_generator.yaml",
    "LeNet with an input that does not fit": "examples/lenet.yaml --in 3x36x36",
}
GRAPHS = {
    "ResNet-18": "examples/resnet18.yaml",
    "ResNet-18, its modules": "examples/resnet18.yaml --depth 1 --style graph",
    "U-Net": "examples/unet.yaml",
    "GoogLeNet": "examples/googlenet.yaml",
    "ViT, with twelve identical layers": "examples/vit.yaml",
}
FIELDS = {
    "An element of LeNet's second pooling": "examples/lenet.yaml --field pool2",
    "An element of a convolution of ResNet-18, with the padding": (
        "examples/resnet18.yaml --field layer2.0.conv2"
    ),
}
PARTS = {
    "The guide's cases": GUIDE,
    "Other layers": LAYERS,
    "Networks as volumes": BLOCKS,
    "Networks as graphs": GRAPHS,
    "Receptive fields": FIELDS,
}
_INTRODUCTION = """# Gallery

Pictures made by `convshape draw` ([draw.md](draw.md)), each below its command. The pictures of
layers are animated, unless your system asks for reduced motion. All pictures have light and dark
colors. [make_gallery.py](make_gallery.py) makes this page and its pictures.
"""


def file_name(arguments: str) -> str:
    """Return what the picture of a command is called: ``conv-in-5x5-k-3.svg``."""
    words = arguments.replace("examples/", "").replace(".yaml", "").replace("--", "").split()
    return "-".join(words).replace(".", "-") + ".svg"


def page() -> str:
    """Return the text of the gallery."""
    lines = [_INTRODUCTION]
    for heading, pictures in PARTS.items():
        lines.append(f"## {heading}\n")
        for words, arguments in pictures.items():
            name = file_name(arguments)
            lines.append(f"### {words}\n\n`convshape draw {arguments} -o {name}`\n")
            lines.append(f"![{words}](gallery/{name})\n")
    return "\n".join(lines)


def draw(folder: Path) -> None:
    """Draw all pictures into a folder."""
    folder.mkdir(exist_ok=True)
    for pictures in PARTS.values():
        for arguments in pictures.values():
            try:
                main(["draw", *shlex.split(arguments), "-o", str(folder / file_name(arguments))])
            except SystemExit as end:  # a network that stops is drawn up to there
                if end.code != 1:
                    raise


if __name__ == "__main__":
    draw(HERE / "gallery")
    (HERE / "gallery.md").write_text(page(), encoding="utf-8", newline="\n")
