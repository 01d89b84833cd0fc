"""What others do with the same machine: stock nameko, as its documentation shows it."""
