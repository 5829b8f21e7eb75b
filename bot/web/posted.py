"""What a page of a round sends: fields, answers and files, read only as far as they can be long."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.visits import FILE_NAME, TooLarge
from bot.web.controls import ANSWER, Typed
from handlers.forms.form import Question
from handlers.forms.uploads import accepted
from handlers.refusals import BadInput
from handlers.talk import File, Part

BODY = 4 * 1024 * 1024
"""bytes of a posted page without files"""
UPLOADS = 64 * 1024 * 1024
"""bytes of a posted page with files: three of the largest, and some room"""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a page has sent: its plain fields, the answers by path, and the names and contents of files by path."""

    fields: Mapping[str, str]
    seen: Sequence[str]
    typed: Typed
    files: Mapping[str, tuple[str, bytes]]


async def checked(posted: Posted, asked: Mapping[str, Question]) -> tuple[dict[str, File], dict[str, Part]]:
    """The page's files as they may be kept, by path, and why others cannot be."""
    files: dict[str, File] = {}
    unfit: dict[str, Part] = {}
    for path, (name, content) in posted.files.items():
        if path in asked and is_file(asked[path]):
            try:
                files[path] = await asyncio.to_thread(accepted, asked[path].type, name, content)
            except BadInput as no:
                unfit[path] = no.text
    return files, unfit


def is_file(question: Question) -> bool:
    """Whether it is answered with a file."""
    return question.type in {"image", "file"}


def scripted(request: web.Request) -> bool:
    """Whether a script asks, which wants JSON, or a person, who wants a page."""
    return "application/json" in request.headers.get("Accept", "")


async def read_posted(request: web.Request) -> Posted:
    """What the page sends. Line ends become `\\n`, and NUL is left out. Raises TooLarge."""
    limit = UPLOADS if request.content_type == "multipart/form-data" else BODY
    if (request.content_length or 0) > limit:
        raise TooLarge
    try:
        given = await request.clone(client_max_size=limit).post()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge from None
    fields: dict[str, str] = {}
    typed: dict[str, list[str]] = {}
    files: dict[str, tuple[str, bytes]] = {}
    seen: list[str] = []
    for name, value in given.items():
        path = name.removeprefix(ANSWER)
        if isinstance(value, web.FileField):
            with value.file as file:
                content = file.read()
            if value.filename:
                files[path] = value.filename[:FILE_NAME].replace("\0", ""), content
            continue
        text = str(value).replace("\0", "").replace("\r\n", "\n")
        if name == "on":
            seen.append(text)
        elif name.startswith(ANSWER):
            typed.setdefault(path, []).append(text)
        else:
            fields[name] = text
    return Posted(fields, seen, typed, files)
