"""Measure the pages in headless Chromium on an archive of 60 cameras and 60,000 sightings.

`python -m benchmarks.page` makes the archive in a temporary folder; `--keep DIR` keeps it there and uses it again.
"""

import argparse
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.claim import say, say_medians
from benchmarks.made_pictures import draw_pictures
from benchmarks.made_town import MadeTown, fill, make_archive, make_traffic, sighting_id
from benchmarks.page_visit import RETRACE, Server, bare_page, chromium, served, visit
from index.access.cases import open_case
from index.access.permissions import local_person

CAMERAS, SIGHTINGS, PICTURES = 60, 60_000, 240
VISITS, QUESTIONS, MARKS, PEOPLE = 5, 12, 8, 5
WARM_QUESTIONS, MORE_QUESTIONS = 20, 100
CASE = "B-1"
AIM_PAINT_S, AIM_CARDS_S, AIM_MARK_S, AIM_FRAME_MS, AIM_TIMES_CLI = 1.5, 1.0, 0.3, 50.0, 1.3
LISTING = "?type=car&minutes=10080&time=2026-05-05T12:00:00Z&ask=1"
"""More than 500 sightings fit it."""

FORM = ".st-key-find button"
SHOWN = f"() => until(() => document.querySelector('{FORM}')).then(() => performance.now() / 1000)"

ASK = """async () => {
  await until(() => rests() && document.querySelector('.st-key-find button:not([disabled])'));
  document.querySelector('.st-key-find button').click();
  const cards = await until(() => deep('.board .cell'));
  const done = until(() => deep('.board:not(.busy)') && document.querySelector('.rt-headline') && rests());
  return [cards, cards + await done];
}"""

MARK = """async (verdict) => {
  const marks = () => deep('.cell[aria-selected=true] .mark')?.className ?? '';
  let ran = false;
  const watch = new MutationObserver(() => { ran ||= !rests(); });
  watch.observe(document.querySelector('.stApp'), { attributes: true });
  deep(`.verdict.${verdict}`).click();
  const shown = await until(() => marks().includes(verdict));
  const ranked = shown + await until(() => ran && rests());
  watch.disconnect();
  return [shown, ranked];
}"""

SCROLL = """async () => {
  const frames = [], next = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let last = await next();
  const frame = async () => { const now = await next(); frames.push(now - last); last = now; };
  for (;;) {
    const grid = deep('.wall-grid');
    for (let y = 0; y <= grid.scrollHeight - grid.clientHeight; y += 40) { grid.scrollTop = y; await frame(); }
    const turn = deep('.wall-pager button:last-child');
    if (!turn || turn.disabled) return frames;
    turn.click();
    await frame();
  }
}"""


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", metavar="DIR", type=Path, help="where the archive is made, or was made before")
    parser.add_argument("--only", metavar="NAME", choices=[*CLAIMS], help=f"one of {', '.join(CLAIMS)}")
    asked = parser.parse_args()
    with folder_of(asked.keep) as folder:
        archive = made(folder)
        with served(archive) as server, chromium() as browser:
            for name, claim in CLAIMS.items():
                if asked.only in (None, name):
                    claim(browser, server, archive)


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    """Yield the folder that is kept, or a temporary one."""
    if kept is not None:
        yield kept
        return
    with TemporaryDirectory(prefix="retrace-page-") as folder:
        yield Path(folder)


def made(folder: Path) -> Path:
    """Return the archive in a folder, made where there is none."""
    path = folder / "archive"
    if path.exists():
        return path
    town = MadeTown(CAMERAS)
    with make_archive(folder, town) as archive:
        fill(archive, make_traffic(archive, town, SIGHTINGS, seed=1), SIGHTINGS, picture_of=draw_pictures(PICTURES))
        open_case(archive, local_person(), CASE, "a measured case")
    return path


def claim_first_paint(browser: Any, server: Server, archive: Path) -> None:
    """Open the page with an empty browser, and again with what it keeps."""
    empty, again = [], []
    for number in range(VISITS + 1):
        with visit(browser, server) as page:
            taken = [_form_shown_s(page, server.address), _form_shown_s(page, server.address)]
        if number:
            empty.append(taken[0])
            again.append(taken[1])
    with bare_page() as bare:
        peers = [_bare_shown_s(browser, bare) for _ in range(VISITS + 1)][1:]
    claim = f"the form of the search page is there, median of {VISITS}; {AIM_PAINT_S} s are aimed at"
    for number, (told, seconds) in enumerate((("an empty browser", empty), ("what the browser keeps", again))):
        peer = f"a page of Streamlit with one button, with {told}"
        say_medians(f"{claim}; with {told}", seconds, peer=peer, peer_seconds=[one[number] for one in peers])


def claim_answers(browser: Any, server: Server, archive: Path) -> None:
    """Ask different questions on the page, and others like them of the command line."""
    with visit(browser, server) as page:
        taken = [_ask(page, server, sighting_id(row)) for row in _rows(QUESTIONS + 1, seed=2)][1:]
    cards, whole = [one[0] for one in taken], [one[1] for one in taken]
    told = [_command_s(archive, sighting_id(row)) for row in _rows(VISITS + 1, seed=3)][1:]
    _say_seconds(f"the first cards are there after asking, median of {len(cards)}", cards, AIM_CARDS_S)
    claim = f"the whole answer is there, median of {len(whole)}; {AIM_TIMES_CLI} times the command line's is aimed at"
    say_medians(claim, whole, peer="the same on the command line", peer_seconds=told)


