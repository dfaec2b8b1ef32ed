"""The secret of a candidate's link: known in clear to nobody but whoever was given it."""

import secrets

from django.utils.crypto import salted_hmac


def new_secret() -> str:
    """256 random bits as 43 characters that are safe in a URL."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret: a keyed hash, in hex. Without SECRET_KEY it opens nothing."""
    return salted_hmac("screening.link", secret, algorithm="sha256").hexdigest()
