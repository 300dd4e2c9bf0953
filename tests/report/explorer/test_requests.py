"""What arrives is a request of ours, or is refused in a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.report.explorer.requests import Change, Request, RequestError, parse, read

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=8,
)


def test_the_same_changes_are_equal_in_whatever_order() -> None:
    one = b'{"step":1,"kind":"solve","set":{"b":2,"a":1.5},"fund":["y","x","x"]}'
    assert parse(one) == Request(1, "solve", Change((("a", 1.5), ("b", 2)), ("x", "y")))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"step":1,"kind":"solve","set":{"budget":NaN}}', "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "a JSON object"),
        (b"{}", "`step`"),
        (b'{"step":true,"kind":"start"}', "`step`"),
        (b'{"step":1}', "`kind`, one of: start"),
        (b'{"step":1,"kind":["start"]}', "`kind`, one of: start"),
        (b'{"step":1,"kind":"solve","set":[]}', "`set`"),
        (b'{"step":1,"kind":"solve","set":{"budget":"much"}}', "`set`"),
        (b'{"step":1,"kind":"solve","set":{"budget":true}}', "`set`"),
        (b'{"step":1,"kind":"solve","set":{"budget":1e999}}', "`set`"),
        (b'{"step":1,"kind":"solve","fund":"P-1"}', "`fund`"),
        (b'{"step":1,"kind":"solve","decline":[1]}', "`fund` and `decline`"),
        (b'{"step":1,"kind":"solve","set":{"\\ud800":1}}', "half a character"),
        (b'{"step":1,"kind":"solve","decline":["P-1\\udc00"]}', "half a character"),
        (b'{"step":1,"kind":"why","id":"\\ud800"}', "half a character"),
        (b'{"step":1,"kind":"why"}', "`id`"),
        (b'{"step":1,"kind":"frontier","key":1}', "`key`"),
    ],
)
def test_what_is_no_request_is_refused_in_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(RequestError) as refused:
        parse(body)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


@given(st.dictionaries(st.sampled_from(["step", "kind", "set", "fund", "decline", "id", "key"]), JSON) | JSON)
def test_anything_is_a_request_or_refused(document: object) -> None:
    try:
        request = read(document)
    except RequestError:
        return
    assert hash(request)
    json.dumps(request.change.keys, allow_nan=False)
