"""The attacker's eyes are good: what is hidden in a file he finds, and nothing that is not there."""

from pathlib import Path

from tests.attacks.looking import Eyes, found_in_files, hidden_in

MARK = "金丝雀的答案 7f3a"


def test_what_is_there_is_found_however_it_is_coded(tmp_path: Path) -> None:
    for number, content in enumerate(hidden_in(MARK)):
        (tmp_path / f"file-{number}").write_bytes(b"before " + content + b" after")
    found = found_in_files([tmp_path], [MARK, "另一个标记 0000"])
    assert found == {f"file-{number}": {MARK} for number in range(len(hidden_in(MARK)))}


def test_who_looks_again_finds_it_too_and_only_what_is_new(tmp_path: Path) -> None:
    eyes, file = Eyes(tmp_path), tmp_path / "file"
    for hidden in hidden_in(MARK):
        file.write_bytes(b"\0" * 65530 + b"." * 70000)
        assert eyes.look([MARK, "另一个标记 0000"]) == {}
        file.write_bytes(b"\0" * 65530 + hidden + b"." * 70000)
        assert eyes.look([MARK]) == {"file": {MARK}}, hidden
        assert eyes.look([MARK]) == {}
    (tmp_path / MARK).touch()
    assert eyes.look([MARK]) == {MARK: {MARK}}
