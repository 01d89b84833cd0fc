"""A mail catcher for trying things out: it takes every mail in, sends none on, and shows them on a page."""

from services.notifications.mailcatcher.serving import serve

__all__ = ["serve"]
