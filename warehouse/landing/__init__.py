"""Landing: files as they came, into `landing.<source>__<entity>`, each whole or not at all, each once.

`land_all` settles the landing folder, `land_files` files named by hand, `check_file` says what would happen to one.
"""

from warehouse.landing.check import CheckReport, check_file
from warehouse.landing.land import land_all, land_files
from warehouse.landing.report import FileOutcome, LandingReport, Reject

__all__ = ["CheckReport", "FileOutcome", "LandingReport", "Reject", "check_file", "land_all", "land_files"]
