"""A name for every phone, so that people can tell them apart: a colour and an animal.

The same number is always called the same. Nobody is meant by it.
"""

from dataclasses import dataclass
from hashlib import blake2b

COLOURS = (
    *("Amber", "Coral", "Rose", "Plum", "Violet", "Indigo"),
    *("Azure", "Teal", "Jade", "Olive", "Copper", "Slate"),
)
ANIMALS = (
    *("Badger", "Beaver", "Bison", "Crane", "Deer", "Dolphin", "Falcon", "Finch"),
    *("Fox", "Gecko", "Hare", "Heron", "Ibex", "Jay", "Koala", "Lark"),
    *("Lynx", "Marten", "Mole", "Moth", "Newt", "Otter", "Owl", "Panda"),
    *("Puffin", "Raven", "Robin", "Salmon", "Seal", "Swift", "Turtle", "Wren"),
)


@dataclass(frozen=True)
class Nickname:
    """What a phone is called, and the colour that goes with it, in small letters."""

    name: str
    colour: str


def of(mdn: str) -> Nickname:
    first, second = blake2b(mdn.encode(), digest_size=2).digest()
    colour = COLOURS[first % len(COLOURS)]
    return Nickname(f"{colour} {ANIMALS[second % len(ANIMALS)]}", colour.casefold())
