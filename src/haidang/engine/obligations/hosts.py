"""The agency's machines, and who has looked at them."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.subjects import same

# A machine of any other kind, or of none, can carry malware and has to be protected and scanned.
_NETWORK_DEVICE = r"^(network|net device|thiet bi mang|thiết bị mạng|switch|router|firewall|tường lửa|access point)"


def list_hosts(facts: Facts, *, protected: bool = False) -> pl.DataFrame:
    """List machines once, however often they are named: agency, name (to compare by), host, file, line.

    Args:
        facts: uses `hosts`.
        protected: leave network devices out, on which neither scanner nor anti-malware runs.
    """
    hosts = facts.table("hosts")
    if protected:
        hosts = hosts.filter(~pl.col("kind").fill_null("").str.to_lowercase().str.contains(_NETWORK_DEVICE))
    return (
        hosts.select("agency", same("host").alias("name"), "host", "file", "line")
        .sort("file", "line")
        .unique(["agency", "name"], keep="first", maintain_order=True)
    )
