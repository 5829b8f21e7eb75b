"""What is computed of many people's answers together; `handlers.surveys.rules.release` comes in. Pure numbers in and
out: rows are people, columns items, nothing is missing (listwise)."""
