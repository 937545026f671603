#!/usr/bin/env python3
"""Draws what each method trains in a transformer block, as pairs of SVG files for light and dark pages.

    draw-methods.py            writes the pictures beside the articles
    draw-methods.py --check    says which of them are not what would be written, and fails if any is

Every picture is the same block. A method's entry in METHODS says which parts are coloured and which are added.
"""

import sys
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).resolve().parent.parent / "Sources/PEFTKit/PEFTKit.docc/Methods"

THEMES = {
    "": {
        "page": "#ffffff", "frame": "#c7c7cc", "line": "#8e8e93", "text": "#1d1d1f", "quiet": "#6e6e73",
        "frozen": "#ececf0", "frozen edge": "#b4b4ba", "frozen text": "#48484a",
        "trained": "#ffb340", "trained edge": "#a85a00", "trained text": "#331b00",
        "head": "#ffe3b3", "head edge": "#a85a00", "head text": "#331b00",
    },
    "~dark": {
        "page": "#1c1c1e", "frame": "#55555a", "line": "#8e8e93", "text": "#f5f5f7", "quiet": "#aeaeb2",
        "frozen": "#38383b", "frozen edge": "#636368", "frozen text": "#d1d1d6",
        "trained": "#ff9f0a", "trained edge": "#ffd59a", "trained text": "#241300",
        "head": "#5c3d0b", "head edge": "#ffb340", "head text": "#ffe3b3",
    },
}

WIDTH, HEIGHT = 480, 752
LEFT, RIGHT, MIDDLE = 62, 452, 257
COLUMNS = {"Q": 62, "K": 197, "V": 332}
COLUMN = 120
BIAS = 24

ALL = {"embeddings", "Q", "K", "V", "O", "norm 1", "up", "down", "norm 2"}

# name: what the picture shows, and which parts a method trains.
#   whole: parts trained as a whole; biases: parts whose bias is; low: maps with A and B; magnitude: with m as well;
#   scaled: maps whose output is scaled; scaled in: maps whose input is; bottleneck, prefix, prompt: added parts.
METHODS = {
    "lora": ("LoRA adds the product of two narrow trained matrices, A and B, to the frozen query and value maps",
             {"low": {"Q", "V"}}),
    "dora": ("DoRA adds A and B as LoRA does, and trains the length m of every row of the adapted weight",
             {"low": {"Q", "V"}, "magnitude": {"Q", "V"}}),
    "adapter": ("An adapter puts a trained bottleneck, down, activation and up, behind the feed-forward of every block",
                {"bottleneck": True}),
    "prefix": ("Prefix-tuning puts trained keys and values in front of those of the text in every block",
               {"prefix": True}),
    "prompt": ("Prompt tuning puts trained rows in front of the word embeddings of the text", {"prompt": True}),
    "bitfit": ("BitFit trains the biases of all linear maps and norms", {"biases": ALL}),
    "ia3": ("IA3 trains vectors that scale keys, values and what enters the two output maps",
            {"scaled": {"K", "V"}, "scaled in": {"O", "down"}}),
    "full": ("Full fine-tuning trains every weight and bias", {"whole": ALL, "biases": ALL}),
    "stacked": ("A stack of Prefix, LoRA and Adapter: each trains in places of its own",
                {"low": {"Q", "V"}, "prefix": True, "bottleneck": True}),
}


