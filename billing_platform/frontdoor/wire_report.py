"""Prints which operations of the contract are served; `./kontor features --wire` runs it.

A process of its own: it reads the table of addresses, for which Django must be set up.
"""

from importlib import import_module

import django

from billing_platform.frontdoor.say import answer


def main() -> None:
    django.setup()
    for line in import_module("api.docs.coverage").report():
        answer(line)


if __name__ == "__main__":
    main()
