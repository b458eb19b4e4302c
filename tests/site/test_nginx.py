"""What nginx sends of the site, with the configuration of the container."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import with_nginx
from with_nginx import HOSTING, SECRET, Host

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

    from .conftest import Site

ROOT = Path(__file__).parents[2]
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(scope="module")
def host(site: Site) -> Iterator[Host]:
    """The site as the container has it."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        assert not os.environ.get("REQUIRE_NGINX"), "there is no nginx"
        pytest.skip("there is no nginx: on Debian, install the package nginx")
    with with_nginx.serve(nginx, site.html) as host:
        yield host


def files(site: Site) -> list[str]:
    """All that readers may have of the site, as paths."""
    return [
        "/" + path.relative_to(site.html).as_posix()
        for path in sorted(site.html.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.name != "_headers"
        if path.relative_to(site.html).as_posix() != "404.html"
    ]


def versioned(site: Site) -> list[str]:
    page = site.page("index.html")
    links = page.select("head link[rel=stylesheet][href*='?v='], script[src*='?v=']")
    return ["/" + str(link.get("href") or link["src"]) for link in links]


def test_headers(host: Host, site: Site) -> None:
    """Every answer, be it an error, has the headers that the site asks hosts for."""
    lines = (site.html / "_headers").read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if not line.startswith("#")]
    assert asked.pop(0) == "/*", "nginx would send what is asked for some paths with all"
    wanted = [tuple(line.strip().split(": ", 1)) for line in asked]
    assert len(wanted) >= 3
    for path, method, status in (
        ("/", "GET", 200),
        ("/", "HEAD", 200),
        (versioned(site)[0], "GET", 200),
        ("/examples", "GET", 301),
        ("/missing", "GET", 404),
        ("/", "POST", 405),
    ):
        response, _ = host.ask(path, method)
        assert response.status == status
        names = {name for name, _ in wanted}
        assert [one for one in response.getheaders() if one[0] in names] == wanted


def test_every_file(host: Host, site: Site) -> None:
    """Every file comes as it is, and compressed with the same content, and with its own type."""
    compressed = 0
    for path in files(site):
        content = (site.html / path[1:]).read_bytes()
        plain, body = host.ask(path)
        assert (plain.status, body) == (200, content), path
        assert plain.getheader("Content-Encoding") is None
        kind = plain.getheader("Content-Type")
        assert (kind == "application/octet-stream") == path.endswith(".inv"), (path, kind)
        if kind.startswith("text/"):
            assert kind.endswith("; charset=utf-8"), (path, kind)
        packed, body = host.ask(path, headers=GZIP)
        assert packed.getheader("Content-Type") == kind
        if packed.getheader("Content-Encoding"):
            compressed += 1
            assert gzip.decompress(body) == content, path
            assert body == (host.html / f"{path[1:]}.gz").read_bytes(), path
            assert body[3:8] == bytes(5), f"{path} has a name or a time in it"
            assert plain.getheader("Vary") == packed.getheader("Vary") == "Accept-Encoding"
            assert plain.getheader("ETag") != packed.getheader("ETag")
        else:
            assert body == content
            assert len(content) < 1024 or path.endswith((".png", ".zip", ".inv")), path
    assert compressed > len(site.pages())


def test_types(host: Host) -> None:
    """Pages, their twins in Markdown, and scripts have the types that they are."""
    script = "/" + next(host.html.rglob("_downloads/*/*.py")).relative_to(host.html).as_posix()
    for path, kind in (
        ("/", "text/html"),
        ("/index.html.md", "text/markdown"),
        ("/llms.txt", "text/plain"),
        (script, "text/x-python"),
    ):
        response, _ = host.ask(path)
        assert response.getheader("Content-Type") == f"{kind}; charset=utf-8"
        assert response.getheader("Content-Disposition") is None  # the links say download


