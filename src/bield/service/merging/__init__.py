"""Two records of one person merged, and taken apart again."""
