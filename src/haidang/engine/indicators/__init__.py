"""Indicators of compromise: read from what partners send, spelled one way, and kept from striking the innocent."""
