"""How many: facts that single nobody out, counted."""
