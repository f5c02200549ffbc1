"""Support over time: episodes, needs, the plan, the account told once, and services that fit."""
