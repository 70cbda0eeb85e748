"""A dictionary of usages of a whole corpus, its students, and every system on every set.

    python -m benchmarks.sense_dictionary --corpus viwiki.tar.xz --backbone GEMMA_270M \
        --cache FOLDER [--layer 16] [--documents 400] [--per-unit 100] \
        [--sets vnpara=PATH,dictionary=PATH]

All that is made lies in ``--cache``, so that a killed run goes on. What it takes is nearly all the
teacher's reading: gemma-3-270m in bf16 reads about a thousand pieces a CPU second, each sentence
twice. The 2,600 articles of viwiki.tar.xz are about 18 million pieces, 5 hours of a core, and three
epochs of the student (width 192, four layers) are of that order; clustering is an hour more, a CPU
second for each word with a thousand vectors. ``--documents 400`` is a sixth of it.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

import torch

from languages.find import find_language
from schemas.ids import content_digest
from schemas.markdown import table
from trainer.benchsets.named import read_sets
from trainer.senses.build import CorpusToRead, build_senses, usage_teacher
from trainer.senses.corpus import corpus_digest, documents
from trainer.senses.evaluate import REGRESSION, evaluate_senses, open_senses
from trainer.senses.fit import distil_student
from trainer.senses.folder import SensesFolder
from trainer.senses.report import senses_sections
from trainer.senses.settings import SensesEvaluateSettings, SensesSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--backbone", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--language", default="vi")
    parser.add_argument("--layer", type=int, default=16)
    parser.add_argument("--documents", type=int, help="the first so many  [default: all]")
    parser.add_argument("--per-unit", type=int, default=1000)
    parser.add_argument("--sets", default="", help="KIND=PATH, by commas")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    language, folder = find_language(args.language), SensesFolder(args.cache)
    settings = SensesSettings(
        dtype="bf16", layer=args.layer, per_unit=args.per_unit, evaluate=SensesEvaluateSettings()
    )
    corpus = CorpusToRead(
        (args.corpus.name,),
        content_digest(corpus_digest([args.corpus]), str(args.documents)),
        lambda: islice(documents([args.corpus]), args.documents),
    )
    teacher = usage_teacher(args.backbone, language, settings)
    build_senses(corpus, teacher, language, None, settings, folder)
    student = settings.student
    distil_student(folder, folder.student, student)
    alone = student.model_copy(update={"choice": 0.0, "soft": 0.0, "regression": 1.0})
    distil_student(folder, folder.path / REGRESSION, alone)
    named = [each for each in args.sets.split(",") if each]
    sets = read_sets(named, Path, language)
    report = evaluate_senses(open_senses(folder, teacher), sets, settings.evaluate)
    for title, (head, *rows) in senses_sections(report):
        print(f"{title}\n\n{table(head, rows)}\n")


if __name__ == "__main__":
    main()
