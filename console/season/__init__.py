"""The season: one year of a programme, played through the public HTTP APIs only."""