def test_caching(host: Host, site: Site) -> None:
    """A year for what has a checksum in its address and is there; all else is asked for anew."""
    year = "public, max-age=31536000, immutable"
    assert versioned(site)
    for path in versioned(site):
        assert host.ask(path)[0].getheader("Cache-Control") == year
        tag = host.ask(path)[0].getheader("ETag")
        again, _ = host.ask(path, headers={"If-None-Match": tag})
        assert (again.status, again.getheader("Cache-Control")) == (304, year)
        assert host.ask(path, "POST")[0].getheader("Cache-Control") == "no-cache"
        part, _ = host.ask(path, headers={"Range": "bytes=9999999-"})
        assert (part.status, part.getheader("Cache-Control")) == (200, year)
    for path in (
        "/",
        "/index.html?v=01234567",
        "/missing?v=01234567",
        "/_static/missing.css?v=01234567",
        versioned(site)[0].partition("?")[0],
        versioned(site)[0].partition("=")[0] + "=1",
        "/searchindex.js",
        "/examples",
    ):
        assert host.ask(path)[0].getheader("Cache-Control") == "no-cache", path


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_revalidation(host: Host, headers: dict[str, str]) -> None:
    """Asking whether a page is still the same costs no content, by its tag and by its date."""
    first, _ = host.ask("/index.html", headers=headers)
    for name, known in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again, content = host.ask(
            "/index.html", headers={**headers, name: str(first.getheader(known))}
        )
        assert (again.status, content) == (304, b"")
        assert again.getheader("ETag") == first.getheader("ETag")
    changed, content = host.ask("/index.html", headers={**headers, "If-None-Match": '"other"'})
    assert changed.status == 200
    assert content


def test_missing(host: Host, site: Site) -> None:
    """What is not there, or not for readers, gets the site's own page and the status 404."""
    page = (site.html / "404.html").read_bytes()
    for path in (
        "/missing",
        "/examples/deep/missing.html",
        "/index.html/",
        "/_static/",
        "/404.html",
        "/_headers",
        "//_headers",
        "/%5Fheaders",
        "/examples/../_headers",
        "/.buildinfo",
        "/.%62uildinfo",
        "/.git/config",
    ):
        response, content = host.ask(path)
        assert (response.status, content) == (404, page), path


def test_folders(host: Host, site: Site) -> None:
    """A folder leads to its index, without naming a host and never to another one."""
    for path in ("/examples", "//examples", "///examples", "/.//examples", "/%2fexamples"):
        response, _ = host.ask(path)
        assert (response.status, response.getheader("Location")) == (301, "/examples/"), path
    assert host.ask("/examples/")[1] == (site.html / "examples/index.html").read_bytes()
    assert host.ask("/")[1] == (site.html / "index.html").read_bytes()


OUTSIDE = (
    b"/../secret.txt",
    b"/examples/../../secret.txt",
    b"/index.html/../../secret.txt",
    b"/%2e%2e/secret.txt",
    b"/%2E%2E%2Fsecret.txt",
    b"/..%2fsecret.txt",
    b"/%252e%252e/secret.txt",
    b"/%c0%ae%c0%ae/secret.txt",
    b"/..\\secret.txt",
    b"/..%5csecret.txt",
    b"/..;/secret.txt",
    b"//../secret.txt",
    b"/link.txt",
    b"/up/secret.txt",
    b"/up/html/index.html",
    b"/../../../../../../../../etc/passwd",
    b"//etc/passwd",
    b"//////etc/passwd",
    b"/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    b"/index.html%00.txt",
    b"/index.html\0",
    b"/%",
    b"/%zz",
    b"file:///etc/passwd",
    b"http://here/../secret.txt",
    b"*",
    b"../secret.txt",
    b"/" + b"a" * 300,
    b"/" + b"a" * 5000,
    b"/" + b"a/" * 3000,
    b"/" + b"a" * 100_000,
)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: repr(path[:40]))
def test_nothing_from_outside(host: Host, path: bytes) -> None:
    """A path that leads outside, or is none, gets no file, and nothing else is told."""
    answer = host.tell(b"GET " + path + b" HTTP/1.1")
    assert answer.split(b" ", 2)[1] in (b"400", b"404", b"414"), answer[:200]
    for told in (SECRET, b"root:", os.fsencode(host.html), b"nginx/"):
        assert told not in answer


def test_in_and_out(host: Host) -> None:
    """A path that stays inside is followed, so that the test above is one of what leaves."""
    answer = host.tell(b"GET /examples/%2e%2e/index.html HTTP/1.1")
    assert answer.endswith((host.html / "index.html").read_bytes())


def test_methods(host: Host) -> None:
    """HEAD gives what GET does but no content; whatever else is asked for is not allowed."""
    for headers in ({}, GZIP):
        got, _ = host.ask("/", headers=headers)
        head, content = host.ask("/", "HEAD", headers)
        assert content == b""
        assert [one for one in head.getheaders() if one[0] != "Date"] == [
            one for one in got.getheaders() if one[0] != "Date"
        ]
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "OTHER"):
        for path in ("/", "/index.html", "/missing"):
            response, _ = host.ask(path, method)
            assert (response.status, method) == (405, method)
            if method != "TRACE":  # nginx itself refuses it, before it looks at a configuration
                assert response.getheader("Allow") == "GET, HEAD"
    assert host.ask("/", headers={"Content-Length": "9999"})[0].status == 413


