"""The database: SQLAlchemy Core on SQLite (WAL) and PostgreSQL. All SQL of the monitor lives here."""
