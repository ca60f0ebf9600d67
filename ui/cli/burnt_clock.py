"""Show a person the clock burnt into a recording, and ask whether it is right."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ui.cli.answer import note, written

if TYPE_CHECKING:
    from index.intake.burnt_start import ClockProposal


def asked(proposal: "ClockProposal") -> bool:
    """Ask on the terminal whether the footage starts then."""
    for line in clock_lines(proposal):
        note(line)
    return click.confirm("Is that right?", err=True)


def clock_lines(proposal: "ClockProposal") -> Iterator[str]:
    """Yield what was read, and what speaks against it."""
    seen = f"{proposal.text!r}, {proposal.right} of {proposal.read} readings go on as the footage does"
    meant = "" if proposal.other is None else f" or {proposal.other.isoformat()} (which is the day?)"
    yield f"{proposal.path} starts {proposal.start.isoformat()}{meant} by the clock in its pictures: {seen}"
    for doubt in proposal.doubts:
        yield f"{proposal.path}: {doubt}"


def clock_document(proposal: "ClockProposal") -> dict[str, object]:
    """Return the same for a program."""
    return {
        "path": str(proposal.path),
        "start": written(proposal.start),
        "other": None if proposal.other is None else written(proposal.other),
        "text": proposal.text,
        "right": proposal.right,
        "read": proposal.read,
        "doubts": list(proposal.doubts),
    }
