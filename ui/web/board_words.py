"""Say the words of the board in the language of the visit."""

from typing import Any

from ui.web.language import say


def board_words() -> dict[str, Any]:
    """Return every word that the board writes by itself."""
    return (
        _controls() | _wall_words() | _inspector_words() | {"keys": _keys(), "help": say("Keys"), "close": say("Close")}
    )


def _controls() -> dict[str, Any]:
    return {
        "parts": {
            "wall": say("Hits"),
            "map": say("Map"),
            "inspector": say("The hit and the story"),
            "time-strip": say("Time line"),
        },
        "phone": {"wall": say("Wall"), "map": say("Map"), "inspector": say("Story")},
        "map": say("Map of the cameras, the hits and the route"),
        "zoomIn": say("Zoom in"),
        "zoomOut": say("Zoom out"),
        "lasso": say("Draw around cameras to see only these"),
        "fit": say("Show all of the answer"),
        "strip": say("When each camera saw a hit, and where footage is missing"),
        "scrub": say("Where it can be at this time"),
        "scrubShort": say("Can be here at"),
        "scrubAt": say("Where it can be at {at}", at="{at}"),
        "brush": say("Drag to choose a stretch of time"),
    }


def _wall_words() -> dict[str, Any]:
    return {
        "wall": say("Hits, likeliest first"),
        "pages": say("Pages of hits"),
        "sort": say("Sort by"),
        "sorts": {"likelihood": say("Likeliest first"), "time": say("By time"), "camera": say("By camera")},
        "camera": say("Camera"),
        "cameras": say("cameras"),
        "allCameras": say("All cameras"),
        "marks": say("Marks"),
        "markFilters": {
            "all": say("All marks"),
            "open": say("Not marked"),
            "yes": say("Yes"),
            "unsure": say("Unsure"),
            "no": say("No"),
        },
        "group": say("Group by"),
        "groups": {"none": say("Not grouped"), "day": say("By day"), "passage": say("By passage")},
        "clear": say("Show all"),
        "selected": say("{n} selected", n="{n}"),
        "count": say("{from} to {to} of {n}", **{"from": "{from}", "to": "{to}", "n": "{n}"}),
        "previous": say("Previous page"),
        "next": say("Next page"),
        "none": say("No hits."),
        "noneFilter": say("No hit passes these filters."),
        "noPicture": say("no picture"),
    }


def _inspector_words() -> dict[str, Any]:
    return {
        "tabs": {"hit": say("Hit"), "story": say("Story"), "searched": say("What was searched")},
        "verdicts": {"yes": say("Yes"), "no": say("No"), "unsure": say("Unsure")},
        "verdictKeys": {
            "yes": say("It is the same vehicle (Y)"),
            "no": say("It is another vehicle (N)"),
            "unsure": say("It cannot be told (U)"),
        },
        "goOn": say("Go on from here"),
        "askAbout": say("Ask about this one"),
        "copy": say("Copy link"),
        "copied": say("Copied"),
        "question": say("Question"),
        "askedPicture": say("The vehicle asked about"),
        "shot": say("Picture"),
        "namedHelp": say("Likely by its looks, each with its probability; small pictures show little"),
        "platePicture": say("The plate, seen from in front"),
        "frame": say("Whole frame"),
        "clip": say("Clip"),
        "gone": say("The footage cannot be shown: it was moved, or this browser cannot play it."),
        "listed": say("Nothing was compared: what fits is listed by time. Ask about one to search for it."),
        "noStory": say("There is no story yet."),
        "bestStory": say("The best story"),
        "orElse": say("Or else"),
        "nobody": say("Not seen on any other camera."),
    }


def _keys() -> list[tuple[str, str]]:
    return [
        ("J / K", say("next and previous hit")),
        ("Y / N / U", say("mark it yes, no, unsure")),
        ("G", say("go on from it")),
        ("Space", say("play its clip")),
        ("X", say("select several, then mark them")),
        ("/", say("the search box")),
        ("Esc", say("back to the story")),
    ]
