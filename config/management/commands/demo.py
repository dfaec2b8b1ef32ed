import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from candidates.models import Job
from config.demo.build import PASSWORD, Demo, build
from config.demo.remove import remove
from exercises.models import ExerciseVersion
from lib.errors import Refused

SIGN_INS = (
    ("recruiter", "ana@demo.example"),
    ("hiring manager", "marta@demo.example"),
    ("interviewer", "ben@demo.example"),
    ("interviewer", "chi@demo.example"),
    ("admin", "ada@demo.example"),
)


class Command(BaseCommand):
    help = "Make the demo: one job, its team, 16 candidates in every state."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print ids, sign-ins and links")
        parser.add_argument(
            "--if-empty", action="store_true", help="only where no job and no demo was"
        )
        parser.add_argument("--remove", action="store_true", help="take the demo away")

    def handle(self, *args: object, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"{remove()} demo jobs removed")
            return
        if options["if_empty"] and (
            Job.objects.exists() or User.objects.filter(is_demo=True).exists()
        ):
            # Whoever took the demo away does not want it back at the next start.
            self._sign_ins()
            return
        if Job.objects.filter(is_demo=True).exists():
            raise CommandError("The demo is there already. Take it away first: demo --remove.")
        if not ExerciseVersion.objects.exists():
            call_command("load_library", stdout=self.stdout if not options["json"] else None)
        try:
            demo = build()
        except Refused as refused:
            raise CommandError(refused.message) from refused
        if options["json"]:
            self.stdout.write(json.dumps(_facts(demo), indent=1))
        else:
            self._sign_ins()

    def _sign_ins(self) -> None:
        password = PASSWORD
        if settings.PRODUCTION:
            password = "no password: make a link on the page Users"  # noqa: S105
        for role, email in SIGN_INS:
            if User.objects.filter(email=email, is_demo=True, is_active=True).exists():
                self.stdout.write(f"  {role:<15} {email:<22} {password}")


def _facts(demo: Demo) -> dict[str, Any]:
    return {
        "password": PASSWORD,
        "users": {
            key: {"id": str(user.pk), "email": user.email} for key, user in demo.users.items()
        },
        "job": str(demo.job.pk),
        "loop": str(demo.job.loop.pk),
        "applications": {code: str(one.pk) for code, one in demo.applications.items()},
        "links": {code: f"/c/{secret}/" for code, secret in demo.links.items()},
    }
