"""Make a population: `HOME_DIR=… [ORGANISATIONS=… CLIENTS=… DAYS=…] make bench NAME=population`."""

import json
import time

from sqlalchemy import create_engine, text

from benchmarks.population.home import populated
from benchmarks.population.size import Size

TABLES = ("daily_logs", "day_readings", "insights", "whoop_records", "check_ins", "workouts")


def main() -> None:
    """Make it unless it is there, and say how large it is."""
    began = time.perf_counter()
    with populated(Size.of_environment()) as stage:
        seconds = time.perf_counter() - began
        with create_engine(stage.environment["MIGRATION_DATABASE_URL"]).connect() as connection:
            counts = {
                name: connection.scalar(text(f"SELECT count(*) FROM {name}"))  # noqa: S608
                for name in ("organisations", "clients", *TABLES)
            }
            size = connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
    print(json.dumps({"seconds": round(seconds, 1), "gb": round(size / 1e9, 2), **counts}))


if __name__ == "__main__":
    main()
