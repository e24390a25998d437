"""Each form of logs is known by its head, and its lines mean what the program that wrote them meant."""

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.engine.hunting.reading import detect
from haidang.engine.hunting.record import LogRecord

ZONE = dt.timezone(dt.timedelta(hours=7))
TODAY = dt.date(2026, 2, 23)
WHEN = dt.datetime(2026, 2, 9, 0, 30, 1, tzinfo=dt.UTC)
ENDS = ("10.1.2.3", 51000, "203.0.113.9", 443)

# name: the log, its form, (src, port, dst, port), protocol, action, bytes out and in, some fields
LOGS: dict[str, tuple[str, str, tuple[str, int, str, int], str, str, int | None, int | None, dict[str, str]]] = {
    "fortigate": (
        'date=2026-02-09 time=07:30:01 devname="FG" devid="FG1" logid="0000000013" type="traffic" eventtime=1770597001000000000 '
        'tz="+0700" srcip=10.1.2.3 srcport=51000 dstip=203.0.113.9 dstport=443 proto=6 action="deny" sentbyte=120 rcvdbyte=0 '
        "transip=198.51.100.7 transport=62001",
        "FortiGate", ENDS, "tcp", "block", 120, 0, {"nat_src": "198.51.100.7", "nat_src_port": "62001"},
    ),
    "eve": (
        '{"timestamp":"2026-02-09T07:30:01.000000+0700","flow_id":1,"event_type":"http","src_ip":"10.1.2.3","src_port":51000,'
        '"dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP","http":{"hostname":"bad.example","url":"/a/b.php"}}',
        "Suricata EVE", ENDS, "tcp", "", None, None, {"http_host": "bad.example", "uri": "/a/b.php"},
    ),
    "zeek": (
        "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\tresp_bytes\n"
        "1770597001.0\tC1\t10.1.2.3\t51000\t203.0.113.9\t443\ttcp\t100\t200",
        "Zeek", ENDS, "tcp", "", 100, 200, {},
    ),
    "iis": (
        "#Software: IIS\n#Fields: date time s-ip cs-method cs-uri-stem s-port c-ip sc-status sc-bytes cs-bytes\n"
        "2026-02-09 00:30:01 10.0.0.5 GET /x.aspx 80 203.0.113.9 200 300 20",
        "W3C", ("203.0.113.9", 0, "10.0.0.5", 80), "", "", 20, 300, {"uri": "/x.aspx"},
    ),
    "nginx": (
        '203.0.113.9 - - [09/Feb/2026:07:30:01 +0700] "GET /shell.php HTTP/1.1" 200 512 "-" "curl/8"',
        "nginx/Apache", ("203.0.113.9", 0, "", 0), "", "allow", None, 512, {"uri": "/shell.php"},
    ),
    "a user with a space": (
        '203.0.113.9 - john doe [09/Feb/2026:07:30:01 +0700] "GET / HTTP/1.1" 403 5',
        "nginx/Apache", ("203.0.113.9", 0, "", 0), "", "block", None, 5, {"uri": "/"},
    ),
    "squid": (
        "1770597001.000    45 10.1.2.3 TCP_MISS/200 1234 GET http://bad.example/a.js - HIER_DIRECT/203.0.113.9 text/html",
        "Squid", ("10.1.2.3", 0, "bad.example", 80), "", "allow", None, 1234, {"url": "http://bad.example/a.js"},
    ),
    "bind": (
        "09-Feb-2026 07:30:01 queries: info: client @0x7f 10.1.2.3#51000 (bad.example): query: bad.example IN A +E(0)K (10.0.0.53)",
        "DNS server", ("10.1.2.3", 51000, "bad.example", 53), "udp", "", None, None, {"query": "bad.example"},
    ),
    "dnsmasq": (
        "Feb  9 07:30:01 dnsmasq[123]: query[A] bad.example from 10.1.2.3",
        "DNS server", ("10.1.2.3", 0, "bad.example", 53), "udp", "", None, None, {"query": "bad.example"},
    ),
    "asa": (
        "Feb 09 2026 07:30:01 fw : %ASA-6-302013: Built outbound TCP connection 99 for outside:203.0.113.9/443 (203.0.113.9/443) "
        "to inside:10.1.2.3/51000 (198.51.100.7/62001)",
        "Cisco ASA", ENDS, "tcp", "allow", None, None, {"nat_src": "198.51.100.7", "nat_src_port": "62001"},
    ),
    "asa, torn down": (
        "Feb 09 2026 07:30:01 fw : %ASA-6-302014: Teardown TCP connection 99 for outside:203.0.113.9/443 to inside:10.1.2.3/51000 "
        "duration 0:00:10 bytes 5120 TCP FINs",
        "Cisco ASA", ENDS, "tcp", "allow", None, 5120, {},
    ),
    "asa, denied": (
        'Feb 09 2026 07:30:01: %ASA-4-106023: Deny tcp src outside:203.0.113.9/5555 dst inside:10.1.2.3/445 by access-group "x"',
        "Cisco ASA", ("203.0.113.9", 5555, "10.1.2.3", 445), "tcp", "block", None, None, {},
    ),
    "palo alto": (
        "Feb  9 07:30:02 fw 1,2026/02/09 07:30:01,0011,TRAFFIC,end,2304,2026/02/09 07:30:01,10.1.2.3,203.0.113.9,198.51.100.7,"
        "203.0.113.9,rule1,u,,ssl,vsys1,trust,untrust,e1,e2,fwd,x,999,1,51000,443,62001,443,0x0,tcp,allow,1000,600,400,10",
        "Palo Alto", ENDS, "tcp", "allow", 600, 400, {"nat_src": "198.51.100.7", "nat_src_port": "62001"},
    ),
    "cef": (
        "Feb 9 07:30:01 h CEF:0|V|P|1|100|name here|5|src=10.1.2.3 dst=203.0.113.9 spt=51000 dpt=443 act=blocked rt=1770597001000 "
        "request=http://bad.example/a b",
        "CEF", ENDS, "", "block", None, None, {"uri": "http://bad.example/a b"},
    ),
    "leef": (
        "LEEF:2.0|V|P|1|ev|^|src=10.1.2.3^dst=203.0.113.9^srcPort=51000^dstPort=443^devTime=2026-02-09T07:30:01+07:00^action=allow",
        "LEEF", ENDS, "", "allow", None, None, {},
    ),
    "nfdump": (
        "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"
        "2026-02-09 07:30:01,2026-02-09 07:30:02,1.0,10.1.2.3,203.0.113.9,51000,443,TCP,.AP,0,0,3,400,2,100",
        "nfdump", ENDS, "tcp", "", 400, 100, {},
    ),
    "a table in Vietnamese": (
        "Thời gian;Địa chỉ nguồn;Cổng nguồn;Địa chỉ đích;Cổng đích\n09/02/2026 07:30:01;10.1.2.3;51000;203.0.113.9;443",
        "CSV", ENDS, "", "", None, None, {},
    ),
    "sshd": (
        "Feb  9 07:30:01 h sshd[1]: Failed password for root from 203.0.113.9 port 50123 ssh2",
        "text", ("203.0.113.9", 50123, "", 0), "", "", None, None, {},
    ),
    "a firewall of Linux": (
        "2026-02-09 07:30:01 fw sip=10.1.2.3 sport=51000 dip=203.0.113.9 dport=443 transport=tcp action=drop",
        "key=value", ENDS, "tcp", "block", None, None, {},
    ),
    "text": ("2026-02-09 07:30:01 10.1.2.3:51000 -> 203.0.113.9:443 x", "text", ENDS, "", "", None, None, {}),
}  # fmt: skip