def test_says_no_version(host: Host) -> None:
    """No answer says which nginx it is, or anything that a page has no need of."""
    needed = {"Server", "Date", "Content-Type", "Content-Length", "Last-Modified", "Connection"}
    needed |= {"ETag", "Accept-Ranges", "Vary", "Cache-Control", "Allow", "Location"}
    needed |= {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"}
    for path, method in (("/", "GET"), ("/examples", "GET"), ("/missing", "GET"), ("/", "POST")):
        response, content = host.ask(path, method)
        assert response.getheader("Server") == "nginx"
        assert {name for name, _ in response.getheaders()} <= needed
        assert b"nginx/" not in content


def test_plain_user(host: Host) -> None:
    """No process of it is root's, nor can it write to what it serves."""
    master = psutil.Process(host.process.pid)
    processes = [master, *master.children(recursive=True)]
    assert len(processes) > 1
    for process in processes:
        assert 0 not in process.uids()
    if os.geteuid() == 0:
        for path in (host.html, *host.html.rglob("*")):
            assert path.stat().st_uid not in master.uids()
            assert not path.stat().st_mode & 0o022


@pytest.mark.parametrize("kept", [True, False], ids=["keep-alive", "close"])
def test_many_requests(host: Host, site: Site, kept: bool) -> None:
    """10,000 requests at 50 at a time each get the right file."""
    paths = files(site)
    sizes = {
        path: (packed if packed.exists() else host.html / path[1:]).stat().st_size
        for path in paths
        for packed in [host.html / f"{path[1:]}.gz"]
    }

    async def one(first: int) -> int:
        right, connected = 0, None
        for path in itertools.islice(itertools.cycle(paths), first, first + 200):
            reader, writer = connected or await asyncio.open_connection("127.0.0.1", host.port)
            after = "keep-alive" if kept else "close"
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: here\r\nAccept-Encoding: gzip\r\n"
                f"Connection: {after}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            (length,) = re.findall(rb"\r\nContent-Length: (\d+)\r\n", head)
            content = await reader.readexactly(int(length))
            right += head.startswith(b"HTTP/1.1 200 ") and len(content) == sizes[path]
            connected = (reader, writer) if kept else None
            if not kept:
                assert await reader.read() == b""
                writer.close()
                await writer.wait_closed()
        if connected:
            writer.close()
            await writer.wait_closed()
        return right

    async def all_of_them() -> int:
        return sum(await asyncio.gather(*(one(200 * n) for n in range(50))))

    start = time.perf_counter()
    with ThreadPoolExecutor(1) as thread:  # the browser has a loop that runs in this one
        assert thread.submit(asyncio.run, all_of_them()).result() == 10_000
    print(f"{10_000 / (time.perf_counter() - start):.0f} requests a second, with this client")


def test_in_a_browser(host: Host, site: Site, page: Page) -> None:
    """A browser has all that pages ask for, compressed, and nothing is refused."""
    answers: list[Response] = []
    page.on("response", lambda response: answers.append(response))
    example = "examples/list/list_start_methods.html"
    for path, status in (("", 200), (example, 200), ("examples/deep/missing.html", 404)):
        answers.clear()
        page.goto(f"http://127.0.0.1:{host.port}/{path}", wait_until="networkidle")
        assert answers[0].status == status
        assert {answer.status for answer in answers[1:]} <= {200, 304}
        assert len(answers) > 5
        assert answers[0].header_value("content-encoding") == "gzip"
        assert page.locator("h1").count() == 1


@pytest.mark.skipif(not shutil.which("sh"), reason="prepare.sh wants a POSIX shell")
@pytest.mark.parametrize("value", ["max-age=$age", 'a "b"', "a\\b"])
def test_refused_headers(tmp_path: Path, value: str) -> None:
    """A header that nginx would send otherwise than it is written is refused."""
    (tmp_path / "_headers").write_text(f"/*\n  Some-Name: {value}\n", encoding="utf-8")
    script = [HOSTING / "prepare.sh", tmp_path, tmp_path / "headers.conf"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "in its own way" in done.stderr
    assert not (tmp_path / "headers.conf").exists()


def test_ignored() -> None:
    """An image is built from what git would have, so that no page says that something is amiss."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    wanted = [(line[1:] if line.startswith("/") else f"**/{line}").rstrip("/") for line in lines]
    ignored = (HOSTING / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert [line for line in ignored if not line.startswith("#")] == wanted
