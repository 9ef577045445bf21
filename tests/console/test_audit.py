"""The auditor's commands as they are typed: what they print, and how they end."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from jsonschema import validate
from typer.testing import CliRunner

from audit.export import Export, ExportWriter, line_of
from audit.note import ED25519, Signer
from console.__main__ import app
from console.proof import read_models_of
from contracts.donations import FundEntryBooked, FundOpened, SponsorRegistered
from contracts.registry import RoleRevoked
from contracts.sealed import Sealed
from eventing.installation import Installation
from eventing.record import Why, encode
from tests.audit.planted import (
    CHANGED,
    KEEPER,
    LOG_KEY,
    MONDAY,
    ORIGIN,
    Planted,
    a_log,
    changed,
    notes_of,
)
from tests.audit.shown_log import TOKEN, ShownLog

FUND = UUID(int=500)
KEY = ["--key", str(LOG_KEY.verifier)]


def run(*arguments, ends=0):
    result = CliRunner().invoke(app, ["audit", *map(str, arguments)])
    assert result.exit_code == ends, result.output
    return result.output


def signed_whole(path, log=None):
    """An export whose every record is under a checkpoint."""
    return Planted(path, (a_log() if log is None else log)[:20])


def test_a_true_export_ends_with_0(tmp_path):
    path = signed_whole(tmp_path).path
    assert "Nguyên vẹn đến mốc đã ký" in run("verify", path, *KEY)
    said = json.loads(run("verify", path, "--json"))
    assert (said["holds"], said["keys_are_given"]) == (True, False)
    (log,) = said["logs"]
    assert (log["service"], log["records"], log["signed_up_to"]) == ("registry", 20, 20)
    assert log["newest_checkpoint"] == notes_of(a_log())[-1][1]


def test_a_fault_ends_with_1_and_is_named(tmp_path):
    planted = Planted(tmp_path)
    lines = planted.lines
    lines[6] = lines[6].replace(b"grant_id", b"grant_iD")
    planted.lines = lines
    said = json.loads(run("verify", planted.path, "--json", ends=1))
    fault = said["logs"][0]["faults"][0]
    assert (fault["kind"], fault["first"], fault["last"]) == ("altered", 7, 7)
    text = run("verify", planted.path, ends=1)
    assert "registry:7" in text
    assert "bị sửa" in text


def test_what_is_no_export_ends_with_2(tmp_path):
    assert "NotAnExport" in run("verify", tmp_path, ends=2)
    run("verify", tmp_path / "nowhere", ends=2)
    run("verify", Planted(tmp_path / "export").path, "--key", "none", ends=2)


def test_a_checkpoint_from_elsewhere_convicts(tmp_path):
    planted = signed_whole(tmp_path / "export")
    log = changed(a_log(20), 7, CHANGED)
    planted.rewrite(log)
    planted.sign(notes_of(log))
    run("verify", planted.path)
    kept = tmp_path / "kept.txt"
    kept.write_text(notes_of(a_log(), [15])[0][1])
    text = run("verify", planted.path, "--checkpoint", kept, ends=1)
    assert "registry:1-15" in text


def test_vongtay_verify_is_the_same_command(tmp_path):
    planted = Planted(tmp_path)
    result = CliRunner().invoke(app, ["verify", str(planted.file)])
    assert result.exit_code == 2
    assert "chưa kết luận được" in result.output


def test_what_nothing_vouches_for_ends_with_2(tmp_path):
    """No fault is found in any of these, and nothing is known of them either."""
    planted = signed_whole(tmp_path / "export")
    run("verify", planted.path, *KEY)
    stranger = Signer("vongtay.example/donations", ED25519, b"\x02" * 32)
    assert "donations" in run("verify", planted.path, *KEY, "--key", stranger.verifier, ends=2)
    page = tmp_path / "report.html"
    run("verify", planted.path, "--key", stranger.verifier, "--report", page, ends=2)
    assert "Nguyên vẹn" not in page.read_text()
    planted.sign([])
    assert json.loads(run("verify", planted.path, "--json", ends=2))["is_signed"] is False
    empty = tmp_path / "empty.ndjson"
    empty.write_bytes(b"")
    run("verify", empty, *KEY, ends=2)
    ExportWriter(tmp_path / "nothing", "vongtay.example", MONDAY)
    run("verify", tmp_path / "nothing", ends=2)


def test_a_checkpoint_that_was_copied_without_its_last_newline(tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text(notes_of(a_log(), [15])[0][1].rstrip("\n"))
    planted = signed_whole(tmp_path / "export")
    run("verify", planted.path, *KEY, "--checkpoint", kept)
    assert "registry:1-15" in run(
        "verify", signed_whole(tmp_path / "other", changed(a_log(20), 7, CHANGED)).path,
        "--checkpoint", kept, ends=1,
    )  # fmt: skip


def test_a_report_is_a_page_to_print_and_sign(tmp_path):
    planted = signed_whole(tmp_path / "export")
    page = tmp_path / "report.html"
    run("verify", planted.path, "--report", page)
    text = page.read_text()
    assert "Nguyên vẹn đến mốc đã ký" in text
    assert notes_of(a_log())[-1][1].splitlines()[2] in text.replace("&#43;", "+")
    assert "<script" not in text
    planted.rewrite(changed(a_log(20), 7, CHANGED))
    run("verify", planted.path, "--report", page, ends=1)
    assert "registry:6-10" in page.read_text()


def test_a_report_quotes_what_it_does_not_trust(tmp_path):
    planted = Planted(tmp_path / "export", [b'{"<script>":1}'], signed=(1,))
    page = tmp_path / "report.html"
    run("verify", planted.path, "--report", page, ends=1)
    planted.sign([(1, "<script>\n1\n")])
    run("verify", planted.path, "--report", page, ends=1)
    assert "<script" not in page.read_text()


def test_a_record_is_proved_and_the_proof_checked(tmp_path):
    proof = tmp_path / "receipt.tlog-proof"
    run("prove", Planted(tmp_path / "export").path, "registry:7", "-o", proof)
    text = run("check-proof", proof, *KEY)
    assert "role-revoked" in text
    assert "registry:7" in text
    said = json.loads(run("check-proof", proof, *KEY, "--json"))
    assert (said["holds"], said["position"], said["size"]) == (True, 7, 20)
    proof.write_text(proof.read_text().replace("index 6", "index 5"))
    assert "✗" in run("check-proof", proof, *KEY, ends=1)
    proof.write_text("something")
    run("check-proof", proof, *KEY, ends=2)


def test_a_record_is_proved_by_the_newest_checkpoint_that_is_here_whole(tmp_path):
    planted = Planted(tmp_path / "export", a_log(12), signed=(5, 10))
    planted.sign([*notes_of(a_log(), [10, 20])])
    proof = tmp_path / "proof"
    run("prove", planted.path, "registry:7", "-o", proof)
    assert json.loads(run("check-proof", proof, *KEY, "--json"))["size"] == 10


def test_a_record_is_proved_by_a_checkpoint_from_elsewhere(tmp_path):
    planted = Planted(tmp_path / "export")
    kept, proof = tmp_path / "kept.txt", tmp_path / "proof"
    kept.write_text(notes_of(a_log(), [15])[0][1])
    run("prove", planted.file, "registry:7", *KEY, ends=2)
    run("prove", planted.file, "registry:7", *KEY, "--checkpoint", kept, "-o", proof)
    assert json.loads(run("check-proof", proof, *KEY, "--json"))["size"] == 15


def test_what_is_not_signed_cannot_be_proved(tmp_path):
    run("prove", Planted(tmp_path).path, "registry:22", ends=2)
    run("prove", Planted(tmp_path).path, "registry", ends=2)


def test_two_exports_are_compared(tmp_path):
    one = Planted(tmp_path / "one")
    shorter = Planted(tmp_path / "shorter", a_log(9), signed=(5,))
    other = Planted(tmp_path / "other", changed(a_log(), 7, CHANGED))
    assert "giống · same" in run("diff", one.path, shorter.path)
    assert "registry:7  bị sửa · altered" in run("diff", one.path, other.path, ends=1)
    said = json.loads(run("diff", one.path, other.path, "--json", ends=1))
    assert said["registry"]["differences"] == [{"kind": "altered", "position": 7}]


# --- showing ---


def booked(path):
    """An export of two services: a role was revoked, therefore a fund opened, and booked."""

    def new(service, stream, version, number, event, causation=None):
        why = Why(actor=KEEPER, causation=causation and UUID(int=causation))
        event_id, here = UUID(int=number), Installation(ORIGIN)
        return encode(service, stream, version, event_id, event, MONDAY, why, here).record

    revoked = RoleRevoked(
        grant_id=UUID(int=1), person_id=KEEPER, revoked_by=KEEPER, happened_at=MONDAY
    )
    fund = FundOpened(
        fund_id=FUND,
        programme_id=UUID(int=2),
        unit_id=UUID(int=4),
        name="Áo ấm",
        opened_by=KEEPER,
        happened_at=MONDAY,
    )
    entry = FundEntryBooked(
        fund_id=FUND,
        programme_id=UUID(int=2),
        entry_id=UUID(int=3),
        lines=(),
        balances=(),
        paper="a paper",
        happened_at=MONDAY,
    )
    sealed = Sealed(key_id=UUID(int=77), ciphertext="c2VjcmV0")
    sponsor = SponsorRegistered(
        sponsor_id=UUID(int=4), person_id=None, kind="individual", public_name=None, name=sealed,
        email=None, illustrative=True, registered_by=KEEPER, happened_at=MONDAY,
    )  # fmt: skip
    logs = {
        "registry": [new("registry", "grant-1", 1, 11, revoked)],
        "donations": [
            new("donations", "sponsor-4", 1, 21, sponsor),
            new("donations", "fund-500", 1, 22, fund, 11),
            new("donations", "fund-500", 2, 23, entry, 22),
            new("donations", "fund-501", 1, 24, replace(fund, fund_id=UUID(int=501))),
        ],
    }
    writer = ExportWriter(path, "vongtay.example", MONDAY)
    for service, records in logs.items():
        with writer.log(service) as log:
            for at, record in enumerate(records, 1):
                log.add(at, line_of(at, record))
    return path


def places(text):
    return [line.split()[0] for line in text.splitlines() if line.startswith("    ") and ":" in line
            and line.split()[0].partition(":")[0] in {"registry", "donations"}]  # fmt: skip


def test_a_stream_is_shown_in_order(tmp_path):
    text = run("show", booked(tmp_path), "fund-500")
    assert places(text) == ["donations:2", "donations:3"]
    assert "Áo ấm" in text
    assert "bởi" in text
    assert "by 00000000" in run("show", tmp_path, "fund-500", "--lang", "en")


@pytest.mark.parametrize("place", ["registry:1", "donations:2", "donations:3"])
def test_a_chain_is_shown_from_whichever_of_its_events(tmp_path, place):
    text = run("show", booked(tmp_path), place)
    assert places(text) == ["registry:1", "donations:2", "donations:3"]
    assert "vì registry:1" in text
    assert "vì donations:2" in text


def test_what_is_sealed_is_shown_as_sealed(tmp_path):
    text = run("show", booked(tmp_path), "sponsor-4")
    assert f"name: [đã niêm phong, khoá {UUID(int=77)}]" in text
    assert "c2VjcmV0" not in text


def test_nothing_to_show_ends_with_2(tmp_path):
    run("show", booked(tmp_path), "no-such-stream", ends=2)
    run("show", tmp_path, "registry:9", ends=2)


def test_a_chain_is_shown_to_programs(tmp_path):
    said = json.loads(run("show", booked(tmp_path), "donations:2", "--json"))
    assert [(each["service"], each["position"], each["cause"]) for each in said] == [
        ("registry", 1, None),
        ("donations", 2, "registry:1"),
        ("donations", 3, "donations:2"),
    ]
    assert said[1]["record"]["data"]["name"] == "Áo ấm"


# --- replaying, exporting ---


def digest_of(name, said):
    (found,) = [
        each for each in said if (each["service"], each["read_model"]) == ("donations", name)
    ]
    return found


def test_a_replay_prints_a_digest_for_each_open_read_model(tmp_path):
    said = json.loads(run("replay", booked(tmp_path), "--json"))
    names = {(each["service"], each["read_model"]) for each in said}
    assert names == {
        (service, model.name)
        for service in ("registry", "donations", "allocation", "notifications", "portal")
        for model in read_models_of(service)
        if not model.private
    }
    funds = digest_of("funds", said)
    assert funds["positions"] == {"donations": 4}
    assert not any(each["parked"] for each in said)
    earlier = json.loads(run("replay", tmp_path, "--at", "donations:3", "--json"))
    before = digest_of("funds", earlier)
    assert before["positions"] == {"donations": 3}
    assert before["digest"] != funds["digest"]
    assert funds["digest"] in run("verify", tmp_path, "--replay", ends=2)


def test_one_file_is_not_replayed(tmp_path):
    """The digests of empty tables would say nothing, and look as if they did."""
    file = Planted(tmp_path).file
    assert "NotAnExport" in run("replay", file, ends=2)
    run("verify", file, "--replay", ends=2)


def test_a_replay_past_the_end_ends_with_2(tmp_path, monkeypatch):
    monkeypatch.setattr("eventing.replay.SILENT_FOR_S_MAX", 0)
    assert "NotThatFar" in run("replay", booked(tmp_path), "--at", "donations:5", ends=2)


def test_an_export_is_taken_over_http(tmp_path, monkeypatch):
    monkeypatch.setattr("audit.remote_export.SIGNED_WITHIN_S", 0)
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    shown = ShownLog(a_log(), (5, 20))
    with shown.served() as url:
        home = tmp_path / "home"
        run("export", home, "--url", f"registry={url}", "--token-file", token)
        again = run("export", home, "--url", f"registry={url}", "--token-file", token, "--json")
        assert json.loads(again) == {"registry": 22}
        run("verify", home, *KEY, ends=2)
        shown.sign(a_log(), (22,))
        run("export", home, "--url", f"registry={url}", "--token-file", token)
        run("verify", home, *KEY)
        for _, record in Export(home).records("registry"):
            event = json.loads(record)
            schema = home / "schemas" / f"{event['type']}.v{event['typeversion']}.json"
            validate(event["data"], json.loads(schema.read_bytes()))
        run("export", tmp_path / "other", "--url", f"registry={url}", ends=2)
        run("export", tmp_path / "other", ends=2)
        run("export", tmp_path / "other", "--url", url, ends=2)


def test_a_witness_is_run_once(tmp_path):
    key = tmp_path / "witness.key"
    public = run("new-witness-key", "witness.example", key).strip()
    run("new-witness-key", "witness.example", key, ends=2)
    assert key.stat().st_mode & 0o077 == 0
    shown = ShownLog(a_log(), (5, 20))
    with shown.served() as url:
        looking = ["witness", "--key-file", key, "--folder", tmp_path / "kept", "--once",
                   "--log", f"{LOG_KEY.name}={url}", "--log-key", LOG_KEY.verifier]  # fmt: skip
        assert "20  đã đồng ký" in run(*looking)
        (kept,) = (tmp_path / "kept").iterdir()
        planted = signed_whole(tmp_path / "export")
        run("verify", planted.path, "--checkpoint", kept, "--witness-key", public)
        shown.sign(changed(a_log(), 7, CHANGED), (22,))
        assert "TỪ CHỐI" in run(*looking, ends=1)
