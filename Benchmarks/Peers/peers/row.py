"""What a row of the comparison is: two commands, what is read from their output, and what it should show."""

from dataclasses import dataclass

OURS = "PEFTKit"


@dataclass(frozen=True)
class Goal:
    """A bound of a ratio, or of the first side's own figure."""

    bound: float
    at_least: bool = True

    def holds(self, value):
        return value >= self.bound if self.at_least else value <= self.bound

    @property
    def sign(self):
        return "≥" if self.at_least else "≤"


@dataclass(frozen=True)
class Figure:
    """An entry of a side's result, its median over the rounds, and how two sides are compared.

    `ratio` is "first/second", "second/first" (how many times as fast, for seconds), or None: then the goal is one of
    the first side's figure itself.
    """

    title: str
    key: str
    ratio: str | None = "first/second"
    goal: Goal | None = None
    scale: float = 1.0
    digits: int = 0
    second_key: str | None = None

    def of(self, result, side):
        return result[self.key if side == 0 or self.second_key is None else self.second_key] * self.scale


@dataclass(frozen=True)
class Side:
    """A name and a command line; {…} stand for what inputs.py has or makes, and for the options of the comparison."""

    name: str
    command: str


@dataclass(frozen=True)
class Check:
    """What both sides compute before they are timed, and the key of the numbers that must be equal to 1e-4."""

    key: str
    sides: tuple


@dataclass(frozen=True)
class Row:
    """`section` is where the page prints it; None as a dropout means that there is none to set."""

    name: str
    title: str
    section: str
    sides: tuple
    figures: tuple
    check: Check | None = None
    adapter_dropout: float | None = None
    base_dropout: float | None = None
    threads: str = "2"
    note: str = ""
