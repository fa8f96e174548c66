"""Judges and clocks Presidio over the labelled texts, and prints it beside the detection room.

    presidio.py FOLDER [--model NAME] [--seconds N]

FOLDER holds what `detect-peers write` and `detect-peers ours` made. Presidio runs with its predefined recognisers and no
language model (`NoOpNlpEngine`): that is its pattern-only engine. With --model, a spaCy model that is installed already,
the stock analyser runs too. Each sample is clocked for N seconds of CPU time, in pieces of one body of 64 KB and in pieces
of one line of about 500 bytes, and the faster of both is printed.

Presidio has found what overlaps a planted identifier and has its kind, from the score 0.4 on, which is what it gives a
telephone number without context; its default, 0, adds guesses of 0.01. Wrong is what it reports of the same kind elsewhere.
"""

import argparse
import collections
import json
import logging
import pathlib
import time

logging.disable(logging.WARNING)

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: E402
from presidio_analyzer.nlp_engine import NlpEngineProvider, NoOpNlpEngine  # noqa: E402

THRESHOLD = 0.4
KINDS = ["e-mail", "telephone", "full name", "user name", "account id", "student number", "street"]
ENTITIES = {
    "EMAIL_ADDRESS": "e-mail",
    "PHONE_NUMBER": "telephone",
    "PERSON": "full name",
    "UUID": "account id",
    "LOCATION": "street",
}


def pattern_engine():
    """Presidio's recognisers of patterns and nothing else."""
    engine = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}])
    engine.load()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    registry.recognizers = [one for one in registry.recognizers if "Spacy" not in type(one).__name__]
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


def stock_engine(model):
    """As the documentation of Presidio sets it up, with this spaCy model."""
    models = [{"lang_code": "en", "model_name": model}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


def judged(engine, texts):
    """By kind: found of the known, found of strangers, right and wrong reports; and reports of kinds that nobody plants."""
    tallies, others = collections.defaultdict(collections.Counter), collections.Counter()
    for text in texts:
        results = engine.analyze(text["text"], language="en", score_threshold=THRESHOLD)
        for planted in text["planted"]:
            if any(is_found(result, planted) for result in results):
                tallies[planted["kind"]]["known" if planted["known"] else "strangers"] += 1
        for result in results:
            kind = ENTITIES.get(result.entity_type)
            if kind is None:
                others[result.entity_type] += 1
            else:
                right = any(is_found(result, planted) for planted in text["planted"])
                tallies[kind]["right" if right else "wrong"] += 1
    return tallies, others


def is_found(result, planted):
    """Whether a report is about this identifier."""
    kind = ENTITIES.get(result.entity_type)
    return kind == planted["kind"] and result.start < planted["end"] and planted["start"] < result.end


def ours(quality):
    """The document of `detect-peers ours` in the same form as `judged` gives it."""
    tallies = collections.defaultdict(collections.Counter)
    for row in quality["kinds"]:
        tally = tallies[row["kind"]]
        tally["known" if row["known"] else "strangers"] += row["found"]
        tally["right"] += row["found"]
        tally["wrong"] += row["wrong"]
    return tallies, {"other kinds": quality["others"]}


def speed(engine, bodies, seconds):
    """Megabytes per second of CPU time, the faster of whole bodies and pieces of them."""
    return max(clocked(engine, bodies, seconds), clocked(engine, pieces(bodies), seconds))


def pieces(bodies):
    """About 500 characters each."""
    return [body[at : at + 500] for body in bodies for at in range(0, len(body), 500)]


def clocked(engine, texts, seconds):
    """Megabytes per second of CPU time over as many texts as take `seconds`."""
    start, done = time.process_time(), 0
    for text in texts:
        engine.analyze(text, language="en", score_threshold=THRESHOLD)
        done += len(text)
        if time.process_time() - start > seconds:
            break
    return done / 1e6 / (time.process_time() - start), done / 1e6


def share(part, whole):
    """In per cent; a dash for what there is none of."""
    return f"{100 * part / whole:.1f}" if whole else "–"


def print_quality(name, texts, engines):
    """One line a kind, three columns an engine."""
    print(f"\n{name}: {len(texts)} texts of about {sum(len(text['text']) for text in texts) // len(texts)} bytes")
    print(f"{'':<16}{'planted':>17}", *(f"{label:^35}" for label, *_ in engines), sep="  ")
    columns = f"{'known':>11}{'strangers':>12}{'precision':>12}"
    print(f"{'':<16}{'known':>7}{'strangers':>10}", *(columns for _ in engines), sep="  ")
    for kind in KINDS:
        planted = collections.Counter(
            "known" if one["known"] else "strangers" for text in texts for one in text["planted"] if one["kind"] == kind
        )
        cells = []
        for _, tallies, _ in engines:
            tally = tallies[kind]
            known, strangers = (share(tally[who], planted[who]) for who in ("known", "strangers"))
            precision = share(tally["right"], tally["right"] + tally["wrong"])
            cells.append(f"{known:>11}{strangers:>12}{precision:>12}")
        print(f"{kind:<16}{planted['known']:>7}{planted['strangers']:>10}", *cells, sep="  ")
    for label, _, others in engines:
        shown = ", ".join(f"{entity} {count}" for entity, count in sorted(others.items())) or "none"
        print(f"  reports of other kinds, {label}: {shown}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--model")
    arguments.add_argument("--seconds", type=float, default=20)
    chosen = arguments.parse_args()
    report = json.loads((chosen.folder / "ours.json").read_text())
    engines = [("presidio, patterns", pattern_engine())]
    if chosen.model:
        engines.append((f"presidio, {chosen.model}", stock_engine(chosen.model)))
    print("Recall of people in the directory, recall of strangers, precision; per cent.")
    for quality in report["quality"]:
        name = quality["texts"]
        lines = (chosen.folder / f"labelled-{name}.jsonl").read_text().splitlines()
        texts = [json.loads(line) for line in lines]
        columns = [("averment", *ours(quality))]
        columns += [(label, *judged(engine, texts)) for label, engine in engines]
        print_quality(name, texts, columns)
    print_speeds(chosen, report, engines)


def print_speeds(chosen, report, engines):
    """Ours for each directory, then the others and how many times slower they are."""
    print("\nMegabytes per second of CPU time, one thread.")
    for name in dict.fromkeys(row["texts"] for row in report["speed"]):
        bodies = json.loads((chosen.folder / f"sample-{name}.json").read_text())
        measured = [(label, *speed(engine, bodies, chosen.seconds)) for label, engine in engines]
        for row in (row for row in report["speed"] if row["texts"] == name):
            rate = row["mb_per_cpu_second"]
            label = f"averment, {row['identifiers']} identifiers"
            print(f"{name:<8}{label:<36}{rate:>10.2f} over {row['mb']:.1f} MB")
            for other, slow, _ in measured:
                print(f"{'':<8}{'  times ' + other:<36}{rate / slow:>10.0f}")
        for other, slow, done in measured:
            print(f"{name:<8}{other:<36}{slow:>10.3f} over {done:.2f} MB")


if __name__ == "__main__":
    main()
