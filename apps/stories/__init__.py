"""User stories: collected by a host, agreed to by the consumer herself, reviewed at HQ, taken back by her."""
