"""Run scripts, each as its own process; keep what they print, redacted; compare it.

It needs the standard library only, and nothing of the helper. The way of an output is `script`,
`process`, `redact`, `snapshot`, `storage`; `runner` has many scripts go it side by side.
"""
