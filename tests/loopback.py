"""HTTP to this machine: httpx would read every certificate there is before each single call."""

import ssl
from functools import partial

import httpx

PATIENCE = 60.0  # seconds; on a machine that is busy with ten other things
TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

get = partial(httpx.get, verify=TRUSTS_NOBODY, trust_env=False, timeout=PATIENCE)
post = partial(httpx.post, verify=TRUSTS_NOBODY, trust_env=False, timeout=PATIENCE)
request = partial(httpx.request, verify=TRUSTS_NOBODY, trust_env=False, timeout=PATIENCE)
