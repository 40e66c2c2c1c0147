"""What Sekisho costs, measured: `make bench`."""
