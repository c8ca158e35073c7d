"""A Girocode as a drawing that scales."""

from io import BytesIO

import segno

QUIET_MODULES = 0


def drawing(text: str) -> str:
    """The code as SVG of one path; level M and a version up to 13, as the standard asks."""
    code = segno.make(text, error="m", encoding="utf-8", micro=False, boost_error=False)
    out = BytesIO()
    code.save(
        out,
        kind="svg",
        border=QUIET_MODULES,
        xmldecl=False,
        svgns=True,
        svgclass="girocode",
        lineclass=None,
        omitsize=True,
        dark="#000",
        light=None,
    )
    return out.getvalue().decode()
