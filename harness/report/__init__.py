"""What came out of a run: numbers from its log, and a table of them."""

from harness.report.summary import Row, RunReport, summarise
from harness.report.table import show

__all__ = ["Row", "RunReport", "show", "summarise"]
