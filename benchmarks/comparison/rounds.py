"""Programs that say what they took, run in turn."""

import json
import os
import shlex
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Callable, Dict, List


class Failure(Exception):
    """An error that the user can mend, in one line."""


@dataclass(frozen=True)
class Program:
    """A command whose output says what one thing or several took."""

    command: List[str]
    baselines: Dict[str, str]  # the things' names, and which one each is compared with
    read: Callable[[List[dict]], List[float]]  # the times, in the order of the names, from the JSON objects that it prints


@dataclass
class Comparison:
    """What the rounds found: times by name, one a round."""

    baselines: Dict[str, str]
    times: Dict[str, List[float]]
    reports: List[List[dict]] = field(default_factory=list)

    def time(self, name):
        """The median over the rounds."""
        return statistics.median(self.times[name])

    def ratios(self, name):
        """The time over that of the baseline, within each round."""
        return [time / baseline for time, baseline in zip(self.times[name], self.times[self.baselines[name]])]

    def ratio(self, name):
        """The median over the rounds."""
        return statistics.median(self.ratios(name))


def say(message):
    print(f"compare: {message}", file=sys.stderr, flush=True)


def run(command):
    """The output of a command; its stderr goes on to ours."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        raise Failure(f"exit code {error.returncode} of: {shlex.join(command)}") from error
    return done.stdout


def reports(command):
    """The JSON objects that a command prints, one a line."""
    output = run(command)
    try:
        return [json.loads(line) for line in output.splitlines()]
    except ValueError as error:
        raise Failure(f"something else than JSON came from: {shlex.join(command)}") from error


def in_turn(programs, rounds):
    """Runs every program once a round, and every other round in reverse order."""
    baselines = {name: other for program in programs for name, other in program.baselines.items()}
    comparison = Comparison(baselines, {name: [] for name in baselines})
    for number in range(rounds):
        for program in programs if number % 2 == 0 else reversed(programs):
            found = reports(program.command)
            comparison.reports.append(found)
            for name, time in zip(program.baselines, program.read(found)):
                comparison.times[name].append(time)
                say(f"round {number + 1} of {rounds}: {name}: {time:.4g}")
    return comparison
