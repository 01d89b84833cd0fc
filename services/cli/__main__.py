"""`python -m services.cli`: the same as `countersign`, for a child that must run with its parent's interpreter."""

from services.cli.main import main

main()
