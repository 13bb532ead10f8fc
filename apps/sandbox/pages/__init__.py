"""The pages on which one plays the phones of host and consumer, and sees what went over the wire."""
