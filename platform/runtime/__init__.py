"""What runs the platform on one machine: the embedded PostgreSQL, the supervisor, set-up. Knows no app."""
