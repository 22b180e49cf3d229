"""What the roster's columns are called on screen."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from coach.dashboard.roster import Sort
from coach.web.charts import sparkline

SORTS = {
    Sort.NAME: _l("Name"),
    Sort.RECOVERY: _l("Recovery"),
    Sort.STRAIN: _l("Strain"),
    Sort.SLEEP: _l("Sleep"),
    Sort.HRV: _l("HRV"),
    Sort.RESTING: _l("Resting HR"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(SORTS.__getitem__, "sort_label")
    app.add_template_filter(sparkline, "sparkline_of")
