"""Directive letters (công văn), read into clauses exactly as they stand."""

from haidang.engine.letters.reader import read_letter

__all__ = ["read_letter"]
