"""What can go wrong with a report.

ReportFormatError   the file that lays out the columns is wrong: says where
"""

from service.errors import SettingsError


class ReportFormatError(SettingsError):
    """A format file that cannot be used. The message says which line or column is wrong."""
