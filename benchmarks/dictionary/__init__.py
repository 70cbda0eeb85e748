"""What the measurements on a human-written dictionary share."""
