"""E-mail: the letter is the attachment that reads as one, else the message itself."""

from __future__ import annotations

import html
import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters.formats import docx, pdf, plain_text
from haidang.engine.letters.lines import Manuscript
from haidang.engine.text import fold, normalise

ORDER = 30

_HEADER = re.compile(rb"\A(?:From |[A-Za-z][A-Za-z0-9-]{1,40}:[ \t].*\r?\n)")
_MAIL_HEADERS = (b"\nfrom:", b"\nsubject:", b"\nmime-version:", b"\ncontent-type:", b"\nreceived:")


def is_mine(data: bytes) -> bool:
    """Take what starts with mail headers."""
    head = b"\n" + data[:4096].lower()
    return bool(_HEADER.match(data)) and sum(header in head for header in _MAIL_HEADERS) >= 2


def read(data: bytes, name: str) -> Manuscript:
    """Read the first PDF or DOCX attachment, then a text attachment, then the body.

    Raises:
        UnreadableParcel: the message holds nothing that can be read.
    """
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what policy.default always builds
    attached = [(part.get_filename() or name, _payload(part)) for part in message.iter_attachments()]
    for file, content in attached:
        if pdf.is_mine(content):
            return pdf.read(content, file)
        if docx.is_mine(content):
            return docx.read(content, file)
    body = message.get_body(preferencelist=("plain", "html"))
    texts = [content for file, content in attached if file.lower().endswith(".txt")]
    if body is not None:
        texts.append(_body_text(body).encode())
    for content in texts:
        if content.strip():
            return plain_text.read(_forwarded(content), name)
    raise UnreadableParcel(f"{name} is a message without text and without a PDF or DOCX attachment")


_QUOTED = re.compile(rb"^(?:>[ \t]?)+(.*)$", re.MULTILINE)


def _forwarded(content: bytes) -> bytes:
    """Take the quoted part where that is the letter, and the words above it only pass it on."""
    quoted = b"\n".join(_QUOTED.findall(content.replace(b"\r\n", b"\n")))
    return quoted if "kinh gui" in fold(normalise(quoted.decode("utf-8", "replace"))) else content


def _payload(part: EmailMessage | object) -> bytes:
    payload = part.get_payload(decode=True) if isinstance(part, EmailMessage) else b""
    return payload if isinstance(payload, bytes) else b""


def _body_text(body: EmailMessage | object) -> str:
    if not isinstance(body, EmailMessage):
        return ""
    raw = _payload(body)
    charset = body.get_content_charset() or "utf-8"
    try:
        text = raw.decode(charset, errors="replace")
    except LookupError:
        text = raw.decode("utf-8", errors="replace")
    if body.get_content_type() == "text/html":
        text = re.sub(r"(?is)<(script|style).*?</\1>", "", text)
        text = re.sub(r"(?i)<(?:br|/p|/div|/li|/tr|/h\d)\b[^>]*>", "\n", text)
        text = re.sub(r"<[^>]*>", " ", text)
        text = html.unescape(text)
    return text
