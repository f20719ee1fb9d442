"""The columnar replica: follow, one DuckDB file, ask."""
