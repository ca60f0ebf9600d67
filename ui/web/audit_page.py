"""Show who asked what and why: the searches, with what was opened after each folded under it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import streamlit as st

from index.access import audit
from index.store.catalogue.audit import Entry
from ui.web import words
from ui.web.context import PageContext
from ui.web.fields import note
from ui.web.language import say, say_count

NEWEST = 2000
GROUPS_A_PAGE = 25
FOLDED = frozenset({"open picture", "open frame", "open clip", "area of sighting", "list sightings"})
HIDDEN = frozenset({"reason", "case", "top"})
TIMES = frozenset({"time", "at", "start", "end", "since"})
MOST_PARTS = 6
_HASH = re.compile(r"[0-9a-f]{20,}")


@dataclass(frozen=True, slots=True)
class AuditGroup:
    """A row of the audit, and the openings that followed it by the same person, oldest first."""

    entry: Entry
    openings: tuple[Entry, ...]


def show_audit(context: PageContext) -> None:
    """Show whether the audit is whole, and its newest rows."""
    st.html(f'<h2 class="rt-lead">{escape(say("Audit"))}</h2>')
    entries = list(audit.entries(context.archive, context.person, newest=NEWEST))
    groups = grouped(entries)[::-1]
    with st.container(horizontal=True, vertical_alignment="center", key="audit_line"):
        note(say("The newest {n} rows, the latest first.", n=f"{len(entries):,}"))
        if st.button(say("Check that no row was changed"), key="check_audit"):
            checked = audit.check(context.archive, context.person)
            whole = say("All {n} rows are as they were written.", n=f"{checked.rows:,}")
            note(whole if checked.ok else say("Row {n} is not as it was written.", n=checked.broken_at))
    pages = max(1, -(-len(groups) // GROUPS_A_PAGE))
    page = st.pagination(pages, key="audit_page") if pages > 1 else 1
    shown = groups[(page - 1) * GROUPS_A_PAGE : page * GROUPS_A_PAGE]
    st.html("".join(_group(group, context) for group in shown) or f"<p>{escape(say('Nothing yet.'))}</p>")


def grouped(entries: Sequence[Entry]) -> list[AuditGroup]:
    """Return the rows, each opening folded under the row before it of the same person, in their order."""
    order: list[tuple[Entry, list[Entry]]] = []
    latest: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.action in FOLDED and entry.person in latest:
            latest[entry.person].append(entry)
            continue
        openings: list[Entry] = []
        order.append((entry, openings))
        latest[entry.person] = openings
    return [AuditGroup(entry, tuple(openings)) for entry, openings in order]


def _group(group: AuditGroup, context: PageContext) -> str:
    entry = group.entry
    why = " · ".join(
        [*([say("case {number}", number=entry.case)] if entry.case else []), *([entry.reason] if entry.reason else [])]
    )
    detail = _detail(entry.detail, context)
    head = (
        f'<span class="rt-number">{entry.number:,}</span><time>{escape(words.stamp(entry.at, context.zone))}</time>'
        f"<b>{escape(say(entry.action))}</b><span>{escape(entry.person)}</span><span>{escape(detail)}</span>"
        f"<em>{escape(why)}</em>"
    )
    if not group.openings:
        return f'<div class="rt-audit"><p>{head}</p></div>'
    opened = say_count(len(group.openings), "{n} opening", "{n} openings")
    rows = "".join(
        f'<li><span class="rt-number">{one.number:,}</span><time>{escape(words.clock(one.at, context.zone))}</time>'
        f"<b>{escape(say(one.action))}</b><span>{escape(_detail(one.detail, context))}</span></li>"
        for one in group.openings
    )
    return f'<details class="rt-audit"><summary>{head}<i>{escape(opened)}</i></summary><ul>{rows}</ul></details>'


def _detail(detail: Mapping[str, object], context: PageContext) -> str:
    """Return what the row says beside its action, without what is zero or not given."""
    named = [(name, value) for name, value in detail.items() if name not in HIDDEN and value not in (None, [], "", 0)]
    return ", ".join(
        f"{say(name.removesuffix('_s').replace('_', ' '))} {_value(name, value, context)}" for name, value in named
    )


def _value(name: str, value: object, context: PageContext) -> str:
    if name.endswith("_s") and isinstance(value, int | float):
        return words.span(float(value))
    if name in TIMES and isinstance(value, str):
        return words.stamp(datetime.fromisoformat(value), context.zone)
    parts = value if isinstance(value, list) else [value]
    return " ".join(_short(str(part)) for part in parts[:MOST_PARTS]) + (" …" if len(parts) > MOST_PARTS else "")


def _short(text: str) -> str:
    return f"{text[:12]}…" if _HASH.fullmatch(text) else text if len(text) <= 48 else f"{text[:45]}…"
