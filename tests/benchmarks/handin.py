"""What a hand-in costs: `python -m tests.benchmarks.handin` prints it, in about a minute.

The whole command `runge-tui train --out DIR` takes turns with a plain script: the report's own loop in torch, its
losses on the validation points, and the same figures by matplotlib's pyplot. Each has one thread, which is the fastest
for both. Compared are the least of both times, on whatever machine this is; the time of the processors counts all that
runs side by side.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROUNDS = 5
PLAIN = """
import sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

torch.manual_seed(112652010)
f = lambda x: 1 / (1 + 25 * x**2)
df = lambda x: -50 * x / (1 + 25 * x**2) ** 2
train, validation, grid = (torch.linspace(-1, 1, n)[:, None] for n in (256, 128, 500))
layers = [torch.nn.Linear(1, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1)]
model = torch.nn.Sequential(*layers)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

def fit(x, create_graph):
    x = x.clone().requires_grad_()
    value = model(x)
    (slope,) = torch.autograd.grad(value.sum(), x, create_graph=create_graph)
    return value, slope

def losses(x, create_graph):
    value, slope = fit(x, create_graph)
    parts = (value - f(x)).square().mean(), (slope - df(x)).square().mean()
    return (sum(parts), *parts)

history = []
for epoch in range(1200):
    optimizer.zero_grad()
    now = losses(train, True)
    history.append([loss.item() for loss in (*now, *losses(validation, False))])
    now[0].backward()
    optimizer.step()

def save(name, draw):
    figure, axes = plt.subplots(figsize=(6.4, 4.2), dpi=200, layout="constrained")
    draw(axes)
    axes.grid(True)
    axes.legend()
    figure.savefig(f"{sys.argv[1]}/{name}.png")
    plt.close(figure)

def draw_fit(axes, target, found):
    axes.plot(grid, target, label="target")
    axes.plot(grid, found.detach(), "--", label="network")

def draw_loss(axes, part):
    axes.semilogy([row[part] for row in history], label="training")
    axes.semilogy([row[3 + part] for row in history], label="validation")

value, slope = fit(grid, False)
save("fit_f", lambda axes: draw_fit(axes, f(grid), value))
save("fit_df", lambda axes: draw_fit(axes, df(grid), slope))
for part, name in enumerate(("total", "f", "df")):
    save(f"loss_{name}", lambda axes: draw_loss(axes, part))
print((value - f(grid)).square().mean().item(), (slope - df(grid)).square().mean().item())
"""


def times(words: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """The seconds that a command takes by the clock, and of the processors."""
    before, start = os.times(), perf_counter()
    subprocess.run(words, check=True, capture_output=True, env=environment)
    seconds, after = perf_counter() - start, os.times()
    return seconds, sum(after[2:4]) - sum(before[2:4])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "RUNGE_TUI_RUNS": f"{name}/runs"}
        Path(name, "plain.py").write_text(PLAIN, encoding="utf-8")
        commands = {
            "plain script": [sys.executable, f"{name}/plain.py", name],
            "runge-tui train": [sys.executable, "-m", "tui_runge", "train", "--no-config", "--out", f"{name}/out"],
        }
        taken: dict[str, list[tuple[float, float]]] = {each: [] for each in commands}
        for _ in range(ROUNDS):
            for each, words in commands.items():
                taken[each].append(times(words, environment))
    least = {each: [min(column) for column in zip(*rows, strict=True)] for each, rows in taken.items()}
    for each, (clock, processors) in least.items():
        print(f"{each:16} {clock:5.2f} s by the clock, {processors:5.2f} s of the processors")
    ratios = [ours / theirs for ours, theirs in zip(least["runge-tui train"], least["plain script"], strict=True)]
    print(f"{'ratio':16} {ratios[0]:5.2f}                {ratios[1]:5.2f}")


if __name__ == "__main__":
    main()
