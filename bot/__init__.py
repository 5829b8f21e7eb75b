"""Hears and speaks: the only floor that meets the outside world. Nobody comes in."""
