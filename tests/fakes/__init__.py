"""Platforms for the tests, each on a real port of this machine."""
