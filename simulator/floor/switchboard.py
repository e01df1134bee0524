"""Calls and chats of a day: an event-driven queue of many skills, first come first served within a priority.

Agents take one call or up to three chats at a time while they are on duty. Whoever waits longer than their
patience hangs up; some leave a number instead and are called back when nobody waits; some are passed on. Each
contact's luck (patience, length, wishes) is drawn beforehand, so that only the queue decides what waits there are.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from simulator.floor.shifts import Spans
from simulator.frames import Columns

CHATS_AT_ONCE = 3
LATEST = 2**62
# a chat beside others takes longer, for the agent's eyes are elsewhere
CHAT_SLOWDOWN = 0.30
# agents hurry a little while others wait, and slow down by the hour
HURRY, TIRING = 0.05, 0.008
TAKEN, GAVE_UP, LEFT_NUMBER = range(3)
HANGS_UP, DUTY_BEGINS, DUTY_ENDS, FREE, ENTERS, NUMBER_LEFT = range(6)
DIAL_SECONDS, UNANSWERED_SECONDS = 20, 35


@dataclass
class Calls(Columns):
    """Calls and chats in the order in which they enter, and after them those that enter only because of another.

    These are legs after a transfer and calls of people who have hung up and dial again.
    """

    offered: np.ndarray  # seconds; of those that follow from another: unknown yet
    queue: np.ndarray
    chat: np.ndarray
    urgent: np.ndarray  # goes before others of its queue
    patience: np.ndarray  # seconds
    work: np.ndarray  # seconds with a usual agent
    leg: np.ndarray  # where the call is passed on to, as a position in these columns; -1: nowhere
    redial: np.ndarray  # who dials again after hanging up, as a position; -1: nobody
    redial_after: np.ndarray  # seconds
    follows: np.ndarray  # enters only because of another
    wants_callback: np.ndarray  # would rather be called back if others wait before
    reachable: np.ndarray  # picks up when called back


@dataclass
class Outcomes(Columns):
    """What became of each call; agent and answered -1 where nobody took it. `handled`: seconds of an agent's time."""

    offered: np.ndarray
    answered: np.ndarray
    ended: np.ndarray
    agent: np.ndarray
    handled: np.ndarray
    fate: np.ndarray  # TAKEN, GAVE_UP or LEFT_NUMBER; -1: never entered


@dataclass
class Outbound(Columns):
    """Calls back: of which call, when dialled, by whom, for how long, and whether somebody picked up."""

    of: np.ndarray
    dialled: np.ndarray
    agent: np.ndarray
    handled: np.ndarray
    reached: np.ndarray


