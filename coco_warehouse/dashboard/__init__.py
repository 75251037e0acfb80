"""The dashboard: pages over the marts, read from a published snapshot (DuckDB) or a read-only login (PostgreSQL)."""
