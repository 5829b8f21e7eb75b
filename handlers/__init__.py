"""Decide: rooms with doors. No network, no SQL, no language; only bot comes in."""
