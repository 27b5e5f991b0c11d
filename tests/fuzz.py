"""`make fuzz`: throw rubbish at the callback endpoint; `--of audience`, smart lists at the compiler."""

import sys
from importlib import import_module

RANGES = {"callbacks": "tests.vibes.fuzz", "audience": "tests.campaigns.fuzz"}


def main() -> int:
    """The range is chosen by `--of`; everything else is its own business."""
    asked, of = sys.argv[1:], "callbacks"
    if "--of" in asked:
        place = asked.index("--of")
        of = "".join(asked[place + 1 : place + 2])
        sys.argv[1:] = asked[:place] + asked[place + 2 :]
    if of not in RANGES:
        sys.exit(f"--of one of: {', '.join(RANGES)}")
    return int(import_module(RANGES[of]).main())


if __name__ == "__main__":
    sys.exit(main())
