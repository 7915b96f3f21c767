"""Noise on the training values of a function."""

import numpy as np
import pytest

from tui_runge.core.config import Config
from tui_runge.problems import problem_of
from tui_runge.problems.random_streams import normal_numbers

NOISY = Config(noise=0.05, train_points=20_000)


def test_its_size_is_a_share_of_the_largest_value_and_of_the_largest_slope() -> None:
    clean, noisy = problem_of(NOISY.with_values(noise=0)).training, problem_of(NOISY).training
    assert (noisy.f - clean.f).std() == pytest.approx(0.05, rel=0.02)
    assert (noisy.df - clean.df).std() == pytest.approx(0.05 * 3.2476, rel=0.02)
    assert abs(np.corrcoef(noisy.f - clean.f, noisy.df - clean.df)[0, 1]) < 0.03


def test_only_the_training_points_have_it() -> None:
    clean, noisy = problem_of(NOISY.with_values(noise=0)), problem_of(NOISY)
    assert noisy.validation.f.tolist() == clean.validation.f.tolist()
    assert noisy.evaluation.df.tolist() == clean.evaluation.df.tolist()


def test_it_is_that_of_the_seed() -> None:
    first, again, other = (problem_of(NOISY.with_values(seed=seed)).training.f.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_more_numbers_of_a_seed_begin_with_the_same() -> None:
    assert normal_numbers(5, "noise", 9)[:4].tolist() == normal_numbers(5, "noise", 4).tolist()
    assert normal_numbers(5, "noise", 3).tolist() == pytest.approx(NORMALS_OF_SEED_5, rel=1e-12)


NORMALS_OF_SEED_5 = [-0.2537380422256598, 0.8969013327265645, 0.4477053980216772]
