"""Load the flight data (US Department of Transportation, New York, 2013) into one DuckDB file.

Every type is said here and nothing is sniffed, so that the same files give the same tables on every machine.
``NA`` is the files' word for "not known"; an empty field does not occur.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding

#: Column types by table, in the order of the files. ``year``, ``month``, ``day``, ``hour`` and ``minute`` are the
#: airport's own wall clock; ``time_hour`` is the same hour as an instant, written with a Z, kept as a naive UTC time.
TABLES: dict[str, dict[str, str]] = {
    "airlines": {"carrier": "VARCHAR", "name": "VARCHAR"},
    "airports": {
        "faa": "VARCHAR",
        "name": "VARCHAR",
        "lat": "DOUBLE",
        "lon": "DOUBLE",
        "alt": "INTEGER",
        "tz": "INTEGER",
        "dst": "VARCHAR",
        "tzone": "VARCHAR",
    },
    "planes": {
        "tailnum": "VARCHAR",
        "year": "INTEGER",
        "type": "VARCHAR",
        "manufacturer": "VARCHAR",
        "model": "VARCHAR",
        "engines": "INTEGER",
        "seats": "INTEGER",
        "speed": "INTEGER",
        "engine": "VARCHAR",
    },
    "weather": {
        "origin": "VARCHAR",
        "year": "INTEGER",
        "month": "INTEGER",
        "day": "INTEGER",
        "hour": "INTEGER",
        "temp": "DOUBLE",
        "dewp": "DOUBLE",
        "humid": "DOUBLE",
        "wind_dir": "INTEGER",
        "wind_speed": "DOUBLE",
        "wind_gust": "DOUBLE",
        "precip": "DOUBLE",
        "pressure": "DOUBLE",
        "visib": "DOUBLE",
        "time_hour": "TIMESTAMP",
    },
    "flights": {
        "year": "INTEGER",
        "month": "INTEGER",
        "day": "INTEGER",
        "dep_time": "INTEGER",
        "sched_dep_time": "INTEGER",
        "dep_delay": "INTEGER",
        "arr_time": "INTEGER",
        "sched_arr_time": "INTEGER",
        "arr_delay": "INTEGER",
        "carrier": "VARCHAR",
        "flight": "INTEGER",
        "tailnum": "VARCHAR",
        "origin": "VARCHAR",
        "dest": "VARCHAR",
        "air_time": "INTEGER",
        "distance": "INTEGER",
        "hour": "INTEGER",
        "minute": "INTEGER",
        "time_hour": "TIMESTAMP",
    },
}


def load_flights(data: Path, path: Path, *, say: Callable[[str], None]) -> dict[str, int]:
    """Write the five tables into a new DuckDB file at ``path`` and return how many rows each holds.

    ``data`` is the folder with ``airlines.csv``, ``airports.csv``, ``planes.csv``, ``weather.csv`` and
    ``flights.csv.zip``. The file is built aside and renamed: until all five tables stand, what was at ``path`` stays
    as it was. Raises EngineError (``warehouse-failed``) when a file is missing or does not hold what its types say.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as aside:
            built = Path(aside) / path.name
            rows = _build(data, Path(aside), built, say)
            built.replace(path)
    except (duckdb.Error, OSError, KeyError, zipfile.BadZipFile) as wrong:
        raise EngineError(_unreadable(wrong)) from wrong
    return rows


def _build(data: Path, aside: Path, built: Path, say: Callable[[str], None]) -> dict[str, int]:
    rows: dict[str, int] = {}
    with duckdb.connect(str(built)) as connection:
        for table, columns in TABLES.items():
            file = _file(data, table, aside)
            types = "{" + ", ".join(f"'{name}': '{type}'" for name, type in columns.items()) + "}"
            made = connection.execute(
                f"create table {table} as select * from read_csv(?, header = true, auto_detect = false, delim = ',', "
                f"quote = '\"', nullstr = 'NA', timestampformat = '%Y-%m-%dT%H:%M:%SZ', columns = {types})",
                [str(file)],
            ).fetchall()
            rows[table] = int(made[0][0])
            say(f"{table}: {rows[table]:,} rows")
    return rows


def _file(data: Path, table: str, aside: Path) -> Path:
    """Return the table's CSV file; the largest comes zipped, and is unzipped beside the file being built."""
    plain = data / f"{table}.csv"
    if plain.exists():
        return plain
    with zipfile.ZipFile(data / f"{table}.csv.zip") as zipped:
        return Path(zipped.extract(f"{table}.csv", aside))


def _is_of_the_data(wrong: OSError) -> bool:
    """Say whether a file of the data is missing or cannot be read, rather than the place to write to."""
    return wrong.filename is None or Path(wrong.filename).name.partition(".")[0] in TABLES


def _unreadable(wrong: Exception) -> Finding:
    first_line = (str(wrong).strip() or type(wrong).__name__).splitlines()[0]
    if isinstance(wrong, OSError) and not _is_of_the_data(wrong):
        return Finding(
            code="warehouse-failed",
            subject="sample data",
            message=f"{wrong.filename} cannot be written: {(wrong.strerror or first_line).lower()}",
            help="check the folder, its rights and the space on the disk, or name another with --to",
        )
    return Finding(
        code="warehouse-failed",
        subject="sample data",
        message=f"the flight data could not be loaded: {first_line}",
        why="the sample company stands on these five tables; what was there before is untouched",
        help="install the data again: pip install --force-reinstall 'decisionlayer-metrics[data]'",
    )
