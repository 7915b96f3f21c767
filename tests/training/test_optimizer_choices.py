"""The targets, nodes, presets and the hyperparameters that came with the optimizers."""

import pytest
import torch

from tui_runge.core.config import OPTIMIZER_NAMES, OPTIMIZER_TRAITS, Config
from tui_runge.core.presets import PRESETS
from tui_runge.training.threads import threads
from tui_runge.training.trainer import Trainer


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_dtype_is_the_optimizers_own_unless_given(optimizer: str) -> None:
    usual = OPTIMIZER_TRAITS[optimizer].dtype
    assert usual == ("float64" if "lm" in optimizer else "float32")
    assert Config(optimizer=optimizer).dtype == usual
    assert Config().with_values(optimizer=optimizer).dtype == usual
    assert Config(optimizer=optimizer, dtype="float32").dtype == "float32"
    assert Config(dtype="float64").with_values(optimizer=optimizer).dtype == "float64"
    config = Config(optimizer=optimizer)
    assert Config.from_json(config.to_json()) == config


def test_lm_in_float32_works() -> None:
    trainer = Trainer(Config(optimizer="lm", dtype="float32", hidden=(8, 8), train_points=30, epochs=20))
    while not trainer.ended_by:
        trainer.step()
    assert trainer.weights.dtype == torch.float32
    assert trainer.evaluate()[1].mse_f < 1e-2


def test_float64_on_mps_is_refused() -> None:
    with pytest.raises(ValueError, match="dtype must be float32 on device mps"):
        Config(device="mps", dtype="float64")


def test_a_device_that_is_not_there_is_refused() -> None:
    missing = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(ValueError, match=f"device must be one this machine has, got '{missing}'"):
        Trainer(Config(device=missing))


def test_threads() -> None:
    assert threads(Config(), 8) == 1
    assert threads(Config(hidden=(512, 512)), 8) == 8
    assert threads(Config(hidden=(512, 512), threads=3), 8) == 3


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_configurations(name: str) -> None:
    preset = PRESETS[name]
    assert preset.look_for
    assert preset.config(seed=3).seed == 3
    trainer = Trainer(preset.config(epochs=2))
    trainer.step()


def test_the_first_preset_is_the_reports() -> None:
    assert PRESETS["report"].config() == Config()


def test_flags_override_a_preset() -> None:
    assert PRESETS["precise"].config(stages=1, hidden=(5,)).hidden == (5,)


def test_first_layer_scale_scales_the_first_layer_alone() -> None:
    one, five = (Trainer(Config(first_layer_scale=scale)).model.networks[0] for scale in (1.0, 5.0))
    first, *others = zip(one.parameters(), five.parameters(), strict=True)
    torch.testing.assert_close(5 * first[0], first[1])
    torch.testing.assert_close(5 * others[0][0], others[0][1])
    assert all(torch.equal(a, b) for a, b in others[1:])
