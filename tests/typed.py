"""Commands as they are typed, and what is told."""

from typer.testing import CliRunner, Result

from server.commands import commands


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, list(arguments))


def told(result: Result) -> str:
    """What was printed, in one line: terminals break lines where they like."""
    return " ".join(result.output.replace("│", " ").split())
