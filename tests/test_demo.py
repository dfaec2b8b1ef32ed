import pytest

from config.demo import build

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("production", [False, True])
def test_the_demos_known_password_opens_nothing_in_production(settings, production):
    settings.PRODUCTION = production
    for user in build._users().values():
        assert user.check_password(build.PASSWORD) is not production
