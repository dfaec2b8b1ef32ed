"""What must never stand in a log line."""

import logging
import re


class ScrubLinks(logging.Filter):
    """Takes the secret of a candidate's link or a password link out of every log line."""

    SECRET = re.compile(r"(/c/|/password/reset/key/)[^/\s\"']+")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self.SECRET.sub(r"\1…", record.getMessage())
        record.args = ()
        return True
