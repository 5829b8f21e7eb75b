"""Greeting, menu, language, help, why, privacy; bot comes in through the doors."""
