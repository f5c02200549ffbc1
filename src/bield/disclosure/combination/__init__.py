"""Whether what is said, taken together, singles somebody out; and how to say it so that it does not."""
