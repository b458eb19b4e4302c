"""Serves the site as a host does, for the tests and for `make audit`."""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

packed = functools.lru_cache(maxsize=None)(gzip.compress)


class Host(http.server.SimpleHTTPRequestHandler):
    """Serves files as a host does: compressed, and with the headers that the site asks for."""

    headers_sent: ClassVar[list[tuple[str, str]]] = []

    def log_message(self, *args: object) -> None:
        pass

    def end_headers(self) -> None:
        for name, value in self.headers_sent:
            self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        kind = self.guess_type(str(path))
        if not path.is_file() or not re.match(r"text/|image/svg|application/(json|java)", kind):
            super().do_GET()
            return
        content = packed(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def serving(handler: Callable[..., Any]) -> Iterator[str]:
    """Have a handler of requests answer on this machine, and give its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a built site on this machine, and give its address."""
    text = (folder / "_headers").read_text(encoding="utf-8")
    sent = re.findall(r"^  ([\w-]+): (.+)$", text, re.M)
    host = type("SiteHost", (Host,), {"headers_sent": sent})
    with serving(functools.partial(host, directory=str(folder))) as address:
        yield address
