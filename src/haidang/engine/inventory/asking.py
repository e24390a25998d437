"""What to ask for when an inventory does not say it: one sentence in both languages for each gap."""

from __future__ import annotations

NO_BUILD = (
    "không rõ bản dựng đầy đủ của Windows; xin thêm kết quả lệnh “ver” hoặc winver (dạng 10.0.19045.3324) / "
    "the full build of Windows is not said; ask for the output of “ver” or winver (like 10.0.19045.3324)"
)
NO_HOSTNAME = (
    "tệp không ghi tên máy, tạm lấy theo tên tệp; xin ghi tên máy (dòng “# host: TÊN-MÁY” hoặc đổi tên tệp) / "
    "the file does not name the machine, its own name is used; ask for it (a line “# host: NAME”, or rename the file)"
)
NO_UPDATES = (
    "không có danh sách bản vá; xin thêm kết quả “wmic qfe” hoặc “Get-HotFix” / "
    "there is no list of updates; ask for the output of “wmic qfe” or “Get-HotFix”"
)
NO_DISTRIBUTION = (
    "không rõ bản phân phối Linux nên không ghép được với cảnh báo; xin thêm nội dung /etc/os-release / "
    "the Linux distribution is not said, so packages can't be matched; ask for the text of /etc/os-release"
)
NO_SOFTWARE = (
    "không có danh sách phần mềm của máy này; xin thêm / there is no list of software of this machine; ask for one"
)


def truncated(listed: int, told: int) -> str:
    """Say that a list is shorter than it says itself."""
    return (
        f"danh sách bị cắt: ghi {told} mục nhưng chỉ có {listed}; xin gửi lại đầy đủ (“wmic qfe list”) / "
        f"the list is cut off: it says {told} entries and holds {listed}; ask for all of it (“wmic qfe list”)"
    )


def incomplete(listed: int, told: int) -> str:
    """Say that an answer of an interface holds only one page."""
    return (
        f"chỉ có {listed} trong {told} mục; xin gửi mọi trang / "
        f"only {listed} of {told} entries are here; ask for every page"
    )


def without_number(count: int) -> str:
    """Say that entries of a list of updates have no number."""
    return (
        f"{count} mục của danh sách bản vá không có số KB; xin thêm kết quả “wmic qfe” / "
        f"{count} entries of the list of updates have no KB number; ask for the output of “wmic qfe”"
    )


def guessed_page(page: str) -> str:
    """Say that the code page of a text was guessed."""
    return (
        f"đọc theo bảng mã {page}; nếu chữ có dấu bị sai, xin gửi lại bằng UTF-8 / "
        f"read as code page {page}; where letters look wrong, ask for the file in UTF-8"
    )
