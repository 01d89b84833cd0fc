"""What a person recognises a device by: `Firefox on Windows`."""

# The first that is found counts: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "a Python program"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("Linux", "Linux"),
)


def described(user_agent: str) -> str:
    """Say in words what sent a User-Agent header; the header itself is kept nowhere."""
    browser = _first(BROWSERS, user_agent) or "An unknown program"
    system = _first(SYSTEMS, user_agent)
    return f"{browser[0].upper()}{browser[1:]} on {system}" if system else f"{browser[0].upper()}{browser[1:]}"


def _first(words: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for mark, name in words if mark in text), None)
