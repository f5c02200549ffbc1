"""Notifications to the police that somebody may be a victim: without identity, unless they agreed or are a child."""
