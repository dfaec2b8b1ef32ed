"""A job, its recruiter and its manager, and an interviewer."""

import pytest

from tests import factories


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def bob():
    return factories.manager()


@pytest.fixture
def chi():
    return factories.interviewer()


@pytest.fixture
def job(alice, bob, chi):
    return factories.job(team={alice: "recruiter", bob: "hiring_manager", chi: "interviewer"})
