"""The words by which directive letters order, inform and name whom to call: patterns over folded text."""

from __future__ import annotations

import re

# Verbs with which directive letters tell somebody to do something.
VERBS = (
    r"ra\s+soat|kiem\s+(?:tra|ke)|cai(?:\s+dat|\s+ban)?|cap\s+nhat|va\s+(?:loi|lo)|khac\s+phuc|xu\s+ly|tang\s+cuong|trien\s+khai|bao\s+cao|bao\s+ngay|"
    r"to\s+chuc|bo\s+tri|giam\s+sat|theo\s+doi|chan|ngan\s+chan|cu\s|giu\b|duy\s+tri|chu\s+dong|thuc\s+hien|su\s+dung|khai\s+thac|phoi\s+hop|chu\s+tri|"
    r"tuyen\s+truyen|quan\s+triet|chi\s+dao|doi\s+chieu|ho\s+tro|ap\s+dung|lap\b|sao\s+luu|dinh\s+ky|dung\b|co\s+lap|phat\s+hien|huong\s+dan|don\s+doc|"
    r"bao\s+dam|dam\s+bao|thong\s+bao|cung\s+cap|gui\b|san\s+sang|quet|go\s+bo|boc\s+go|san\s+lung|xac\s+(?:minh|nhan)|phan\s+cong|khan\s+truong|nghiem\s+tuc|"
    r"thuong\s+xuyen|yeu\s+cau|de\s+nghi|giao\b|cam\s+ket|hoan\s+thanh|ngat|tiep\s+nhan|tham\s+gia|xay\s+dung|ban\s+hanh|dao\s+tao|tap\s+huan|danh\s+gia|"
    r"thiet\s+lap|cau\s+hinh|thay\s+doi|khong\s+(?:su|mo|chia|truy)|han\s+che|luu\s+(?:tru|giu)|cong\s+bo|chuan\s+bi|nang\s+cao|nang\s+cap|loai\s+bo|tat\b|"
    r"vo\s+hieu|dong\b|tong\s+hop|lam\s+ro|bo\s+sung|kich\s+hoat|chap\s+hanh|tuan\s+thu|chiu\s+trach\s+nhiem|dua\s+tin|tim\b|ngung|dieu\s+tra|truc\b|"
    r"tich\s+cuc|cung\b|kip\s+thoi|thu\s+thap|tham\s+muu|phan\s+anh|nghien\s+cuu|quan\s+ly|van\s+hanh|phe\s+duyet|trinh\b|tiep\s+tuc|lien\s+he|dang\s+ky|"
    r"ket\s+noi|chia\s+se|phan\s+loai|thuc\s+thi|niem\s+phong|phong\s+ngua|canh\s+giac|nhac\s+nho|pho\s+bien|truyen\s+thong"
)
IMPERATIVE = re.compile(rf"(?:{VERBS})")
ORDERS = re.compile(
    r"\b(?:de\s+nghi|yeu\s+cau|khuyen\s+nghi|khuyen\s+cao|chi\s+dao|giao\s+[^\W\d]|thuc\s+hien|nhiem\s+vu|dien\s*:|tap\s+trung|trien\s+khai|cong\s+viec)\b"
)
PROSE_ORDER = re.compile(
    r"(?:(?:tran\s+trong\s+)?(?:de\s+nghi|yeu\s+cau|khuyen\s+nghi|giao)\s|(?:nhan\s+duoc|de\s+|nham\s|can\s+cu|vi\s+vay|do\s+do|so\s|cuc\s|ubnd|uy\s+ban|trung\s+tam|"
    r"bo\s|chu\s+tich|van\s+phong|thu\s+truong|cac\s+(?:don|co|so|dia))[^.]{0,220}?\b(?:de\s+nghi|yeu\s+cau|khuyen\s+nghi|co\s+trach\s+nhiem|bao\s+cao|giao)\s)"
)
CONTACT = re.compile(
    r"(?:^|\b)(?:lien\s+he|dau\s+moi|duong\s+day\s+nong|hotline|dien\s+thoai\s+lien|thong\s+tin\s+lien|moi\s+(?:thong\s+tin|vuong\s+mac|chi\s+tiet)|so\s+dien\s+thoai)\b"
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_])")
CLOSES = re.compile(
    r"[^.;:]{0,60}\bnay\s+co\s+hieu\s+luc|[^.;:]{3,80}\bthong\s+bao\s+(?:de|den|toi)\b|nhan\s+duoc\b|tren\s+day\s+la\b|rat\s+mong"
)
BACKGROUND = re.compile(r"(?:muc\s+dich|thoi\s+gian|dia\s+diem|tinh\s+hinh|boi\s+canh|pham\s+vi|thanh\s+phan)\b")
REACHABLE = re.compile(r"[\w.+-]+@[\w-]+\.|(?:\+84|\(0\d{1,3}\)|\b0\d{1,3})[\s.\-)]*\d{3}|\b1[89]00[\s.]?\d")
INFORMATION = re.compile(
    r"(?:\d{1,3}\s+lo\s+hong|(?:lo\s+hong\s+)?cve\s*-|muc\s+(?:do|nghiem|cao|trung|anh)|lo\s+hong\s+(?:bao\s+mat|an\s+toan|trong|tren|cve)|ma\s+loi|dia\s+chi\s+ip\s*:|"
    r"(?:van\s+ban|cong\s+van|cong\s+dien|chi\s+thi|quyet\s+dinh|thong\s+bao|ke\s+hoach|nghi\s+(?:dinh|quyet)|luat|thong\s+tu|bao\s+cao)\s+so\s+\d|"
    r"san\s+pham\s+bi|anh\s+huong\s*:|mo\s+ta\s*:|diem\s+cvss|phien\s+ban\s+(?:bi\s+)?anh\s+huong|tham\s+khao|https?://)"
)
LISTS_INFORMATION = re.compile(
    r"(?:gom|lo\s+hong|nguy\s+co|tinh\s+hinh|dau\s+hieu|muc\s+(?:cao|nghiem\s+trong)|dang\s+chu\s+y|can\s+luu\s+y|thong\s+tin|chi\s+tiet|nhu\s+sau|sau\s+day|sau)\s*:?$"
)
# Over lower-case text with its diacritics: "bộ" is a ministry, "bố trí" a verb.
ACTOR = re.compile(
    r"(?:(?:đề nghị|yêu cầu|giao|đối với)\s*:?\s+)?(?:các\s+|thủ trưởng\s+|người đứng đầu\s+|lãnh đạo\s+|chủ tịch\s+|giám đốc\s+|bộ trưởng\s+|đơn vị,?\s+)*"
    r"(?:sở|ubnd|[uủ][yỷ] ban|cục|bộ|công an|doanh nghiệp|đơn vị|cơ quan|trung tâm|văn phòng|nhà mạng|phòng(?! (?:ngừa|chống|tránh|, chống))|đài|"
    r"báo(?! (?:cáo|ngay|về|cho))|bệnh viện|trường|ban(?! hành)|chi cục|tập đoàn|tổng công ty|đội|thành viên|quận [uủ][yỷ]|huyện [uủ][yỷ]|thành [uủ][yỷ]|"
    r"viện|tòa án|toà án|thanh tra|cán bộ|bộ phận|ngân hàng|kho bạc|thủ trưởng|chủ tịch|tổ chức,|(?<=các )tổ chức)(?![\w])"
)
ACTS = re.compile(
    r"\s*(?<!,):?\s+(?:thuc\s+hien|chi\s+dao|khan\s+truong|chu\s+tri|phoi\s+hop|co\s+trach\s+nhiem|chiu\s+trach\s+nhiem|to\s+chuc|trien\s+khai|tang\s+cuong|chu\s+dong|ra\s+soat|"
    r"tiep\s+tuc|bao\s+cao|nghiem\s+tuc|tham\s+muu|huong\s+dan|bo\s+tri|theo\s+doi|giam\s+sat|kip\s+thoi|can\b|phai\b|thuong\s+xuyen|quan\s+triet|cung\s+cap(?!\s+(?:cung\s+cap\s+)?(?:cac\s+)?dich\s+vu)|xay\s+dung|"
    r"ho\s+tro|duy\s+tri|bao\s+dam|dam\s+bao|tap\s+trung|kiem\s+tra|gui\b|tong\s+hop|truc\s+tiep|don\s+doc|xu\s+ly|dieu\s+tra|chia\s+se|hoan\s+thien|"
    r"hoan\s+thanh|xac\s+minh|dang\s+ky|cap\s+nhat|tu\s+(?:kiem|danh|ra|to)|phan\s+cong|tiep\s+nhan|ngan\s+chan|khac\s+phuc|lap\b)"
)
