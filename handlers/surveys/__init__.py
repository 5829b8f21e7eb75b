"""Rounds of questionnaires; bot comes in through the doors."""
