"""What a publisher says of a flaw: which versions of which product have it, since when not, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from haidang.engine.records import Unread

# What a statement says of a version. "unaffected" is what the publisher calls it, fixed or never had it alike.
Status = Literal["affected", "unaffected", "unknown"]
FixKind = Literal["update", "workaround", "none"]

# Whose word counts first when several publishers speak of one flaw and one product; low goes before high.
REVIEWED = 0  # our own file in content/advisories: reviewed, with its source
VENDOR = 10  # the maker's own document (MSRC, a vendor's CSAF)
NUMBERING = 20  # the CNA container of a CVE record
ECOSYSTEM = 25  # a package ecosystem's database (OSV)
COORDINATOR = 30  # CISA's ADP container, a coordinator's CSAF
DATABASE = 40  # NVD and other databases


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of versions of which a statement says one thing; ends are as written.

    Attributes:
        status: what it says.
        low: where it begins; empty: from the first version.
        high: where it ends; empty: without end. An exact version has low == high and both ends counted in.
            A prefix may end in a wild card: "5.4.*", "7.0.x".
        low_in: whether `low` itself belongs to it.
        high_in: whether `high` itself belongs to it.
        prose: the publisher's own words where they are no version ("see references"); low and high are then empty and
            the span says nothing that a machine can decide.
    """

    status: Status
    low: str = ""
    high: str = ""
    low_in: bool = True
    high_in: bool = False
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends a flaw in a product.

    Attributes:
        kind: an update, a work-around while there is none, or the word that none is planned.
        text: in the publisher's words, cut to 500 characters.
        kb: a Microsoft update's number, digits only.
        build: the build or version that has the fix.
        sort: the publisher's sort of update ("Monthly Rollup", "Security Only").
        supersedes: KB numbers, digits only, that this update replaces.
        url: where to get it.
    """

    kind: FixKind
    text: str = ""
    kb: str = ""
    build: str = ""
    sort: str = ""
    supersedes: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a record says of one product.

    Attributes:
        vendor: as written; empty when not given or "n/a".
        product: as written; empty when not given or "n/a".
        cpes: CPE 2.3 names (2.2 URIs brought to 2.3), versions in them left as they are.
        purls: package URLs without version.
        default: what holds for versions that no span holds.
        spans: in the order of the record.
        scheme: how its versions are compared, as the publisher calls it: semver, deb, rpm, pypi, npm, maven, go, git,
            custom … lower case; empty when not said.
        platforms: systems or processors it is limited to, as written.
        modules: parts of the product it is limited to, as written.
        requires: alternatives of other products that have to be on the machine too (NVD's AND), each a CPE 2.3 name.
        fixes: what mends it.
        place: where in the file: a JSON pointer, or "line N".
    """

    vendor: str = ""
    product: str = ""
    cpes: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()
    default: Status = "unknown"
    spans: tuple[Span, ...] = ()
    scheme: str = ""
    platforms: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A CVSS score: version "2.0", "3.0", "3.1" or "4.0", base score 0-10, the vector as written, and who gave it."""

    version: str
    base: float
    vector: str
    giver: str


@dataclass(frozen=True, slots=True)
class Ssvc:
    """A coordinator's SSVC decision points: exploitation none|poc|active, automatable yes|no, impact partial|total."""

    exploitation: str
    automatable: str
    impact: str
    day: str


@dataclass(frozen=True, slots=True)
class Record:
    """One publisher's word on one flaw.

    Attributes:
        flaw: the CVE id where there is one, else the publisher's own id (GHSA-…, ADV230001).
        document: what a later revision replaces: the id of the document within its family ("cve/CVE-2023-1",
            "msrc/2023-Jul/CVE-2023-1", "csaf/www.cisa.gov/ICSA-23-213-01/CVE-2023-28343").
        publisher: short name, lower case ("microsoft", "cisa-adp", "pypa").
        rank: whose word counts first (see above).
        revision: a text that sorts as the revisions do: a time in UTC ("2023-10-26T23:04:01Z"), or a padded number.
        withdrawn: the publisher took it back; then there are no statements.
        title: short.
        text: the description in English, cut to 4,000 characters.
        published: day, ISO; empty when not said.
        statements: product by product.
        scores: CVSS.
        ssvc: the coordinator's decision points, where given.
        exploited: the publisher says that it is being exploited.
        aliases: other ids of the same flaw.
        urls: references, at most 30.
        file: where it was read.
        place: where in the file: a JSON pointer, or "line N".
    """

    flaw: str
    document: str
    publisher: str
    rank: int
    revision: str = ""
    withdrawn: bool = False
    title: str = ""
    text: str = ""
    published: str = ""
    statements: tuple[Statement, ...] = ()
    scores: tuple[Score, ...] = ()
    ssvc: Ssvc | None = None
    exploited: bool = False
    aliases: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    file: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Exploited:
    """A row of CISA's catalogue of known exploited vulnerabilities: days are ISO, `ransomware` that gangs use it."""

    flaw: str
    added: str
    due: str
    action: str = ""
    ransomware: bool = False


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A row of EPSS: the chance (0-1) of exploitation within 30 days, its percentile (0-1), the day of the score."""

    flaw: str
    chance: float
    percentile: float | None
    day: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What one file of advisories held.

    Attributes:
        form: the kind of file ("CVE JSON 5", "CSAF 2.0").
        records: what publishers say of flaws.
        exploited: rows of a KEV catalogue.
        likelihoods: rows of an EPSS file.
        unread: what could not be read, each with its reason; nothing is dropped without a word.
        notes: counts or facts worth telling, by name (catalogue version, score day).
    """

    form: str
    records: tuple[Record, ...] = ()
    exploited: tuple[Exploited, ...] = ()
    likelihoods: tuple[Likelihood, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
