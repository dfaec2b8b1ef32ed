"""One believable job with its people, made by the same actions that everybody uses."""
