"""How a form is drawn: what it is about, what is asked for, what will happen, and how to have it sent."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len

from msktop.actions.facts import Facts
from msktop.actions.plan import Plan
from msktop.errors import MsktopError
from msktop.model.cluster import Cluster
from msktop.ui.filling import Filling, Page
from msktop.ui.form_cluster import COUNT
from msktop.ui.form_warnings import warnings
from msktop.ui.format import foreign
from msktop.ui.forms import Field
from msktop.ui.theme import Glyph, sign, token
from msktop.ui.widgets.broker_cells import severity_of, zones_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.dialog import EDGE, Line, box, page, put, put_right, words
from msktop.ui.widgets.form_foot import ASK, SLOW_S, draw_confirmation, draw_keys, foot_of

_LABEL, _VALUE = 17, 24
_ZONES = 3
"""More are not drawn: MSK has two or three."""
_BROKERS = 5
"""Of one zone that are named."""


def draw_form(canvas: Canvas, shown: Page) -> None:
    """All of the box."""
    box(canvas, _title(shown))
    width, high = canvas.width - 2 * EDGE, canvas.height >= _HIGH
    foot, body = foot_of(shown, width), _body(shown, width)
    room = canvas.height - 3 - len(foot) - high
    shown.top, lines = page(body, shown.top, room)
    for y, line in enumerate(lines, start=1 + high):
        put(canvas, y, line, EDGE - (bool(line) and line[0][1] == _MARK))
    if shown.top + room < len(body):
        put_right(canvas, canvas.height - 1, [(f" PgDn {Glyph.DOWN} more ", "muted")])
    for y, line in enumerate(foot, start=canvas.height - 2 - len(foot)):
        if line and line[0][1] == ASK:
            draw_confirmation(canvas, y, shown, line[0][0])
        else:
            put(canvas, y, line)
    draw_keys(canvas, canvas.height - 2, shown)


_HIGH = 20
"""From so many rows on there is a blank one below the title."""
_MARK = "accent on:raised"


def _title(shown: Page) -> str:
    """`Number of brokers: 6 → 9`."""
    filling, form = shown.filling, shown.form
    plan = filling.plan if filling else None
    if filling is None or plan is None:
        return form.label
    if form.title is not None:
        return foreign(form.title(filling.values, plan), 60)
    changes = [f"{plan.before.get(name, '')} {Glyph.TO} {after}" for name, after in plan.after.items()]
    return foreign(f"{form.label}: {', '.join(changes)}", 60)


# ------------------------------------------------------------------ above the line


def _body(shown: Page, width: int) -> list[Line]:
    filling = shown.filling
    if shown.phase == "reading":
        waited = f"  {shown.waited_s:.0f} s" if shown.waited_s >= SLOW_S else ""
        return [
            [
                (sign("heal") + " ", "heal"),
                (f"{_asked(shown)} is asked what there is now …", "text"),
                (waited, "muted"),
            ]
        ]
    if shown.phase == "unread" or filling is None:
        return _said(shown.error, width, f"{_asked(shown)} does not tell what there is now")
    blocks = [_head(filling.known.facts) or _topic_head(shown)] if shown.form.needs != "account" else []
    if shown.phase in ("sent", "refused", "unknown"):
        return _apart(*blocks, _result(shown, filling, width))
    blocks.append(_fields(filling, width))
    if filling.refusal is not None:
        return _apart(*blocks, _refused(filling.refusal, width))
    assert filling.plan is not None
    if shown.form is COUNT and filling.known.facts is not None:
        blocks.append(_zones(shown.cluster, filling.known.facts, filling.values["count"]))
    blocks.append(_happens(filling.plan, width))
    seen = replace(filling.known, cluster=shown.cluster)
    marked: list[Line] = []
    for warning in (*warnings(shown.form, seen, filling.values), *filling.plan.warnings):
        marked += words(foreign(warning), width, mark=[(Glyph.WARN + " ", "warn")])
    return _apart(*blocks, marked, _same_as(shown, filling, width))


def _asked(shown: Page) -> str:
    """Who is."""
    return "Kafka" if shown.form.needs == "topics" else "AWS"


def _topic_head(shown: Page) -> list[Line]:
    """The topic, and what there is to put it on."""
    facts = shown.filling.known.topics if shown.filling else None
    if facts is None:
        return []
    zones = f" in {facts.zone_count} zones" if facts.zone_count else ""
    name = shown.about or facts.cluster
    return [[(foreign(name, 48), "strong b"), (f"  {len(facts.zones)} brokers{zones}", "muted")]]


def _apart(*blocks: list[Line]) -> list[Line]:
    """One below the other with a blank line between."""
    lines: list[Line] = []
    for block in blocks:
        if block and lines:
            lines.append([])
        lines += block
    return lines


def _head(facts: Facts | None) -> list[Line]:
    if facts is None:
        return []
    about = (
        facts.region,
        foreign(facts.state, 24) if facts.state != "ACTIVE" else "",
        f"{facts.broker_count} brokers",
        foreign(facts.instance_type or "", 24),
        f"{facts.volume_gib} GiB each" if facts.volume_gib else "",
    )
    shown = "  ".join(word for word in about if word)
    return [[(foreign(facts.name, 64), "strong b"), (f"  {shown}", "muted")]]


def _fields(filling: Filling, width: int) -> list[Line]:
    """All of them; below, what may stand in the one that keys go to."""
    lines = [_field(filling, one, width) for one in filling.form.fields]
    here = filling.field
    hint = here.hint(filling.known, filling.values) if here is not None else ""
    if lines:
        lines.append([(" " * _LABEL, "text"), (foreign(hint), "muted")])
    return lines


def _field(filling: Filling, one: Field, width: int) -> Line:
    """`instance type    kafka.m7g.large▌          ← →`."""
    here, value = filling.field is one, foreign(filling.values[one.name])
    room = width - _LABEL - 6
    if cell_len(value) > room - 1:
        value = Glyph.ELLIPSIS + value[-(room - 2) :]
    if not here:
        return [(f"{one.label:<{_LABEL}}", "muted"), (value, "text")]
    box_ = max(_VALUE, cell_len(value) + 1)
    return [
        (Glyph.SELECTED, _MARK),
        (f"{one.label:<{_LABEL}}", "accent"),
        (value, "strong b on:select"),
        (Glyph.SELECTED, "accent on:select"),
        (" " * (box_ - cell_len(value) - 1), "text on:select"),
        ("  ← →" if one.choices(filling.known, filling.values) else "", "muted"),
    ]


def _refused(error: MsktopError, width: int) -> list[Line]:
    lines = words(foreign(_sentence(error.title)), width, mark=[(sign("none") + " ", "muted")])
    return lines + (
        words(foreign(error.advice), width, mark=[("  ", "text")], spec="muted") if error.advice else []
    )


def _sentence(text: str) -> str:
    """With a full stop; and with a capital letter, unless it begins with a name or a number.

    >>> _sentence("leaders move away from b-2"), _sentence("b-2 is UPDATING"), _sentence("orders is UPDATING")
    ('Leaders move away from b-2.', 'b-2 is UPDATING.', 'orders is UPDATING.')
    """
    first, _, rest = text.partition(" ")
    if first.isalpha() and not rest.startswith(("is ", "has ", "cannot ")):
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?")) else text + "."


def _happens(plan: Plan, width: int) -> list[Line]:
    changes = ", ".join(
        f"{name} {plan.before[name]} {Glyph.TO} {after}" if name in plan.before else f"{name} {after}"
        for name, after in plan.after.items()
    )
    lines: list[Line] = [[("What happens", "strong b"), (f"  {foreign(changes)}", "muted")]]
    for step in plan.steps:
        lines += words(foreign(_sentence(step)), width, mark=[(Glyph.DOT + " ", "muted")])
    return lines + words(f"How long: {foreign(plan.duration)}.", width, mark=[(Glyph.DOT + " ", "muted")])


def _zones(cluster: Cluster, facts: Facts, count: str) -> list[Line]:
    """Each zone's brokers, and how many come or go."""
    zones = [z for z in zones_of(cluster) if z]
    if not count.strip().isdecimal() or len(zones) != facts.zone_count or len(zones) > _ZONES:
        return []
    by = (int(count) - facts.broker_count) // max(1, facts.zone_count)
    lines: list[Line] = []
    for zone in zones:
        line: Line = [(f"  {foreign(zone, 14):<15}", "muted")]
        brokers = cluster.zone_brokers(zone)
        for broker in brokers[:_BROKERS]:
            severity = severity_of(broker)
            line += [(sign(severity) + " ", token(severity)), (f"{broker.name}  ", "text")]
        if len(brokers) > _BROKERS:
            line.append((f"and {len(brokers) - _BROKERS} more  ", "muted"))
        leaving = f"{Glyph.RANGE} {-by} leave" + ("s" if by == -1 else "")
        line.append((f"+ {by} new", "heal b") if by > 0 else (leaving, "warn b"))
        lines.append(line)
    return lines


