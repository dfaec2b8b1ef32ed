import io
import logging
import runpy
from types import SimpleNamespace

from django.conf import settings


def test_the_access_log_has_no_secret_of_a_link() -> None:
    access, out = logging.Logger("access"), io.StringIO()
    access.addHandler(logging.StreamHandler(out))
    conf = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))
    conf["on_starting"](SimpleNamespace(log=SimpleNamespace(access_log=access)))
    access.info("%(h)s %(r)s", {"h": "::1", "r": "GET /c/abc_DEF-123/ HTTP/1.1"})
    assert out.getvalue() == "::1 GET /c/…/ HTTP/1.1\n"
