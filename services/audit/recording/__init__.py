"""Recording: events taken from the queue become entries, in order, each once; what is missing is known."""
