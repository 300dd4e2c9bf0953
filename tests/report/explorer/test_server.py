"""The server answers its own page, and nobody else."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from report.explorer.asking import example
from starlette.applications import Starlette

from portfolio.report.explorer.server import MOST_BYTES, make_app

PORT, TOKEN = 8765, "a-secret"
HOME = f"http://127.0.0.1:{PORT}"


class Client:
    """Asks the application as a browser would, without a network between them."""

    def __init__(self, app: Starlette) -> None:
        self.transport = httpx.ASGITransport(app)

    def get(self, path: str, **request: Any) -> httpx.Response:
        return asyncio.run(self._request("GET", path, **request))

    def post(self, path: str, **request: Any) -> httpx.Response:
        return asyncio.run(self._request("POST", path, **request))

    async def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self.transport, base_url=HOME) as client:
            return await client.request(method, path, **request)


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    files = {
        "page.html": '<meta name="portfolio-token" content="{{token}}">',
        "explorer.css": "main { color: black; }",
        "explorer.js": 'import { a } from "./a.js";\nexport default a;\n',
        "a.js": "export const a = 1;\n",
        "page.js": 'import a from "/explorer.js";\n',
        "notes.txt": "not for the page",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def client(static: Path) -> Client:
    return Client(make_app(example(), PORT, TOKEN, static))


def page_token(client: Client) -> str:
    found = re.search(r'content="([^"]+)"', client.get("/", params={"token": TOKEN}).text)
    assert found is not None
    return found[1]


def ask(client: Client, token: str, **request: Any) -> list[dict[str, Any]]:
    response = client.post("/ask", json={"step": 1, **request}, headers={"X-Portfolio-Token": token})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in response.text.splitlines()]


def test_the_page_asks_and_each_answer_is_a_line(client: Client) -> None:
    token = page_token(client)
    kinds = [answer["kind"] for answer in ask(client, token, kind="solve")]
    assert kinds == ["relaxed", "decided", "prices", "done"]
    assert [answer["kind"] for answer in ask(client, token, kind="start")] == ["start", "done"]


def test_the_token_of_the_address_opens_pages_and_each_has_its_own(client: Client) -> None:
    assert client.get("/").status_code == client.get("/", params={"token": "guess"}).status_code == 403
    one, other = page_token(client), page_token(client)
    assert len({one, other, TOKEN}) == 3
    assert ask(client, one, kind="policy")
    for wrong in ("", TOKEN, one[:-1], "é"):
        headers = {"X-Portfolio-Token": wrong.encode()}
        assert client.post("/ask", json={"step": 1, "kind": "start"}, headers=headers).status_code == 403
    assert client.post("/ask", json={"step": 1, "kind": "start"}).status_code == 403


def test_old_pages_are_forgotten(client: Client) -> None:
    first, *_ = [page_token(client) for _ in range(65)]
    request = {"json": {"step": 1, "kind": "start"}, "headers": {"X-Portfolio-Token": first}}
    assert client.post("/ask", **request).status_code == 403


def test_a_fixed_table_of_files_is_served_and_no_folder(client: Client) -> None:
    assert client.get("/explorer.js").text == "const a = 1;\n\nexport default a;\n"
    assert client.get("/explorer.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/explorer.css").headers["content-type"].startswith("text/css")
    assert client.get("/page.js").status_code == 200
    for path in (
        "/page.html",
        "/notes.txt",
        "/static/explorer.js",
        "/..%2fserver.py",
        "/%2e%2e/server.py",
        "/static/",
    ):
        assert client.get(path).status_code == 404, path
    assert client.get("/ask").status_code == 405
    assert client.post("/").status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "funder.example"},
        {"Host": f"funder.example:{PORT}"},
        {"Host": "127.0.0.1"},
        {"Host": f"127.0.0.1:{PORT + 1}"},
        {"Host": f"127.0.0.1.funder.example:{PORT}"},
        {"Host": ""},
        {"Origin": "null"},
        {"Origin": "https://funder.example"},
        {"Origin": f"https://127.0.0.1:{PORT}"},
        {"Origin": f"http://localhost:{PORT}"},
    ],
)
def test_other_hosts_and_origins_are_refused_whatever_they_know(
    client: Client, headers: dict[str, str]
) -> None:
    given = headers | {"X-Portfolio-Token": page_token(client)}
    for response in (
        client.get("/", params={"token": TOKEN}, headers=given),
        client.get("/explorer.js", headers=given),
        client.post("/ask", json={"step": 1, "kind": "start"}, headers=given),
    ):
        assert response.status_code == 403
        assert "proposals" not in response.text
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"LOCALHOST:{PORT}"])
def test_our_own_names_are_answered_with_our_origin(client: Client, host: str) -> None:
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert client.get("/explorer.css", headers=headers).status_code == 200


def test_every_answer_keeps_to_itself(client: Client) -> None:
    for response in (client.get("/", params={"token": TOKEN}), client.get("/explorer.js"), client.get("/no")):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in response.headers
        assert "set-cookie" not in response.headers


def test_what_is_no_request_is_refused_in_a_sentence(client: Client) -> None:
    headers = {"X-Portfolio-Token": page_token(client)}
    for body in (b"", b"{", b"[" * 50_000, b'{"step":1,"kind":"delete"}', b"\xff\xfe"):
        response = client.post("/ask", content=body, headers=headers)
        assert response.status_code == 400
        assert response.text.rstrip().endswith(".")
        assert "Traceback" not in response.text


def test_what_is_too_large_is_not_read_whether_it_says_so_or_not(client: Client) -> None:
    headers = {"X-Portfolio-Token": page_token(client)}
    body = b" " * (MOST_BYTES + 1)
    assert client.post("/ask", content=body, headers=headers).status_code == 413

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 1000 + 1):
            yield body[:1000]

    assert client.post("/ask", content=parts(), headers=headers).status_code == 413
    smaller = b'{"step":1,"kind":"start"}'.ljust(MOST_BYTES)
    assert client.post("/ask", content=smaller, headers=headers).status_code == 200


class Deaf:
    """A reader that takes the head of an answer, and nothing of what follows until it is let."""

    def __init__(self, app: Starlette, token: str) -> None:
        self.app, self.listens = app, asyncio.Event()
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": "/ask",
            "query_string": b"",
            "headers": [(b"host", HOME.partition("//")[2].encode()), (b"x-portfolio-token", token.encode())],
        }
        self.status, self.asked = 0, False

    async def receive(self) -> dict[str, Any]:
        if self.asked:
            await asyncio.Event().wait()
        self.asked = True
        return {"type": "http.request", "body": b'{"kind": "start", "step": 1}', "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self.status == 200:
            await self.listens.wait()

    async def run(self) -> None:
        await self.app(self.scope, self.receive, self.send)


def test_readers_that_never_read_hold_up_nobody_and_no_more_than_a_few_answers(static: Path) -> None:
    app = make_app(example(), PORT, TOKEN, static)
    client = Client(app)
    deaf_page, other_page = page_token(client), page_token(client)

    async def scene() -> tuple[list[int], int, int]:
        readers = [Deaf(app, deaf_page) for _ in range(50)]
        tasks = [asyncio.create_task(reader.run()) for reader in readers]
        while not all(reader.status for reader in readers):
            await asyncio.sleep(0.01)
        others = Deaf(app, other_page)
        others.listens.set()
        await others.run()
        statuses = [reader.status for reader in readers]
        for reader in readers:
            reader.listens.set()
        await asyncio.gather(*tasks)
        again = Deaf(app, deaf_page)
        again.listens.set()
        await again.run()
        return statuses, others.status, again.status

    statuses, others, again = asyncio.run(scene())
    assert (statuses.count(200), statuses.count(429)) == (16, 34)
    assert others == 200
    # Those who have read to the end make room.
    assert again == 200
