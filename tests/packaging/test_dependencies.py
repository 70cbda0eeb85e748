"""What the packages import is declared in pyproject.toml, and a missing extra is named."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from pipeline.cli.extras import EXTRA_OF
from pipeline.cli.main import exit_code

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "languages", "prompts", "audits", "trainer", "pipeline")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_INSTALLED_HERE = {
    "umap": "umap_learn",
    "sentence_transformers": "sentence_transformers",
    "tensorboard": "tensorboard",
}
WITH = {"markupsafe": "jinja2", "pydantic_core": "pydantic"}
"""Packages that are of one piece with another."""


def names(requirements: list[str]) -> set[str]:
    """The names of requirements, as packages compare them."""
    found = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
    return {normal(match[0]) for match in found if match}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def imported() -> set[str]:
    """The packages of others that ours import, at any depth of their code."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.partition(".")[0])
    return found - set(PACKAGES) - sys.stdlib_module_names


def test_every_imported_package_is_declared() -> None:
    known = {package: normal(of[0]) for package, of in packages_distributions().items()}
    known |= NOT_INSTALLED_HERE
    undeclared = {}
    for package in imported():
        extra = EXTRA_OF.get(package)
        where = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
        if WITH.get(package, known[package]) not in names(where):
            undeclared[package] = extra or "dependencies"
    assert undeclared == {}


def test_no_extra_is_named_for_a_package_that_nothing_imports() -> None:
    by_torch = {"tensorboard"}  # torch.utils.tensorboard imports it
    assert set(EXTRA_OF) - by_torch <= imported()


@pytest.mark.parametrize(
    ("missing", "command"),
    [
        ("torch", ["disambiguate", "--model", "model", "Tôi [[khoan]] tường"]),
        ("torch", ["train"]),
        ("onnxruntime", ["export", "-m", "model", "-o", "hub", "--onnx"]),
        ("xlsxwriter", ["audit", "sample"]),
        ("huggingface_hub", ["publish", "--repo", "a/b"]),
    ],
)
def test_a_missing_extra_is_told_in_one_line(
    missing: str, command: list[str], tmp_path: Path
) -> None:
    """As in an installation without extras: the package cannot be found."""
    hidden = (
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {missing!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "from pipeline.cli.main import exit_code\n"
        "sys.exit(exit_code(sys.argv[1:]))\n"
    )
    script = tmp_path / "hidden.py"
    script.write_text(hidden, encoding="utf-8")
    assert exit_code(["init", str(tmp_path)]) == 0
    done = subprocess.run(
        [sys.executable, str(script), *command], cwd=tmp_path, capture_output=True, text=True
    )
    wanted = f"pip install 'viconwsd[{EXTRA_OF[missing]}]'"
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert wanted in done.stderr
