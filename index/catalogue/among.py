"""Ask whether a column is one of many values, all of them given to the database as one variable.

A variable for each value would be written into the statement, and read from it, one by one: for 500 of them that takes
longer than finding the rows.
"""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Boolean, Column, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

Value = TypeVar("Value", str, int)


def among(column: Column[Any] | ColumnElement[Any], values: Iterable[Value]) -> ColumnElement[bool]:
    """Return the condition that the column has one of the values."""
    return _Among(column, bindparam(None, list(values), type_=_Many(column.type)))


class _Among(FunctionElement[bool]):
    """A column, and the list that it is looked for in."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> "_Among":
        """Stay as it is: SQLAlchemy would compare the condition with 1 in SQLite, which then reads the whole table."""
        return self


class _Many(TypeDecorator[list[Any]]):
    """A list of values: an array where the database has them, and JSON text in SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


@compiles(_Among, "sqlite")
def _in_json(asked: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in asked.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(_Among, "postgresql")
def _in_array(asked: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in asked.clauses)
    return f"{column} = ANY({values})"
