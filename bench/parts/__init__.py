"""What `bench.platform` measures, each part in a process and with a database of its own."""
