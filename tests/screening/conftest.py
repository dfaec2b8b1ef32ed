"""A job with its team and loop; a panel of two, work that waits for them, and Chi's scorecard.

A file may make its own.
"""

import pytest

from tests import factories


@pytest.fixture
def chi():
    return factories.interviewer("Chi Nguyen")


@pytest.fixture
def dev():
    return factories.interviewer("Dev Patel")


@pytest.fixture
def stage(chi, dev):
    job = factories.job(team={chi: "interviewer", dev: "interviewer"})
    return factories.loop(job).stages.get()


@pytest.fixture
def assignment(stage):
    return factories.assignment(factories.application(stage.loop.job), stage)


@pytest.fixture
def card(assignment, chi):
    return factories.scorecard(assignment, chi)


@pytest.fixture
def as_chi(client, chi):
    client.force_login(chi)
    return client


# --- a job and who is on its team


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def bob():
    return factories.manager()


@pytest.fixture
def job(alice, bob, chi):
    return factories.job(team={alice: "recruiter", bob: "hiring_manager", chi: "interviewer"})


@pytest.fixture
def loop(job):
    return factories.loop(job, stages=2)


@pytest.fixture
def application(loop, job):
    return factories.application(job)