class Picture:
    """The block with what one method trains in it."""

    def __init__(self, description, parts, theme):
        self.description = description
        self.parts = parts
        self.theme = theme
        self.items = []

    def has(self, kind, part):
        return part in self.parts.get(kind, ())

    def style(self, kind):
        return f'fill="{self.theme[kind]}" stroke="{self.theme[kind + " edge"]}"'

    def add(self, item):
        self.items.append("  " + item)

    def text(self, x, y, words, colour="text", size=15, anchor="middle", weight=""):
        weight = f' font-weight="{weight}"' if weight else ""
        self.add(f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"{weight} '
                 f'fill="{self.theme[colour]}">{escape(words)}</text>')

    def box(self, x, y, width, height, words, kind, size=15):
        self.add(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" {self.style(kind)}/>')
        self.text(x + width / 2, y + height / 2 + 5, words, f"{kind} text", size)

    def line(self, *points, arrow=False):
        path = "M" + " L".join(f"{x} {y}" for x, y in points)
        end = ' marker-end="url(#arrow)"' if arrow else ""
        self.add(f'<path d="{path}" fill="none" stroke="{self.theme["line"]}" stroke-width="1.5"{end}/>')

    def weight(self, part, x, y, width, height, words, bias="b", size=15):
        """A map or norm with its bias at the right end."""
        self.box(x, y, width - BIAS, height, words, "trained" if self.has("whole", part) else "frozen", size)
        self.box(x + width - BIAS, y, BIAS, height, bias, "trained" if self.has("biases", part) else "frozen", 14)

    def narrow(self, x, y, width, words, height=21, widening=False):
        """A matrix to or from few features, as a trapezium."""
        inset = width * 0.26
        top, bottom = (inset, 0) if widening else (0, inset)
        points = [(x + top, y), (x + width - top, y), (x + width - bottom, y + height), (x + bottom, y + height)]
        path = " ".join(f"{a:g},{b:g}" for a, b in points)
        self.add(f'<polygon points="{path}" {self.style("trained")}/>')
        self.text(x + width / 2, y + height / 2 + 5, words, "trained text", 14)

    def sum(self, x, y):
        self.add(f'<circle cx="{x}" cy="{y}" r="8" fill="{self.theme["page"]}" stroke="{self.theme["line"]}"/>')
        self.text(x, y + 5, "+", "text", 15)

    def bar(self, x, y, width, words):
        self.box(x, y, width, 18, words, "trained", 13)

    def projection(self, part):
        """Q, K or V: its weight, what a method puts beside it, and what is done to its output."""
        x, y, height = COLUMNS[part], 118, 44
        centre = x + COLUMN / 2
        if self.has("low", part):
            self.line((x + 34, 106), (x + 34, y))
            self.line((x + 98, 106), (x + 98, y))
            self.line((x + 34, y + height), (x + 34, 174), (centre, 174))
            self.line((x + 98, y + height), (x + 98, 174), (centre, 174))
            self.weight(part, x, y, 70, height, part)
            self.narrow(x + 76, y, 44, "A")
            self.narrow(x + 76, y + 23, 44, "B", widening=True)
            self.line((centre, 174), (centre, 216), arrow=True)
            self.sum(centre, 174)
        else:
            self.line((centre, 106), (centre, y))
            self.line((centre, y + height), (centre, 216), arrow=True)
            self.weight(part, x, y, COLUMN, height, part)
        if self.has("magnitude", part):
            self.bar(x + 16, 187, COLUMN - 32, "m / n ⊙")
        if self.has("scaled", part):
            self.bar(x + 28, 180, COLUMN - 56, "l ⊙")
        if part != "Q" and self.parts.get("prefix"):
            self.box(x, 186, 44, 20, "Pₖ" if part == "K" else "Pᵥ", "trained", 13)
            self.box(x + 46, 186, COLUMN - 46, 20, f"{part}, text", "frozen", 13)

    def norm(self, part, y, start):
        """Adds the residual that branched off at `start`, and normalises."""
        self.line((MIDDLE, start), (30, start), (30, y + 15), (LEFT, y + 15), arrow=True)
        self.weight(part, LEFT, y, RIGHT - LEFT, 30, "add & norm", bias="β")

    def bottleneck(self):
        self.line((MIDDLE, 528), (MIDDLE + 118, 528), (MIDDLE + 118, 592), (MIDDLE + 8, 592))
        self.narrow(MIDDLE - 70, 534, 140, "D", 22)
        self.add(f'<rect x="{MIDDLE - 34}" y="558" width="68" height="5" {self.style("trained")}/>')
        self.narrow(MIDDLE - 70, 565, 140, "U", 22, widening=True)
        self.sum(MIDDLE, 592)

    def draw(self):
        words = "embeddings"
        left = LEFT
        if self.parts.get("prompt"):
            self.box(LEFT, 20, 90, 40, "P", "trained")
            left, words = LEFT + 94, "embeddings of the text"
        self.weight("embeddings", left, 20, RIGHT - left, 40, words, bias="β")
        self.add(f'<rect x="14" y="78" width="452" height="568" rx="12" fill="none" stroke="{self.theme["frame"]}" '
                 'stroke-dasharray="5 4"/>')
        self.text(458, 97, "every block", "quiet", 13, "end")
        self.line((MIDDLE, 60), (MIDDLE, 106))
        ends = {"Q": 34, "V": 98}
        first, last = (COLUMNS[part] + (ends[part] if self.has("low", part) else COLUMN / 2) for part in ends)
        self.line((first, 106), (last, 106))
        for part in COLUMNS:
            self.projection(part)
        self.add(f'<rect x="{LEFT}" y="217" width="{RIGHT - LEFT}" height="34" rx="6" fill="none" '
                 f'stroke="{self.theme["line"]}"/>')
        self.text(MIDDLE, 239, "softmax(Q Kᵀ / √d) V", "text")
        self.line((MIDDLE, 251), (MIDDLE, 340), arrow=True)
        if self.has("scaled in", "O"):
            self.bar(MIDDLE - 60, 259, 120, "l ⊙")
        self.weight("O", MIDDLE - 105, 284, 210, 36, "O")
        self.norm("norm 1", 341, 92)
        self.line((MIDDLE, 371), (MIDDLE, 600), arrow=True)
        self.weight("up", MIDDLE - 105, 400, 210, 36, "feed-forward, up")
        if self.has("scaled in", "down"):
            self.bar(MIDDLE - 60, 451, 120, "l ⊙")
        self.text(MIDDLE + 72, 464, "GELU", "quiet", 13, "start")
        self.weight("down", MIDDLE - 105, 484, 210, 36, "feed-forward, down")
        if self.parts.get("bottleneck"):
            self.bottleneck()
        self.norm("norm 2", 601, 384)
        self.line((MIDDLE, 631), (MIDDLE, 666), arrow=True)
        self.box(MIDDLE - 105, 667, 210, 34, "the task's head", "head")
        for x, kind, words in [(24, "frozen", "frozen"), (112, "trained", "trained"),
                               (208, "head", "trained with every method")]:
            self.add(f'<rect x="{x}" y="719" width="18" height="18" rx="4" {self.style(kind)}/>')
            self.text(x + 26, 733, words, "text", 14, "start")

    def svg(self):
        self.draw()
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            'role="img" font-family="system-ui, -apple-system, Helvetica, Arial, sans-serif">',
            f"  <title>{escape(self.description)}</title>",
            f'  <defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{self.theme["line"]}"/></marker></defs>',
            f'  <rect width="{WIDTH}" height="{HEIGHT}" rx="14" fill="{self.theme["page"]}"/>',
            *self.items,
            "</svg>",
            "",
        ])


def main():
    pictures = {
        f"{name}-block{suffix}.svg": Picture(description, parts, theme).svg()
        for name, (description, parts) in METHODS.items()
        for suffix, theme in THEMES.items()
    }
    if sys.argv[1:] == ["--check"]:
        stale = [name for name, svg in pictures.items()
                 if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != svg]
        for name in stale:
            print(f"draw-methods: {FOLDER / name} is not what this script draws; run it again", file=sys.stderr)
        return 1 if stale else 0
    if sys.argv[1:]:
        print("usage: draw-methods.py [--check]", file=sys.stderr)
        return 64
    for name, svg in pictures.items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
