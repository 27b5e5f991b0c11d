"""The world the demo starts with: 500 people, a tree with campaigns, and a run that is over.

All of it is made up and the same each time; only the dates follow the moment of planting. Numbers
are `+1 area code 555 01xx`, which nobody can have. Names are fixed: journeys and docs use them.
"""

from .planting import AlreadyInUse, plant

__all__ = ["AlreadyInUse", "plant"]
