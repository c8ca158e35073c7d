"""Give the application's database role exactly its rights; runs after every migration."""

from django.core.management.base import BaseCommand

from foundation import roles


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: object, **options: object) -> None:
        roles.grant()
