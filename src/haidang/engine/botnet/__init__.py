"""Botnet lists: whose address was listed at that minute, which machine stood behind it, and whether it is closed."""
