"""The frame of a page: one file, offline, nothing runs but its own script.

What a note or a model says is hostile input. In the file it is JSON with ``<``, ``>`` and ``&``
escaped, which the script puts on the page as text only; the content security policy names the hash
of that script and lets nothing else run, and nothing load.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

__all__ = ["frame", "inert"]

_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def inert(value: Any, name: str) -> str:
    """Return a value as JSON that the page's script finds by its name, and that does nothing."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return f'<script type="application/json" id="{name}">{body}</script>\n'


def frame(page: str, title: str) -> tuple[str, str]:
    """Return the page before and after its content.

    Parameters
    ----------
    page : str
        Name of the ``.html``, ``.css`` and ``.js`` among the assets.
    title : str
    """
    assets = files("clinie.view") / "assets"
    html, style, script = (
        (assets / f"{page}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    head, _, foot = html.partition("{{content}}")
    head = head.replace("{{style}}", style).replace("{{script-hash}}", f"'sha256-{digest}'")
    escaped = title.replace("&", "&amp;").replace("<", "&lt;")
    return head.replace("{{title}}", escaped), foot.replace("{{script}}", script)
