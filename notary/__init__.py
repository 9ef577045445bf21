"""Lets outsiders prove a log: a service's worker grows its tree, and signs what has come."""