def _same_as(shown: Page, filling: Filling, width: int) -> list[Line]:
    if shown.form.needs == "topics":
        about = f"{shown.form.option} {shown.about}".strip() if shown.about else ""
        words_ = ("msktop topic", shown.form.id, about, *shown.form.words(filling.values), "--write")
        command = " ".join(word for word in words_ if word)
        return [[("Same as  ", "muted"), (foreign(command, max(0, width - 9)), "muted")]]
    if shown.form.needs == "account" or filling.known.facts is None:
        return []
    name = filling.known.facts.name
    command = " ".join(("msktop cluster", shown.form.id, name, *shown.form.words(filling.values), "--write"))
    return [[("Same as  ", "muted"), (foreign(command, max(0, width - 9)), "muted")]]


# ------------------------------------------------------------------ what came of it


def _result(shown: Page, filling: Filling, width: int) -> list[Line]:
    title = filling.plan.title if filling.plan else shown.form.label
    lines = [*words(foreign(title), width, spec="text"), []]
    if shown.phase == "sent" and shown.sent is not None:
        if shown.form.needs == "topics":
            return [*lines, *_done(shown.sent.refused, width), *_told(shown.sent.told)]
        lines.append([(sign("ok") + " ", "ok"), ("MSK has accepted it", "strong b")])
        arn = shown.sent.operation_arn
        if arn is not None:
            lines += words(foreign(arn), width, mark=[("  ", "text")], spec="muted")
        lines += [[], *words("It goes on by itself, whether msktop watches or not.", width, spec="muted")]
        return lines
    return lines + _said(
        shown.error, width, "Not done" if shown.phase == "refused" else "Nobody knows what came of it"
    )


def _told(text: str) -> list[Line]:
    return [[("  " + foreign(text), "muted")]] if text else []


def _done(refused: tuple[str, ...], width: int) -> list[Line]:
    """Kafka did it, if not all of it."""
    lines: list[Line] = [[(sign("ok") + " ", "ok"), ("Kafka has done it", "strong b")]]
    for words_ in refused[:6]:
        lines += words(foreign(f"not {words_}"), width, mark=[(Glyph.WARN + " ", "warn")])
    return lines


def _said(error: MsktopError | None, width: int, head: str) -> list[Line]:
    lines: list[Line] = [[(sign("crit") + " ", "crit"), (head, "strong b")]]
    if error is not None:
        lines += words(foreign(_sentence(error.title)), width, mark=[("  ", "text")])
        if error.advice:
            lines += words(foreign(error.advice), width, mark=[("  ", "text")], spec="muted")
    return lines
