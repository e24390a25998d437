"""Hunting: logs of any kind against indicators, with a receipt of what was read."""
