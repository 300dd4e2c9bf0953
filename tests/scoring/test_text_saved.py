import json
import math
import os
import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
from conftest import ROOT
from scoring.texts import labelled, texts_of

import portfolio as pf
from portfolio.errors import DataError
from portfolio.scoring.text import saved

PAST = labelled(60)
TEXTS, KINDS = texts_of(PAST), PAST["kind"].to_list()
SCORER = pf.ParadigmTextScorer().fit(TEXTS, KINDS)


@pytest.fixture
def file(tmp_path):
    SCORER.save(tmp_path / "model.json")
    return tmp_path / "model.json"


def test_what_is_loaded_is_what_was_saved(file):
    loaded = pf.ParadigmTextScorer.load(file)
    assert np.array_equal(loaded.predict_proba(TEXTS), SCORER.predict_proba(TEXTS))
    assert loaded.explain(TEXTS[0]).equals(SCORER.explain(TEXTS[0]))
    assert loaded.classes_.tolist() == SCORER.classes_.tolist()
    assert loaded.languages_ == SCORER.languages_
    assert loaded.get_params() == {"language": None, "positive": "basic", "way": "combined"}
    loaded.save(file.with_name("again.json"))
    assert file.with_name("again.json").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("labels", [[0, 1], [False, True], ["the rest", "基础"]])
def test_labels_of_every_kind_survive(tmp_path, labels):
    kinds = [labels[kind == "basic"] for kind in KINDS]
    scorer = pf.ParadigmTextScorer(positive=labels[1]).fit(TEXTS, kinds)
    scorer.save(tmp_path / "m.json")
    loaded = pf.ParadigmTextScorer.load(tmp_path / "m.json").classes_.tolist()
    assert loaded == labels
    assert [type(label) for label in loaded] == [type(label) for label in labels]


def test_equal_training_gives_equal_bytes_in_another_process_and_order(file, tmp_path):
    program = (
        "import sys; sys.path.insert(0, 'tests'); import portfolio as pf; from scoring.texts import labelled, texts_of;"
        "past = labelled(60).reverse();"
        "pf.ParadigmTextScorer().fit(texts_of(past), past['kind'].to_list()).save(sys.argv[1])"
    )
    threads = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    environment = os.environ | threads | {"PYTHONHASHSEED": "7", "LC_ALL": "C"}
    command = [sys.executable, "-c", program, str(tmp_path / "other.json")]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    assert (tmp_path / "other.json").read_bytes() == file.read_bytes()


def test_nothing_learnt_is_nothing_to_save(tmp_path):
    with pytest.raises(ValueError, match="nothing was learnt"):
        pf.ParadigmTextScorer().fit(TEXTS).save(tmp_path / "model.json")
    assert not list(tmp_path.iterdir())


def refused(file, message):
    with pytest.raises(DataError, match=message) as error:
        pf.ParadigmTextScorer.load(file)
    assert file.name in str(error.value)


def test_a_file_that_is_not_there_or_no_model(file):
    refused(file.with_name("none.json"), "cannot be read: No such file")
    file.write_bytes(b"\x80\x04\x95not json")
    refused(file, "is not JSON")
    file.write_text("[" * 100_000)
    refused(file, "is not JSON")
    for other in ("[]", "{}", '{"format": "x"}', "null"):
        file.write_text(other)
        refused(file, "is not a text model of this library")


def test_a_damaged_file_is_noticed(file):
    document = json.loads(file.read_text("utf-8"))
    document["model"]["theta"][2] += 0.1
    file.write_text(json.dumps(document))
    refused(file, "is damaged")
    file.write_text(json.dumps(document | {"version": 99}))
    refused(file, "of version 99, and this library reads version 1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"intercept": None}, "is not a complete text model: intercept"),
        ({"spread": 0.0}, "spread"),
        ({"blocks": []}, "blocks"),
        ({"more": 1}, "more"),
        ({"lexicon": "0" * 64}, "another version of the lexicons"),
    ],
)
def test_a_forged_file_is_checked_too(file, change, message):
    document = json.loads(file.read_text("utf-8"))
    document["model"] |= change
    document["sha256"] = saved._digest(document["model"])
    file.write_text(json.dumps(document))
    refused(file, message)


@pytest.mark.parametrize(
    ("key", "value"), [("weights", [1e308]), ("idf", [1e-300]), ("weights", [math.nan]), ("grams", [])]
)
def test_numbers_that_training_does_not_make_are_refused(file, key, value):
    """Their sums would overflow, and every text would be no evidence without a word about it."""
    document = json.loads(file.read_text("utf-8"))
    block = document["model"]["blocks"][0]
    block[key] = value * len(block[key])
    if not value:
        block["idf"] = block["weights"] = []
    document["sha256"] = saved._digest(document["model"])
    file.write_text(json.dumps(document))
    refused(file, rf"is not a complete text model: blocks\.0\.{key}")


@pytest.mark.parametrize("change", [{"theta": [1e308, 1e308, 1.0]}, {"spread": 5e-324}, {"intercept": 1e308}])
def test_no_sum_of_a_model_overflows(file, change):
    document = json.loads(file.read_text("utf-8"))
    document["model"] |= change
    document["sha256"] = saved._digest(document["model"])
    file.write_text(json.dumps(document))
    refused(file, next(iter(change)))


def test_blocks_must_agree_with_themselves(file):
    document = json.loads(file.read_text("utf-8"))
    document["model"]["blocks"][0]["idf"].pop()
    document["sha256"] = saved._digest(document["model"])
    file.write_text(json.dumps(document))
    refused(file, "must be of one length")


def test_the_fingerprint_is_that_of_the_model_as_written(file):
    document = json.loads(file.read_text("utf-8"))
    body = json.dumps(document["model"], sort_keys=True)
    assert document["sha256"] == sha256(body.encode()).hexdigest()
    assert (document["format"], document["version"]) == ("portfolio text model", 1)
