"""What notifications does: hear of an event, hand over the letters that are due, show and mark an inbox."""

from services.notifications.commands.hearing import hear, hear_of_erasure
from services.notifications.commands.reading import follow, inbox, read, read_all, unread
from services.notifications.commands.sending import Directory, DirectoryAway, send_due

__all__ = [
    "Directory",
    "DirectoryAway",
    "follow",
    "hear",
    "hear_of_erasure",
    "inbox",
    "read",
    "read_all",
    "send_due",
    "unread",
]
