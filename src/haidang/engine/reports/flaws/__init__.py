"""The findings of a check told: one document for machines, a page, an annex and a VEX file for each agency, rows."""
