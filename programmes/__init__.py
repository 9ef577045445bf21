"""Programmes as data: each folder is a pack of units, rules, calendars and templates."""
