"""Two minutes to try the workspace on a harmless file. Nobody but the candidate reads it."""

from exercises.models import AiPolicy, ExerciseVersion, Kind
from screening.models import Invitation, Submission
from screening.queries.workspace import Page, page_from

FILE = """\
\"\"\"How much coffee the office needs until Friday.\"\"\"

CUPS_PER_POT = 8


def pots_needed(people, cups_each=2):
    cups = people * cups_each
    return cups / CUPS_PER_POT


def order(people):
    pots = pots_needed(people)
    print(f"Please make {pots} pots, and some tea.")
    return pots
"""


def practice() -> ExerciseVersion:
    """What is practised on: of no library, never stored."""
    return ExerciseVersion(
        kind=Kind.ENDPOINT_CRITIQUE,
        language="python",
        ai_policy=AiPolicy.NONE,
        artefacts=[{"path": "coffee.py", "text": FILE}],
    )


def warmup_page(invitation: Invitation) -> Page:
    return page_from(practice(), Submission(fields=invitation.warmup))
