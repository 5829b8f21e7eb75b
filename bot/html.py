"""What every page of ours is made of: templates that escape, assets of our own, headers that forbid all else."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

PLACE = Path(__file__).parent / "web"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
"""On everything we serve to a browser: nothing foreign, nothing inline, nothing kept, in nobody's frame."""
YEAR = 31_536_000


class Html:
    """Pages from templates, and the assets they need, served below `prefix`."""

    def __init__(self, public_url: str, prefix: str) -> None:
        self._prefix = prefix
        self.headers = dict(HEADERS)
        if urlsplit(public_url).scheme == "https":
            self.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        self._assets = {file.name: file.read_bytes() for file in sorted((PLACE / "static").iterdir())}
        self._versions = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in self._assets.items()}
        self._templates = Environment(
            loader=FileSystemLoader(PLACE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals["asset"] = self._asset

    def fill(self, template: str, **values: object) -> str:
        """The template's text with the values in their places."""
        return self._templates.get_template(template).render(values)

    def page(self, template: str, language: str, status: int = 200, **values: object) -> web.Response:
        """A page in `language`, one of our tags."""
        text = self.fill(template, lang=language.replace("_", "-"), **values)
        return web.Response(text=text, status=status, content_type="text/html", headers=self.headers)

    def route(self) -> web.RouteDef:
        """Where the assets are served."""
        return web.get(f"{self._prefix}/{{name}}", self._serve)

    def _asset(self, name: str) -> str:
        return f"{self._prefix}/{name}?v={self._versions[name]}"

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._assets:
            raise web.HTTPNotFound(headers=self.headers)
        current = request.query.get("v") == self._versions[name]
        keep = f"public, max-age={YEAR}, immutable" if current else "no-cache"
        return web.Response(
            body=self._assets[name],
            content_type=KINDS[Path(name).suffix],
            charset="utf-8",
            headers={**self.headers, "Cache-Control": keep},
        )
