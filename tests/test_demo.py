import pytest
from django.core.management import call_command

from accounts.models import User
from candidates.models import Job
from config.demo import build
from config.demo.remove import remove

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("production", [False, True])
def test_the_demos_known_password_opens_nothing_in_production(settings, production):
    settings.PRODUCTION = production
    for user in build._users().values():
        assert user.check_password(build.PASSWORD) is not production


def test_the_demo_can_be_removed_by_its_admin_and_loaded_again(client):
    call_command("demo", "--json")
    ada = User.objects.get(email="ada@demo.example")
    remove(by=ada)
    call_command("demo", "--if-empty")
    assert not Job.objects.exists()
    client.force_login(ada)
    assert client.post("/demo/load/").status_code == 302
    assert Job.objects.filter(is_demo=True).count() == 1
    assert not User.objects.filter(is_demo=True, is_active=False).exists()
    assert client.get("/").status_code == 200
