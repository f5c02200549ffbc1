"""Support over time: episodes, needs, plan, the account told once, services."""
