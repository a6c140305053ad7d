"""Where the material shared outside the repository lies, if it is there."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("POLICYSITE_SHARED") or Path(__file__).resolve().parents[3] / "shared")
SEEDS = ROOT / "seeds"
CORPUS = ROOT / "corpus"
CORPUS2 = ROOT / "corpus2"

needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the source documents are not in ../shared/seeds")
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the labelled texts are not in ../shared/corpus")
