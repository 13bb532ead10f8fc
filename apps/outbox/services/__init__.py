"""One module for each noun: deliveries, inbox, jobs, heartbeats, broker."""
