import pytest

pytest.register_assert_rewrite("tests.eventing.store_suite")