def claim_marks(browser: Any, server: Server, archive: Path) -> None:
    """Mark a hit, and wait for its mark, and for the answer that follows from it."""
    shown: list[float] = []
    ranked: list[float] = []
    with visit(browser, server) as page:
        for row in _rows(MARKS // 4, seed=4):
            page.goto(f"{server.address}/?sighting={sighting_id(row)}&case={CASE}&ask=1")
            _settled(page)
            for verdict in ("no", "unsure", "no", "unsure"):
                page.locator(".cell:not(:has(.mark))").first.click()
                one, whole = page.evaluate(MARK, verdict)
                shown.append(one / 1000)
                ranked.append(whole / 1000)
    _say_seconds(f"a mark is shown, median of {len(shown)}", shown, AIM_MARK_S)
    _say_seconds(f"what follows from a mark is ranked and drawn, median of {len(ranked)}", ranked, AIM_CARDS_S)


def claim_scrolling(browser: Any, server: Server, archive: Path) -> None:
    """Scroll through every page of a wall of hits."""
    with visit(browser, server) as page:
        page.goto(f"{server.address}/{LISTING}")
        _settled(page)
        hits = page.locator(".wall-count").inner_text()
        frames = page.evaluate(SCROLL)
    slow = sum(frame > AIM_FRAME_MS for frame in frames)
    say(
        f"the 99th percentile of {len(frames)} frames while a wall ({hits}) is scrolled; {slow} took longer than "
        f"{AIM_FRAME_MS:.0f} ms, the longest {max(frames):.0f}",
        value=float(np.percentile(frames, 99)),
        unit="ms",
        peer="aimed at",
        peer_value=AIM_FRAME_MS,
        less_is_better=True,
    )


def claim_memory(browser: Any, server: Server, archive: Path) -> None:
    """Ask a hundred more questions after twenty, each in a visit of its own, and compare the server's memory."""
    before_mb = 0.0
    with visit(browser, server) as page:
        for number, row in enumerate(_rows(WARM_QUESTIONS + MORE_QUESTIONS, seed=5)):
            if number == WARM_QUESTIONS:
                before_mb = server.memory_mb()
            page.goto(f"{server.address}/?sighting={sighting_id(row)}&ask=1")
            _settled(page)
    after_mb = server.memory_mb()
    say(
        f"private memory of the server after {MORE_QUESTIONS} more questions",
        value=after_mb,
        unit="MB",
        peer=f"after the first {WARM_QUESTIONS}",
        peer_value=before_mb,
        less_is_better=True,
        correct=after_mb < 1.2 * before_mb,
    )


def claim_people(browser: Any, server: Server, archive: Path) -> None:
    """Let several people ask at once, and one alone."""
    rows = _rows(3 * (PEOPLE + 1), seed=6)
    with visit(browser, server) as page:
        alone = [_ask(page, server, sighting_id(row))[1] for row in rows[:3]]
    together = []
    with ExitStack() as stack:
        pages = [stack.enter_context(visit(browser, server)) for _ in range(PEOPLE)]
        for turn in range(2):
            for number, page in enumerate(pages):
                page.goto(f"{server.address}/?sighting={sighting_id(rows[3 + turn * PEOPLE + number])}")
                page.evaluate("() => until(() => rests() && document.querySelector('.st-key-find button'))")
            for page in pages:
                page.evaluate(f"() => {{ window.asked = ({ASK})(); }}")
            together += [page.evaluate("() => window.asked")[1] / 1000 for page in pages]
    claim = f"the whole answer of {PEOPLE} people who ask at once in one browser, median of {len(together)}"
    say_medians(f"{claim}; the slowest {max(together):.1f} s", together, peer="one alone", peer_seconds=alone)


def _form_shown_s(page: Any, address: str) -> float:
    """Return the seconds from asking for the page until its form is drawn and nothing runs any more."""
    page.goto(address, wait_until="commit")
    return float(page.evaluate(SHOWN))


def _bare_shown_s(browser: Any, bare: Server) -> tuple[float, float]:
    """Return the seconds until the button of an empty page is there, in an empty browser and once more."""
    with visit(browser, bare) as page:
        taken = []
        for _ in range(2):
            page.goto(bare.address, wait_until="commit")
            taken.append(float(page.evaluate(SHOWN.replace(FORM, "[data-testid=stButton]"))))
    return taken[0], taken[1]


def _ask(page: Any, server: Server, sighting: str) -> tuple[float, float]:
    """Ask about a sighting by the button of the form; return the seconds to the first cards and to the whole answer."""
    page.goto(f"{server.address}/?sighting={sighting}")
    cards, whole = page.evaluate(ASK)
    return cards / 1000, whole / 1000


def _settled(page: Any) -> None:
    """Wait until an answer is complete."""
    page.evaluate("() => until(() => deep('.board:not(.busy) .cell') && rests())")


def _command_s(archive: Path, sighting: str) -> float:
    """Return the seconds of a whole question on the command line, its start included."""
    began = time.monotonic()
    command = [*RETRACE, "--archive", str(archive), "search", "--sighting", sighting]
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - began


def _rows(count: int, *, seed: int) -> list[int]:
    return [int(row) for row in np.random.default_rng(seed).choice(SIGHTINGS, count, replace=False)]


def _say_seconds(claim: str, seconds: list[float], aim_s: float) -> None:
    say_medians(claim, seconds, peer="aimed at", peer_seconds=[aim_s])


CLAIMS: dict[str, Callable[[Any, Server, Path], None]] = {
    "paint": claim_first_paint,
    "answers": claim_answers,
    "marks": claim_marks,
    "scrolling": claim_scrolling,
    "memory": claim_memory,
    "people": claim_people,
}

if __name__ == "__main__":
    main()
