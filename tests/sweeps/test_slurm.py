"""Sweeps that a Slurm cluster trains: what is submitted, what is refused, and that nothing is lost there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from time import monotonic, sleep

import pytest
from rich.console import Console

from tests.support.trained_runs import facts_of, train
from tui_runge.cli import main
from tui_runge.cli.sweep_slurm import planned_part, requeue_task
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps import slurm
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.plan import PlannedRun, SweepPlan, make_plan, setting_config
from tui_runge.sweeps.results import SweepRow, read_rows
from tui_runge.sweeps.selection import parse_numbers, show_numbers
from tui_runge.sweeps.slurm import SlurmOptions, sbatch_script, submissions_folder, task_parts

NAME = "20261125-2010-amber"
EPOCHS = 5000
"""Of the runs of the cluster's sweeps, a few seconds each."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Slurm is of Unix")


@pytest.fixture
def place(tmp_path: Path) -> RunsDirectory:
    return RunsDirectory(tmp_path / "my runs")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts programs of Slurm's names on the path, each a shell script; the machine's own are not there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("bash", "cat", "echo"):
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    monkeypatch.setenv("PATH", str(folder))

    def make(**scripts: str) -> Path:
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/bash\n{script}\n")
            (folder / name).chmod(0o755)
        return folder

    return make


