"""What we ask of PostgreSQL: roles, row security, COPY, encrypted columns, transactions."""
