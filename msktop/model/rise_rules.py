"""Every threshold of a rise of traffic, with where it comes from. traffic.py has the method.

Tried by `benchmarks/rises.py` on traffic that rises and that only waves; docs/requests.md has the figures.
"""

from __future__ import annotations

CELL_S = 15.0
"""One observation of each rate: a page comes each 10 to 60 s, end offsets each second."""

SHORT_S, SHORT_LEAST = 120.0, 5
"""What is held against the usual for what rises at once, and how many of its cells must be known."""

LONG_S, LONG_LEAST = 600.0, 30
"""The same for what rises slowly. Waves of ten minutes and less are whole in it, so it does not see them."""

SPAN_S = 3600.0
"""The usual is that of so long. A rise to twice as much within an hour is seen; what takes longer is the
course of the day."""

OLD_ENOUGH_S = 600.0
"""A past that is shorter may be the trough of a wave of ten minutes."""

YOUNG_LEAST = 8
"""Cells without which nothing is usual: two minutes."""

YOUNG_TIMES = 4.0
"""While the past is young a rise is at least so many times as much: a wave of ±50 % has crests three times as
high as its troughs."""

SHORT_TIMES, SHORT_SIGMAS = 2.2, 3.0
"""Two minutes have risen above so many times the usual, and so many scaled deviations of such medians. Crests
of a wave of ±50 % stay below; three deviations are the usual width of a control chart."""

LONG_TIMES, LONG_SIGMAS = 1.5, 4.0
"""The same for ten minutes, whose medians hardly differ while traffic only waves."""

CALM_TIMES, CALM_SIGMAS = 1.25, 2.0
"""Two minutes at or below this are usual again."""

ADOPT_S = 1800.0
"""What stays high for so long is the new usual, as with latency."""

ADOPTED_SPAN_S = 1200.0
"""Which is then learnt from so long."""

RISE_AFTER_S = 29.0
"""A rise that lasts: three quarters of its two minutes have been above for two cells more, which ticks end a
moment early or late. Bursts of 45 s are never told, however high, and bursts of a minute seldom."""

LEAST_REQUESTS_PER_S = 5.0
"""Fewer requests more than usual are no rise: a handful of clients that connect."""

LEAST_MESSAGES_PER_S = 20.0
"""The same for records."""

LEAST_SHARE = 0.1
"""And the same as a part of all that its subject usually serves: what is lost in the rest wakes nobody."""

STANDS_OUT = 1.4
"""One broker's rise is its own where it is so many times that of the cluster; else it is everybody's."""

MOVED_S = 900.0
"""Leaders that moved within this time explain that one broker serves more; all together do not for it."""
