from types import SimpleNamespace

import pytest

from edge.worker import signing
from eventing.compared import WillNotStart


def opened(service, mode, key=None):
    return SimpleNamespace(
        settings=SimpleNamespace(service=service, mode=mode, notary_key_file=key)
    )


def test_in_production_no_log_is_left_unsigned(tmp_path):
    with pytest.raises(WillNotStart, match="VONGTAY_NOTARY_KEY_FILE"):
        signing(opened("donations", "production"), None)
    tasks = signing(opened("donations", "production", tmp_path / "key"), None)
    assert [task.name for task in tasks] == ["notary"]


@pytest.mark.parametrize(
    ("service", "mode"), [("donations", "development"), ("portal", "production")]
)
def test_a_laptop_may_and_a_service_without_a_log_does_go_on_without(service, mode):
    assert not signing(opened(service, mode), None)
