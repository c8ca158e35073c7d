"""`python -m payments.acquirer`: serves on loopback until SIGTERM or SIGINT."""

import logging
import os
import re

from aiohttp import web

from payments.acquirer.config import BadSetting, settings_from
from payments.acquirer.server import application

LOOPBACK = "127.0.0.1"
SHUTDOWN_SECONDS = 1
KEEP_ALIVE_SECONDS = 75
LIKE_A_CARD_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)")


class CardSafe(logging.Formatter):
    """The last net: whatever is logged, by whatever library, no run of 12 to 19 digits gets out."""

    def format(self, record: logging.LogRecord) -> str:
        return LIKE_A_CARD_NUMBER.sub("[digits]", super().format(record))


def main() -> None:
    stderr = logging.StreamHandler()
    stderr.setFormatter(CardSafe("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[stderr])
    try:
        settings = settings_from(os.environ)
    except BadSetting as problem:
        raise SystemExit(str(problem)) from None
    logging.getLogger("payments.acquirer").info("serving on %s:%s", LOOPBACK, settings.port)
    web.run_app(
        application(settings),
        host=LOOPBACK,
        port=settings.port,
        print=None,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
    )


if __name__ == "__main__":
    main()
