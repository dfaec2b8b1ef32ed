from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from lib.records import Record


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, Record):
    """Somebody who signs in. Roles add up; other rights follow from the jobs they are on."""

    ROLES = ("is_recruiter", "is_interviewer", "is_hiring_manager", "is_admin")

    email = models.EmailField(
        _("e-mail"),
        unique=True,
        error_messages={"unique": _("Somebody with this e-mail already has an account.")},
    )
    name = models.CharField(_("name"), max_length=120)
    is_recruiter = models.BooleanField(_("recruiter"), default=False)
    is_interviewer = models.BooleanField(_("interviewer"), default=False)
    is_hiring_manager = models.BooleanField(_("hiring manager"), default=False)
    is_admin = models.BooleanField(_("admin"), default=False)
    can_author = models.BooleanField(_("may write exercises and rubrics"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(
            word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
        ).upper()

    @property
    def roles(self) -> list[str]:
        return [role for role in self.ROLES if getattr(self, role)]