def planned(place: RunsDirectory, seeds: int) -> SweepPlan:
    plan = make_plan(NAME, Config(epochs=20), [], seeds=seeds)
    SweepsDirectory(place).write(plan)
    return plan


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The line with which a command is refused."""
    with pytest.raises(SystemExit) as ended:
        main(["sweep", *words])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    return told.err.removeprefix("runge-tui sweep: ").removesuffix("\n")


@pytest.mark.parametrize(
    ("numbers", "text"), [([1], "1"), ([3, 1, 2], "1-3"), ([1, 5, 9, 10], "1,5,9-10"), ([*range(1, 10**5)], "1-99999")]
)
def test_numbers_are_read_back_from_their_text(numbers: list[int], text: str) -> None:
    assert show_numbers(numbers) == text
    assert parse_numbers(text, 10**5) == sorted(numbers)


@pytest.mark.parametrize("text", ["", "0", "11", "3-2", "1-", "a", "1;2", "9-999999999", "٣"])
def test_numbers_that_are_of_no_run_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"--only must be numbers of runs from 1 to 10, such as 1,3-5, got"):
        parse_numbers(text, 10)


def test_options_are_those_of_sbatch_in_either_spelling() -> None:
    made = SlurmOptions.parse("partition=cpu,mail_type=END,FAIL,cpus_per_task=4,array-parallelism=20,signal_delay_s=30")
    assert made.sbatch == (("partition", "cpu"), ("mail-type", "END,FAIL"), ("cpus-per-task", "4"))
    assert (made.tasks, made.cores, made.warning) == (20, 4, 30)
    assert SlurmOptions.parse("") == SlurmOptions()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("cpu", "--slurm must be KEY=VALUE,KEY=VALUE,... of sbatch's long options, such as "),
        ("time=", "--slurm must be KEY=VALUE,"),
        ("time=1,time=2", "each once, got 'time=2'"),
        ("time=1\n#SBATCH --wrap=x", "--slurm must be KEY=VALUE,"),
        ("nodes=2", "--slurm sets nodes itself: array_parallelism=N is how many tasks"),
        ("array_parallelism=0", "array_parallelism must be >= 1, got 0"),
        ("cpus_per_task=two", "cpus_per_task must be"),
    ],
)
def test_options_that_cannot_be_are_refused_in_a_line(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$") as error:
        SlurmOptions.parse(text)
    assert line in str(error.value)


def test_each_run_is_dealt_to_one_task_and_large_networks_not_all_to_the_same(place: RunsDirectory) -> None:
    plan = planned(place, 40)
    parts = [parse_numbers(part, 40) for part in task_parts(place, NAME, iter(plan.runs), SlurmOptions(tasks=4))]
    assert [len(part) for part in parts] == [10] * 4
    assert sorted(number for part in parts for number in part) == [*range(1, 41)]
    assert max(sum(number > 30 for number in part) for part in parts) < 6
    assert task_parts(place, NAME, iter(plan.runs[5:8]), SlurmOptions(tasks=1)) == ["6-8"]
    assert len(task_parts(place, NAME, iter(plan.runs[:3]), SlurmOptions(tasks=9))) == 3


def test_there_are_as_many_tasks_as_cores_that_are_up(programs: Callable[..., Path]) -> None:
    programs(sinfo="[[ $3 = --partition=cpu ]] && echo 3/5/32/40 || echo 1000/0/0/1000")
    assert SlurmOptions.parse("partition=cpu").number_of_tasks(50) == 8
    assert SlurmOptions.parse("partition=cpu,cpus_per_task=3").number_of_tasks(50) == 2
    assert SlurmOptions.parse("partition=cpu,cpus_per_task=9").number_of_tasks(50) == 1
    assert SlurmOptions().number_of_tasks(5000) == 100
    programs(sinfo="exit 1")
    with pytest.raises(ValueError, match=r"no cores in partition cpu: name another partition, or give array_parallel"):
        SlurmOptions.parse("partition=cpu").number_of_tasks(50)


def test_the_script_for_sbatch_gives_each_task_its_command(place: RunsDirectory, programs: Callable[..., Path]) -> None:
    plan = planned(place, 3)
    programs(srun='for word in "$@"; do echo "$word"; done')
    script = sbatch_script(place, NAME, iter(plan.runs), SlurmOptions.parse("array_parallelism=3,time=60,mem=2G"))
    head = [line for line in script.splitlines() if line.startswith("#SBATCH")]
    assert {f"#SBATCH --job-name={NAME}", "#SBATCH --array=0-2", "#SBATCH --time=60", "#SBATCH --mem=2G"} < {*head}
    assert {"#SBATCH --signal=USR2@60", "#SBATCH --requeue", "#SBATCH --open-mode=append"} < {*head}
    assert f"#SBATCH --output='{submissions_folder(place, NAME)}/%A_%a.log'" in head
    seen = set()
    for task in "012":
        words = subprocess.run(
            ["bash", "-c", script], env={**os.environ, "SLURM_ARRAY_TASK_ID": task}, capture_output=True, check=True
        )
        cores, *command = words.stdout.decode().splitlines()
        assert (cores, command[:5]) == ("--cpus-per-task=1", [sys.executable, "-m", "tui_runge", "sweep", "--resume"])
        assert command[5:7] == [NAME, "--only"]
        assert command[8:] == ["--jobs", "1", "--requeue", "--runs-dir", str(place.path)]
        seen.add(command[7])
    assert seen == {"1", "2", "3"}


def test_submitting_returns_at_once_without_torch_and_says_what_to_type_next(
    place: RunsDirectory, programs: Callable[..., Path]
) -> None:
    programs(sbatch='cat "$1" >> "${0%/*}/submitted"; echo Submitted batch job 7', srun="", sinfo="echo 0/2/0/2")
    words = ["sweep", "--seeds", "5", "--runs-dir", str(place.path), "--slurm", "partition=cpu,time=30"]
    program = f"import sys, tui_runge.cli as c; status = c.main({words}); sys.exit(status or 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    (name,) = SweepsDirectory(place).names()
    assert done.stderr.splitlines() == [
        f"sweep {name}: 5 runs, job 7 of Slurm",
        f"to see how far it has come: runge-tui sweep --status {name}",
    ]
    submitted = (programs() / "submitted").read_text()
    for option in ("array=0-1%2", f"job-name={name}", "partition=cpu", "time=30", "requeue", "signal=USR2@60"):
        assert f"#SBATCH --{option}\n" in submitted
    assert "wckey" not in submitted
    (folder,) = submissions_folder(place, name).iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.glob("[!.]*")} == {"7_0_submitted.pkl", "7_1_submitted.pkl", "7_submission.sh"}


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("sbatch: error: invalid partition specified: nix\nsbatch: error: Batch job submission failed", "invalid part"),
        ("sbatch: unrecognized option '--nix=1'\nTry \"sbatch --help\" for more", "unrecognized option '--nix=1'"),
        ("", "it does not say why"),
    ],
)
def test_of_a_sweep_that_slurm_does_not_take_nothing_is_left(
    place: RunsDirectory, programs: Callable[..., Path], capsys: pytest.CaptureFixture[str], told: str, line: str
) -> None:
    programs(sbatch=f"echo {shlex.quote(told)} >&2; exit 1", srun="", sinfo="echo 0/2/0/2")
    where = ["--runs-dir", str(place.path)]
    refused = refusal(capsys, "--seeds", "5", "--slurm", *where)
    assert refused.startswith("Slurm does not take the sweep: ")
    assert line in refused
    assert "\n" not in refused
    assert SweepsDirectory(place).names() == []
    planned(place, 2)
    assert refusal(capsys, "--resume", NAME, "--slurm", *where) == refused
    assert [*submissions_folder(place, NAME).iterdir()] == []


def test_where_nothing_can_be_submitted_that_is_said(
    programs: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refusal(capsys, "--seeds", "5", "--slurm") == slurm.NO_SLURM
    programs(sbatch="")
    monkeypatch.setattr(slurm, "find_spec", lambda _: None)
    assert refusal(capsys, "--seeds", "5", "--slurm") == slurm.NOT_INSTALLED


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--only", "1"], "--only is of a sweep that is planned already: give --resume SWEEP too"),
        (["--slurm", "--jobs", "2"], "--slurm leaves --jobs to each task: give cpus_per_task=N"),
        (["--slurm", "--json"], "--slurm cannot go with --json"),
        (["--sbatch", "--status"], "--sbatch cannot go with --status"),
        (["--sbatch", "--vary", "optimizer=adam,lm", "--search", "9"], "a search chooses each setting by the errors"),
    ],
)
def test_what_does_not_go_together_is_refused(capsys: pytest.CaptureFixture[str], words: list[str], line: str) -> None:
    assert refusal(capsys, "--seeds", "5", *words).startswith(line)


def test_a_sweep_in_the_queue_is_told_of_and_not_trained_twice(
    place: RunsDirectory, programs: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    planned(place, 2)
    programs(squeue=f'[[ "$*" = *--name={NAME}* ]] && echo -e "7 R\\n7 PD\\n7 PD"')
    where = ["--runs-dir", str(place.path)]
    main(["sweep", "--status", *where])
    assert "job" not in capsys.readouterr().out  # nothing was submitted
    submissions_folder(place, NAME).mkdir()
    main(["sweep", "--status", *where])
    assert capsys.readouterr().out.splitlines() == [
        f"sweep {NAME}: 2 waiting of 2 runs",
        "  job 7 of Slurm, tasks: 1 running, 2 pending",
    ]
    line = f"sweep {NAME} is trained by job 7 of Slurm, tasks: 1 running, 2 pending: wait for it, or type scancel 7"
    assert refusal(capsys, "--resume", NAME, *where) == line
    assert refusal(capsys, "--resume", NAME, "--slurm", *where) == line


def test_a_task_whose_time_is_up_is_queued_again_if_it_got_further(
    place: RunsDirectory, programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = planned(place, 1).runs
    programs(scontrol='echo "$*" >> "${0%/*}/asked"; [[ $2 = 8 ]] || { echo "slurm_requeue: Disabled" >&2; exit 1; }')

    def told(job: str, epoch: int) -> str:
        monkeypatch.setenv("SLURM_JOB_ID", job)
        text = StringIO()
        requeue_task([SweepRow(run, "waiting", 4)], [SweepRow(run, "waiting", epoch)], Console(file=text, width=200))
        return text.getvalue()

    assert told("8", 5) == "in Slurm's queue again\n"
    assert told("8", 4) == "not in Slurm's queue again: in its time no run got any further\n"
    assert told("9", 5) == "not in Slurm's queue again: Disabled\n"
    assert told("", 5) == "not in Slurm's queue again: this is no job of Slurm\n"
    assert (programs() / "asked").read_text() == "requeue 8\nrequeue 9\n"


def test_a_task_trains_its_runs_alone(place: RunsDirectory) -> None:
    plan, sweeps = planned(place, 4), SweepsDirectory(place)
    assert planned_part(plan, "2,4", sweeps).runs == (plan.runs[1], plan.runs[3])
    assert planned_part(plan, None, sweeps) == plan


@pytest.fixture
def cluster() -> None:
    """A Slurm that has a node; where there must be one, its lack is an error."""
    told = slurm_says("sinfo", "-h", "-o", "%T") if shutil.which("sinfo") else ""
    if not re.search("idle|mixed", told):
        (pytest.fail if os.environ.get("REQUIRE_SLURM") else pytest.skip)("there is no Slurm cluster with an idle node")


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    """Ask again and again: what a cluster does cannot be awaited."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "Slurm takes too long"
        sleep(0.3)


