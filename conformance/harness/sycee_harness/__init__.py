"""What both Python suites stand on: a server of their own, the sandbox, a receiver, and the flows themselves.

Only the standard library and pytest: it runs in either client's virtual environment.
"""
