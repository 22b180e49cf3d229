"""All fixtures by name."""

from collections.abc import Mapping

from tests.factories.exports import copies, odd, odd_archives, odd_times, strange
from tests.factories.exports.fixtures import Fixture

_SETS = (copies, odd, odd_times, odd_archives, strange)
FIXTURES: Mapping[str, Fixture] = {
    name: it for one_set in _SETS for name, it in one_set.built().items()
}
