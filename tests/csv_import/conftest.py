"""Two clients of one coach who upload."""

import pytest
from flask import Flask

from tests.cast import Cast
from tests.csv_import.uploader import Uploader


@pytest.fixture
def bea(app: Flask, cast: Cast) -> Uploader:
    return Uploader(app, cast.bea)


@pytest.fixture
def carl(app: Flask, cast: Cast) -> Uploader:
    return Uploader(app, cast.carl)
