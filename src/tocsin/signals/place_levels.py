"""The levels of place that a finding counts in: its country, its NUTS regions, its local area."""

import re

# A NUTS code: the prefix of the country and one to three signs for levels 1 to 3. The prefix need
# not be the country's ISO code (EL for GR, UK for GB).
_NUTS_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{1,3}\Z", re.ASCII)


def derive_areas(area: str) -> tuple[str, ...]:
    """Return the areas of its country that evidence of an area counts in, the widest first.

    area: as the weekly counts hold it: a NUTS code, which counts in each of its own prefixes; any
    other text is a local area by itself; empty where it is not known. The country as a whole is
    the empty area, always the first.

    >>> derive_areas("AT126")
    ('', 'AT1', 'AT12', 'AT126')
    >>> derive_areas("Hartford"), derive_areas("")
    (('', 'Hartford'), ('',))
    """
    if not area:
        return ("",)
    if not _NUTS_CODE.match(area):
        return ("", area)
    return ("", *(area[:length] for length in range(3, len(area) + 1)))


def is_within(area: str, wider: str) -> bool:
    """Tell whether an area of a country lies in a wider one of the same country, or is it.

    >>> is_within("AT126", "AT1"), is_within("Hartford", ""), is_within("Hartfordshire", "Hartford")
    (True, True, False)
    """
    return wider in derive_areas(area)
