"""Our Adam against torch's own."""

import torch
from torch.testing import assert_close

from tui_runge.optimizers.adam import Adam


def test_fifty_steps_are_those_of_torch_with_a_change_of_the_learning_rate() -> None:
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((3, 2), (2,))]
    ours, theirs = ([tensor.clone().requires_grad_() for tensor in start] for _ in range(2))
    adam, reference = Adam(ours, 0.1), torch.optim.Adam(theirs, lr=0.1)
    for step in range(50):
        if step == 25:
            adam.learning_rate = reference.param_groups[0]["lr"] = 0.01
        gradients = [torch.randn(tensor.shape, generator=generator, dtype=torch.float64) for tensor in start]
        for tensor, gradient in zip(theirs, gradients, strict=True):
            tensor.grad = gradient
        reference.step()
        adam.step(gradients)
    assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
