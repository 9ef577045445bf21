"""What crosses borders: every event of every service. Standard library only."""
