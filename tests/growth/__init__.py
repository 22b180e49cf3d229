"""More than one of everything: a pooler before PostgreSQL, several hosts, new versions under load."""
