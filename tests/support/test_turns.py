import multiprocessing
import time

from tests.support.turns import turn

WORKERS, TURNS = 3, 40


def work(folder, number, come, inside, alone, seen):
    come.wait()
    for each in range(TURNS):
        by_itself = each % 8 == number
        with turn(folder, alone=by_itself):
            with inside.get_lock():
                inside.value += 1
            with alone.get_lock():
                alone.value += by_itself
            time.sleep(0.001)
            seen.put((inside.value, alone.value))
            with alone.get_lock():
                alone.value -= by_itself
            with inside.get_lock():
                inside.value -= 1


def test_who_is_alone_is_alone_and_others_are_at_once(tmp_path):
    forked = multiprocessing.get_context("spawn")
    come, seen = forked.Barrier(WORKERS), forked.SimpleQueue()
    inside, alone = forked.Value("i", 0), forked.Value("i", 0)
    workers = [
        forked.Process(target=work, args=(tmp_path, number, come, inside, alone, seen))
        for number in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    found = [seen.get() for _ in range(WORKERS * TURNS)]
    for worker in workers:
        worker.join(20)
        assert worker.exitcode == 0
    assert all(here == 1 for here, by_itself in found if by_itself)
    assert max(here for here, _ in found) > 1


def test_without_workers_nobody_waits():
    with turn(None, alone=True), turn(None, alone=True):
        pass
