"""A panel of two, work that waits for them, and Chi's scorecard; a file may make its own work."""

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