def slurm_says(*words: str, given: str = "") -> str:
    return subprocess.run(words, input=given, capture_output=True, text=True, check=False).stdout.strip()


def facts_alone(run: PlannedRun, folder: Path) -> dict[str, object]:
    """What comes of a run of the cluster's sweeps that is trained by itself, in this process."""
    place = RunsDirectory(folder / f"alone-{len([*folder.iterdir()])}")
    train(place, setting_config(Config(epochs=EPOCHS, seed=run.seed), run.setting))
    return facts_of(place, place.runs.names()[0])


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("cluster")
def test_on_a_real_cluster_tasks_that_were_ended_lose_nothing(tmp_path: Path) -> None:
    """One task is cancelled, one runs into its time limit, one is told beforehand; all runs end as if alone."""
    place, printed = RunsDirectory(tmp_path / "runs"), RunsDirectory(tmp_path / "printed")
    what = ["--vary", "hidden=20,20:32,32", "--epochs", str(EPOCHS)]

    def sweep(where: RunsDirectory, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tui_runge", "sweep", *words, "--runs-dir", str(where.path)]
        return subprocess.run(command, capture_output=True, text=True, check=True)

    def rows(where: RunsDirectory) -> list[SweepRow]:
        (name,) = SweepsDirectory(where).names()
        return read_rows(SweepsDirectory(where).read(name), where)

    def begun(where: RunsDirectory, count: int) -> bool:
        return sum(row.epoch > 0 for row in rows(where)) >= count

    def tasks(job: str) -> list[str]:
        return slurm_says("squeue", "-h", "-r", "-o", "%F_%K %T %r", "-j", job).splitlines()

    jobs = []
    try:
        told = sweep(place, *what, "--seeds", "2", "--slurm", "array_parallelism=2,time=1,signal_delay_s=0").stderr
        jobs.append(re.findall(r"job (\d+) of Slurm", told)[0])
        (name,) = SweepsDirectory(place).names()
        wait_until(lambda: begun(place, 2), 60)
        assert f"job {jobs[0]} of Slurm, tasks: 2 running" in sweep(place, "--status").stdout
        slurm_says("scancel", f"{jobs[0]}_0")
        slurm_says("scancel", "--signal=STOP", f"{jobs[0]}_1")  # so that its limit comes before its end
        wait_until(lambda: len(tasks(jobs[0])) == 1, 30)

        # Meanwhile the printed script trains two runs, and is told that its time is nearly up.
        script = sweep(printed, *what, "--slurm", "array_parallelism=1", "--sbatch").stdout
        jobs.append(
            subprocess.run(["sbatch", "--parsable"], input=script, stdout=-1, text=True, check=True).stdout.strip()
        )
        wait_until(lambda: begun(printed, 1), 60)
        slurm_says("scancel", "--signal=USR2", f"{jobs[1]}_0")
        wait_until(lambda: tasks(jobs[1]) == [f"{jobs[1]}_0 PENDING BeginTime"], 30)
        assert any(0 < row.epoch < EPOCHS for row in rows(printed))
        (log,) = submissions_folder(printed, SweepsDirectory(printed).find()).glob("*.log")
        assert "to train the rest: " in log.read_text()
        assert "Warning" not in log.read_text()
        slurm_says("scontrol", "update", f"JobId={jobs[1]}_0", "StartTime=now")
        wait_until(lambda: not tasks(jobs[1]), 60)
        assert [row.status for row in rows(printed)] == ["done", "done"]

        alone = [facts_alone(row.run, tmp_path) for where in (place, printed) for row in rows(where)]
        wait_until(lambda: not tasks(jobs[0]), 120)  # the limit is a minute, at which Slurm looks now and then
        assert all(row.status in ("done", "waiting") for row in rows(place))
        assert sum(0 < row.epoch < EPOCHS for row in rows(place)) == 2
        told = sweep(place, "--resume", name, "--slurm", "array_parallelism=2").stderr
        jobs.append(re.findall(r"job (\d+) of Slurm", told)[0])
        wait_until(lambda: not tasks(jobs[2]), 60)
        assert f"sweep {name}: 4 done of 4 runs" in sweep(place, "--status").stdout
    finally:
        subprocess.run(["scancel", *jobs], check=False)

    for where in (place, printed):
        assert sorted(where.runs.names()) == [row.run.name for row in rows(where)]
    assert [facts_of(where, row.run.name) for where in (place, printed) for row in rows(where)] == alone
