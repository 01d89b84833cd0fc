"""`countersign`: every process of the platform and every operator's tool behind one command."""

from services.cli.main import main

__all__ = ["main"]