def read_last(log: str) -> tuple[str, LogRecord]:
    reader = detect(f"{log}\n".encode(), "x.log", TODAY, ZONE)
    record = reader.read(log.split("\n")[-1].encode())
    assert record is not None
    return reader.form, record


@pytest.mark.parametrize("name", LOGS)
def test_a_line_means_what_its_program_meant(name: str) -> None:
    log, form, ends, proto, action, bytes_out, bytes_in, fields = LOGS[name]
    told, record = read_last(log)
    assert told == form
    assert record.time == WHEN
    assert (record.src, record.src_port, record.dst, record.dst_port) == ends
    assert (record.proto, record.action, record.bytes_out, record.bytes_in) == (proto, action, bytes_out, bytes_in)
    assert {field: record.fields.get(field) for field in fields} == fields


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("filler", [" ", "=", '"', "\\", "a ", "x=1 ", "[", ",", "{", "\t", "|"])
def test_an_endless_line_is_read_in_no_time(name: str, filler: str) -> None:
    log = LOGS[name][0]
    reader = detect(f"{log}\n".encode(), "x.log", TODAY, ZONE)
    started = time.process_time()
    reader.read(log.split("\n")[-1].encode() + filler.encode() * 500_000)
    assert time.process_time() - started < 3


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(LOGS)), st.data())
def test_no_damage_to_a_line_stops_a_reader(name: str, data: st.DataObject) -> None:
    log = LOGS[name][0].encode()
    at = data.draw(st.integers(0, len(log)))
    damage = data.draw(st.binary(max_size=12))
    length = data.draw(st.integers(0, 30))
    broken = log[:at] + damage + log[at + length :]
    for head in (log, broken):
        reader = detect(head, "x.log", TODAY, ZONE)
        for line in (*broken.split(b"\n"), damage, log.split(b"\n")[-1]):
            reader.read(line)
            reader.time(line)


def test_a_time_without_a_year_is_the_last_one() -> None:
    assert read_last("Dec 31 23:00:00 h a: b")[1].time == dt.datetime(2025, 12, 31, 16, tzinfo=dt.UTC)
    assert read_last("Feb 23 23:00:00 h a: b")[1].time == dt.datetime(2026, 2, 23, 16, tzinfo=dt.UTC)


def test_a_heading_within_a_log_changes_what_columns_mean() -> None:
    head = "#separator \\x09\n#fields\tts\tid.orig_h\tid.resp_h\n1770597001.0\t10.0.0.1\t203.0.113.1\n"
    reader = detect(head.encode(), "conn.log", TODAY, ZONE)
    assert reader.is_heading(b"#fields\tid.resp_h\tid.orig_h\tts")
    reader.read(b"#fields\tid.resp_h\tid.orig_h\tts")
    record = reader.read(b"203.0.113.1\t10.0.0.1\t1770597001.0")
    assert record is not None
    assert (record.src, record.dst) == ("10.0.0.1", "203.0.113.1")
