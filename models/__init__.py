"""SQL: tables and their classification, the redacted relation, writers, ledger, database."""
