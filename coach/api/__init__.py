"""The same facts as JSON, for programs: `/api/v1`, its tokens, its document and its pages.

Here belong tokens, the one decorator that makes an operation, and a file per subject. What a call
means is decided further down the river, where the screens ask too.
"""
