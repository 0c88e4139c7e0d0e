"""Each way in, from an empty folder; `make test-install` runs what installs."""
