"""Compose the back of a report: what was not searched, clocks, networks, footage, audit, and how to check it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import groupby

from index.access.audit import Entry
from index.answers import Gap
from index.casework.contents import UNCHANGED, CaseAudit, CaseContents
from index.casework.questions import REASON
from ui.report import report_words as words
from ui.report.blocks import Block, Facts, Grid, Heading, Text

When = Callable[[datetime], str]
Stretch = Callable[[datetime, datetime], str]

OPENINGS = ("open picture", "open frame", "cut clip")

KINDS = {
    "detector": "finds vehicles",
    "appearance": "compares looks",
    "plate_reader": "reads plates",
    "plate_vector": "compares plates",
}

COVERED = (
    "Other vehicles, what moves, all plates that the program can find but the vehicle's own, and all faces that "
    "it can find are covered by cells of one colour each, so that the originals cannot be restored from this "
    "report. Where nobody has marked a sighting yes or unsure, its own plate is covered and withheld as well. What the "
    "program does not find stays visible: a person who stands still, a small or turned face, a plate in a mirror "
    "or on a wall, writing on a vehicle, and whatever lies within the frame of the vehicle itself, as a vehicle "
    "right behind it. Look through the pictures before you hand the report on."
)

_BOUNDED = " A time without footage is listed by the camera's own clock. “Not seen” says nothing about these:"
_UNBOUNDED = (
    " Nothing bounds the time of the question, so nobody looked up when there was no footage: “not seen” says nothing "
    "about times without any."
)

CHECKING = (
    "manifest.json lists every file of this report with its SHA-256 and, for pictures and clips, the SHA-256 of "
    "the footage or stored picture that it was made from. “retrace report --verify FOLDER” finds every file that "
    "was changed, added or taken away; without Retrace, “sha256sum --check SHA256SUMS” does the same for changes. "
    "The SHA-256 of manifest.json was printed when the report was made, and stands in an audit row after the last "
    "one of section 11: whoever has it can tell that the list itself was not replaced. Pictures and clips were "
    "compressed again when others were covered; the footage is the original. Signs that report.pdf has no typeface "
    "for are given by their number there; report.html shows them."
)


def particulars(contents: CaseContents, audit: CaseAudit, zone: tzinfo) -> Iterator[Block]:
    """Yield sections 7 to 13."""

    def when(time: datetime) -> str:
        return words.when(time, zone)

    yield from _not_searched(contents, lambda start, end: words.between(start, end, zone))
    yield from _clocks(contents)
    yield from _models(contents)
    yield from _footage(contents, when)
    yield from _audit(audit, when)
    yield Heading("12  Others in the pictures")
    reason = contents.file.case.show_others
    yield Text(COVERED if reason is None else f"Others are shown, because the case says: {words.plain(reason)}")
    yield Heading("13  How to check this report")
    yield Text(CHECKING)


def _not_searched(contents: CaseContents, stretch: Stretch) -> Iterator[Block]:
    yield Heading("7  What was not searched")
    if contents.answer is None:
        yield Text("No question could be asked again; nothing is known of what was searched.")
        return
    searched = contents.answer.alone.searched
    total = len(contents.cameras)
    yield Text(
        f"The question reached {searched.cameras} of {words.count(total, 'camera')} and {searched.inside:,} of "
        f"{words.count(searched.of, 'sighting')} of the archive; {searched.compared:,} of these were compared. "
        + _unreached(contents, total - searched.cameras)
        + (_UNBOUNDED if searched.unwatched is None else _BOUNDED)
    )
    if searched.unwatched is not None:
        yield _missing(searched.gaps, stretch)
    for film in contents.troubled_footage:
        problem = words.plain(film.problem or "not all of it could be read")
        yield Text(f"Footage {film.id[:12]}… of {words.plain(film.camera)}: {problem}.", "small")


def _missing(gaps: Sequence[Gap], stretch: Stretch) -> Block:
    rows = []
    for (camera, why), own in groupby(gaps, key=lambda gap: (gap.camera, gap.why)):
        spans = [stretch(gap.start, gap.end) for gap in own]
        rows.append((words.plain(camera), "; ".join(spans), words.plain(why)))
    return Grid(("Camera", "Stretches", "Why"), tuple(rows), (1, 5, 1.2)) if rows else Text("No stretch is missing.")


def _unreached(contents: CaseContents, number: int) -> str:
    if number <= 0:
        return "No camera was left out."
    query = contents.answer.asked.query if contents.answer is not None else None
    narrowed = query is not None and (query.cameras or query.area is not None)
    why = "the question leaves them out or the roads" if narrowed else "the roads"
    return (
        f"{words.count(number, 'camera was', 'cameras were')} not searched, because {why} "
        "allow no way there within the time of the question."
    )


def _clocks(contents: CaseContents) -> Iterator[Block]:
    yield Heading("8  Clocks of the cameras")
    yield Text(
        "Each sighting is stored by its camera's own clock. True time is that clock less its offset; the offset is the "
        "one known when this report was made. The table has each clock as it was at the first sighting of this report, "
        "section 4 as it was at each."
    )
    rows = []
    for camera, clock in contents.clocks.items():
        offset = clock.offset
        bounds = f"{offset.low_s:+.1f} to {offset.high_s:+.1f} s"
        ahead = f"{offset.offset_s:+.1f} s{words.gain_words(clock)}"
        rows.append((words.plain(camera), ahead, bounds, words.clock_source(clock)))
    unknown = [camera.id for camera in contents.cameras if camera.id not in contents.clocks]
    if rows:
        yield Grid(("Camera", "Ahead by", "Surely within", "Who says so"), tuple(rows), (1.2, 1, 1.6, 3))
    if unknown:
        names = ", ".join(words.plain(camera) for camera in unknown)
        yield Text(f"Nobody compared the clocks of these cameras; they are taken as right, with doubt: {names}.")


def _models(contents: CaseContents) -> Iterator[Block]:
    yield Heading("9  Networks that took part")
    rows = tuple(
        (model.id, KINDS.get(model.kind, model.kind), model.sha256 or "not a file", model.licence or words.NOTHING)
        for model in contents.models
    )
    yield Grid(("Network", "What it does", "SHA-256 of its file", "Licence"), rows, (2, 1.2, 3.6, 1), frozenset({0, 2}))


def _footage(contents: CaseContents, when: When) -> Iterator[Block]:
    yield Heading("10  Footage")
    if not contents.footage:
        yield Text("The sightings were imported; no footage of them is known.")
        return
    yield Text(f"Each file was hashed again for this report; “{UNCHANGED}” means that it is what was ingested.")
    rows = tuple(
        (
            words.plain(film.footage.camera),
            f"{words.plain(film.footage.path.rsplit('/', 1)[-1])}, {film.footage.id}",
            f"{when(film.footage.start)}, {film.footage.duration_s:.1f} s",
            film.state,
        )
        for film in contents.footage
    )
    yield Grid(
        ("Camera", "File, SHA-256", "Starts (camera's clock), length", "State"),
        rows,
        (1, 3.6, 2.2, 1.2),
        frozenset({1}),
    )


def _audit(audit: CaseAudit, when: When) -> Iterator[Block]:
    yield Heading("11  Audit")
    chain = audit.chain
    state = "unbroken" if chain.ok else f"broken at row {chain.broken_at}"
    yield Facts((("Chain", f"{chain.rows} rows, {state}"), ("Head", chain.head)))
    yield Text(
        "What was done in this case, in the order of the chain; pictures opened one after the other stand in one row. "
        "Each digest covers all rows before it."
    )
    rows = tuple(_audit_row(list(entries), when) for _, entries in groupby(audit.entries, _folding()))
    yield Grid(("Row", "When", "By", "What", "Digest begins"), rows, (0.7, 2.5, 0.9, 3.2, 1.5), frozenset({4}))


def _folding() -> Callable[[Entry], int]:
    """Return a key that is the same for openings of pictures that follow each other."""
    number = 0
    was_opening = False

    def key(entry: Entry) -> int:
        nonlocal number, was_opening
        opening = entry.action in OPENINGS
        number += not (opening and was_opening)
        was_opening = opening
        return number

    return key


def _audit_row(entries: Sequence[Entry], when: When) -> tuple[str, ...]:
    first, last = entries[0], entries[-1]
    if len(entries) == 1:
        what, numbers = _action(first), str(first.number)
    else:
        kinds = Counter(entry.action for entry in entries)
        what = ", ".join(f"{kinds[action]} x {action}" for action in OPENINGS if kinds[action])
        numbers = f"{first.number}–{last.number}"
    return (numbers, when(first.at), words.plain(first.person), what, last.digest[:16])


def _action(entry: Entry) -> str:
    """Return what was done, to which sighting, and whether the report itself did it."""
    parts = [entry.action, entry.detail.get("sighting"), entry.detail.get("verdict")]
    words_of_it = " ".join(str(part) for part in parts if part)
    asked_again = entry.action == "search" and (entry.reason or "").startswith(REASON)
    return words.plain(f"{words_of_it} (asked again for a report)" if asked_again else words_of_it)
