"""An author, the library, and a critique that lacks nothing."""

import pytest
from django.core.management import call_command

from accounts.models import User
from exercises.actions.drafts import start_draft
from exercises.models import ExerciseDraft
from tests import factories
from tests.exercises.drafts import facts, flaw, item


@pytest.fixture
def ana() -> User:
    return factories.recruiter("Ana")


@pytest.fixture
def library() -> None:
    call_command("load_library", verbosity=0)


@pytest.fixture
def critique(ana: User) -> ExerciseDraft:
    factories.rubric_version(2)
    draft = start_draft(by=ana, kind="endpoint_critique")
    facts(draft)
    file = item(
        draft, "artefact", path="shop/refund.py", text="import shop\ndef refund():\n    pay()"
    )
    flaw(draft, file)
    return draft
