"""The editorial desk: the calendar of fortnights, the posting plan, copies, and checks before review."""
