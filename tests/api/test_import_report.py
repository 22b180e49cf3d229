"""What the API tells of an upload of which not all could be read."""

from flask import Flask

from tests.api.conftest import MakeProgram
from tests.cast import Cast
from tests.csv_import.uploader import CYCLES, Uploader
from tests.factories import export
from tests.factories.export import C26


def test_a_line_that_was_refused_is_told_with_its_place_and_without_its_value(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    spoiled = {**CYCLES[1], "Cycle start time": "yesterday"}
    read = Uploader(app, cast.bea).read(export.text(C26, [CYCLES[0], spoiled]).encode(), "days.csv")
    bea = program(cast.bea)
    told = bea.get(f"/clients/me/imports/{read.id}")
    assert told.status_code == 200, told.text
    place = {"file": "days.csv", "line": 3, "column": "Cycle start time"}
    assert told.json["refused"] == [place | {"value_class": "text", "reason": "not_a_time"}]
    assert "yesterday" not in told.text
    (listed,) = bea.get("/clients/me/imports").json["items"]
    assert listed["refused"] == told.json["refused"]
