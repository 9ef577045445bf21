"""Which files of those that a process is told are missing, or not what they should be."""

import ssl
from pathlib import Path

from contracts.languages import Words
from edge.fault import Fault, as_said, variable_of
from edge.readiness import Process
from edge.settings import SECRET_BYTES_MIN, Settings
from edge.tokens import JwksFile
from eventing.sealing import KEY_BYTES
from notary.checkpoint_topic import LOGS
from notary.keys import LogKeys, NotTheLogsKeys

_MADE_BY_PREPARE = Words(
    vi="deploy/compose/prepare tạo ra tệp này; nếu đã có dữ liệu, hãy đưa lại tệp cũ",
    en="deploy/compose/prepare makes it; if there is data already, bring the old one back",
)
_MADE_WITH_THE_NOTARYS_KEY = Words(
    vi="`vongtay notary-key new` ghi tệp này cạnh khóa riêng",
    en="`vongtay notary-key new` writes it beside the private one",
)
_CURES = {
    "mac_key_file": _MADE_BY_PREPARE,
    "code_key_file": _MADE_BY_PREPARE,
    "key_encryption_key_file": _MADE_BY_PREPARE,
    "issuer_jwks": Words(
        vi="đặt bộ khóa công khai (JSON Web Key Set) của nhà cung cấp đăng nhập vào đó",
        en="put your provider's JSON Web Key Set there",
    ),
    "notary_key_file": Words(
        vi="`vongtay notary-key new` tạo ra tệp này", en="`vongtay notary-key new` makes it"
    ),
    "log_keys_file": _MADE_WITH_THE_NOTARYS_KEY,
    "log_keys": Words(
        vi="chạy deploy/compose/prepare: thư mục này giữ khóa công khai của mọi nhật ký",
        en="run deploy/compose/prepare: this folder holds the public keys of all logs",
    ),
    "kafka_ca_file": Words(
        vi="đặt chứng thư của nơi chứng nhận các máy Kafka vào đó, dạng PEM",
        en="put the certificates of the brokers' authority there, as PEM",
    ),
}
_UNKNOWN_CURE = Words(
    vi="đặt vào đó nội dung của nó (docs/operate.md)",
    en="put there what it is for (docs/operate.md)",
)
# By these a process writes what it could never read again, or could not read at all.
_LASTING = {"mac_key_file", "code_key_file", "key_encryption_key_file", "kafka_ca_file"}


def files(settings: Settings) -> list[Fault]:
    """Faults of the files whose names are told."""
    found = [
        fault
        for name in type(settings).model_fields
        if isinstance(path := getattr(settings, name), Path)
        if name not in {"clock_file", "log_keys"}
        if (fault := _file(name, path)) is not None
    ]
    return found + _keys_of_logs(settings)


def _keys_of_logs(settings: Settings) -> list[Fault]:
    """Without one of them its log would be believed unproven, or not be read at all."""
    found: list[Fault] = []
    if settings.log_keys is None:
        return found
    for service in LOGS:
        path = settings.log_keys / f"{service}.pub"
        try:
            LogKeys.known(f"{settings.origin}/{service}", path)
        except OSError as error:
            says = as_said(f"{path}: {error.strerror}")
        except NotTheLogsKeys as error:
            says = as_said(f"{path}: {error}")
        else:
            continue
        found.append(Fault("VONGTAY_LOG_KEYS", says, _CURES["log_keys"], lasting=True))
    return found


def signing(settings: Settings, process: Process) -> list[Fault]:
    private, public = settings.notary_key_file, settings.log_keys_file
    if process == "web" or settings.service not in LOGS:
        return []
    if private is None:
        needs = settings.mode == "production"
        says = Words(
            vi="chưa đặt: chế độ production phải ký nhật ký",
            en="is not set: production signs its log",
        )
        cure = _CURES["notary_key_file"]
        return [Fault("VONGTAY_NOTARY_KEY_FILE", says, cure, lasting=True)] if needs else []
    if public is None:
        says = Words(
            vi="chưa đặt, mà VONGTAY_NOTARY_KEY_FILE đã đặt",
            en="is not set, and VONGTAY_NOTARY_KEY_FILE is",
        )
        return [Fault("VONGTAY_LOG_KEYS_FILE", says, _CURES["log_keys_file"])]
    try:
        LogKeys.of(f"{settings.origin}/{settings.service}", private, public)
    except NotTheLogsKeys as error:
        cure = Words(
            vi="VONGTAY_ORIGIN và hai tệp khóa phải thuộc về nhau",
            en="VONGTAY_ORIGIN and both files belong together",
        )
        return [Fault("VONGTAY_NOTARY_KEY_FILE", as_said(str(error)), cure)]
    except OSError:
        return []  # told as a file that cannot be read
    return []


def _file(name: str, path: Path) -> Fault | None:
    cure = _CURES.get(name, _UNKNOWN_CURE)
    try:
        content = path.read_bytes()
    except OSError as error:
        says = as_said(f"{path}: {error.strerror}")
    else:
        if (found := _wrong_content(name, path, content)) is None:
            return None
        says = Words(vi=f"{path} {found.vi}", en=f"{path} {found.en}")
    return Fault(variable_of(name), says, cure, name in _LASTING)


def _wrong_content(name: str, path: Path, content: bytes) -> Words | None:
    if not content.strip():
        return Words(vi="trống", en="is empty")
    if name in {"mac_key_file", "code_key_file"} and len(content) < SECRET_BYTES_MIN:
        return Words(
            vi=f"có ít hơn {SECRET_BYTES_MIN} byte",
            en=f"holds fewer than {SECRET_BYTES_MIN} bytes",
        )
    if name == "key_encryption_key_file" and len(content) != KEY_BYTES:
        return Words(
            vi=f"có {len(content)} byte, không phải {KEY_BYTES}",
            en=f"holds {len(content)} bytes, not {KEY_BYTES}",
        )
    if name == "issuer_jwks" and JwksFile(path).trouble() is not None:
        return Words(
            vi="không phải bộ khóa JSON Web Key Set có khóa",
            en="is no JSON Web Key Set with keys",
        )
    if name == "kafka_ca_file" and not _holds_certificates(path):
        return Words(vi="không có chứng thư nào", en="holds no certificates")
    return None


def _holds_certificates(path: Path) -> bool:
    try:
        ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError):
        return False
    return True
