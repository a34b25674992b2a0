"""The flows every client can express, written once; each suite imports them into test files of its own."""
