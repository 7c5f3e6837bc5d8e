"""A witness: for logs of anybody, it cosigns what extends all that it cosigned before.

It is an installation of its own, with its own keys and database, and knows nothing of any register.
"""
