"""Writes a file of made-up people for a large directory, the same in every run.

    people_file.py ROWS > people.csv

Each is a student with a platform identifier, an address at `.example`, a user name and a name.
"""

import hashlib
import sys

SYLLABLES = "ba be bi bo bu da de di do du fa fe ga go ka ke ki ko la le li lo lu ma me mi mo na ne ni no ra re ri ro".split()


def word(seed, syllables):
    """A pronounceable word that follows from `seed`."""
    digest = hashlib.sha256(seed.encode()).digest()
    return "".join(SYLLABLES[byte % len(SYLLABLES)] for byte in digest[:syllables])


def main(rows):
    """Prints the file."""
    header = open_example_header()
    print(header)
    for number in range(rows):
        given, family = word(f"given {number}", 4), word(f"family {number}", 5)
        cells = {
            "id": f"s-{10_000_000 + number}",
            "role": "student",
            "birth_year": "2016",
            "school": "Birch Elementary",
            "email": f"{given}.{family}{number}@birch.example",
            "username": f"{given}_{number}",
            "full_name": f"{given.capitalize()} {family.capitalize()}",
        }
        print(",".join(cells.get(name, "") for name in header.split(",")))


def open_example_header():
    """The columns of the example, so that both are loaded alike."""
    with open(f"{__file__.rsplit('/', 2)[0]}/examples/people.csv", encoding="utf-8") as file:
        return file.readline().strip()


if __name__ == "__main__":
    main(int(sys.argv[1]))
