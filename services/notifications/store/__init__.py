"""The rows of notifications, by story: the fold of events, who is near a piece of news, notices, unsent letters."""

from services.notifications.store.fold import project

__all__ = ["project"]
