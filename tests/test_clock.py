"""Searches that end after a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import convshape as cs
from convshape import clock, nn


def test_a_search_that_is_over_ends_nothing_in_another_thread() -> None:
    with clock.search():
        clock.until(clock.seconds() - 1)
        with ThreadPoolExecutor(1) as pool:
            sizes = pool.submit(cs.fit, "examples/lenet.yaml").result()
        assert clock.is_over()
    assert repr(sizes) == repr(cs.fit("examples/lenet.yaml"))
    assert not clock.is_over()


def test_a_search_within_another_leaves_it_its_own_end() -> None:
    with clock.search():
        clock.until(clock.seconds() - 1)
        with clock.search():
            clock.until(clock.seconds() + 1000)
            assert not clock.is_over()
        assert clock.is_over()


def test_no_layer_is_made_when_a_search_is_over() -> None:
    with clock.search():
        clock.until(clock.seconds() - 1)
        with pytest.raises(clock.TimeIsUpError):
            nn.ReLU()
    assert repr(nn.ReLU()) == "ReLU()"
