"""Roster, units, enrolment, roles; bot comes in through the doors."""
