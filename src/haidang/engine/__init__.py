"""Bytes in, records out: no network, no clock, no database."""
