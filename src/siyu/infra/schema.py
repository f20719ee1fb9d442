"""The one metadata on which every store declares its tables."""

from sqlalchemy import MetaData

metadata = MetaData()
