"""What a log shows of its own tree over HTTP, for those who found that something does not fit."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from audit.merkle import HASH_BYTES, TILE_WIDTH
from audit.remote_log import LogDoesNotAnswer, RemoteLog
from notary.newest import NewestCheckpoints


class LogOverHttp:
    """`urls` are those of the services. Whatever is answered is checked by whoever asked."""

    def __init__(self, urls: Mapping[str, str], checkpoints: NewestCheckpoints) -> None:
        self._urls = urls
        self._checkpoints = checkpoints

    async def leaves(self, service: str, after: int, upto: int) -> Sequence[bytes]:
        """Raises TimeoutError."""
        return await asyncio.to_thread(self._leaves, service, after, upto)

    async def more_checkpoints(self, service: str, after: int) -> None:
        """Raises TimeoutError."""
        for note in await asyncio.to_thread(self._notes, service, after):
            # When it was published matters to readers of pages alone.
            self._checkpoints.take(service, note, datetime.now(UTC))

    def _leaves(self, service: str, after: int, upto: int) -> list[bytes]:
        first = after // TILE_WIDTH
        found = bytearray()
        with self._log(service) as log:
            try:
                for number in range(first, -(-upto // TILE_WIDTH)):
                    found += log.tile(0, number, min(TILE_WIDTH, upto - number * TILE_WIDTH))
            except LogDoesNotAnswer as error:
                raise TimeoutError(str(error)) from error
        begin = (after - first * TILE_WIDTH) * HASH_BYTES
        return [bytes(found[at : at + HASH_BYTES]) for at in range(begin, len(found), HASH_BYTES)]

    def _notes(self, service: str, after: int) -> list[str]:
        with self._log(service) as log:
            try:
                return [line.note for line in log.some_checkpoints(after)]
            except LogDoesNotAnswer as error:
                raise TimeoutError(str(error)) from error

    def _log(self, service: str) -> RemoteLog:
        """Raises TimeoutError."""
        if service not in self._urls:
            raise TimeoutError(f"VONGTAY_PUBLIC_URLS does not say where {service} is")
        return RemoteLog(self._urls[service])
