"""Bea, who exports, and Carl, who has nothing yet."""

import pytest
from flask import Flask

from tests.cast import Cast
from tests.verification.one_client import OneClient


@pytest.fixture
def bea(app: Flask, cast: Cast) -> OneClient:
    return OneClient(app, cast.bea)


@pytest.fixture
def carl(app: Flask, cast: Cast) -> OneClient:
    return OneClient(app, cast.carl)
