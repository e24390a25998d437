"""Hải Đăng: from a directive letter to a proven answer, agency by agency."""

__version__ = "0.1.0"
