"""JSON <-> dataclass, and the OpenAPI document made from the same types that check the requests."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from handlers.doors import Office
from handlers.talk import File


def order_of(office: Office, given: Mapping[str, Any], *, strict: bool) -> Any:
    """The order of an office door from plain JSON. `strict=False` reads numbers out of text, as a query has them.

    Raises msgspec.ValidationError, which names the field.
    """
    _must_know(office.order, given)
    order: Any = msgspec.convert(dict(given), office.order, strict=strict)
    for name, part in given.items():
        if isinstance(part, Mapping) and is_dataclass(inside := getattr(order, name)):
            _must_know(type(inside), part)
    return order


def _must_know(order: type, given: Mapping[str, Any]) -> None:
    known = {field.name for field in fields(order)}
    if unknown := sorted(set(given) - known):
        raise msgspec.ValidationError(f"`{unknown[0]}` is not known here; known are {', '.join(sorted(known))}")


def plain(value: object) -> Any:
    """Plain JSON values of a record."""
    return msgspec.to_builtins(value)


def encode(value: object) -> bytes:
    """JSON of a record."""
    return msgspec.json.encode(value)


def openapi(offices: Iterable[Office], version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all office doors."""
    offices = sorted(offices, key=lambda office: (office.path, office.method))
    types = [kind for office in offices for kind in (office.order, office.answer)]
    shapes, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    paths: dict[str, Any] = {}
    for number, office in enumerate(offices):
        order, answer = shapes[2 * number], shapes[2 * number + 1]
        properties = components.get(office.order.__name__, order).get("properties", {})
        operation = _operation(office, order, answer, properties)
        paths.setdefault(office.path, {})[office.method.lower()] = operation
        if office.until:
            paths[f"{office.path}/events"] = {"get": _watched(operation, answer)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Huiyin", "version": version, "description": "The interface for the HR backend."},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(office: Office, order: Any, answer: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    in_path = [name for name in properties if f"{{{name}}}" in office.path]
    parameters = [{"name": name, "in": "path", "required": True, "schema": properties[name]} for name in in_path]
    operation: dict[str, Any] = {
        "operationId": office.name,
        "summary": (office.door.__doc__ or office.name).strip().splitlines()[0],
        "description": f"Scope: `{office.scope}`.",
        "parameters": parameters,
        "responses": {
            "200": {"description": "Done", "content": _BYTES if office.answer is File else _json(answer)},
            "default": {
                "description": "Not done",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if office.method == "GET":
        parameters += [
            {"name": name, "in": "query", "schema": shape} for name, shape in properties.items() if name not in in_path
        ]
    else:
        operation["requestBody"] = {"content": {"application/json": {"schema": order}}}
    return operation


def _watched(operation: dict[str, Any], answer: Any) -> dict[str, Any]:
    """The same, told again at each change."""
    stream = {"text/event-stream": {"schema": {"type": "string"}, "x-data": answer}}
    return {
        **operation,
        "operationId": f"{operation['operationId']}_events",
        "summary": f"Server-sent events, at each change and at most one a second: {operation['summary']}",
        "responses": {**operation["responses"], "200": {"description": "Until nothing changes", "content": stream}},
    }


def _json(answer: Any) -> dict[str, Any]:
    return {"application/json": {"schema": answer}}


_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {"type": "array", "items": {"type": "string"}},
    },
}
