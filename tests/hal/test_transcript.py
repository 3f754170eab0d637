from __future__ import annotations

from hal.interfaces import Moment
from hal.transcript import TeedStream, Transcript


class StillClock:
    def now(self) -> Moment:
        return Moment(12.5, 0.0)


class Loopback:
    def open(self, on_data, on_lost):
        self.on_data = on_data

    def write(self, data: bytes) -> int:
        self.on_data(b"\r\nOK\r\n")
        return len(data)

    def close(self):
        pass


def test_both_directions_with_visible_line_ends(tmp_path):
    transcript = Transcript(tmp_path / "deep" / "gsm-1.txt", StillClock())
    stream = TeedStream(Loopback(), transcript)
    heard = []
    stream.open(heard.append, heard.append)
    stream.write(b"AT\r")
    transcript.close()
    lines = (tmp_path / "deep" / "gsm-1.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == ["12.500000 < OK␍␤", "12.500000 < ␍␤", "12.500000 > AT␍"]
    assert heard == [b"\r\nOK\r\n"]


def test_a_pin_is_never_written(tmp_path):
    transcript = Transcript(tmp_path / "t", StillClock())
    for piece in (b"AT+C", b'PIN="12', b'34"\r'):
        transcript.record(">", piece)
    transcript.record("<", b'AT+CPIN="1234"\r\r\nOK\r\n')
    transcript.close()
    assert "1234" not in (tmp_path / "t").read_text(encoding="utf-8")


def test_the_file_is_bounded(tmp_path):
    transcript = Transcript(tmp_path / "t", StillClock(), max_bytes=4000)
    for _ in range(1000):
        transcript.record("<", b"\r\n+CSQ: 20,99\r\n")
    transcript.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 4200
    assert {path.name for path in tmp_path.iterdir()} <= {"t", "t.1"}


def test_a_disk_that_refuses_ends_the_transcript_only(tmp_path):
    (tmp_path / "file").write_text("")
    transcript = Transcript(tmp_path / "file" / "t", StillClock())
    transcript.record("<", b"OK\r\n")
    transcript.record("<", b"OK\r\n")
    transcript.close()
