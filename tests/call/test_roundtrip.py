"""read(write(x)) == x, for every format."""

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import call_parts

from portfolio.call import Call, read_call

SETTINGS = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".json"])
@SETTINGS
@given(parts=call_parts())
def test_what_is_written_is_read(tmp_path_factory, suffix, parts):
    call = Call.from_proposals(*parts)
    paths = call.write(tmp_path_factory.mktemp("call") / f"calls{suffix}")
    assert read_call(*paths) == call


@SETTINGS
@given(parts=call_parts())
def test_proposals_come_back_from_a_call(parts):
    call = Call.from_proposals(*parts)
    assert (
        Call.from_proposals(call, currency="EUR")
        .frame.sort("id")
        .equals(call.frame.select(Call.from_proposals(call).frame.columns).sort("id"))
    )
    for one in parts[0]:
        assert call[one.id].replace(other={}) == one.replace(other={})
