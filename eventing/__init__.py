"""Event-sourcing mechanics: deciders, the log, the stream of it, and what is folded from it.

Knows no service: everything a service is made of is passed in by its composition root.
"""
