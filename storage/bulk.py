"""One statement for many rows, compiled once.

SQLAlchemy's own executemany works on every parameter of every row; at fifty turns a transaction that was
most of what the transaction cost. Here rows are tuples and go to the driver almost as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

Row = tuple[Any, ...]


class Bulk:
    """An insert or update with one parameter for each of `names`, or one statement for each dialect."""

    def __init__(self, statement: UpdateBase | Mapping[str, UpdateBase], *names: str) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, tuple[str, Callable[[Row], Row]]] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Executes it for every row: values in the order of the names. To be called in `run_sync`."""
        if rows:
            sql, ready = self._for(connection.dialect)
            connection.exec_driver_sql(sql, [ready(row) for row in rows])

    def _for(self, dialect: Dialect) -> tuple[str, Callable[[Row], Row]]:
        if dialect.name not in self._compiled:
            chosen = self._statement if isinstance(self._statement, UpdateBase) else self._statement[dialect.name]
            compiled = chosen.compile(dialect=dialect, column_keys=list(self._names))
            self._compiled[dialect.name] = compiled.string, self._converter(compiled, dialect)
        return self._compiled[dialect.name]

    def _converter(self, compiled: SQLCompiler, dialect: Dialect) -> Callable[[Row], Row]:
        """What brings a row into the order of the placeholders, and its values into the driver's types."""
        places = list(compiled.positiontup or ())
        order = [self._names.index(name) for name in places]
        types = [compiled.binds[name].type.dialect_impl(dialect) for name in places]
        steps = [(at, convert) for at, type in enumerate(types) if (convert := type.bind_processor(dialect))]
        pick = itemgetter(*order)

        def ready(row: Row) -> Row:
            values = list(pick(row))
            for at, convert in steps:
                values[at] = convert(values[at])
            return tuple(values)

        return ready
