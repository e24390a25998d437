"""Every table of facts, declared once: column, type, unit, whether it may be empty, and what it means.

A table is a CSV or XLSX file named after it (`hosts.csv`) in an agency's folder of facts, or in the department's folder
(`--intel`) with one more column, `agency`. Headings may be the column's name or any of its `headings`, in any order,
case and diacritics.

Types of a cell:

    text    any words
    int     a whole number
    date    2024-02-09 or 09/02/2024
    time    2024-02-09 07:30[:00] or 09/02/2024 07:30[:00], in Vietnam's time unless it ends in Z or +hh:mm
    yes_no  có/không, yes/no, true/false, x, 1/0
    choice  one of `choices`
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CellType = Literal["text", "int", "date", "time", "yes_no", "choice"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of facts.

    Attributes:
        name: the heading that always works.
        type: what a cell holds (see the module's table).
        vi: its meaning in Vietnamese; the first words serve as a heading too.
        en: its meaning in English.
        required: an empty cell makes the row unreadable.
        unit: of a number.
        choices: the values that a `choice` may take.
        headings: other headings under which agencies send it.
    """

    name: str
    type: CellType
    vi: str
    en: str
    required: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of fact.

    Attributes:
        name: also the name of the file without its ending.
        vi: what a row is, in Vietnamese.
        en: what a row is, in English.
        columns: in the order of the template.
        happened: the column that dates a row; rows dated after the day of judgement are not known yet and don't count.
    """

    name: str
    vi: str
    en: str
    columns: tuple[Column, ...]
    happened: str = ""

    def column(self, name: str) -> Column:
        """Give the column of that name."""
        return next(column for column in self.columns if column.name == name)


def _must(name: str, type_: CellType, vi: str, en: str, *headings: str, unit: str = "") -> Column:
    return Column(name, type_, vi, en, required=True, unit=unit, headings=headings)


def _may(name: str, type_: CellType, vi: str, en: str, *headings: str, unit: str = "") -> Column:
    return Column(name, type_, vi, en, unit=unit, headings=headings)


def _one_of(name: str, choices: str, vi: str, en: str, *headings: str) -> Column:
    return Column(name, "choice", vi, en, required=True, choices=tuple(choices.split()), headings=headings)


_HOST = _must("host", "text", "Tên máy", "Name of the machine", "ten may", "hostname", "may", "computer name")
_SYSTEM = _must("system", "text", "Hệ thống thông tin", "Information system", "he thong", "ten he thong")
_CANARY = _one_of(
    "canary",
    "seen missing none",
    "Mã thử do Sở cấp: seen (đã thấy), missing (không thấy), none (không cấp)",
    "The department's test mark: seen, missing, or none was issued",
)
_PERSON = _must("person", "text", "Người trực", "Who", "nguoi truc", "ho ten", "can bo")

_ALL = (
    Table(
        "systems",
        "Hệ thống thông tin của đơn vị, kể cả hệ thống chưa được phê duyệt cấp độ",
        "The agency's information systems, those without an approved level included",
        (
            _SYSTEM,
            _may("level", "int", "Cấp độ an toàn được phê duyệt (1-5)", "Approved level (1-5)", "cap do"),
            _may(
                "decision",
                "text",
                "Số quyết định phê duyệt",
                "Number of the approving decision",
                "so quyet dinh",
                "quyet dinh",
            ),
            _may("decided_on", "date", "Ngày phê duyệt", "Day of approval", "ngay phe duyet", "ngay quyet dinh"),
            _may("owner", "text", "Chủ quản", "Owner", "chu quan"),
            _may("operator", "text", "Đơn vị vận hành", "Operator", "don vi van hanh"),
        ),
        happened="",
    ),
    Table(
        "controls",
        "Biện pháp bảo vệ của từng hệ thống, theo nhóm yêu cầu của tiêu chuẩn",
        "Controls of each system, by the standard's groups of requirements",
        (
            _SYSTEM,
            _must("control", "text", "Biện pháp", "Control or group of controls", "bien phap", "nhom yeu cau"),
            _one_of(
                "state",
                "full part none",
                "Mức triển khai: full, part, none",
                "How far: full, part, none",
                "trang thai",
                "muc trien khai",
            ),
            _may("checked_on", "date", "Ngày kiểm tra", "Day of the check", "ngay kiem tra"),
        ),
        happened="checked_on",
    ),
    Table(
        "hosts",
        "Máy chủ, máy trạm và thiết bị của đơn vị",
        "The agency's servers, workstations and devices",
        (
            _HOST,
            _may(
                "kind",
                "text",
                "Loại máy (server, workstation, network, other)",
                "Kind: server, workstation, network, other",
                "loai",
                "loai may",
            ),
            _may("system", "text", "Thuộc hệ thống", "System it belongs to", "he thong", "thuoc he thong"),
            _may("os", "text", "Hệ điều hành", "Operating system", "he dieu hanh", "operating system"),
            _may("address", "text", "Địa chỉ IP", "IP address", "dia chi ip", "ip", "ip address"),
            _may(
                "os_version",
                "text",
                "Phiên bản hệ điều hành, số bản dựng (10.0.19045.3324)",
                "Version and build of the operating system (10.0.19045.3324)",
                "phien ban he dieu hanh",
                "so ban dung",
                "ban dung",
                "build",
                "os build",
            ),
            _may("arch", "text", "Kiến trúc (x86, x64, arm64)", "Architecture (x86, x64, arm64)", "architecture"),
            Column(
                "exposure",
                "choice",
                "Nối ra Internet: internet, internal",
                "Reachable from: internet, internal",
                choices=("internet", "internal"),
                headings=("muc phoi bay", "exposure"),
            ),
        ),
    ),
    Table(
        "software",
        "Phần mềm cài trên từng máy",
        "Software installed on each machine",
        (
            _HOST,
            _may("vendor", "text", "Hãng", "Vendor", "hang", "publisher"),
            _must("product", "text", "Phần mềm", "Product", "phan mem", "ten phan mem", "display name"),
            _may("version", "text", "Phiên bản", "Version", "phien ban"),
            _may("seen_on", "date", "Ngày ghi nhận", "Day it was seen", "ngay ghi nhan"),
            _may("cpe", "text", "Tên CPE", "CPE name", "ma cpe", "cpe 2.3"),
            _may("purl", "text", "Package URL", "Package URL", "package url"),
            _may("arch", "text", "Kiến trúc (x86, x64, arm64)", "Architecture (x86, x64, arm64)", "architecture"),
        ),
        happened="seen_on",
    ),
    Table(
        "hotfixes",
        "Bản vá của Microsoft đã cài trên từng máy",
        "Microsoft updates installed on each machine",
        (
            _HOST,
            _must("update", "text", "Bản vá (số KB)", "Update (KB number)", "ban va", "kb", "hotfix", "so kb"),
            _may("installed_on", "date", "Ngày cài", "Day it was installed", "ngay cai"),
        ),
        happened="installed_on",
    ),
    Table(
        "networks",
        "Dải địa chỉ mạng của đơn vị",
        "The agency's address ranges",
        (
            _must(
                "network",
                "text",
                "Dải mạng (CIDR hoặc một địa chỉ)",
                "Network (CIDR or one address)",
                "dai mang",
                "cidr",
                "dia chi mang",
            ),
            _may("valid_from", "date", "Có hiệu lực từ", "Held from", "tu ngay"),
            _may("valid_to", "date", "Đến hết ngày", "Held to, that day included", "den ngay"),
            _may("provider", "text", "Nhà cung cấp", "Provider", "nha cung cap", "isp"),
        ),
    ),
    Table(
        "scan_receipts",
        "Biên nhận rà quét mã độc của từng máy",
        "Receipts of malware scans, one row a machine and scan",
        (
            _HOST,
            _must("finished", "time", "Quét xong lúc", "End of the scan", "ket thuc", "thoi gian quet", "quet xong"),
            _must("rule_set", "text", "Bộ luật quét", "Rule set used", "bo luat"),
            _must("rules_from", "date", "Ngày của bộ luật quét", "Day of the rule set", "ngay bo luat"),
            _CANARY,
            _must("not_checked", "int", "Số tệp không quét được", "Files not checked", "khong quet duoc", unit="files"),
            _must("found", "int", "Số mã độc phát hiện", "Malware found", "phat hien", unit="items"),
            _must("left", "int", "Số mã độc còn lại", "Malware left in place", "con lai", unit="items"),
        ),
        happened="finished",
    ),
    Table(
        "log_sources",
        "Nguồn nhật ký phải được săn lùng",
        "Log sources that a hunt has to cover",
        (
            _must("source", "text", "Nguồn nhật ký", "Log source", "nguon", "nguon nhat ky", "ten nguon"),
            _may("system", "text", "Thuộc hệ thống", "System it belongs to", "he thong"),
        ),
    ),
    Table(
        "hunt_receipts",
        "Biên nhận săn lùng mối nguy hại trên từng nguồn nhật ký",
        "Receipts of hunts, one row a log source and hunt",
        (
            _must("source", "text", "Nguồn nhật ký", "Log source", "nguon", "nguon nhat ky"),
            _must("covers_from", "time", "Nhật ký từ lúc", "Logs covered from", "tu"),
            _must("covers_to", "time", "Nhật ký đến lúc", "Logs covered to", "den"),
            _must("finished", "time", "Săn lùng xong lúc", "End of the hunt", "ket thuc"),
            _must("rule_set", "text", "Bộ luật, dấu hiệu", "Rules and indicators used", "bo luat"),
            _CANARY,
            _must("hits", "int", "Số dấu hiệu trúng", "Hits", "so phat hien", unit="hits"),
            _must("untriaged", "int", "Số chưa phân loại", "Hits nobody has looked at", "chua phan loai", unit="hits"),
        ),
        happened="finished",
    ),
    Table(
        "flaws",
        "Lỗ hổng trên từng máy: đã vá, còn hở, đã giảm thiểu, không có, không rõ",
        "Flaws machine by machine: affected, fixed, mitigated, not present, cannot tell",
        (
            _HOST,
            _must("flaw", "text", "Lỗ hổng (mã CVE)", "Flaw (CVE id)", "lo hong", "ma cve", "cve"),
            _one_of(
                "state",
                "affected fixed mitigated not_present cannot_tell",
                "Tình trạng",
                "State: affected, fixed, mitigated, not_present, cannot_tell",
                "trang thai",
                "tinh trang",
            ),
            _may(
                "letter",
                "text",
                "Văn bản cảnh báo",
                "Advisory letter that names it",
                "van ban",
                "so van ban",
                "van ban canh bao",
            ),
            _must("checked_on", "date", "Ngày kiểm tra", "Day of the check", "ngay kiem tra"),
            _may("evidence", "text", "Căn cứ (bản vá, phiên bản)", "Ground: build, update, work-around", "can cu"),
        ),
        happened="checked_on",
    ),
    Table(
        "flaw_receipts",
        "Biên nhận đối chiếu lỗ hổng của từng máy (do haidang check lập)",
        "Receipts of checks for flaws, one row a machine (haidang check writes them)",
        (
            _HOST,
            _must("checked_on", "date", "Ngày đối chiếu", "Day of the check", "ngay doi chieu"),
            _must("advisories", "text", "Mã băm của kho cảnh báo", "Hash of the advisories", "kho canh bao"),
            _must("system_known", "yes_no", "Đã rõ hệ điều hành và bản dựng", "Its system and build are known"),
            _may("supported", "yes_no", "Hệ điều hành còn được hỗ trợ", "Its system is still supported"),
            _must("software_listed", "yes_no", "Đã có danh sách phần mềm", "Its software was listed"),
            _must(
                "fixed",
                "int",
                "Số lỗ hổng đã vá, ngoài các dòng trong bảng flaws",
                "Flaws found fixed, beside those in `flaws`",
                unit="flaws",
            ),
        ),
        happened="checked_on",
    ),
    Table(
        "known_flaws",
        "Lỗ hổng có bản ghi trong kho cảnh báo của lần đối chiếu (do haidang check lập)",
        "Flaws of which the advisories of a check speak (haidang check writes them)",
        (
            _must("advisories", "text", "Mã băm của kho cảnh báo", "Hash of the advisories", "kho canh bao"),
            _must("flaw", "text", "Lỗ hổng (mã CVE)", "Flaw (CVE id)", "lo hong", "ma cve", "cve"),
        ),
    ),
    Table(
        "findings",
        "Phát hiện do các bộ đối sánh đưa ra",
        "Findings of the matchers",
        (
            _must("finding", "text", "Mã phát hiện", "Its key", "ma phat hien"),
            _one_of(
                "kind",
                "flaw botnet indicator rule malware",
                "Loại",
                "Kind: flaw, botnet, indicator, rule, malware",
                "loai",
            ),
            _must(
                "subject",
                "text",
                "Đối tượng (mã CVE, địa chỉ, dấu hiệu, luật)",
                "What was found: CVE id, address, indicator, rule",
                "doi tuong",
            ),
            _may("host", "text", "Tên máy", "Machine", "ten may", "may"),
            _must("found_at", "time", "Phát hiện lúc", "When", "thoi gian"),
            _one_of(
                "state",
                "open triaged fixed mitigated false_positive",
                "Tình trạng: open, triaged, fixed, mitigated, false_positive",
                "State: open, triaged, fixed, mitigated, false_positive",
                "trang thai",
                "tinh trang",
            ),
            _may("letter", "text", "Văn bản cảnh báo", "Advisory letter that names it", "van ban"),
        ),
        happened="found_at",
    ),
    Table(
        "botnet_rows",
        "Địa chỉ của đơn vị trong danh sách IP mạng botnet",
        "The agency's addresses on the botnet lists",
        (
            _must("address", "text", "Địa chỉ IP", "IP address", "dia chi ip", "ip", "dia chi"),
            _must("seen", "time", "Ghi nhận lúc", "When it was seen", "thoi gian", "ghi nhan"),
            _may("port", "int", "Cổng nguồn", "Source port", "cong", "cong nguon"),
            _may("family", "text", "Họ mã độc", "Malware family", "ho ma doc", "ten ma doc", "mang botnet"),
            _must("list", "text", "Danh sách (tháng, số văn bản)", "List it stands on", "danh sach"),
            _may(
                "seen_from",
                "time",
                "Sớm nhất có thể là lúc, khi danh sách không ghi phút",
                "The earliest that it can have been, where the list tells no minute",
            ),
        ),
        happened="seen",
    ),
    Table(
        "botnet_closings",
        "Kết quả xử lý từng địa chỉ trong danh sách botnet",
        "How each listed address was closed",
        (
            _must("address", "text", "Địa chỉ IP", "IP address", "dia chi ip", "ip", "dia chi"),
            _must("closed", "time", "Xử lý xong lúc", "When", "thoi gian", "xu ly xong"),
            _one_of(
                "outcome",
                "cleaned moved off not_ours",
                "Kết quả: cleaned (đã làm sạch), moved (đổi địa chỉ), off (máy đã tắt), not_ours (không thuộc đơn vị)",
                "Outcome: cleaned, moved (address changed), off (host off), not_ours",
                "ket qua",
            ),
            _may("host", "text", "Máy đã tìm ra", "Machine behind the address", "ten may", "may"),
            _may("evidence", "text", "Minh chứng", "Evidence", "minh chung"),
        ),
        happened="closed",
    ),
    Table(
        "shifts",
        "Ca trực",
        "Shifts on duty",
        (
            _PERSON,
            _must("starts", "time", "Bắt đầu", "Start", "bat dau", "tu"),
            _must("ends", "time", "Kết thúc", "End", "ket thuc", "den"),
            _may("post", "text", "Vị trí trực", "Post", "vi tri"),
            _may("phone", "text", "Điện thoại", "Phone", "dien thoai", "so dien thoai"),
        ),
    ),
    Table(
        "challenge_calls",
        "Cuộc gọi kiểm tra trực",
        "Calls that test whether somebody is on duty",
        (
            _must("called", "time", "Gọi lúc", "When the call was made", "goi luc", "thoi gian goi"),
            _may("answered", "time", "Trả lời lúc", "When it was answered; empty: never", "tra loi luc"),
            _may("person", "text", "Người trả lời", "Who answered", "nguoi tra loi"),
        ),
        happened="called",
    ),
    Table(
        "monitored_hosts",
        "Máy mà hệ thống giám sát tập trung nghe được",
        "Machines that the central monitoring hears",
        (
            _HOST,
            _must("last_heard", "time", "Nghe lần cuối", "Last heard", "lan cuoi"),
            _may("source", "text", "Nguồn", "Sensor or agent", "nguon"),
        ),
        happened="last_heard",
    ),
    Table(
        "antimalware_hosts",
        "Máy mà hệ thống phòng, chống mã độc tập trung nghe được",
        "Machines that the central anti-malware console hears",
        (
            _HOST,
            _must("last_heard", "time", "Nghe lần cuối", "Last heard", "lan cuoi"),
            _must(
                "signatures_on", "date", "Ngày của mẫu nhận dạng", "Day of its signatures", "ngay mau", "cap nhat mau"
            ),
            _may("product", "text", "Sản phẩm", "Product", "san pham"),
        ),
        happened="last_heard",
    ),
    Table(
        "malware_alerts",
        "Cảnh báo mã độc",
        "Malware alerts",
        (
            _must("alert", "text", "Mã cảnh báo", "Its key", "ma canh bao"),
            _must("raised", "time", "Cảnh báo lúc", "When", "thoi gian"),
            _may("host", "text", "Tên máy", "Machine", "ten may", "may"),
            _must("verified", "yes_no", "Đã xác minh là mã độc", "Verified as malware", "xac minh"),
            _may("closed", "time", "Xử lý xong lúc", "When it was closed", "xu ly xong"),
            _may("cause", "text", "Nguyên nhân", "Cause", "nguyen nhan"),
        ),
        happened="raised",
    ),
    Table(
        "incidents",
        "Sự cố an toàn thông tin mạng",
        "Incidents",
        (
            _must("incident", "text", "Mã sự cố", "Its key", "ma su co"),
            _must("detected", "time", "Phát hiện lúc", "When it was found", "phat hien"),
            _one_of(
                "severity",
                "ordinary serious",
                "Mức độ: ordinary (thông thường), serious (nghiêm trọng)",
                "Ordinary or serious",
                "muc do",
            ),
            _may("ended", "time", "Kết thúc lúc", "When it ended", "ket thuc"),
            _may(
                "reported",
                "time",
                "Báo cáo lên nền tảng điều phối lúc",
                "Reported to the national platform",
                "bao cao luc",
            ),
            _may(
                "reference",
                "text",
                "Mã hồ sơ trên nền tảng điều phối",
                "Reference on the national platform",
                "ma ho so",
            ),
            _must("needs_forensics", "yes_no", "Cần điều tra số", "Needs digital forensics", "can dieu tra so"),
        ),
        happened="detected",
    ),
    Table(
        "evidence",
        "Chứng cứ số của từng sự cố",
        "Digital evidence of each incident",
        (
            _must("incident", "text", "Mã sự cố", "Incident", "ma su co"),
            _one_of(
                "kind",
                "timeline log image memory other",
                "Loại: timeline, log, image, memory, other",
                "Kind: timeline, log, image, memory, other",
                "loai",
            ),
            _must("collected", "time", "Thu thập lúc", "When it was collected", "thu thap"),
            _may("sha256", "text", "Mã băm SHA-256 khi niêm phong", "SHA-256 when sealed", "ma bam"),
        ),
        happened="collected",
    ),
    Table(
        "training",
        "Cán bộ và việc tuyên truyền, tập huấn, kiểm tra: mỗi người một dòng, kể cả người chưa tham gia",
        "Staff and awareness: one row a person, those not yet reached included",
        (
            _must("person", "text", "Mã cán bộ (không ghi họ tên)", "Staff code (no names)", "ma can bo", "can bo"),
            _may("reached_on", "date", "Ngày nhận tuyên truyền", "Day reached", "ngay tuyen truyen"),
            _may("trained_on", "date", "Ngày tập huấn", "Day trained", "ngay tap huan"),
            _may("tested_on", "date", "Ngày kiểm tra", "Day tested", "ngay kiem tra"),
            _may("score", "int", "Điểm (0-100)", "Score (0-100)", "diem", unit="%"),
        ),
    ),
    Table(
        "block_orders",
        "Yêu cầu ngăn chặn gửi doanh nghiệp",
        "Block orders sent to the provider",
        (
            _must("order", "text", "Số yêu cầu", "Number of the order", "so yeu cau"),
            _must("item", "text", "Địa chỉ, tên miền phải chặn", "Address or domain to block", "doi tuong"),
            _must("issued", "time", "Yêu cầu lúc", "When it was issued", "yeu cau luc"),
            _may("due", "time", "Hạn", "Due", "han"),
            _may(
                "claimed", "time", "Doanh nghiệp báo đã chặn lúc", "When the provider says it was done", "bao da chan"
            ),
        ),
        happened="issued",
    ),
    Table(
        "block_probes",
        "Kết quả đo thử việc ngăn chặn",
        "Probes of what is really blocked",
        (
            _must("order", "text", "Số yêu cầu", "Number of the order", "so yeu cau"),
            _must("item", "text", "Địa chỉ, tên miền", "Address or domain", "doi tuong"),
            _must("probed", "time", "Đo lúc", "When", "do luc"),
            _must("blocked", "yes_no", "Đã bị chặn", "Blocked", "da chan"),
        ),
        happened="probed",
    ),
    Table(
        "authority_requests",
        "Yêu cầu của cơ quan có thẩm quyền",
        "Requests of the competent authorities",
        (
            _must("request", "text", "Số yêu cầu", "Number of the request", "so yeu cau"),
            _must("received", "time", "Nhận lúc", "When it was received", "nhan luc"),
            _may("due", "time", "Hạn", "Due", "han"),
            _may("executed", "time", "Thực hiện xong lúc", "When it was carried out", "thuc hien xong"),
        ),
        happened="received",
    ),
    Table(
        "contacts",
        "Đầu mối liên hệ của đơn vị",
        "The agency's contacts",
        (
            _one_of(
                "role",
                "incident focal_point leader technical",
                "Vai trò: incident (ứng cứu sự cố), focal_point (đầu mối điều phối quốc gia), leader, technical",
                "Role: incident, focal_point (national coordination), leader, technical",
                "vai tro",
            ),
            _must("person", "text", "Người, chức danh", "Person or post", "ho ten", "nguoi"),
            _may("phone", "text", "Điện thoại", "Phone", "dien thoai"),
            _may("email", "text", "Thư điện tử", "E-mail", "thu dien tu"),
            _may("confirmed_on", "date", "Ngày xác nhận", "Day confirmed", "ngay xac nhan"),
            _may("answered_on", "date", "Ngày gọi thử có trả lời", "Day a test call was answered", "ngay tra loi"),
        ),
    ),
    Table(
        "not_applicable",
        "Biện pháp mà đơn vị cho là không áp dụng, vì sao, ai ký",
        "Measures that don't apply, why, and who says so",
        (
            _must(
                "measure",
                "text",
                "Biện pháp (tên trong haidang explain)",
                "Measure, by the name in haidang explain",
                "bien phap",
            ),
            _must("reason", "text", "Lý do", "Reason", "ly do"),
            _must("person", "text", "Người xác nhận", "Who says so", "nguoi xac nhan"),
            _must("since", "date", "Từ ngày", "From this day", "tu ngay"),
            _may("until", "date", "Đến hết ngày", "To this day", "den ngay"),
        ),
        happened="since",
    ),
    Table(
        "advisories",
        "Lỗ hổng mà mỗi văn bản cảnh báo nêu (của Sở)",
        "The flaws that each advisory letter names (the department's)",
        (
            _must(
                "letter",
                "text",
                "Số, ký hiệu văn bản cảnh báo",
                "Number of the advisory letter",
                "van ban",
                "so van ban",
            ),
            _must("flaw", "text", "Lỗ hổng (mã CVE)", "Flaw (CVE id)", "lo hong", "cve", "ma cve"),
            _may("product", "text", "Sản phẩm", "Product", "san pham"),
            _may("published", "date", "Ngày công bố", "Day it was published", "ngay cong bo"),
        ),
        happened="published",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}

# Held by the department for everybody: no `agency` column, its rows belong to no agency.
SHARED = frozenset({"advisories", "known_flaws"})

# What the department itself knows or measures. When it hands such a table in, an agency's own copy does not count:
# nobody writes the list, the probe or the challenge by which it is judged.
OF_DEPARTMENT = frozenset({"botnet_rows", "challenge_calls", "block_orders", "block_probes", "flaw_receipts"})

AGENCIES = Table(
    "agencies",
    "Các đơn vị nhận văn bản",
    "Who receives the letter",
    (
        _must(
            "agency",
            "text",
            "Mã đơn vị (tên thư mục minh chứng)",
            "Its key: the name of its folder of facts",
            "ma don vi",
            "id",
        ),
        _must("name", "text", "Tên đơn vị", "Its name", "ten don vi", "ten", "don vi"),
        _may("block", "text", "Khối", "Block", "khoi"),
        Column(
            "kind",
            "choice",
            "Loại: agency (cơ quan, đơn vị), provider (doanh nghiệp Internet, viễn thông)",
            "Kind: agency, or provider (Internet, telecommunications)",
            choices=("agency", "provider"),
            headings=("loai",),
        ),
    ),
)
