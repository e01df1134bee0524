"""E-mails and forms: each waits for the first agent of the back desk who masters its queue and is at work."""

from __future__ import annotations

from bisect import bisect_right
from heapq import heapify, heapreplace

import numpy as np

from simulator.floor.shifts import Spans

# of an agent's time at the back desk, the share that is there for what isn't a ticket
SHARE_OF_TIME = 0.30
NOBODY = 2**62


def answer(
    offered: np.ndarray, queue: np.ndarray, seconds: np.ndarray, duty: Spans, skills: np.ndarray, free: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """When each written contact is taken up and by whom (-1 and 0 where nobody comes within the duty given).

    offered, queue, seconds: in order of arrival; seconds: what it takes. duty: stretches of work of some days
    ahead, by agent and time; free: until when each agent's time is spoken for, carried on in place.
    """
    starts, ends = duty.starts.tolist(), duty.ends.tolist()
    bounds: dict[int, tuple[int, int]] = {}
    for position, agent in enumerate(duty.agent.tolist()):
        low, _ = bounds.get(agent, (position, position))
        bounds[agent] = (low, position + 1)

    def next_at_work(agent: int, at: int) -> int:
        low, high = bounds[agent]
        position = bisect_right(ends, at, low, high)
        return max(at, starts[position]) if position < high else NOBODY

    first = int(offered[0]) if len(offered) else 0
    lines: dict[int, list[tuple[int, int]]] = {}
    for q in np.unique(queue).tolist():
        lines[q] = [
            (next_at_work(a, max(first, int(free[a]))), a) for a in np.flatnonzero(skills[:, q]).tolist() if a in bounds
        ]
        heapify(lines[q])
    taken, agents = np.full(len(offered), -1, dtype=np.int64), np.full(len(offered), -1, dtype=np.int64)
    for number, (at, q, length) in enumerate(zip(offered.tolist(), queue.tolist(), seconds.tolist(), strict=True)):
        line = lines[q]
        while line and line[0][0] < NOBODY:
            key, agent = line[0]
            start = next_at_work(agent, max(at, int(free[agent])))
            if start > max(key, at):
                # the entry was made before other work came, or the shift has ended since
                heapreplace(line, (start, agent))
                continue
            taken[number], agents[number] = start, agent
            free[agent] = start + round(length / SHARE_OF_TIME)
            heapreplace(line, (next_at_work(agent, int(free[agent])), agent))
            break
    return taken, agents
