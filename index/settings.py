"""Read the settings from retrace.toml and the environment into the options of each part."""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from index.errors import ArchiveError
from index.ingest.ingest_options import IngestOptions
from index.search.question import SearchOptions
from index.store import archive_file

FILE_NAME = "retrace.toml"
PREFIX = "RETRACE_"

_OF_A_PERSON = {"ray": "where code runs"}
"""Options that nobody takes from an archive, which may come from anybody, and what they decide."""

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class Settings:
    """All options; each field is a section of retrace.toml."""

    ingest: IngestOptions = field(default_factory=IngestOptions)
    search: SearchOptions = field(default_factory=SearchOptions)


def load_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the defaults, overridden by retrace.toml in the folder, then by RETRACE_SECTION_KEY variables."""
    settings = Settings()
    for section, values in _read_file(folder / FILE_NAME).items():
        _check_harmless(values, section, str(folder / FILE_NAME))
        settings = _change(settings, section, values, where=str(folder / FILE_NAME))
    settings = replace(settings, ingest=_within_this_machine(settings.ingest))
    for section, values in _from_environment(environment).items():
        settings = _change(settings, section, values, where="the environment")
    return settings


def change_options(options: Options, values: Mapping[str, object], *, where: str) -> Options:
    """Return the options with the given values, each checked and converted to its field's type."""
    types = get_type_hints(type(options))
    names = [f.name for f in fields(options)]  # type: ignore[arg-type]
    for key in values:
        if key not in names:
            raise ArchiveError(f"{where} sets {key!r}, which is not known{_nearest(key, names)}")
    changed = {key: _convert(value, types[key], key, where) for key, value in values.items()}
    return replace(options, **changed)  # type: ignore[type-var]


def _read_file(path: Path) -> Mapping[str, Mapping[str, object]]:
    if not path.is_file():
        return {}
    try:
        sections: dict[str, Any] = tomllib.loads(archive_file.small_text(path))
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{path} is not valid TOML ({error}): mend the line it names") from error
    for name, values in sections.items():
        if not isinstance(values, dict):
            raise ArchiveError(f"{path} sets {name!r} outside a section: put it under one of {_sections()}")
    return sections


def _check_harmless(values: Mapping[str, object], section: str, where: str) -> None:
    """Refuse what only the person who runs the program may decide; the file may have come with somebody's archive."""
    for key, decides in _OF_A_PERSON.items():
        if key in values:
            raise ArchiveError(
                f"{where} sets {key}, which decides {decides}, and an archive may come from anybody: "
                f"give --{key}, or set {PREFIX}{section.upper()}_{key.upper()}"
            )
    detector = values.get("detector")
    if isinstance(detector, str) and ("/" in detector or detector.endswith(".onnx")):
        raise ArchiveError(
            f"{where} sets detector to a file, and an archive may come from anybody: give --detector, "
            "or add the network by `retrace models add` and write its name"
        )


def _within_this_machine(options: IngestOptions) -> IngestOptions:
    """Return the options with at most as many workers as this machine has processors."""
    return replace(options, workers=min(options.workers, max(1, os.cpu_count() or 1)))


def _from_environment(environment: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """Return the variables by section and key: RETRACE_INGEST_CHUNK_S is ingest.chunk_s."""
    chosen: dict[str, dict[str, object]] = {}
    for section in _sections():
        prefix = f"{PREFIX}{section.upper()}_"
        for name, value in environment.items():
            if name.startswith(prefix):
                chosen.setdefault(section, {})[name.removeprefix(prefix).lower()] = value
    return chosen


def _change(settings: Settings, section: str, values: Mapping[str, object], *, where: str) -> Settings:
    if section not in _sections():
        raise ArchiveError(f"{where} has a section {section!r}, which is not known{_nearest(section, _sections())}")
    options = change_options(getattr(settings, section), values, where=f"{where}, section {section},")
    return replace(settings, **{section: options})


def _sections() -> list[str]:
    return [f.name for f in fields(Settings)]


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f": did you mean {near[0]!r}?" if near else f": known are {', '.join(known)}"


def _convert(value: object, expected: Any, key: str, where: str) -> object:
    """Return a TOML value or an environment string as a field's type: bool, int, float or str, or optional."""
    if isinstance(expected, UnionType):
        expected = next(kind for kind in get_args(expected) if kind is not type(None))
    if isinstance(value, str) and expected is not str:
        value = _parse(value)
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ArchiveError(f"{where} sets {key} to {value!r}, which must be a finite number")
    if type(value) is not expected:
        raise ArchiveError(f"{where} sets {key} to {value!r}, which must be of type {expected.__name__}")
    return value


def _parse(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
