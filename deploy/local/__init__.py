"""Private servers and the local platform. Standard library only: it runs before there is a virtual environment."""
