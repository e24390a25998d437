"""A clause asks what it asks, in whose words ever it says so."""

from __future__ import annotations

import pytest
from townhall import make_letter

from haidang.engine.letters.letter import Clause
from haidang.engine.obligations.measures import all_measures
from haidang.engine.obligations.recognise import recognise

PROVIDERS = "Các doanh nghiệp viễn thông, Internet"
# Written for this test; the wording of real letters is tested where they lie.
SAYINGS = [
    ("Hoàn thành phê duyệt hồ sơ đề xuất cấp độ cho mọi hệ thống đang chạy.", "system_levels", ""),
    ("Vá ngay các lỗ hổng đã biết trên máy chủ; nơi chưa vá được thì che chắn.", "flaws_fixed", ""),
    ("Cập nhật đầy đủ bản vá cho hệ điều hành và ứng dụng.", "flaws_fixed", ""),
    ("Thực hiện săn lùng mối nguy hại trên nhật ký của ba tháng gần nhất.", "threat_hunt", ""),
    ("Phân công cán bộ trực 24/24 trong những ngày nghỉ lễ.", "watch_24_7", ""),
    ("Duy trì kết nối về hệ thống giám sát an toàn thông tin tập trung của tỉnh.", "monitoring_coverage", ""),
    ("Cài phần mềm phòng chống mã độc quản trị tập trung trên mọi máy trạm.", "antimalware_coverage", ""),
    ("Rà quét, gỡ bỏ mã độc trên toàn bộ máy tính.", "malware_sweep", ""),
    ("Xử lý các máy tính nằm trong mạng botnet theo danh sách gửi kèm.", "botnet_cleanup", ""),
    ("Khắc phục lỗ hổng Exchange nêu tại Công văn số 12/ABC-D ngày 01/02/2025.", "advisories_fixed", ""),
    ("Sử dụng nền tảng điều phối xử lý sự cố quốc gia khi có tấn công.", "national_coordination", ""),
    ("Khai thác nền tảng hỗ trợ điều tra số (DFLab).", "digital_forensics", ""),
    ("Tổ chức tập huấn kỹ năng an toàn thông tin, nâng cao nhận thức cho người lao động.", "awareness", ""),
    ("Bố trí đủ nhân lực trực vận hành mạng lưới.", "provider_staffing", PROVIDERS),
    ("Chặn các tên miền lừa đảo trong 24 giờ.", "provider_blocking", PROVIDERS),
    ("Thực hiện nghiêm yêu cầu của cơ quan chức năng có thẩm quyền.", "authority_requests", PROVIDERS),
]


def ask(text: str, audience: str = "", kind: str = "order") -> set[str]:
    letter = make_letter("")
    clause = Clause("1", "1.", text, (0, len(text)), kind, audience)  # type: ignore[arg-type]
    from dataclasses import replace

    return set(recognise(replace(letter, clauses=(clause,)), all_measures()).clauses[0].measures)


@pytest.mark.parametrize(("text", "measure", "audience"), SAYINGS)
def test_a_saying_asks_its_measure_and_no_other(text: str, measure: str, audience: str) -> None:
    assert ask(text, audience) == {measure}


def test_a_contact_clause_asks_for_a_contact() -> None:
    text = "Đầu mối liên hệ khi có sự cố: Phòng An toàn thông tin, điện thoại 0900.000.000."
    assert ask(text, kind="contact") == {"incident_contact"}


@pytest.mark.parametrize(
    "text",
    [
        "Báo cáo kết quả thực hiện về Sở trước ngày 15 hằng tháng.",
        "Sao lưu dữ liệu định kỳ, giữ một bản ngoại tuyến.",
        "Bảo đảm an toàn giao thông đường thủy; kiểm tra phương tiện trước khi rời bến.",
        "Các đơn vị trực thuộc phối hợp chặt chẽ trong quá trình thực hiện.",
        "Họp trực tuyến vào thứ Hai hằng tuần; tiếp công dân trực tiếp tại trụ sở.",
    ],
)
def test_other_orders_ask_none_of_the_measures(text: str) -> None:
    assert ask(text) == set()