class Switchboard:
    """One day's run. pace: agents x queues, the factor on the usual length; busy: until when each agent is taken."""

    def __init__(self, calls: Calls, duty: Spans, skills: np.ndarray, pace: np.ndarray, busy: np.ndarray) -> None:
        count, queues = len(calls), skills.shape[1]
        self.calls = calls
        self._queue, self._chat = calls.queue.tolist(), calls.chat.tolist()
        self._urgent, self._patience = calls.urgent.tolist(), calls.patience.tolist()
        self._work, self._leg = calls.work.tolist(), calls.leg.tolist()
        self._redial, self._redial_after = calls.redial.tolist(), calls.redial_after.tolist()
        self._wants, self._reachable = calls.wants_callback.tolist(), calls.reachable.tolist()
        self.offered = calls.offered.tolist()
        self.answered, self.ended = [-1] * count, [-1] * count
        self.agent, self.handled, self.fate = [-1] * count, [0] * count, [-1] * count
        self.outbound: list[tuple[int, int, int, int, bool]] = []
        agents = sorted(set(duty.agent.tolist()))
        self._serves = {a: np.flatnonzero(skills[a]).tolist() for a in agents}
        self._pace = {a: pace[a].tolist() for a in agents}
        self._on = dict.fromkeys(agents, 0)
        self._since = dict.fromkeys(agents, 0)
        self._taken = dict.fromkeys(agents, 0)  # calls or chats in hand
        self._on_call = dict.fromkeys(agents, False)
        self._stamp = dict.fromkeys(agents, 0)  # raised when an agent's place in the idle lists is void
        self._idle: list[list[tuple[int, int, int]]] = [[] for _ in range(queues)]
        self._chatting: list[set[int]] = [set() for _ in range(queues)]
        self._lines: list[_Line] = [_Line() for _ in range(queues)]
        self._waiting = 0
        self.events: list[tuple[int, int, int, int]] = []
        for agent, begins, ends in zip(duty.agent.tolist(), duty.starts.tolist(), duty.ends.tolist(), strict=True):
            start = max(begins, int(busy[agent]))
            if start < ends:
                self.events.append((start, DUTY_BEGINS, agent, 0))
                self.events.append((ends, DUTY_ENDS, agent, 0))
        self.events.sort()

    def run(self) -> tuple[Outcomes, Outbound]:
        """Play all calls to their end."""
        entering = np.flatnonzero(~self.calls.follows).tolist()
        offered, events, position, last = self.offered, self.events, 0, len(entering)
        while position < last or events:
            if position < last and (not events or offered[entering[position]] < events[0][0]):
                call = entering[position]
                position += 1
                self._arrives(call, offered[call])
                continue
            at, kind, one, other = heappop(events)
            if kind == FREE:
                self._finishes(one, other, at)
            elif kind == HANGS_UP:
                self._hangs_up(one, at)
            elif kind == ENTERS:
                offered[one] = at
                self._arrives(one, at)
            elif kind == DUTY_BEGINS:
                self._on[one] += 1
                self._since[one] = at
                self._look_for_work(one, at)
            elif kind == NUMBER_LEFT:
                self._is_to_be_called(one, at)
            else:
                self._on[one] -= 1
                self._leaves_idle(one)
        whole = (np.array(x, dtype=np.int64) for x in (
            offered, self.answered, self.ended, self.agent, self.handled, self.fate
        ))  # fmt: skip
        columns = zip(*self.outbound, strict=True) if self.outbound else ([] for _ in range(5))
        return Outcomes(*whole), Outbound(*(np.array(list(c), dtype=np.int64) for c in columns))

    def _arrives(self, call: int, at: int) -> None:
        queue = self._queue[call]
        line = self._lines[queue]
        chat = self._chat[call]
        if not line.waiting:
            agent = self._someone_idle(queue)
            if agent < 0 and chat:
                agent = self._someone_chatting(queue)
            if agent >= 0:
                self._takes(agent, call, at)
                return
        if self._wants[call] and line.waiting >= 1:
            self.ended[call] = at + DIAL_SECONDS
            self.fate[call] = LEFT_NUMBER
            heappush(self.events, (at + DIAL_SECONDS, NUMBER_LEFT, call, 0))
            return
        (line.chats if chat else line.urgent if self._urgent[call] else line.calls).append(call)
        line.waiting += 1
        self._waiting += 1
        heappush(self.events, (at + self._patience[call], HANGS_UP, call, 0))

    def _hangs_up(self, call: int, at: int) -> None:
        """Unless somebody has taken the call by now."""
        if self.fate[call] >= 0:
            return
        self.ended[call], self.fate[call] = at, GAVE_UP
        self._lines[self._queue[call]].waiting -= 1
        self._waiting -= 1
        if self._redial[call] >= 0:
            heappush(self.events, (at + self._redial_after[call], ENTERS, self._redial[call], 0))

    def _someone_idle(self, queue: int) -> int:
        """The agent who has been idle for longest; -1 where there is none."""
        idle = self._idle[queue]
        while idle:
            _, agent, stamp = heappop(idle)
            if self._stamp[agent] == stamp:
                return agent
        return -1

    def _someone_chatting(self, queue: int) -> int:
        """An agent with few chats in hand."""
        best, fewest = -1, CHATS_AT_ONCE
        for agent in sorted(self._chatting[queue]):
            if self._taken[agent] < fewest:
                best, fewest = agent, self._taken[agent]
        return best

    def _takes(self, agent: int, call: int, at: int) -> None:
        queue = self._queue[call]
        self._stamp[agent] += 1
        length = self._work[call] * self._pace[agent][queue] * (1 + TIRING * (at - self._since[agent]) / 3600)
        if self._lines[queue].waiting:
            length *= 1 - HURRY
        if self._chat[call]:
            length *= 1 + CHAT_SLOWDOWN * self._taken[agent]
            for q in self._serves[agent]:
                self._chatting[q].add(agent)
        else:
            self._on_call[agent] = True
        self._taken[agent] += 1
        seconds = max(int(length), 1)
        self.answered[call], self.agent[call], self.handled[call] = at, agent, seconds
        self.fate[call] = TAKEN
        heappush(self.events, (at + seconds, FREE, agent, call))

    def _finishes(self, agent: int, call: int, at: int) -> None:
        self._taken[agent] -= 1
        if call >= 0:
            self.ended[call] = at
            if self._leg[call] >= 0:
                heappush(self.events, (at, ENTERS, self._leg[call], 0))
        if not self._taken[agent]:
            self._on_call[agent] = False
            for q in self._serves[agent]:
                self._chatting[q].discard(agent)
        self._look_for_work(agent, at)

    def _look_for_work(self, agent: int, at: int) -> None:
        if not self._on[agent]:
            return
        if self._taken[agent]:
            # a chat has ended beside others: another may begin
            if not self._on_call[agent]:
                self._next_chats(agent, at)
            return
        call = self._next_call(agent, at) if self._waiting else -1
        if call >= 0:
            self._takes(agent, call, at)
            if self._chat[call]:
                self._next_chats(agent, at)
            return
        if self._calls_back(agent, at):
            return
        self._stamp[agent] += 1
        for q in self._serves[agent]:
            heappush(self._idle[q], (at, agent, self._stamp[agent]))

    def _leaves_idle(self, agent: int) -> None:
        if not self._on[agent]:
            self._stamp[agent] += 1
            for q in self._serves[agent]:
                self._chatting[q].discard(agent)

    def _next_call(self, agent: int, at: int) -> int:
        """The most urgent, then the longest waiting of the agent's queues; -1 where nobody waits any more."""
        place, first = None, (2, 0)
        for q in self._serves[agent]:
            line = self._lines[q]
            for rank, waiting in ((0, line.urgent), (1, line.calls), (1, line.chats)):
                self._drop_gone(waiting)
                if waiting and (rank, self.offered[waiting[0]]) < first:
                    place, first = waiting, (rank, self.offered[waiting[0]])
        return -1 if place is None else self._leaves_line(place)

    def _leaves_line(self, waiting: deque[int]) -> int:
        call = waiting.popleft()
        self._lines[self._queue[call]].waiting -= 1
        self._waiting -= 1
        return call

    def _next_chats(self, agent: int, at: int) -> None:
        """More chats beside those in hand, unless a call has waited longer: it needs the agent free."""
        while self._waiting and self._taken[agent] < CHATS_AT_ONCE:
            chat, call, place = LATEST, LATEST, None
            for q in self._serves[agent]:
                line = self._lines[q]
                for waiting in (line.urgent, line.calls, line.chats):
                    self._drop_gone(waiting)
                for waiting in (line.urgent, line.calls):
                    call = min(call, self.offered[waiting[0]] if waiting else LATEST)
                if line.chats and self.offered[line.chats[0]] < chat:
                    chat, place = self.offered[line.chats[0]], line.chats
            if place is None or call < chat:
                return
            self._takes(agent, self._leaves_line(place), at)

    def _drop_gone(self, waiting: deque[int]) -> None:
        """Take those who have hung up out of the front of a line."""
        while waiting and self.fate[waiting[0]] >= 0:
            waiting.popleft()

    def _is_to_be_called(self, call: int, at: int) -> None:
        """The number has been left; whoever is idle by now calls at once."""
        queue = self._queue[call]
        self._lines[queue].callbacks.append(call)
        agent = self._someone_idle(queue)
        if agent >= 0:
            self._calls_back(agent, at)

    def _calls_back(self, agent: int, at: int) -> bool:
        for q in self._serves[agent]:
            line = self._lines[q]
            if line.callbacks:
                call = line.callbacks.popleft()
                reached = self._reachable[call]
                length = self._work[call] * self._pace[agent][q] + DIAL_SECONDS if reached else UNANSWERED_SECONDS
                seconds = max(int(length), 1)
                self.outbound.append((call, at, agent, seconds, reached))
                self._stamp[agent] += 1
                self._taken[agent], self._on_call[agent] = 1, True
                heappush(self.events, (at + seconds, FREE, agent, -1))
                return True
        return False


@dataclass
class _Line:
    """Who waits in a queue, and who is to be called back.

    The lines hold some who have hung up; `waiting` counts those who haven't.
    """

    urgent: deque[int] = field(default_factory=deque)
    calls: deque[int] = field(default_factory=deque)
    chats: deque[int] = field(default_factory=deque)
    callbacks: deque[int] = field(default_factory=deque)
    waiting: int = 0
