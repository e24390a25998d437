"""Directive letters (công văn), read into clauses exactly as they stand."""
