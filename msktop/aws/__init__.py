"""Amazon's side: sessions, what fails there, and which permissions are needed. A leaf, like `wire`.

botocore is loaded by the first call that needs it, never by an import: a monitor must start fast.
"""
