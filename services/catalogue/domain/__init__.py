"""The rules of the catalogue, pure: a state and a wish become a fact, or a refusal that says what to do next."""
