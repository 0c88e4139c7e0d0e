"""`python -m attention_surgery` is the command line."""

from attention_surgery.cli import main

main()
