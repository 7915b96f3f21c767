"""Values and derivatives carried together through a network's layers, and the gradient back, all by hand.

A layer's input is one matrix h (units + 1, 2n), a column for each value and a column for each derivative with respect
to x. Its last row is 1 for values and 0 for derivatives, so that one product with the layer's [weight | bias] (out,
units + 1) gives z = W h + b and z' = W h', and one with the errors coming back gives both gradients. After Griewank &
Walther, Evaluating Derivatives, 2008, chapters 3 and 5.
"""

import torch
from torch import Tensor

from tui_runge.training.activations import ACTIVATIONS, LayerActivations
from tui_runge.training.network import MLP, matrices


class Forward:
    """f̂ and f̂' at training points (n, 1) and validation points (m, 1).

    The columns are: validation values, training values, training derivatives, validation derivatives. So all values are
    adjacent, and so is all that a gradient needs. `output` (2m + 2n,) is the last call's: the buffers are made once and
    every call overwrites them. `hidden` are each hidden layer's activations at the training points.
    """

    def __init__(self, network: MLP, train: Tensor, validation: Tensor | None = None) -> None:
        validation = train[:0] if validation is None else validation
        self.network = network
        self.train_points, self.validation_points = len(train), len(validation)
        half = self.train_points + self.validation_points
        self.inputs = [train.new_zeros(matrix.shape[1], 2 * half) for matrix in network.matrices]
        for h in self.inputs:
            h[-1, :half] = 1
        self.inputs[0][0, :half] = torch.cat((validation, train))[:, 0]
        self.inputs[0][0, half:] = 1
        widths = [len(matrix) for matrix in network.matrices]
        activation = ACTIVATIONS[network.activation]
        self.sums = _buffers(train, widths, 2 * half, shared=not activation.reads_sums)
        self.slopes = [train.new_empty(matrix.shape[0], half) for matrix in network.matrices[:-1]]
        self.output = self.sums[-1][0]
        self._activate = activation.value
        self._layers = [
            (z[:, :half], h[:-1, :half], slope)
            for z, h, slope in zip(self.sums, self.inputs[1:], self.slopes, strict=False)
        ]
        self.hidden = self._hidden(self.validation_points, half, half)
        last = half + self.train_points
        self._validation_hidden = self._hidden(0, self.validation_points, last) if self.validation_points else []

    def _hidden(self, start: int, stop: int, tangent: int) -> list[LayerActivations]:
        """Of each hidden layer, the values of columns start to stop and the derivatives from column `tangent` on."""
        a, b, c, d = start, stop, tangent, tangent + stop - start
        return [
            LayerActivations(z[:, a:b], z[:, c:d], h[:-1, a:b], h[:-1, c:d], slope[:, a:b])
            for z, h, slope in zip(self.sums, self.inputs[1:], self.slopes, strict=False)
        ]

    def __call__(self) -> None:
        """Evaluate at the network's present weights."""
        for layer, (matrix, h, z) in enumerate(zip(self.network.matrices, self.inputs, self.sums, strict=True)):
            torch.mm(matrix, h, out=z)
            if layer < len(self._layers):
                self._activate(*self._layers[layer])
                for hidden in (self.hidden, self._validation_hidden):
                    if hidden:
                        activations = hidden[layer]
                        torch.mul(activations.slope, activations.tangent, out=activations.s_tangent)


def _buffers(like: Tensor, widths: list[int], columns: int, *, shared: bool) -> list[Tensor]:
    """A buffer (width, columns) for each width; shared ones take the same memory, which then stays in the cache."""
    if not shared:
        return [like.new_empty(width, columns) for width in widths]
    memory = like.new_empty(max(widths) * columns)
    return [memory[: width * columns].view(width, columns) for width in widths]


class Backward:
    """The gradient of a function of the training values and derivatives, with respect to the network's weights.

    The caller fills `seeds` (2, n) with the function's derivatives with respect to the values and to the derivatives.
    `errors` then holds those with respect to each layer's z and z' (out, 2n); `inputs` are the layers' h (in + 1, 2n).
    """

    def __init__(self, forward: Forward) -> None:
        network, columns = forward.network, 2 * forward.train_points
        self.errors = [z.new_empty(z.shape[0], columns) for z in forward.sums]
        self.inputs = [h[:, forward.validation_points : forward.validation_points + columns] for h in forward.inputs]
        self.gradient = torch.empty_like(network.flat)
        self.gradients = matrices(self.gradient, [(len(matrix), matrix.shape[1]) for matrix in network.matrices])
        self._weights = [matrix[:, :-1].t() for matrix in network.matrices]
        self._hidden = forward.hidden
        self._second_terms = _buffers(
            self.gradient, [len(hidden.z) for hidden in self._hidden], forward.train_points, shared=True
        )
        self._second_derivative_term = ACTIVATIONS[network.activation].second_derivative_term
        self._pairs = [error.view(-1, 2, forward.train_points) for error in self.errors]
        self.seeds = self._pairs[-1][0]
        self._values = [pair[:, 0] for pair in self._pairs]
        self._slopes = [hidden.slope[:, None] for hidden in self._hidden]
        self._inputs = [h.t() for h in self.inputs]

    def __call__(self) -> Tensor:
        """The gradient (p,) for `seeds`; a buffer that the next call overwrites."""
        for layer in reversed(range(len(self.errors))):
            torch.mm(self.errors[layer], self._inputs[layer], out=self.gradients[layer])
            if layer:
                self._descend(layer - 1)
        return self.gradient

    def propagate(self) -> None:
        """Fill `errors` alone."""
        for layer in reversed(range(len(self._hidden))):
            self._descend(layer)

    def _descend(self, layer: int) -> None:
        """From the layer above: dL/dz' = s' g' and dL/dz = s' g + s'' z' g', with g, g' the errors of s and s' z'."""
        hidden, second_term, pair = self._hidden[layer], self._second_terms[layer], self._pairs[layer]
        torch.mm(self._weights[layer + 1], self.errors[layer + 1], out=self.errors[layer])
        self._second_derivative_term(hidden, second_term)
        second_term.mul_(pair[:, 1])
        pair.mul_(self._slopes[layer])
        self._values[layer].add_(second_term)


def tangents(network: MLP, x: Tensor) -> tuple[Tensor, Tensor]:
    """f̂(x) and f̂'(x), each (n, 1), at x (n, 1): the same as `value_and_derivative`, faster."""
    with torch.no_grad():
        forward = Forward(network, x)
        forward()
    value, derivative = forward.output.view(2, -1, 1)
    return value, derivative
