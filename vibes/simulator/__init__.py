"""A stand-in for the Vibes platform, so that the product can be tried without texting anybody.

It runs as its own process (``python -m vibes.simulator``) with its own SQLite
file. It imports nothing of the product and nothing of the product imports it:
the two meet over HTTP only, exactly as the product and Vibes would.
"""
