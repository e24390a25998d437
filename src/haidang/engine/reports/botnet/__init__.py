"""What a check of botnet lists is told as: the page, an annex for each agency, and tables for `haidang judge`."""
