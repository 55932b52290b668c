"""Where things happen, and who makes them happen."""
