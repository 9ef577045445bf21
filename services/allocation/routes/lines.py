"""The lines that one command may name: so many that its record stays below half a megabyte."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

LINES_MAX = 500
CHILDREN_MAX = 100_000
"""Of one group."""

LineIds = Annotated[list[UUID], Field(min_length=1, max_length=LINES_MAX)]
