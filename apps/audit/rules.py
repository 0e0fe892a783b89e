"""What the log holds beside changes. Pure."""

from enum import StrEnum


class Access(StrEnum):
    """How staff came to see a customer's data: on a page, or as a file."""

    VIEW = "VIEW"
    EXPORT = "EXPORT"
