"""The simulator's doors: the Vibes API, its own controls, and the handset page."""
