"""`python -m billing_platform.frontdoor WORD …`, called by ./kontor."""

import os
import signal
import sys

from billing_platform.frontdoor.processes import free_to_end
from billing_platform.frontdoor.say import Trouble, tell
from billing_platform.frontdoor.words import call


def main() -> int:
    signal.signal(signal.SIGTERM, free_to_end)
    try:
        return call(sys.argv[1:])
    except Trouble as trouble:
        tell(f"kontor: {trouble}")
        return 1
    except BrokenPipeError:
        # Whoever read our answer has read enough; nothing more may be written at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        tell("kontor: stopped")
        return 130


if __name__ == "__main__":
    sys.exit(main())
