from django.apps import AppConfig
from django.db.backends.signals import connection_created


class LibConfig(AppConfig):
    name = "lib"
    label = "lib"

    def ready(self) -> None:
        from lib.database import read_times_quickly

        connection_created.connect(read_times_quickly)
