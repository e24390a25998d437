"""CPE names of both kinds, and what a hostile one comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.engine.cpe import formatted, parse_cpe, split_cpe, unescaped


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("cpe:2.3:a:x:y:1:*:*:*:*:*:*:*", "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"),
        ("cpe:/a:openbsd:openssh:5.3", "cpe:2.3:a:openbsd:openssh:5.3:*:*:*:*:*:*:*"),
        ("cpe:/o:microsoft:windows_7::sp1:x64", "cpe:2.3:o:microsoft:windows_7:*:sp1:x64:*:*:*:*:*"),
        ("cpe:/a:redhat:openshift:3.9::el7", "cpe:2.3:a:redhat:openshift:3.9:*:el7:*:*:*:*:*"),
        ("cpe:/o:cisco:ios:12.2%2855%29se", "cpe:2.3:o:cisco:ios:12.2\\(55\\)se:*:*:*:*:*:*:*"),
        ("cpe:/a:hp:insight:7.4:-:~~online~win2003~x64~", "cpe:2.3:a:hp:insight:7.4:-:*:*:online:win2003:x64:*"),
        ("cpe:/a:foo%7ebar:big%24money", r"cpe:2.3:a:foo\~bar:big\$money:*:*:*:*:*:*:*:*"),
        ("cpe:/x:what:ever", ""),
        ("cpe:/a:x", ""),
        ("cpe:2.3:a", ""),
        ("openssh 5.3", ""),
        ("", ""),
        ("cpe:2.3:a:x:" + "y" * 3_000, ""),
    ],
)
def test_a_name_of_either_kind_is_written_as_2_3(written: str, expected: str) -> None:
    assert formatted(written) == expected


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30))
def test_what_goes_into_a_uri_comes_out_again(product: str) -> None:
    encoded = "".join(f"%{ord(sign):02x}" for sign in product)
    name = formatted(f"cpe:/a:vendor:{encoded}:1")
    assert [unescaped(part) for part in split_cpe(name)[2:4]] == [product, "1"]


def test_an_escaped_backslash_before_a_colon_ends_its_part() -> None:
    cpe = parse_cpe(r"cpe:2.3:a:v:back\\slash\\:1.0:*:*:*:*:*:*:*")
    assert cpe is not None
    assert (cpe.product, cpe.version) == ("back\\slash\\", "1.0")


def test_a_short_name_leaves_the_rest_open() -> None:
    cpe = parse_cpe("cpe:2.3:o:fortinet:fortios")
    assert cpe is not None
    assert (cpe.version, cpe.update, cpe.target_hardware) == ("*", "*", "*")


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(text: str) -> None:
    for written in (text, f"cpe:/{text}", f"cpe:2.3:{text}"):
        parse_cpe(written)
