"""A coach looks at those who let them, and at nobody else."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import OpenGuest
from tests.browser.guest import Guest
from tests.browser.people import CLIENTS, COACH, KEEPS, REFUSES, SHARES, STRANGER
from tests.processes.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]
