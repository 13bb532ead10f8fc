"""What the HQ console's pages of all apps share."""
