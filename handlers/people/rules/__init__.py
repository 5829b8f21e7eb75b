"""What the roster means: pure functions over a spreadsheet, units, changes and codes; only the doors come in."""
