"""How well every method finds outbreaks and emergences, simulated and real, beside R's numbers."""

from pathlib import Path

from benchmarks import accuracy_deaths, accuracy_simulated

SHARED = Path(__file__).parents[2] / "shared" / "data"


def run() -> None:
    """Print both comparisons; they need the reference data beside the checkout."""
    simulated, deaths = SHARED / "detection/sim42", SHARED / "deaths/connecticut_2012_2022.csv.gz"
    if not simulated.is_dir() or not deaths.is_file():
        print("skipped: the reference data (../shared) are not beside this checkout")
        return
    accuracy_simulated.run(simulated)
    print()
    accuracy_deaths.run(deaths)
