"""Audit the packages that Retrace stands on, without a network: pinned, expected, and under licences that allow it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FOR_DEVELOPERS = "dev"
OTHER_HARDWARE = "gpu"

INSTALLERS = {"pip", "setuptools", "wheel", "retrace"}
"""In every environment, or the project itself."""

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "ISC", "MIT", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
"""Licences of what the product imports: none asks that the product be published under it."""

EXCEPTIONS = {"psycopg": {"LGPL-3.0-only"}, "psycopg-binary": {"LGPL-3.0-only"}}
"""A library of its own, of the optional extra `postgres` alone, which its user may replace: that is what it asks."""

SPDX = {
    "mit": "MIT", "mit license": "MIT", "apache-2.0": "Apache-2.0", "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "apache software license": "Apache-2.0", "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause", "3-clause bsd license": "BSD-3-Clause", "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause", "mpl-2.0": "MPL-2.0", "mpl-2.0 and mit": "MPL-2.0 AND MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "psf-2.0": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}  # fmt: skip
"""What packages call their licences that do not use the published names."""


def installed() -> dict[str, Distribution]:
    return {canonicalize_name(found.metadata["Name"]): found for found in distributions()}


def pins() -> dict[str, Version]:
    lines = [line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()]
    parts = [line.partition("==") for line in lines if line]
    assert all(equals and version for _, equals, version in parts), "every line of constraints.txt is NAME==VERSION"
    return {canonicalize_name(name): Version(version) for name, _, version in parts}


def extras(*left_out: str) -> list[str]:
    optional = PROJECT["optional-dependencies"]
    return [line for name in optional if name not in (*left_out, OTHER_HARDWARE) for line in optional[name]]


def reached(lines: Iterable[str], packages: Mapping[str, Distribution]) -> set[str]:
    """Return the packages that requirements bring along, on this machine."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(line) for line in lines]
    while waiting:
        wanted = waiting.pop()
        name, its_extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, its_extras) in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        found.add((name, its_extras))
        if name in packages:
            for line in packages[name].requires or ():
                below = Requirement(line)
                if below.marker is None or any(below.marker.evaluate({"extra": one}) for one in ("", *its_extras)):
                    below.marker = None
                    waiting.append(below)
    return {name for name, _ in found}


PACKAGES = installed()
OF_THE_PRODUCT = reached([*PROJECT["dependencies"], *extras(FOR_DEVELOPERS)], PACKAGES) & PACKAGES.keys()


def licences(package: Distribution) -> set[str]:
    """Return the licences of a package by their published names; of alternatives, those that are allowed."""
    named = package.metadata.get("License-Expression")
    if not named:
        said = [(package.metadata.get("License") or "").splitlines()[:1]]
        classifiers = [line.rsplit(" :: ", 1)[-1] for line in package.metadata.get_all("Classifier") or ()]
        words = [*(line[0] for line in said if line), *classifiers]
        named = next((SPDX[word.strip().lower()] for word in words if word.strip().lower() in SPDX), "unknown")
    parts = [part.strip(" ()") for part in re.split(r"\bAND\b", named)]
    return {
        next((one for one in choices if one in ALLOWED), part)
        for part in parts
        for choices in [[one.strip(" ()") for one in part.split(" OR ")]]
    }


def test_every_installed_package_is_pinned_and_of_the_pinned_version() -> None:
    known = pins()
    unpinned = sorted(PACKAGES.keys() - known.keys() - INSTALLERS)
    assert not unpinned, f"constraints.txt does not pin {unpinned}"
    other = {
        name: package.version
        for name, package in PACKAGES.items()
        # The build of a version, as 2.13.0+cpu, is not a version of its own.
        if name in known and Version(Version(package.version).public) != known[name]
    }
    assert not other, f"constraints.txt pins other versions: {other}; run make setup"


def test_nothing_is_pinned_or_installed_that_nothing_asks_for() -> None:
    asked = reached([*PROJECT["dependencies"], *extras()], PACKAGES)
    assert not sorted(PACKAGES.keys() - asked - INSTALLERS), "installed, and no requirement asks for it"
    assert not sorted(pins().keys() - asked), "pinned, and no requirement asks for it"


@pytest.mark.parametrize("name", sorted(OF_THE_PRODUCT))
def test_the_licence_of_what_the_product_imports_allows_it(name: str) -> None:
    found = licences(PACKAGES[name])
    refused = found - ALLOWED - EXCEPTIONS.get(name, set())
    assert not refused, f"{name} is under {sorted(refused)}: replace it, or say in EXCEPTIONS why it may stay"


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "LGPL-2.1-only", "unknown"])
def test_a_licence_that_is_not_allowed_is_refused(licence: str, tmp_path: Path) -> None:
    folder = tmp_path / "greedy-1.0.dist-info"
    folder.mkdir()
    said = f"License-Expression: MIT AND {licence}\n" if licence != "unknown" else "License: ask us\n"
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: greedy\nVersion: 1.0\n{said}", "utf-8")
    assert licences(Distribution.at(folder)) - ALLOWED == {licence}


def test_a_choice_of_licences_is_the_one_that_is_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "kind-1.0.dist-info"
    folder.mkdir()
    text = "Metadata-Version: 2.4\nName: kind\nVersion: 1.0\nLicense-Expression: GPL-2.0-only OR MIT\n"
    (folder / "METADATA").write_text(text, "utf-8")
    assert licences(Distribution.at(folder)) == {"MIT"}
