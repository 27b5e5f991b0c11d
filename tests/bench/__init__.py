"""Measurements, run by `make bench NAME=…`. Ratios and seconds are printed, never asserted in a timed test."""
