"""Two records of one person brought together, and taken apart again."""
