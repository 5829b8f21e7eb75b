"""Remembers: SQLAlchemy stays in here. Handlers see `store` and `records`, bot also `database`."""
