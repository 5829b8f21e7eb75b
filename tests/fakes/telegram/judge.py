"""aiogram's pydantic models, a second implementation of the same API, judge what is said and what we answer."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError


class Judge:
    """Says what is wrong, or nothing. aiogram is loaded at the first question."""

    def call(self, method: str, fields: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
        """Is this a call the Bot API knows?"""
        from aiogram.types import BufferedInputFile

        model = _model("methods", method[0].upper() + method[1:])
        unknown = set(fields) - set(model.model_fields)
        if unknown:
            return f"{method} has no {', '.join(sorted(unknown))}"
        uploads = {name: BufferedInputFile(content, "file") for name, content in files.items()}
        return _problem(model, {**fields, **uploads})

    def update(self, update: Mapping[str, Any]) -> str:
        """Is this an update the Bot API sends?"""
        return _problem(_model("types", "Update"), update)

    def message(self, message: Mapping[str, Any]) -> str:
        """Is this a message the Bot API shows?"""
        return _problem(_model("types", "Message"), message)


@cache
def _model(module: str, name: str) -> type[BaseModel]:
    import aiogram.methods
    import aiogram.types

    model: type[BaseModel] = getattr(getattr(aiogram, module), name)
    return model


def _problem(model: type[BaseModel], plain: Mapping[str, Any]) -> str:
    try:
        model.model_validate(plain)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
    return ""
